# Debian packages: asks for what is missing and installs only that.
# shellcheck shell=bash

# What the Swift toolchain itself needs on a bare Debian 12, and what the hub is built against.
BUILD_PACKAGES=(
    binutils ca-certificates git libc6-dev libcurl4 libedit2 libncurses6 libstdc++-12-dev libuuid1 libxml2
    pkg-config libcurl4-openssl-dev libssl-dev libsqlite3-dev zlib1g-dev liburing-dev
)

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need_packages PACKAGE…: returns at once where all are there.
need_packages() {
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local -a as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "these Debian packages are missing, and there is no sudo to install them: ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing Debian packages: ${missing[*]}"
    # The lists are fetched only where what is wanted cannot be installed from those at hand.
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
        "${as_root[@]}" apt-get update -qq || fail "apt-get update failed"
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
            fail "apt-get could not install: ${missing[*]}"
    fi
}

# need_command COMMAND PACKAGE: for programs that may have come from elsewhere.
need_command() {
    command -v "$1" >/dev/null || need_packages "$2"
}

# The Debian mirror that apt has been told to use.
debian_mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(CREATED_BY) $(COMPONENT) $(REPO_URI)' |
        awk '$1 == "Packages" && $2 == "main" && $3 ~ /\/debian\/?$/ { print $3; exit }'
}
