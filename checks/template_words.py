"""What a finding's template has in braces, in words for people: `{host}` reads as `<host>`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

FILLED_IN: Final = "what stands between < and > is filled in by a run"

_FIELD: Final = re.compile(r"\{([^{}]*)\}")
_NUMBERS: Final = frozenset(
    {"columns", "count", "counted", "expected", "hours", "left", "limit", "lines", "size", "trip", "usable", "used"}
)
_NOTHING: Final = frozenset({"npm", "place"})
"""Half a sentence that is only there at times."""

_WORDS: Final[Mapping[str, str]] = {
    "apart": "so long",
    "beaten": "variable",
    "broken": "which",
    "cause": "why, as the run finds it",
    "differs": "name",
    "ends": "time",
    "evidence": "folder",
    "extra": "which",
    "file": "env file",
    "folder": "folder of the client",
    "hint": "what to do, for what the run finds",
    "http_status": "status",
    "in_use": "secret",
    "inside": "terminal program",
    "kind": "what it is",
    "last": "its name",
    "libpq": "variables",
    "message": "what is wrong, as the run finds it",
    "missing": "what is missing",
    "not_after": "day",
    "off": "variable",
    "other": "which",
    "others": "which",
    "problems": "what is wrong with it",
    "proxies": "proxy",
    "reader": "program",
    "repeated": "variable",
    "room": "so many MB",
    "said": "its words",
    "schema": "schema file",
    "silent": "why",
    "summary": "what failed",
    "term": "name of the terminal",
    "MOVE": "command",
    "text": "its words",
    "torn": "variable",
    "unreadable": "variable",
    "unused": "which",
    "way": "ahead of or behind",
    "witness": "another host",
}
_VAGUE: Final = frozenset({"…", "what"})


def worded(template: str) -> str:
    """The template for people, without braces."""
    if template == "{…}":
        return "<what the run finds>"
    return _FIELD.sub(lambda field: _word(field.group(1)), template)


def _word(name: str) -> str:
    if name in _NOTHING:
        return ""
    if name in _VAGUE:
        return "…"
    return f"<{'number' if name in _NUMBERS else _WORDS.get(name) or name.replace('_', ' ')}>"
