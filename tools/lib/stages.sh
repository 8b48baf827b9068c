# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Stages of tools/test: each runs with its output in a log, prints one line with its time, and
# counts. Needs setup.sh. The sums are PASSED and FAILED.

PASSED=0
FAILED=0
LOGS="$ROOT/build-logs"

report() { # report COLOUR WORD NAME SECONDS [NOTE]
    printf '%s%-6s%s %5d s  %s%s\n' "$1" "$2" "$PLAIN" "$4" "$3" "${5:+: $5}"
}

log_of() {
    mkdir -p "$LOGS"
    printf '%s/%s.log' "$LOGS" "${1//[^A-Za-z0-9]/_}"
}

# stage NAME COMMAND...: one test. A failure shows the end of its output, and the tier goes on. The
# command runs where bash ignores `set -e`: functions used as stages join their steps with &&.
stage() {
    local name="$1" log started=$SECONDS code=0
    shift
    log="$(log_of "$name")"
    ("$@") </dev/null >"$log" 2>&1 || code=$?
    if ((code == 0)); then
        PASSED=$((PASSED + 1))
        report "$GREEN" passed "$name" $((SECONDS - started)) "$(sed -n 's/^note: //p' "$log")"
    else
        FAILED=$((FAILED + 1))
        report "$RED" FAILED "$name" $((SECONDS - started)) \
            "exit $code, all of it in ${log#"$ROOT"/}"
        tail -n 60 "$log" | sed 's/^/    /'
        return 1
    fi
}

# failed_tests LOG: of ctest's log what the tests that failed have said; without any, its end.
failed_tests() {
    local found
    found="$(awk '/^ *[0-9]+\/[0-9]+ Test +#/ { fails = /\*\*\*/ }
        /^ +Start +[0-9]+: / || /^[0-9]+% tests passed/ { fails = 0 }
        fails' "$1" | tail -n 150)"
    if [[ -n "$found" ]]; then say "$found"; else tail -n 60 "$1"; fi
}

# ctest_stage NAME FOLDER ARGUMENT...: counts each test that ctest knows. Nothing run is a failure.
ctest_stage() {
    local name="$1" folder="$2" log started=$SECONDS code=0 failed total
    shift 2
    log="$(log_of "$name")"
    ctest --test-dir "$ROOT/$folder" --no-tests=error --output-on-failure -j "$JOBS" "$@" \
        </dev/null >"$log" 2>&1 || code=$?
    read -r failed total < <(
        sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests* failed out of \([0-9]*\)/\1 \2/p' "$log"
    ) || true
    if [[ -z "${total:-}" ]] || ((total == 0 || (code != 0 && failed == 0))); then
        failed=1 total=1
    fi
    FAILED=$((FAILED + failed))
    PASSED=$((PASSED + total - failed))
    if ((failed == 0)); then
        report "$GREEN" passed "$name" $((SECONDS - started)) "$total tests"
    else
        report "$RED" FAILED "$name" $((SECONDS - started)) \
            "$failed of $total tests, all of it in ${log#"$ROOT"/}"
        failed_tests "$log" | sed 's/^/    /'
        return 1
    fi
}

# finish: the closing line, and the exit status of the run.
finish() {
    say ""
    say "total $SECONDS s"
    say "$PASSED passed, $FAILED failed"
    if ((FAILED > 0 || PASSED == 0)); then
        exit 1
    fi
    exit 0
}
