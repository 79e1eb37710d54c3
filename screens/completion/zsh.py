"""Completion for zsh: one `_arguments` call for the program and for each command."""

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

_TEMPLATE = r"""#compdef @P@
_@P@_names() {
    [[ $PREFIX == -* ]] && return 1
    local what=$1 program=${(Q)typed[1]} i
    local -a names told table expl
    [[ $program == '~/'* ]] && program=$HOME/${program[3,-1]}
    for ((i = 2; i < typed_at; i++)); do
        case $typed[i] in
            @PROJECT@) told+=($typed[i] "${(Q)typed[i+1]}") ;;
            @PROJECT_IS@) told+=("${(Q)typed[i]}") ;;
        esac
    done
    if [[ $what == columns ]]; then
        table=("${(Q)line[1]}")
        compset -P '*,'
    fi
    names=("${(@f)$("$program" completion $what $table $told </dev/null 2>/dev/null)}")
    _wanted $what expl $what compadd -a names
}
_@P@_any() {
    # A message keeps zsh from putting in the one option that fits.
    [[ $PREFIX == -* ]] && return 1
    _message -e words "$1"
}
_@P@_other() {
    if [[ $words[1] == -- ]]; then
        shift words
        ((CURRENT--))
    fi
    _normal
}
_@P@() {
    local -a typed=("${words[@]}")
    local typed_at=$CURRENT context state state_descr line ret=1
    typeset -A opt_args
    _arguments -C -A '-*' \
@ROOT@
        '1:command:->command' \
        '*::word:->rest' && ret=0
    case $state in
        command)
            local -a commands
            commands=(
@COMMANDS@
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            curcontext="${curcontext%:*:*}:@P@-$line[1]:"
            case $line[1] in
@CASES@
            esac
            ;;
    esac
    return ret
}

if [[ $funcstack[1] == _@P@ ]]; then
    _@P@ "$@"
else
    compdef _@P@ @P@
fi
"""


def zsh_script(words: CompletionWords) -> str:
    """The script: a file `_soundcheck` on the `fpath`, or to source after `compinit`."""
    cases = []
    for command in words.commands:
        lines = " \\\n".join([*_options(command), *_places(command)])
        cases.append(f"                {command.name})\n                    _arguments -S \\\n{lines} && ret=0\n"
                     "                    ;;")  # fmt: skip
    commands = [_quoted(f"{c.name.replace(':', chr(92) + ':')}:{c.text}") for c in words.commands]
    return (
        _TEMPLATE.replace("@ROOT@", "\n".join(f"        {line.strip()} \\" for line in _options(words.root)))
        .replace("@COMMANDS@", "\n".join(f"                {line}" for line in commands))
        .replace("@CASES@", "\n".join(cases))
        .replace("@PROJECT@", "|".join(PROJECT_OPTIONS))
        .replace("@PROJECT_IS@", "|".join(f"{option}=*" for option in PROJECT_OPTIONS))
        .replace("@P@", PROGRAM)
    )


def _options(command: CommandWords) -> list[str]:
    return [
        f"                        {_quoted(_spec(option, name))}" for option in command.options for name in option.names
    ]


def _spec(option: OptionWords, name: str) -> str:
    text = _escaped(option.text)
    if option.value is ValueKind.NOTHING:
        return f"{name}[{text}]"
    name += "=" * name.startswith("--")  # the value may stand behind = or as the next word
    return f"{name}[{text}]{'::' if option.may_lack else ':'}value:{_action(option.value, option.choices)}"


def _places(command: CommandWords) -> Iterable[str]:
    for number, place in enumerate(command.places, start=1):
        if place.value is ValueKind.COMMAND:
            yield f"                        {_quoted(f'*::command: _{PROGRAM}_other')}"
        else:
            yield f"                        {_quoted(_place(number, place))}"


def _place(number: int, place: Positional) -> str:
    where = "*" if place.many else str(number)
    name = _escaped(place.name)
    action = f" _{PROGRAM}_any {name}" if place.value is ValueKind.ANYTHING else _action(place.value, place.choices)
    return f"{where}:{name}:{action}"


def _action(value: ValueKind, choices: Iterable[str]) -> str:
    match value:
        case ValueKind.CHOICE:
            return f"({' '.join(choices)})"
        case ValueKind.FILE:
            return "_files"
        case ValueKind.FOLDER:
            return "_files -/"
        case ValueKind.TABLE:
            return f" _{PROGRAM}_names tables"
        case ValueKind.COLUMN:
            return f" _{PROGRAM}_names columns"
        case _:
            return " "


def _escaped(text: str) -> str:
    """What `_arguments` would take for its own signs."""
    for sign in "\\[]:":
        text = text.replace(sign, "\\" + sign)
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
