# The Python environment of the tests: .venv with the pinned packages of Tests/requirements.txt.
# shellcheck shell=bash

PYTHON=$ROOT/.venv/bin/python

# An interpreter that can make virtual environments; Debian keeps that part in a package of its own.
python_with_venv() {
    local candidate
    for candidate in python3 /usr/bin/python3; do
        if command -v "$candidate" >/dev/null && "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

need_python() {
    local requirements=$ROOT/Tests/requirements.txt stamp=$ROOT/.venv/installed interpreter
    if [ -x "$PYTHON" ] && cmp -s "$requirements" "$stamp"; then return; fi
    interpreter=$(python_with_venv)
    if [ -z "$interpreter" ]; then
        need_packages python3 python3-venv
        interpreter=/usr/bin/python3
    fi
    say "installing the Python packages of Tests/requirements.txt into .venv"
    "$interpreter" -m venv --clear "$ROOT/.venv" || fail "$interpreter could not make .venv"
    "$PYTHON" -m pip install --quiet --disable-pip-version-check -r "$requirements" ||
        fail "pip could not install Tests/requirements.txt"
    cp "$requirements" "$stamp"
}
