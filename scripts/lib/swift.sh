# The Swift toolchain and the two builds. Release lives in .build, the instrumented debug build of the unit tests
# in .build-test: switching coverage on and off under one folder would build every dependency again.
# shellcheck shell=bash

SWIFT_VERSION=6.2
TEST_BUILD=.build-test
APUS_BINARY=$ROOT/.build/release/apus

# The toolchain and the Debian packages that it and the build need, missing ones installed. Further packages may be named.
need_toolchain() {
    local found major minor
    if ! command -v swift >/dev/null; then
        fail "swift was not found. Install the toolchain for Debian 12, $SWIFT_VERSION or newer (https://www.swift.org/install/linux), put its usr/bin on PATH and start again."
    fi
    timed "Debian packages" need_packages "${BUILD_PACKAGES[@]}" "$@"
    found=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    major=${found%%.*} minor=${found##*.}
    if [ -z "$found" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
        fail "Swift $SWIFT_VERSION or newer is needed (https://www.swift.org/install/linux); 'swift' here is ${found:-unknown}."
    fi
}

# A program of the toolchain that need not be on PATH, such as llvm-cov.
toolchain_program() {
    local folder
    folder=$(dirname "$(readlink -f "$(command -v swift)")")
    if [ -x "$folder/$1" ]; then echo "$folder/$1"; else command -v "$1"; fi
}

build_release() {
    swift build -c release --product apus
}
