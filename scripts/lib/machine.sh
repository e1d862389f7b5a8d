# A small Debian with systemd in a folder, in which the package is tried: made once, never changed by a test.
# shellcheck shell=bash

DEBIAN_ROOT=${APUS_DEBIAN_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/apus/debian-root}
DEBIAN_SUITE=bookworm
# systemd to boot it, and what the package depends on: the machine of the test has no network.
DEBIAN_ROOT_PACKAGES=(
    systemd systemd-sysv dbus adduser man-db
    libcurl4 libsqlite3-0 libssl3 libstdc++6 liburing2 zlib1g
)

# Needs root. Returns at once where the folder is there, 1 where it cannot be made.
need_debian_root() {
    local wanted new packages mirror
    wanted=$(cat "$ROOT/scripts/lib/machine.sh" | sha256sum)
    if [ "$(cat "$DEBIAN_ROOT.made" 2>/dev/null)" = "$wanted" ]; then return; fi
    [ "$(id -u)" -eq 0 ] || { say "only root can make and boot a Debian in a folder"; return 1; }
    mirror=$(debian_mirror)
    say "making a Debian in $DEBIAN_ROOT"
    new=$DEBIAN_ROOT.new
    rm -rf "$new" && mkdir -p "$(dirname "$new")"
    packages=$(IFS=,; echo "${DEBIAN_ROOT_PACKAGES[*]}")
    debootstrap --variant=minbase --include="$packages" "$DEBIAN_SUITE" "$new" \
        "${mirror:-http://deb.debian.org/debian}" >"$new.log" 2>&1 || { tail -n 5 "$new.log"; return 1; }
    # Takes orders from the test, which binds a folder there.
    cat >"$new/etc/systemd/system/orders.service" <<'UNIT'
[Unit]
Description=Orders of the test
After=multi-user.target
[Service]
ExecStart=/bin/bash /exchange/orders.sh
[Install]
WantedBy=multi-user.target
UNIT
    ln -s ../orders.service "$new/etc/systemd/system/multi-user.target.wants/orders.service"
    rm -rf "$DEBIAN_ROOT" && mv "$new" "$DEBIAN_ROOT" && echo "$wanted" >"$DEBIAN_ROOT.made"
}
