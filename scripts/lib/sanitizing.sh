# The hub with a sanitizer in it, and the integration tests against that.
# shellcheck shell=bash

sanitizer_build() {
    case $1 in
        address) echo .build-asan ;;
        thread) echo .build-tsan ;;
    esac
}

# Optimised like the real thing: races and lifetimes are those of the code that is shipped.
build_sanitized() {
    swift build -c release --product apus --sanitize="$1" --scratch-path "$(sanitizer_build "$1")"
}

# run_sanitized JOB PATH… ARGUMENTS FOR pytest…: fails where a test fails and where a sanitizer had something to say.
run_sanitized() {
    local job=$1 folder status=0 symbolizer preload=
    shift
    folder=$ROOT/$(sanitizer_build "$job")
    symbolizer=$(toolchain_program llvm-symbolizer)
    rm -rf "$folder/reports" "$folder/tests"
    mkdir -p "$folder/reports"
    if [ "$job" = thread ]; then
        preload=$folder/mutex.so
        "$(toolchain_program clang)" -O2 -shared -fPIC Tests/Sanitizers/mutex.c -o "$preload" || return 1
    fi
    # Reports go to files of their own, one for each process, so that none is lost with a test's folder. The tests wait longer:
    # a sanitized hub is 2 to 15 times slower.
    env APUS_BINARY="$folder/release/apus" PATIENCE="${PATIENCE:-120}" LD_PRELOAD="$preload" SWIFT_BACKTRACE=enable=no \
        ASAN_OPTIONS="log_path=$folder/reports/address:detect_leaks=1:exitcode=66:external_symbolizer_path=$symbolizer" \
        TSAN_OPTIONS="log_path=$folder/reports/thread:exitcode=66:external_symbolizer_path=$symbolizer" \
        "$PYTHON" -m pytest "$@" || status=$?
    if compgen -G "$folder/reports/*" >/dev/null; then
        say "$(find "$folder/reports" -type f | wc -l) processes reported; the first words:"
        head -q -n 40 "$(find "$folder/reports" -type f | sort | head -n 1)"
        grep -hE '^SUMMARY' "$folder"/reports/* | sort | uniq -c | sort -rn | head -n 20
        return 1
    fi
    say "no report"
    return "$status"
}
