"""What can be typed: the commands with their options and places, as plain data out of the argument parser."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PROGRAM: Final = "soundcheck"

PROJECT_OPTIONS: Final = ("--project", "--profile", "--schema")
"""What says whose tables they are; the question for names repeats those that stand on the line."""


class ValueKind(StrEnum):
    """What may stand behind an option or at a place."""

    NOTHING = "nothing"
    """An option that takes no value, or need not."""
    ANYTHING = "anything"
    CHOICE = "choice"
    FILE = "file"
    FOLDER = "folder"
    TABLE = "table"
    """A table of the project in the folder: asked for when it is needed, as `COLUMN` is."""
    COLUMN = "column"
    """A column of the table at the command's first place."""
    COMMAND = "command"
    """Another program and its own words."""


@dataclass(frozen=True, slots=True)
class OptionWords:
    """One option: every way to write it, what it is for, and what it takes."""

    names: tuple[str, ...]
    text: str
    value: ValueKind = ValueKind.NOTHING
    choices: tuple[str, ...] = ()
    may_lack: bool = False
    """Whether it may stand without its value."""


@dataclass(frozen=True, slots=True)
class Positional:
    """One word without dashes, in its order; `many` says that the rest of the line is more of the same."""

    name: str
    value: ValueKind
    choices: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class CommandWords:
    """One command, or the program itself, whose name is ""."""

    name: str
    text: str
    options: tuple[OptionWords, ...]
    places: tuple[Positional, ...] = ()


@dataclass(frozen=True, slots=True)
class CompletionWords:
    """The program's own options, and its commands in their order."""

    root: CommandWords
    commands: tuple[CommandWords, ...]


def words_of(
    parser: argparse.ArgumentParser, known: Mapping[tuple[str, str], tuple[str, ...]] | None = None
) -> CompletionWords:
    """Everything the parser takes. `known` are the choices of (command, option or place) beyond its own."""
    known = known or {}
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    texts = {choice.dest: choice.help or "" for choice in commands._choices_actions}
    found = tuple(_command(name, texts.get(name, ""), sub, known) for name, sub in commands.choices.items())
    return CompletionWords(_command("", parser.description or "", parser, known), found)


def _command(
    name: str, text: str, parser: argparse.ArgumentParser, known: Mapping[tuple[str, str], tuple[str, ...]]
) -> CommandWords:
    options, places = [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        called = action.option_strings[0] if action.option_strings else metavar
        choices = tuple(map(str, action.choices or known.get((name, called), ())))
        value = _value(action, metavar, choices)
        if action.option_strings:
            may_lack = action.nargs in {"?", "*"}
            options.append(OptionWords(tuple(action.option_strings), _one_line(action.help), value, choices, may_lack))
        else:
            many = action.nargs in {"+", "*", argparse.REMAINDER}
            places.append(Positional(metavar or action.dest, value, choices, many))
    return CommandWords(name, _one_line(text), tuple(options), tuple(places))


def _value(action: argparse.Action, metavar: str, choices: tuple[str, ...]) -> ValueKind:
    if action.nargs == argparse.REMAINDER:
        return ValueKind.COMMAND
    if action.nargs == 0:
        return ValueKind.NOTHING
    if choices:
        return ValueKind.CHOICE
    if metavar == "DIR":
        return ValueKind.FOLDER
    if metavar in {"F", "FILE", "PATH"}:
        return ValueKind.FILE
    if metavar == "TABLE" and not action.option_strings:
        return ValueKind.TABLE
    if metavar.startswith(("COLUMN[", "COLUMN,")):
        return ValueKind.COLUMN
    return ValueKind.ANYTHING


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("%%", "%")
