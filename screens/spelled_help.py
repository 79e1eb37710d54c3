"""A parser whose help has examples that run as they are printed, and whose errors are ours."""

from __future__ import annotations

import argparse
import re
from typing import Final, NoReturn

from soundcheck.screens.refused_words import refused
from soundcheck.stores.errors import UsageError
from soundcheck.stores.project.own_command import spelled

_EXAMPLE: Final = re.compile(r"(?P<lead>  )(?P<command>[^\s-].*?)(?:  +(?P<what>\S.*))?")


class SpelledParser(argparse.ArgumentParser):
    """A parser that spells the commands in its help; its subcommands' parsers are of the same class."""

    def format_help(self) -> str:
        """The whole help."""
        return spelled_help(super().format_help())

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> object:
        """`--option=--` lacks its value: argparse makes an empty list of it, or takes it as it is, by its version."""
        if action.option_strings and arg_strings == ["--"]:
            raise argparse.ArgumentError(action, "expected one argument")
        return super()._get_values(action, arg_strings)

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` with one line of cause, instead of printing the whole usage."""
        raise UsageError(refused(message), f"{self.prog} --help")


def spelled_help(text: str) -> str:
    """The text with its commands spelled; where an example grows, what it does moves to a line of its own."""
    return "\n".join(spelled_line for line in text.split("\n") for spelled_line in _spelled(line))


def _spelled(line: str) -> list[str]:
    found = _EXAMPLE.fullmatch(line)
    if found is None or not found["what"] or (command := spelled(found["command"])) == found["command"]:
        return [spelled(line)]
    return [found["lead"] + command, f"{found['lead']}    {found['what']}"]
