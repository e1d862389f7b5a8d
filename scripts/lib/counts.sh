# What is counted in the tree, and held. Every function prints what is wrong and returns 1 where something is.
# shellcheck shell=bash

CEILINGS=scripts/ceilings/unsafe.txt

# Files of the work tree under these paths, as git sees them: committed or new, not ignored.
tree_files() {
    git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r path; do
        [ -f "$path" ] && printf '%s\n' "$path"
    done
}

# Lines with an escape from the compiler's safety, a file each: "COUNT PATH". `withUnsafe…` and the pointer types are
# not meant: they are in sight; these here switch a check off. The words of doc comments do not count.
escape_hatches() {
    tree_files 'Sources/*.swift' | xargs grep -cE \
        '^[^/]*(@unchecked Sendable|nonisolated\(unsafe\)|unowned\(unsafe\)|@unsafe|\bunsafe[A-Z][A-Za-z]*|\bUnmanaged\b)' |
        awk -F: '$2 > 0 { print $2, $1 }' | sort -k 2
}

check_escape_hatches() {
    escape_hatches | awk -v ceilings="$CEILINGS" '
        BEGIN { while ((getline line < ceilings) > 0) { split(line, field, " "); ceiling[field[2]] = field[1] } }
        { total += $1; seen[$2] = $1
          if ($1 > ceiling[$2] + 0) { printf "   %s: %d escape hatches, ceiling %d\n", $2, $1, ceiling[$2]; bad = 1 } }
        END { for (path in ceiling) if (seen[path] + 0 < ceiling[path]) {
                  printf "   %s: ceiling %d, but only %d are left: run scripts/check lower\n", path, ceiling[path], seen[path]
                  bad = 1 }
              printf "   %d escape hatches in %d files\n", total, length(seen); exit bad }'
}

# Rewrites the ceilings where the count has fallen; never raises one.
lower_ceilings() {
    local lowered
    lowered=$(escape_hatches | awk -v ceilings="$CEILINGS" '
        BEGIN { while ((getline line < ceilings) > 0) { split(line, field, " "); ceiling[field[2]] = field[1] } }
        $2 in ceiling { print ($1 < ceiling[$2] ? $1 : ceiling[$2]), $2 }')
    printf '%s\n' "$lowered" >"$CEILINGS"
}

check_todos() {
    local found
    found=$(tree_files Sources Tests clients scripts bench | xargs grep -nE '\b(TODO|FIXME)\b' | grep -vE '(TODO|FIXME)\(#[0-9]+\)' | grep -v '^scripts/lib/counts.sh:' || true)
    [ -z "$found" ] || { printf '   a TODO without an issue, such as TODO(#12):\n%s\n' "$found"; return 1; }
}

check_lengths() {
    local found
    found=$(tree_files 'Sources/*' 'Tests/*.swift' 'Tests/*.py' 'Tests/*.js' 'clients/*.js' 'bench/*' | xargs wc -l |
        awk '$2 != "total" && $1 > 500 { print "   " $2 ": " $1 " lines, the most is 500" }')
    [ -z "$found" ] || { printf '%s\n' "$found"; return 1; }
}

check_sleeps() {
    local found
    found=$(tree_files 'Tests/*' | xargs grep -nE 'Task\.sleep|(^|[^.[:alnum:]_])(u|nano)?sleep\(|setTimeout\(.*resolve|(asyncio|time)\.sleep|wait_for_timeout' || true)
    [ -z "$found" ] || { printf '   a test that sleeps (wait for the event instead):\n%s\n' "$found"; return 1; }
}

check_readmes() {
    local folder status=0
    for folder in Sources/*/; do
        if ! [ -f "${folder}README.md" ] || [ "$(wc -l <"${folder}README.md")" -lt 5 ]; then
            say "${folder}README.md: missing, or says nothing"
            status=1
        fi
    done
    return $status
}

check_shell() {
    local path status=0
    while IFS= read -r path; do
        bash -n "$path" || status=1
    done < <(tree_files scripts .ci | grep -vE '\.(txt|md|json|py)$')
    return $status
}
