"""From an HTTP request to the Redis commands in it. Pure. Source: upstash/docs `redis/features/restapi`.

Error texts: those of upstash/docs where they are documented, else those that the live service was seen to give.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

RawCommand: TypeAlias = list[bytes]


class RequestShape(Enum):
    """How the commands belong together, which decides how they are run and answered."""

    SINGLE = auto()
    PIPELINE = auto()
    TRANSACTION = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """The commands of a request. A command of a pipeline may be empty: that is that item's error."""

    shape: RequestShape
    commands: list[RawCommand]


@dataclass(frozen=True, slots=True)
class Malformed:
    """A request that is no command; the text goes out with HTTP 400."""

    text: str


TOKEN_PARAMETER: Final = b"_token"

_BATCHES: Final = {b"/pipeline": RequestShape.PIPELINE, b"/multi-exec": RequestShape.TRANSACTION}


def read_call(path: bytes, query: bytes, body: bytes) -> Call | Malformed:
    """The commands of a request; `path` is still percent-encoded."""
    trimmed = path[:-1] if path.endswith(b"/") else path
    if not trimmed:
        return _command_in_body(body)
    if (shape := _BATCHES.get(trimmed)) is not None:
        return _batch_in_body(shape, body)
    words = [unquote_to_bytes(part) for part in path[1:].split(b"/")]
    if body:
        words.append(body)
    words += _query_words(query)
    return Call(RequestShape.SINGLE, [words]) if words[0] else Malformed("ERR empty command")


def token_in_query(query: bytes) -> bytes | None:
    """What `_token` holds, None where it is absent."""
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name == TOKEN_PARAMETER:
            return unquote_to_bytes(value.replace(b"+", b" "))
    return None


def _query_words(query: bytes) -> list[bytes]:
    """`EX=100&NX` as the words EX, 100, NX, which follow the value in the body; `_token` is no word."""
    words: list[bytes] = []
    for pair in query.split(b"&") if query else []:
        name, equals, value = pair.replace(b"+", b" ").partition(b"=")
        if name == TOKEN_PARAMETER or not pair:
            continue
        words.append(unquote_to_bytes(name))
        if equals and value:
            words.append(unquote_to_bytes(value))
    return words


def _command_in_body(body: bytes) -> Call | Malformed:
    parsed = _parse(body)
    if not isinstance(parsed, list):
        return Malformed("ERR failed to parse command")
    if not parsed:
        return Malformed("ERR empty command")
    return Call(RequestShape.SINGLE, [[_word(item) for item in parsed]])


def _batch_in_body(shape: RequestShape, body: bytes) -> Call | Malformed:
    parsed = _parse(body)
    what = "pipeline" if shape is RequestShape.PIPELINE else "transaction"
    if not isinstance(parsed, list) or not all(isinstance(row, list) for row in parsed):
        return Malformed(f"ERR failed to parse {what} request")
    if not parsed:
        return Malformed(f"ERR empty {what} request")
    if shape is RequestShape.TRANSACTION and not all(parsed):
        return Malformed(f"ERR empty {what} command")
    return Call(shape, [[_word(item) for item in row] for row in parsed])


class _Number(float):
    """A JSON number with a point or an exponent, which keeps the digits it was written with."""

    __slots__ = ("digits",)

    def __new__(cls, digits: str) -> _Number:
        number = super().__new__(cls, digits)
        number.digits = digits
        return number

    digits: str


def _not_json(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_decode: Final = json.JSONDecoder(parse_float=_Number, parse_constant=_not_json).decode


def _parse(body: bytes) -> object:
    """The body as JSON, None where it is none. Nesting deeper than Python's own limit counts as none."""
    try:
        return _decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def _word(item: object) -> bytes:
    """An argument: strings as they are, numbers by their digits, anything nested as JSON."""
    if isinstance(item, str):
        text = item
    elif isinstance(item, _Number):
        text = item.digits
    else:
        text = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which is no character
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
