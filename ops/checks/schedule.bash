# Runs steps in lanes beside each other, and counts what they come to. Sourced by ops/check.
#
# A step's command says how many tests it has run as "tests: N" or in Swift Testing's words. What it could not judge it
# says as "no verdict: WHY": that neither passed nor failed.

declare -A lane_of needs_of command_of
planned=()

# plan LANE STEP NEEDS COMMAND...: steps of a lane run in the order in which they are planned. NEEDS are steps of any
# lane that must have passed before, "-" for none.
plan() {
    local lane=$1 name=$2 needs=$3
    planned+=("$name")
    lane_of[$name]=$lane needs_of[$name]=${needs#-}
    shift 3
    command_of[$name]=$*
}

# choose [STEP...]: leaves in the plan these steps and what they need; all if none is named.
choose() {
    [ $# -gt 0 ] || return 0
    local name need chosen=" " open=("$@")
    while [ ${#open[@]} -gt 0 ]; do
        name=${open[0]} open=("${open[@]:1}")
        [ -n "${command_of[$name]:-}" ] || { echo "ops/check: no step is called $name; --list tells them" >&2; exit 64; }
        [[ $chosen = *" $name "* ]] || chosen+="$name "
        for need in ${needs_of[$name]}; do open+=("$need"); done
    done
    open=("${planned[@]}") planned=()
    for name in "${open[@]}"; do
        [[ $chosen != *" $name "* ]] || planned+=("$name")
    done
}

# lanes LANE...: runs the steps of these lanes, the lanes beside each other, and returns when all are done.
lanes() {
    local lane
    # Each in a process group of its own, which `stop_lanes` ends with all that it has started.
    set -m
    for lane in "$@"; do
        run_lane "$lane" </dev/null &
        lane_groups+=("$!")
    done
    set +m
    wait "${lane_groups[@]}"
    lane_groups=()
}

lane_groups=()
stop_lanes() {
    local group
    for group in "${lane_groups[@]}"; do kill -TERM -- "-$group" 2>/dev/null; done
}

run_lane() {
    local name
    for name in "${planned[@]}"; do
        [ "${lane_of[$name]}" != "$1" ] || run_step "$name"
    done
}

run_step() {
    local name=$1 log=results/$1.log need count=0 why elapsed processor
    for need in ${needs_of[$name]}; do
        until [ -e "results/$need.state" ]; do sleep 0.2; done
        if grep -q '^failed' "results/$need.state"; then
            finish "$name" "failed 0" "FAIL  $name: not run, since $need failed"
            return
        fi
    done
    local TIMEFORMAT='%R %U %S' status=0
    { time ${command_of[$name]} >"$log" 2>&1 || status=1; } 2>"results/$name.time"
    read -r elapsed processor < <(awk '{ printf "%.0f %.0f\n", $1, $2 + $3 }' "results/$name.time")
    count=$(sed -nE 's/.*Test run with ([0-9]+) tests?.*passed.*/\1/p; s/^tests: ([0-9]+)$/\1/p' "$log" |
        awk '{ sum += $1 } END { print sum + 0 }')
    why=$(sed -n 's/^no verdict: //p' "$log" | tail -n 1)
    local facts="$count tests, $elapsed s, $processor s of CPU"
    if [ "$status" -ne 0 ]; then
        finish "$name" "failed 0" "FAIL  $name ($elapsed s), the end of $log:" "$(
            grep -E 'error:|✘|recorded an issue|ERROR: |WARNING: ThreadSanitizer' "$log" | head -40
            tail -n 40 "$log")"
    elif [ -z "$why" ]; then
        finish "$name" "passed $count" "ok    $name ($facts)"
    elif [ "$count" -eq 0 ]; then
        finish "$name" "none 0" "none  $name ($facts): no verdict: $why"
    else
        finish "$name" "passed $count" "ok    $name ($facts); no verdict: $why"
    fi
}

# finish STEP STATE LINE...: tells the lines at once, whatever the other lanes tell, and whoever needs the step.
finish() {
    local name=$1 state=$2
    shift 2
    (
        flock 9
        printf '%s\n' "$@"
    ) 9>results/lock
    echo "$state" >"results/$name.state"
}

# conclude: the count of passed tests and failed steps; the status is 1 if a step failed.
conclude() {
    cat results/*.state | awk '
        /^passed/ { passed += $2 }
        /^failed/ { failed++ }
        END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }'
}
