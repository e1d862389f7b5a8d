# What the bench measures the hub against, in a cache folder: PyPI's in a Python environment, Debian's packages
# unpacked, not installed, so that no server of theirs is ever started by the system.
# shellcheck shell=bash

PEERS_HOME=${BENCH_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/apus/bench}
PEER_PACKAGES=(nats-server nginx libnginx-mod-nchan libuv1 node-ws)

# A peer that cannot be had is shown as missing in the results, with its reason; nothing stops here.
need_peers() {
    local requirements=$ROOT/bench/peers/requirements.txt wanted
    wanted=$(cat "$requirements" "$ROOT/scripts/lib/peers.sh" | sha256sum)
    if [ "$(cat "$PEERS_HOME/installed" 2>/dev/null)" = "$wanted" ]; then return; fi
    say "fetching the peers into $PEERS_HOME"
    rm -rf "$PEERS_HOME"
    mkdir -p "$PEERS_HOME/debs"
    local complete=yes
    unpack_peers || complete=no
    python_peers "$requirements" || complete=no
    # What failed is tried again at the next run.
    if [ "$complete" = yes ]; then echo "$wanted" >"$PEERS_HOME/installed"; fi
}

unpack_peers() {
    local package status=0
    for package in "${PEER_PACKAGES[@]}"; do
        if ! (cd "$PEERS_HOME/debs" && apt-get -qq -o "APT::Sandbox::User=$(id -un)" download "$package") ||
            ! dpkg-deb --extract "$PEERS_HOME/debs/$package"_*.deb "$PEERS_HOME/debian"; then
            say "Debian's $package cannot be fetched: what needs it will be missing"
            status=1
        fi
    done
    return $status
}

python_peers() {
    local package interpreter status=0
    interpreter=$(python_with_venv)
    "${interpreter:-python3}" -m venv "$PEERS_HOME/venv" || { say "no Python environment: its peers will be missing"; return 1; }
    while IFS= read -r package; do
        if ! "$PEERS_HOME/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$package"; then
            say "$package cannot be installed: what needs it will be missing"
            status=1
        fi
    done <"$1"
    return $status
}
