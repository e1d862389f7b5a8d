# What scripts/soak and scripts/probe share: a release build and the Python environment with what draws charts.
# shellcheck shell=bash

need_endurance() {
    heading "Set-up"
    need_toolchain
    timed "Python packages" need_python
    local requirements=$ROOT/bench/endurance/requirements.txt stamp=$ROOT/.venv/installed-endurance
    if ! cmp -s "$requirements" "$stamp" || ! "$PYTHON" -c 'import matplotlib' 2>/dev/null; then
        "$PYTHON" -m pip install --quiet --disable-pip-version-check -r "$requirements" ||
            fail "pip could not install bench/endurance/requirements.txt"
        cp "$requirements" "$stamp"
    fi
    heading "Release build"
    timed "release build" build_release
    export APUS_BINARY
}
