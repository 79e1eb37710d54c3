"""Which change of a column's type keeps every value that can be in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ALIASES: Final = {
    "character varying": "varchar",
    "character": "char",
    "bpchar": "char",
    "smallint": "int2",
    "smallserial": "int2",
    "integer": "int4",
    "int": "int4",
    "serial": "int4",
    "bigint": "int8",
    "bigserial": "int8",
    "decimal": "numeric",
    "real": "float4",
    "double precision": "float8",
    "boolean": "bool",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
}

_WIDER: Final = {
    "int2": {"int4", "int8", "float4", "float8", "numeric", "text", "varchar"},
    "int4": {"int8", "float8", "numeric", "text", "varchar"},
    "int8": {"numeric", "text", "varchar"},
    "float4": {"float8"},
    "varchar": {"text"},
    "uuid": {"text", "varchar"},
    "date": {"timestamp"},
    "cidr": {"inet"},
}
"""Into these, without a length or precision, every value of the key goes and comes back as it was."""

_TIMES: Final = {"timestamp", "timestamptz", "time", "timetz"}
_TYPE: Final = re.compile(
    r"(?P<name>[a-z_][a-z0-9_ ]*?)\s*(?:\((?P<size>\d+(?:,\d+)?)\))?(?P<rest>[a-z ]*)(?P<list>(?:\[\])*)"
)


@dataclass(frozen=True, slots=True)
class _Type:
    name: str
    size: tuple[int, ...] | None
    is_list: bool


def keeps_every_value(now: str, wanted: str) -> bool:
    """Whether every value of type `now` fits into `wanted` unchanged. False whenever that is not known.

    Both are written as PostgreSQL (`character varying(20)`, `timestamp(3) with time zone`) or Prisma (`varchar(20)`)
    writes them, in lower case.
    """
    a, b = _read(now), _read(wanted)
    if a is None or b is None or a.is_list != b.is_list:
        return False
    if a.name != b.name:
        return b.name in _WIDER.get(a.name, ()) and b.size is None
    if a.size == b.size:
        return True
    if a.name in {"varchar", "varbit"} or a.name in _TIMES:
        return b.size is None or (a.size is not None and b.size >= a.size)
    if a.name == "numeric":
        return b.size is None or (a.size is not None and _holds(b.size, a.size))
    return False


def _holds(wide: tuple[int, ...], narrow: tuple[int, ...]) -> bool:
    """numeric(precision, scale): neither a digit before the point nor one behind it may be lost."""
    (p, s), (q, t) = ((*size, 0)[:2] for size in (wide, narrow))
    return s >= t and p - s >= q - t


def _read(text: str) -> _Type | None:
    match = _TYPE.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    name = f"{match['name']}{match['rest']}".strip()
    name = _ALIASES.get(name, name)
    size = tuple(int(n) for n in match["size"].split(",")) if match["size"] else None
    if name == "char" and size is None:
        size = (1,)
    return _Type(name, size, bool(match["list"]))
