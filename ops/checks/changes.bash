# The steps of ops/check --quick. Sourced by it.

# The files that differ from where the branch left main, those included that are not committed yet.
changes() {
    local base
    base=$(git merge-base HEAD main 2>/dev/null) || base=HEAD
    git diff --name-only "$base" || return 1
    git ls-files --others --exclude-standard
}

lint_changes() {
    local file files=()
    while read -r file; do
        [[ $file != *.swift || ! -e $file ]] || files+=("$file")
    done < <(changes)
    [ ${#files[@]} -eq 0 ] || swift format lint --strict --parallel "${files[@]}" || return 1
    echo "tests: 1"
}

test_changes() {
    local suites
    suites=$(changes | ops/checks/affected-suites) || return 1
    if [ -z "$suites" ]; then
        echo "no test depends on what has changed"
        return
    fi
    echo "$suites"
    run_tests .build --filter "^($(paste -sd '|' <<<"$suites"))\\."
}
