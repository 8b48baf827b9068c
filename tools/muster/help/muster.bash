# SPDX-License-Identifier: Apache-2.0
#
# Completion of the command `muster` for bash. Subcommands and options are those that --help tells,
# so that this file does not grow old; verdicts and subjects come from the rules themselves.

# _muster_help [SUBCOMMAND]: what its --help prints.
_muster_help() {
    "${COMP_WORDS[0]}" "$@" --help 2>/dev/null
}

_muster_subcommands() {
    _muster_help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'
}

# _muster_options SUBCOMMAND: its options, one a line.
_muster_options() {
    _muster_help "$1" | grep -E '^ +-' | grep -oE -- '(^| )--?[A-Za-z][a-z-]*' | tr -d ' '
}

# _muster_takes_value SUBCOMMAND OPTION: is a value named behind it?
_muster_takes_value() {
    _muster_help "$1" | grep -qE -- "^ +(-[a-zA-Z], )?$2 [A-Z]"
}

# _muster_modules: modules by their dotted names, tests left out.
_muster_modules() {
    local folder program
    program="$(command -v -- "${COMP_WORDS[0]}")"
    local folders=("${MUSTER_PATH//:/$'\n'}" . stdlib-rules "${program%/*}/../share/muster/rules")
    while IFS= read -r folder; do
        [[ -n "$folder" && -d "$folder" ]] || continue
        (cd "$folder" && find . -maxdepth 3 -name '[a-z]*.muster' ! -name '*_test.muster') |
            sed -n 's|^\./||; s|\.muster$||; s|/|.|gp'
    done < <(printf '%s\n' "${folders[@]}") 2>/dev/null
}

# _muster_rules: the first word of the line that is no option and no value of one.
_muster_rules() {
    local i
    for ((i = 2; i < COMP_CWORD; i++)); do
        if [[ "${COMP_WORDS[i]}" == -* ]]; then
            _muster_takes_value "${COMP_WORDS[1]}" "${COMP_WORDS[i]}" && ((i++))
        else
            printf '%s\n' "${COMP_WORDS[i]}"
            return
        fi
    done
}

_muster_verdicts() {
    local rules
    rules="$(_muster_rules)"
    [[ -n "$rules" ]] || return
    "${COMP_WORDS[0]}" inspect "$rules" 2>/dev/null |
        sed -n 's/^\(policy\|decision\) \([a-z0-9_.]*\).*/\2/p'
}

# _muster_values SUBCOMMAND OPTION: candidates for the value of an option; none: files.
_muster_values() {
    case "$2" in
        --verdict) _muster_verdicts ;;
        --fail-on) printf '%s\n' fail unknown fail,unknown ;;
        --format)
            case "$1" in
                eval) printf '%s\n' table ndjson json ;;
                doc) printf '%s\n' html md ;;
                test) printf '%s\n' text tap junit json ;;
                *) printf '%s\n' text json ;;
            esac ;;
    esac
}

# _muster_reply WORD CANDIDATE...: those that begin with the word.
_muster_reply() {
    local word="$1"
    shift
    mapfile -t COMPREPLY < <(compgen -W "$*" -- "$word")
}

_muster() {
    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD - 1]}"
    local subcommand="${COMP_WORDS[1]}"
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        _muster_reply "$word" "$(_muster_subcommands)" --help --version
    elif [[ "$subcommand" == help ]]; then
        _muster_reply "$word" "$(_muster_subcommands)"
    elif [[ "$before" == -* ]] && _muster_takes_value "$subcommand" "$before"; then
        case "$before" in
            -I | -o) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
            *) _muster_reply "$word" "$(_muster_values "$subcommand" "$before")" ;;
        esac
        ((${#COMPREPLY[@]} > 0)) || mapfile -t COMPREPLY < <(compgen -f -- "$word")
    elif [[ "$word" == -* ]]; then
        _muster_reply "$word" "$(_muster_options "$subcommand")"
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word"
            compgen -W "$(_muster_modules)" -- "$word")
    fi
}

complete -o filenames -F _muster muster
