"""Completion for bash 3.2 and newer: one function over tables of words.

Only for names of the project's tables and columns the program itself is asked.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from soundcheck.screens.completion.words import PROGRAM, PROJECT_OPTIONS, CommandWords, CompletionWords, ValueKind

_FILES = "compopt -o filenames 2>/dev/null; IFS=$'\\n'; COMPREPLY=($(compgen -{} -- \"$cur\"))"
"""Names of files may hold spaces; our own words never do."""

# Names out of a project go through no `compgen -W`, which would run what stands in them as `$(…)`.

_TEMPLATE = r"""# bash completion of @P@
_@P@_names() {
    local program=$1 before='' name names
    shift
    [[ $program == '~/'* ]] && program=$HOME/${program:2}
    [[ $1 == columns && $cur == *,* ]] && before=${cur%,*},
    names=$("$program" completion "$@" ${told[@]+"${told[@]}"} </dev/null 2>/dev/null)
    while IFS= read -r name; do
        printf -v name %q "$name"
        [[ -n $name && $name != "''" && $before$name == "$cur"* ]] && COMPREPLY+=("$before$name")
    done <<< "$names"
}
_@P@() {
    local cur prev command='' table='' place=0 i word value IFS=$' \t\n'
    local -a told
    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD-1]}
    # readline takes --option=value apart into three words
    [[ $prev == '=' ]] && prev=${COMP_WORDS[COMP_CWORD-2]}
    [[ $cur == '=' ]] && cur=''
    COMPREPLY=()
    compopt +o filenames 2>/dev/null
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == -- ]]; then
            compopt -o default 2>/dev/null
            return
        fi
        case "$command $word" in
            @TAKING@)
                [[ ${COMP_WORDS[i+1]} == '=' ]] && ((i++))
                ((i++))
                value=${COMP_WORDS[i]//[\"\'\\]/}
                case $word in
                    @PROJECT@) told+=("$word" "$value") ;;
                esac
                ;;
            *' '-*) ;;
            *)
                if [[ -z $command ]]; then
                    command=$word
                else
                    [[ $place == 0 ]] && table=${word//[\"\'\\]/}
                    ((place++))
                fi
                ;;
        esac
    done
    if [[ $cur == -* ]]; then
        case $command in
@OPTIONS@
        esac
        return
    fi
    case "$command $prev" in
@VALUES@
    esac
    case "$command $place" in
@PLACES@
    esac
}
complete -o filenames -F _@P@ @P@
"""


def bash_script(words: CompletionWords) -> str:
    """The script to source."""
    everything = (words.root, *words.commands)
    values, places, options = [], [], []
    for command in everything:
        for option in command.options:
            if option.value is not ValueKind.NOTHING:
                pattern = "|".join(_quoted(f"{command.name} {name}") for name in option.names)
                values.append(f"        {pattern}) {_reply(option.value, option.choices)}; return ;;")
        listed = [name for option in command.options for name in option.names]
        options.append(f"            {_quoted(command.name)}) {_reply(ValueKind.CHOICE, listed)} ;;")
        for number, place in enumerate(command.places):
            pattern = f"{_quoted(command.name + ' ')}*" if place.many else _quoted(f"{command.name} {number}")
            if place.value is ValueKind.COMMAND:
                places.append(f"        {pattern}) compopt -o default 2>/dev/null ;;")
            elif place.value is not ValueKind.ANYTHING:
                places.append(f"        {pattern}) {_reply(place.value, place.choices)} ;;")
    names = [command.name for command in words.commands]
    places.insert(0, f"        ' 0') {_reply(ValueKind.CHOICE, names)} ;;")
    return (
        _TEMPLATE.replace("@TAKING@", "|".join(_taking(everything)))
        .replace("@VALUES@", "\n".join(values))
        .replace("@OPTIONS@", "\n".join(options))
        .replace("@PLACES@", "\n".join(places))
        .replace("@PROJECT@", "|".join(PROJECT_OPTIONS))
        .replace("@P@", PROGRAM)
    )


def _taking(commands: Iterable[CommandWords]) -> Iterable[str]:
    """The options whose next word is their value, so that it is no place."""
    for command in commands:
        for option in command.options:
            if option.value is not ValueKind.NOTHING:
                yield from (_quoted(f"{command.name} {name}") for name in option.names)


def _reply(value: ValueKind, choices: Iterable[str]) -> str:
    match value:
        case ValueKind.CHOICE:
            return f'COMPREPLY=($(compgen -W {_quoted(" ".join(choices))} -- "$cur"))'
        case ValueKind.FILE:
            return _FILES.format("f")
        case ValueKind.FOLDER:
            return _FILES.format("d")
        case ValueKind.TABLE:
            return f'_{PROGRAM}_names "$1" tables'
        case ValueKind.COLUMN:
            return f'_{PROGRAM}_names "$1" columns "$table"'
        case _:
            return "COMPREPLY=()"


def _quoted(text: str) -> str:
    return shlex.quote(text)
