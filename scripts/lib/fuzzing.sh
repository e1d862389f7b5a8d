# Building and running the fuzzer: HubProtocol and the targets straight with swiftc, because the package manager cannot give
# an executable libFuzzer's own main.
# shellcheck shell=bash

FUZZ_BUILD=$ROOT/.build-fuzz
CORPUS=Tests/Fuzz/Corpus
# The longest input tried. What is longer is refused by limits that the targets lower.
FUZZ_LONGEST=1024

fuzz_targets() {
    sed -nE 's/^ +case ([a-z]+)$/\1/p' Tests/Fuzz/Targets/FuzzTarget.swift
}

build_fuzzer() {
    local -a flags=(
        -O -gline-tables-only -wmo -swift-version 6 -enable-testing -assert-config Debug -sanitize=fuzzer,address -parse-as-library
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
        -I Sources/CSystem/CZlib -I Sources/CSystem/COpenSSL -I "$FUZZ_BUILD"
    )
    local -a protocol
    mkdir -p "$FUZZ_BUILD"
    mapfile -t protocol < <(find Sources/Protocol -name '*.swift' | sort)
    swiftc "${flags[@]}" -module-name HubProtocol -c -o "$FUZZ_BUILD/HubProtocol.o" \
        -emit-module -emit-module-path "$FUZZ_BUILD/HubProtocol.swiftmodule" "${protocol[@]}" || return 1
    # The toolchain's lld: the default linker has a warning for each of the sanitizer's symbols.
    swiftc "${flags[@]}" -module-name FuzzTargets -use-ld=lld Tests/Fuzz/Targets/*.swift Tests/Fuzz/Driver/*.swift \
        "$FUZZ_BUILD/HubProtocol.o" -lz -lcrypto -o "$FUZZ_BUILD/fuzz"
}

# fuzzer TARGET ARGUMENT…: a finding is told once, by the fuzzer, and not again by Swift's backtracer.
fuzzer() {
    local target=$1
    shift
    FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no nice -n 10 "$FUZZ_BUILD/fuzz" "$@"
}

# fuzz TARGET SECONDS: 1 where something was found.
fuzz() {
    local target=$1 found=$FUZZ_BUILD/found/$1 log=$FUZZ_BUILD/$1.log status=0
    local -a dictionary=()
    [ ! -f "Tests/Fuzz/Dictionaries/$target.dict" ] || dictionary=("-dict=Tests/Fuzz/Dictionaries/$target.dict")
    mkdir -p "$found" "$CORPUS/$target"
    rm -f "$FUZZ_BUILD/finding-$target"
    fuzzer "$target" -max_total_time="$2" -max_len=$FUZZ_LONGEST -timeout=20 -rss_limit_mb=3000 -print_final_stats=1 \
        "${dictionary[@]}" -exact_artifact_path="$FUZZ_BUILD/finding-$target" \
        "$found" "$CORPUS/$target" "$FUZZ_BUILD/seeds/$target" >"$log" 2>&1 || status=$?
    sed -nE 's/^stat::number_of_executed_units: +([0-9]+)/   runs      \1/p' "$log"
    sed -nE 's/.*(DONE|pulse|NEW|REDUCE) +cov: ([0-9]+) ft: ([0-9]+) corp: ([0-9]+).*/   coverage  \2 edges, \3 features, \4 inputs/p' "$log" |
        tail -n 1
    [ "$status" -ne 0 ] || return 0
    sed -nE '/^broken promise|^SUMMARY|ERROR: /p' "$log" | cut -c 1-2000
    keep_finding "$target"
    return 1
}

# keep_finding TARGET: makes the input small and puts it where the unit tests find it.
keep_finding() {
    local finding=$FUZZ_BUILD/finding-$1 name
    [ -f "$finding" ] || { say "the fuzzer ended without an input: see $FUZZ_BUILD/$1.log"; return; }
    fuzzer "$1" -minimize_crash=1 -max_total_time=30 -exact_artifact_path="$finding.small" "$finding" >/dev/null 2>&1 || true
    [ ! -f "$finding.small" ] || mv "$finding.small" "$finding"
    name=$CORPUS/$1/failure-$(sha1sum "$finding" | cut -c 1-16)
    mv "$finding" "$name"
    say "kept as $name"
}

# keep_corpus TARGET: of all that was found, the fewest inputs that reach each edge. Failures stay as they are.
keep_corpus() {
    local fresh=$FUZZ_BUILD/corpus.new failure
    rm -rf "$fresh"
    mkdir -p "$fresh"
    # Without counters: how often an edge is taken is for the search, not for the replay.
    fuzzer "$1" -merge=1 -use_counters=0 -max_len=$FUZZ_LONGEST "$fresh" "$CORPUS/$1" "$FUZZ_BUILD/found/$1" \
        "$FUZZ_BUILD/seeds/$1" >"$FUZZ_BUILD/$1.merge.log" 2>&1 || { say "the corpus was left as it is"; return; }
    for failure in "$CORPUS/$1"/failure-*; do
        [ ! -f "$failure" ] || cp "$failure" "$fresh"
    done
    rm -rf "${CORPUS:?}/$1"
    mv "$fresh" "$CORPUS/$1"
    say "$(find "$CORPUS/$1" -type f | wc -l) inputs kept, $(du -bs "$CORPUS/$1" | cut -f 1) bytes"
}
