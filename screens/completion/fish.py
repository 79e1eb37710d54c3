"""Completion for fish 3: one `complete` line for each option and each place."""

from __future__ import annotations

from collections.abc import Iterable

from soundcheck.screens.completion.words import (
    PROGRAM,
    PROJECT_OPTIONS,
    CommandWords,
    CompletionWords,
    OptionWords,
    Positional,
    ValueKind,
)

_TEMPLATE = r"""# fish completion of @P@
function __@P@_line --description 'The command, how many words it has, the first of them, what says whose project'
    set -l words (commandline -opc)
    set -l command ''
    set -l table ''
    set -l place 0
    set -l taking ''
    set -l told
    for word in $words[2..-1]
        if test -n "$taking"
            contains -- $taking @PROJECT@; and set -a told $taking $word
            set taking ''
        else if test "$word" = --
            break
        else if contains -- "$command $word" @TAKING@
            set taking $word
        else if string match -q -- '-*' $word
            contains -- (string replace -r '=.*' '' -- $word) @PROJECT@; and set -a told $word
        else if test -z "$command"
            set command $word
        else
            test $place = 0; and set table $word
            set place (math $place + 1)
        end
    end
    printf '%s\n' "$command" $place "$table" $told
end
function __@P@_at --description 'Whether the cursor is at word N of a command'
    set -l line (__@P@_line)
    test "$line[1]" = "$argv[1]"; or return 1
    if test (count $argv) -gt 1
        test $line[2] -ge $argv[2] -a $line[2] -le $argv[3]
    end
end
function __@P@_names --description 'Names of tables or columns of the project'
    set -l line (__@P@_line)
    set -l program (string replace -r '^~/' "$HOME/" -- (commandline -opc)[1])
    set -l before ''
    set -l table
    if test $argv[1] = columns
        set before (string match -r '^.*,' -- (commandline -ct); or echo '')
        set table $line[3]
    end
    for name in ($program completion $argv[1] $table $line[4..-1] </dev/null 2>/dev/null)
        printf '%s\n' "$before$name"
    end
end
complete -c @P@ -f
@LINES@
"""


def fish_script(words: CompletionWords) -> str:
    """The script: a file `soundcheck.fish` among fish's completions, or to source."""
    everything = (words.root, *words.commands)
    lines = [
        f"complete -c {PROGRAM} -n {_quoted(_at('', 0, 0))} -a {_quoted(command.name)} -d {_quoted(command.text)}"
        for command in words.commands
    ]
    for command in everything:
        lines += [_option(command, option) for option in command.options]
        for number, place in enumerate(command.places):
            if place.value is not ValueKind.ANYTHING:
                lines.append(_place(command, number, place))
    taking = [
        _quoted(f"{command.name} {name}")
        for command in everything
        for option in command.options
        if option.value is not ValueKind.NOTHING
        for name in option.names
    ]
    text = _TEMPLATE.replace("@TAKING@", " ".join(taking)).replace("@LINES@", "\n".join(lines))
    text = text.replace("@PROJECT@", " ".join(PROJECT_OPTIONS))
    return text.replace("@P@", PROGRAM)


def _option(command: CommandWords, option: OptionWords) -> str:
    names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
    takes = _takes(option.value, option.choices)
    when = _quoted(f"__{PROGRAM}_at {_quoted(command.name)}")
    return f"complete -c {PROGRAM} -n {when} {names} -d {_quoted(option.text)}{takes}"


def _place(command: CommandWords, number: int, place: Positional) -> str:
    when = _quoted(_at(command.name, number, 99 if place.many else number))
    if place.value is ValueKind.COMMAND:
        return f"complete -c {PROGRAM} -n {when} -a '(__fish_complete_subcommand)'"
    return f"complete -c {PROGRAM} -n {when}{_takes(place.value, place.choices)}"


def _at(command: str, first: int, last: int) -> str:
    return f"__{PROGRAM}_at {_quoted(command)} {first} {last}"


def _takes(value: ValueKind, choices: Iterable[str]) -> str:
    match value:
        case ValueKind.NOTHING:
            return ""
        case ValueKind.CHOICE:
            return f" -x -a {_quoted(' '.join(choices))}"
        case ValueKind.FILE:
            return " -r -F"
        case ValueKind.FOLDER:
            return " -x -a '(__fish_complete_directories)'"
        case ValueKind.TABLE:
            return f" -x -a '(__{PROGRAM}_names tables)'"
        case ValueKind.COLUMN:
            return f" -x -a '(__{PROGRAM}_names columns)'"
        case _:
            return " -x"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
