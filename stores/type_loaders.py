"""How the driver turns the server's text into Python values, so that no value of any row can fail a page.

psycopg's own loaders raise for `infinity`, for the year 20000 and for dates before Christ, turn months into 30 days,
and read JSON numbers as floats. Here a time that Python cannot hold stays the server's text, and intervals, JSON,
ranges and network addresses are always the server's text: nothing is lost between the table and the screen.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg.adapt import AdaptersMap
    from psycopg.pq.abc import PGconn  # noqa: F401

_AS_TEXT = (
    "json", "jsonb", "interval", "inet", "cidr", "int4range", "int8range", "numrange", "daterange", "tsrange",
    "tstzrange", "int4multirange", "int8multirange", "nummultirange", "datemultirange", "tsmultirange",
    "tstzmultirange",
)  # fmt: skip


@cache
def adapters() -> AdaptersMap:
    """The map to open every connection with."""
    import psycopg
    from psycopg.adapt import AdaptersMap
    from psycopg.types import datetime as times
    from psycopg.types.string import TextLoader

    found = AdaptersMap(psycopg.adapters)
    for name in _AS_TEXT:
        found.register_loader(name, TextLoader)
    for name, loader in (
        ("date", times.DateLoader),
        ("time", times.TimeLoader),
        ("timetz", times.TimetzLoader),
        ("timestamp", times.TimestampLoader),
        ("timestamptz", times.TimestamptzLoader),
    ):
        found.register_loader(name, _lenient(loader))
    return found


def _lenient(loader: type[Any]) -> type[Any]:
    """The loader, with the server's own text for what it cannot load."""
    import psycopg

    class Lenient(loader):  # type: ignore[misc]
        def load(self, data: bytes | bytearray | memoryview) -> object:
            try:
                return super().load(data)
            except psycopg.DataError:
                return bytes(data).decode("ascii", "replace")

    return Lenient
