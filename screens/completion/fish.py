"""Completion for fish 3: one `complete` line for each option and each place."""

from __future__ import annotations

from collections.abc import Iterable

from screens.completion.words import PROGRAM, Command, Option, Place, Value, Words

_TEMPLATE = r"""# fish completion of @P@
function __@P@_at --description 'Whether the cursor is at word N of a command'
    set -l words (commandline -opc)
    set -l command ''
    set -l place 0
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if test "$word" = --
            break
        else if contains -- "$command $word" @TAKING@
            set skip 1
        else if string match -q -- '-*' $word
        else if test -z "$command"
            set command $word
        else
            set place (math $place + 1)
        end
    end
    test "$command" = "$argv[1]"; or return 1
    if test (count $argv) -gt 1
        test $place -ge $argv[2] -a $place -le $argv[3]
    end
end
complete -c @P@ -f
@LINES@
"""


def fish_script(words: Words) -> str:
    """The script: a file `soundcheck.fish` among fish's completions, or to source."""
    everything = (words.root, *words.commands)
    lines = [
        f"complete -c {PROGRAM} -n {_quoted(_at('', 0, 0))} -a {_quoted(command.name)} -d {_quoted(command.text)}"
        for command in words.commands
    ]
    for command in everything:
        lines += [_option(command, option) for option in command.options]
        for number, place in enumerate(command.places):
            if place.value is not Value.ANYTHING:
                lines.append(_place(command, number, place))
    taking = [
        _quoted(f"{command.name} {name}")
        for command in everything
        for option in command.options
        if option.value is not Value.NOTHING
        for name in option.names
    ]
    text = _TEMPLATE.replace("@TAKING@", " ".join(taking)).replace("@LINES@", "\n".join(lines))
    return text.replace("@P@", PROGRAM)


def _option(command: Command, option: Option) -> str:
    names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
    takes = _takes(option.value, option.choices)
    when = _quoted(f"__{PROGRAM}_at {_quoted(command.name)}")
    return f"complete -c {PROGRAM} -n {when} {names} -d {_quoted(option.text)}{takes}"


def _place(command: Command, number: int, place: Place) -> str:
    when = _quoted(_at(command.name, number, 99 if place.many else number))
    if place.value is Value.COMMAND:
        return f"complete -c {PROGRAM} -n {when} -a '(__fish_complete_subcommand)'"
    return f"complete -c {PROGRAM} -n {when}{_takes(place.value, place.choices)}"


def _at(command: str, first: int, last: int) -> str:
    return f"__{PROGRAM}_at {_quoted(command)} {first} {last}"


def _takes(value: Value, choices: Iterable[str]) -> str:
    match value:
        case Value.NOTHING:
            return ""
        case Value.CHOICE:
            return f" -x -a {_quoted(' '.join(choices))}"
        case Value.FILE:
            return " -r -F"
        case Value.FOLDER:
            return " -x -a '(__fish_complete_directories)'"
        case _:
            return " -x"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
