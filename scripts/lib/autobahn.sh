# The Autobahn TestSuite, in a folder of its own outside the tree: nothing of it goes into the system. It speaks only
# Python 2.7, which Debian had last in bullseye: those packages are unpacked, not installed.
# shellcheck shell=bash

AUTOBAHN_HOME=${AUTOBAHN_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/apus/autobahn}
# Runs Python 2.7 with the suite on its path.
AUTOBAHN_PYTHON=$AUTOBAHN_HOME/python

PYTHON2_SUITE=bullseye
# The interpreter, its headers (wsaccel is compiled), and two libraries that newer Debian has no more.
PYTHON2_PACKAGES=(
    python2.7 python2.7-minimal libpython2.7-minimal libpython2.7-stdlib libpython2.7-dev libssl1.1 libffi7
)
# All three run under Python 3 and 2.7: the one of the tests fetches them, the other one installs the suite with them.
PYTHON2_INSTALLERS=(pip==20.3.4 setuptools==44.0.0 wheel==0.37.1)

# Needs the Python environment of the tests (need_python) and the toolchain's clang. Returns at once where all is there,
# and 1 where it cannot be installed.
need_autobahn() {
    local requirements=$ROOT/Tests/Conformance/requirements.txt wanted new
    wanted=$(cat "$requirements" "$ROOT/scripts/lib/autobahn.sh" | sha256sum)
    if [ -x "$AUTOBAHN_PYTHON" ] && [ "$(cat "$AUTOBAHN_HOME/installed" 2>/dev/null)" = "$wanted" ]; then return; fi
    say "installing the Autobahn TestSuite into $AUTOBAHN_HOME"
    mkdir -p "$(dirname "$AUTOBAHN_HOME")"
    # Made beside it and moved there when complete: a run that was cut short leaves nothing that looks installed.
    new=$(mktemp -d "$AUTOBAHN_HOME.XXXXXX") || return 1
    if unpack_python2 "$new" && write_launcher "$new" && install_suite "$new" "$requirements"; then
        echo "$wanted" >"$new/installed"
        rm -rf "$AUTOBAHN_HOME"
        mv "$new" "$AUTOBAHN_HOME"
    else
        rm -rf "$new"
        say "the Autobahn TestSuite could not be installed"
        return 1
    fi
}

# unpack_python2 FOLDER: apt works on state of its own, so that the system never hears of the old release.
unpack_python2() {
    local to=$1 state=$1/apt mirror package
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || { say "apt knows no mirror of Debian"; return 1; }
    mkdir -p "$state"/{lists/partial,archives/partial,debs} "$to/debian"
    : >"$state/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $PYTHON2_SUITE main" >"$state/sources.list"
    local -a apt=(
        apt-get -qq -o "APT::Sandbox::User=$(id -un)" -o Acquire::Languages=none
        -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=-
        -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state"
    )
    "${apt[@]}" update || return 1
    (cd "$state/debs" && "${apt[@]}" download "${PYTHON2_PACKAGES[@]}") || return 1
    for package in "$state"/debs/*.deb; do
        dpkg-deb --extract "$package" "$to/debian" || return 1
    done
    rm -rf "$state"
}

# Finds everything beside itself, so that the folder may be moved.
write_launcher() {
    cat >"$1/python" <<'LAUNCHER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
unset PYTHONHOME
export LD_LIBRARY_PATH="$(echo "$here"/debian/usr/lib/*-linux-gnu)"
export PYTHONPATH="$here/suite"
exec "$here/debian/usr/bin/python2.7" -W ignore "$@"
LAUNCHER
    chmod +x "$1/python"
}

# install_suite FOLDER REQUIREMENTS
install_suite() {
    local include=$1/debian/usr/include
    local -a quietly=(--quiet --disable-pip-version-check --no-deps --target "$1/suite")
    "$PYTHON" -m pip install "${quietly[@]}" --no-compile "${PYTHON2_INSTALLERS[@]}" || return 1
    rm -r "$1/suite/bin"
    # Debian's headers say /usr/include wherever they lie. pip's cache may hold what another Python 2.7 has compiled.
    env CC="${CC:-$(toolchain_program clang)}" CPATH="$include/python2.7:$include" \
        "$1/python" -m pip install "${quietly[@]}" --no-python-version-warning \
        --no-build-isolation --no-cache-dir --requirement "$2" ||
        return 1
    # zope is a namespace that only a site directory would make importable.
    : >"$1/suite/zope/__init__.py"
    "$1/python" -c 'import wsaccel; from autobahntestsuite import fuzzing'
}
