"""The server's text for a value as the Python value that stands for it, from which the same text comes again. Pure.

The texts are those of `session_settings`. A value that Python has no exact counterpart for stays the text:
`infinity`, dates before Christ, the year 20000, 24:00. A float and a list keep their text beside them, because theirs
cannot be made again from the value: a float4 is written shorter, an array may have bounds of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final
from uuid import UUID

Reader = Callable[[str], object]


class ServerFloat(float):
    """A float with the server's text for it."""

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> ServerFloat:
        """`text` is what the server wrote, as `1e+15`, `Infinity`."""
        made = super().__new__(cls, text)
        made.text = text
        return made


class ServerList(list[object]):
    """An array as a list (of lists, where it has several dimensions), with the server's text for it."""

    __slots__ = ("text",)

    def __init__(self, values: Sequence[object], text: str) -> None:
        super().__init__(values)
        self.text = text

    @property
    def has_bounds(self) -> bool:
        """Whether its subscripts do not begin at 1, which a list cannot say: `[0:1]={1,2}`."""
        return self.text.startswith("[")


def read_bool(text: str) -> bool:
    """`t` or `f`."""
    return text == "t"


def read_bytes(text: str) -> bytes:
    r"""`\xdeadbeef`."""
    return bytes.fromhex(text[2:])


def read_date(text: str) -> date | str:
    """A day between the years 1 and 9999."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else text
    except ValueError:
        return text


def read_datetime(text: str) -> datetime | str:
    """A moment, with the offset that the server wrote."""
    try:
        return datetime.fromisoformat(text) if text[10:11] == " " else text
    except ValueError:
        return text


def read_time(text: str) -> time | str:
    """A time of day, with the offset that the server wrote; `24:00:00` is not midnight."""
    try:
        return time.fromisoformat(text) if not text.startswith("24") else text
    except ValueError:
        return text


READERS: Final[Mapping[str, Reader]] = {
    "bool": read_bool,
    "bytea": read_bytes,
    "int2": int,
    "int4": int,
    "int8": int,
    "oid": int,
    "numeric": Decimal,
    "float4": ServerFloat,
    "float8": ServerFloat,
    "date": read_date,
    "time": read_time,
    "timetz": read_time,
    "timestamp": read_datetime,
    "timestamptz": read_datetime,
    "uuid": UUID,
}
"""By the type's name; every other type is its text."""


def read_array(text: str, read: Reader, delimiter: str = ",") -> ServerList | str:
    """An array's text as a list of what `read` makes of its elements; the text itself where it is none."""
    body = text.partition("=")[2] if text.startswith("[") else text
    if not body.startswith("{"):
        return text
    if '"' not in body and body.find("{", 1) < 0:
        inner = body[1:-1]
        parts = inner.split(delimiter) if inner else []
        return ServerList([None if part == "NULL" else read(part) for part in parts], text)
    return ServerList(_Nested(body, read, delimiter).values(), text)


class _Nested:
    """An array's text with quotes or several dimensions, read from left to right."""

    def __init__(self, text: str, read: Reader, delimiter: str) -> None:
        self._text = text
        self._read = read
        self._delimiter = delimiter
        self._place = 0

    def values(self) -> list[object]:
        """What stands between the brace here and the one that closes it."""
        found: list[object] = []
        self._place += 1
        while self._text[self._place] != "}":
            match self._text[self._place]:
                case "{":
                    found.append(self.values())
                case '"':
                    found.append(self._read(self._quoted()))
                case self._delimiter:
                    self._place += 1
                case _:
                    bare = self._bare()
                    found.append(None if bare == "NULL" else self._read(bare))
        self._place += 1
        return found

    def _quoted(self) -> str:
        parts, begin = [], self._place + 1
        at = begin
        while (character := self._text[at]) != '"':
            if character == "\\":
                parts.append(self._text[begin:at])
                begin = at = at + 1
            at += 1
        parts.append(self._text[begin:at])
        self._place = at + 1
        return "".join(parts)

    def _bare(self) -> str:
        begin = self._place
        while self._text[self._place] not in {self._delimiter, "}"}:
            self._place += 1
        return self._text[begin : self._place]
