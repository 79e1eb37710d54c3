"""JSON documents that hold JSON of the database as it is: numbers with all their digits, members that come twice."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Final

_BEYOND_ASCII: Final = re.compile("[^\x00-\x7f]")
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BREAKS: Final = re.compile("[\r\n]+")
MOST_DEEP: Final = 500
"""Levels of a document that are put into another one; readers give up at a thousand, some before."""


@dataclass(frozen=True, slots=True)
class JsonText:
    """A value that is JSON already, and stands in the document exactly so."""

    text: str


def json_document(document: object, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """The document, in which a `JsonText` may stand anywhere; on one line unless `indent` is given.

    Bytes that are no text (`stores.postgres.connections` keeps them as lone surrogates) are escaped.
    """
    mark, kept = secrets.token_hex(16), list[str]()

    def keep(value: object) -> str:
        if not isinstance(value, JsonText):
            raise TypeError(f"{type(value).__name__} has no JSON")
        kept.append(_BREAKS.sub(" ", value.text))
        return f"{mark}{len(kept) - 1}"

    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only, allow_nan=False, default=keep)
    if kept:
        text = re.sub(f'"{mark}(\\d+)"', lambda found: kept[int(found[1])], text)
    if ascii_only:
        return _BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def held_by_json(text: str) -> bool:
    """Whether readers of JSON can take this document: its numbers fit a double, and it is not too deep."""

    def finite(digits: str) -> float:
        found = float(digits)
        if found in {float("inf"), float("-inf")}:
            raise ValueError
        return found

    def refuse(_: str) -> object:
        raise ValueError

    try:
        json.loads(text, parse_float=finite, parse_int=finite, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return text.count("[") + text.count("{") <= MOST_DEEP or _depth(text) <= MOST_DEEP


def _depth(text: str) -> int:
    deepest = depth = 0
    for piece in re.findall(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', text):
        if piece in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif piece in "]}":
            depth -= 1
    return deepest
