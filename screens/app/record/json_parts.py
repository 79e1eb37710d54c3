"""A JSON document as parts of a tree: numbers exactly as they were written, members in their order. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

MOST_CHILDREN: Final = 1000
"""Parts that are shown of one object or list."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as the database has it."""

    text: str


@dataclass(frozen=True, slots=True)
class Members:
    """An object; a key may come twice, as type json allows."""

    pairs: tuple[tuple[str, Any], ...]


def read_json(text: str) -> Any | None:
    """The document where it is an object or a list with something in it; None for everything else."""
    try:
        document = json.loads(
            text,
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
            object_pairs_hook=lambda pairs: Members(tuple(pairs)),
        )
    except (ValueError, RecursionError):
        return None
    return document if size_of(document) else None


def size_of(part: Any) -> int:
    """How many parts it has; 0 for a plain value."""
    return len(part.pairs) if isinstance(part, Members) else len(part) if isinstance(part, list) else 0


def children(part: Any) -> Iterator[tuple[str, Any]]:
    """Its parts with their names: keys, or places from 0."""
    if isinstance(part, Members):
        yield from part.pairs[:MOST_CHILDREN]
    else:
        yield from ((str(place), one) for place, one in enumerate(part[:MOST_CHILDREN]))


def json_text(part: Any) -> str:
    """The part as JSON again."""
    match part:
        case Members():
            return "{" + ", ".join(f"{json_text(key)}: {json_text(one)}" for key, one in part.pairs) + "}"
        case list():
            return "[" + ", ".join(map(json_text, part)) + "]"
        case Number():
            return part.text
        case _:
            return json.dumps(part, ensure_ascii=False)
