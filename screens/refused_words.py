"""What the parser says of words that it cannot take: one line of cause, no word repeated that may be a secret. Pure.

argparse says it in words of its own, behind its whole usage, and repeats what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_KINDS: Final = {"int": "a whole number", "float": "a number"}


def _choices(found: re.Match[str]) -> str:
    names = [name.strip().strip("'\"") for name in found["names"].split(",")]
    return f"{found['what']} takes {one_of(names)}."


def _ambiguous(found: re.Match[str]) -> str:
    return f"{found['what'].partition('=')[0]} may be {one_of(found['names'].split(', '))}."


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), said)
    for pattern, said in (
        (r"argument (?P<what>.+?): invalid choice: .*\(choose from (?P<names>.*)\)", _choices),
        (
            r"argument (?P<what>.+?): invalid (?P<kind>\w+) value: .*",
            lambda found: f"{found['what']} takes {_KINDS.get(found['kind'], 'another value')}.",
        ),
        (r"ambiguous option: (?P<what>.*) could match (?P<names>--.*)", _ambiguous),
        (r"argument (?P<what>.+?): ignored explicit argument .*", lambda found: f"{found['what']} takes no value."),
        (
            r"argument (?P<what>.+?): not allowed with argument (?P<other>.+)",
            lambda found: f"{found['what']} and {found['other']} exclude each other.",
        ),
        (
            r"the following arguments are required: (?P<names>.*)",
            lambda found: f"Missing: {found['names']}.",
        ),
        (r"argument (?P<rest>.*)", lambda found: f"{found['rest']}."),
    )
)


def refused(message: str) -> str:
    """The parser's message as a sentence."""
    for form, said in _FORMS:
        if found := form.fullmatch(message):
            return said(found)
    return "The words cannot be read."


def one_of(names: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
