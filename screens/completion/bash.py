"""Completion for bash 3.2 and newer: one function over tables of words; it starts no program while somebody types."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from screens.completion.words import PROGRAM, Command, Value, Words

_NAMES = "IFS=$'\\n'; COMPREPLY=($(compgen -{} -- \"$cur\"))"
"""Names of files may hold spaces; our own words never do."""

_TEMPLATE = r"""# bash completion of @P@
_@P@() {
    local cur prev command='' place=0 i word IFS=$' \t\n'
    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == -- ]]; then
            compopt -o default 2>/dev/null
            return
        fi
        case "$command $word" in
            @TAKING@) ((i++)) ;;
            *' '-*) ;;
            *) if [[ -z $command ]]; then command=$word; else ((place++)); fi ;;
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


def bash_script(words: Words) -> str:
    """The script to source."""
    everything = (words.root, *words.commands)
    values, places, options = [], [], []
    for command in everything:
        for option in command.options:
            if option.value is not Value.NOTHING:
                pattern = "|".join(_quoted(f"{command.name} {name}") for name in option.names)
                values.append(f"        {pattern}) {_reply(option.value, option.choices)}; return ;;")
        listed = [name for option in command.options for name in option.names]
        options.append(f"            {_quoted(command.name)}) {_reply(Value.CHOICE, listed)} ;;")
        for number, place in enumerate(command.places):
            pattern = f"{_quoted(command.name + ' ')}*" if place.many else _quoted(f"{command.name} {number}")
            if place.value is Value.COMMAND:
                places.append(f"        {pattern}) compopt -o default 2>/dev/null ;;")
            elif place.value is not Value.ANYTHING:
                places.append(f"        {pattern}) {_reply(place.value, place.choices)} ;;")
    names = [command.name for command in words.commands]
    places.insert(0, f"        ' 0') {_reply(Value.CHOICE, names)} ;;")
    return (
        _TEMPLATE.replace("@TAKING@", "|".join(_taking(everything)))
        .replace("@VALUES@", "\n".join(values))
        .replace("@OPTIONS@", "\n".join(options))
        .replace("@PLACES@", "\n".join(places))
        .replace("@P@", PROGRAM)
    )


def _taking(commands: Iterable[Command]) -> Iterable[str]:
    """The options whose next word is their value, so that it is no place."""
    for command in commands:
        for option in command.options:
            if option.value is not Value.NOTHING:
                yield from (_quoted(f"{command.name} {name}") for name in option.names)


def _reply(value: Value, choices: Iterable[str]) -> str:
    match value:
        case Value.CHOICE:
            return f'COMPREPLY=($(compgen -W {_quoted(" ".join(choices))} -- "$cur"))'
        case Value.FILE:
            return _NAMES.format("f")
        case Value.FOLDER:
            return _NAMES.format("d")
        case _:
            return "COMPREPLY=()"


def _quoted(text: str) -> str:
    return shlex.quote(text)
