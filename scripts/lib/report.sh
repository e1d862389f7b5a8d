# What the scripts print: headings, sentences, how long a step took, and the sum of what test runners counted.
# shellcheck shell=bash

# What the runners print is UTF-8, whatever the machine is set to.
export LC_ALL=C.UTF-8

heading() { printf '\n== %s\n' "$*"; }
say() { printf '   %s\n' "$*"; }
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

declare -a STEP_NAMES=() STEP_SECONDS=()

# timed NAME COMMAND…: runs the command and remembers how long it took; its exit status is passed on. A function runs
# without `set -e` here, so each of its steps has to say itself what happens where it fails.
timed() {
    local name=$1 start=$SECONDS status=0
    shift
    "$@" || status=$?
    STEP_NAMES+=("$name")
    STEP_SECONDS+=($((SECONDS - start)))
    return $status
}

print_times() {
    local index
    heading "Times"
    for index in "${!STEP_NAMES[@]}"; do
        printf '   %5d s  %s\n' "${STEP_SECONDS[$index]}" "${STEP_NAMES[$index]}"
    done
}

PASSED=0 FAILED=0 SKIPPED=0

# The number before a word in pytest's closing line: "= 2 failed, 40 passed in 3.21s =".
pytest_count() {
    local found
    found=$(grep -E '[0-9]+ [a-z]+.* in [0-9.]+s' "$2" | tail -n 1 | grep -oE "[0-9]+ $1" | head -n 1)
    echo "${found%% *}" | grep -E . || echo 0
}

# count_results RUNNER LOG STATUS: adds what the runner's log says to the sum. A runner that failed without naming
# a failed test (it crashed, or did not build) counts as one failure.
count_results() {
    local runner=$1 log=$2 status=$3 passed=0 failed=0 skipped=0
    case $runner in
        swift)
            passed=$(grep -cE '^[^ ]+ Test .* passed after' "$log" || true)
            failed=$(grep -cE '^[^ ]+ Test .* failed after' "$log" || true)
            skipped=$(grep -cE '^[^ ]+ Test .* skipped' "$log" || true)
            ;;
        pytest)
            passed=$(pytest_count passed "$log")
            failed=$(($(pytest_count failed "$log") + $(pytest_count 'errors?' "$log")))
            skipped=$(pytest_count skipped "$log")
            ;;
        node)
            passed=$(sed -nE 's/^(#|ℹ) pass ([0-9]+)$/\2/p' "$log" | tail -n 1)
            failed=$(sed -nE 's/^(#|ℹ) fail ([0-9]+)$/\2/p' "$log" | tail -n 1)
            skipped=$(sed -nE 's/^(#|ℹ) skipped ([0-9]+)$/\2/p' "$log" | tail -n 1)
            ;;
    esac
    if [ "$status" -ne 0 ] && [ "${failed:-0}" -eq 0 ]; then failed=1; fi
    PASSED=$((PASSED + ${passed:-0}))
    FAILED=$((FAILED + ${failed:-0}))
    SKIPPED=$((SKIPPED + ${skipped:-0}))
}
