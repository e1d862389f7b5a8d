# Line coverage per module, from what the unit tests of scripts/test left behind.
# shellcheck shell=bash

# Percent of lines that the unit tests must reach. The executable is thin and is run by the integration tests.
coverage_floor() {
    case $1 in
        Protocol | Persistence) echo 90 ;;
        apus) echo 0 ;;
        *) echo 85 ;;
    esac
}

# Runs the unit tests first where their last run is older than a source.
need_profile() {
    PROFILE=$TEST_BUILD/debug/codecov/default.profdata
    if [ ! -f "$PROFILE" ] || [ -n "$(find Sources Tests Package.swift -name '*.swift' -newer "$PROFILE" -print -quit)" ]; then
        scripts/test unit
    fi
}

check_coverage() {
    need_profile || return 1
    local status=0 module lines missed floor percent
    while read -r module lines missed; do
        floor=$(coverage_floor "$module")
        percent=$(awk -v l="$lines" -v m="$missed" 'BEGIN { printf "%.1f", l ? 100 * (l - m) / l : 100 }')
        if awk -v p="$percent" -v f="$floor" 'BEGIN { exit !(p < f) }'; then
            printf '   %-12s %5s %% of %d lines: under %d %%\n' "$module" "$percent" "$lines" "$floor"
            status=1
        else
            printf '   %-12s %5s %% of %d lines (floor %d %%)\n' "$module" "$percent" "$lines" "$floor"
        fi
    done < <(lines_by_module)
    return $status
}

# "MODULE LINES MISSED", a line each. llvm-cov's table has regions, functions and lines, each as total, missed, percent.
lines_by_module() {
    "$(toolchain_program llvm-cov)" report "$TEST_BUILD"/debug/apusPackageTests.xctest -instr-profile "$PROFILE" \
        --ignore-filename-regex '(/\.build|/Tests/)' |
        awk 'match($1, /Sources\/[A-Za-z]+\//) || $1 ~ /^(Protocol|Reactor|Hub|Persistence|Server|apus)\// {
                 path = $1; sub(/.*Sources\//, "", path); split(path, part, "/")
                 lines[part[1]] += $8; missed[part[1]] += $9 }
             END { for (module in lines) print module, lines[module], missed[module] }' | sort
}

# The least covered files, to know where a test is missing.
least_covered() {
    "$(toolchain_program llvm-cov)" report "$TEST_BUILD"/debug/apusPackageTests.xctest -instr-profile "$PROFILE" \
        --ignore-filename-regex '(/\.build|/Tests/)' | awk '/\.swift/ && $9 > 0 { print "   " $9 " lines missed in " $1 }' |
        sort -rn | head -n 10
}
