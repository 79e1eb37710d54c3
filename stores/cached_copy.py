"""Whether a row's cached copies exist, and whether they still say what the row says, field by field.

A value is `{"v":1,"at":…,"ttl":…,"data":…}` or, of other writers, the bare JSON. One TTL and one GET a key, which are
two billed commands; both are allowed to a read-only token.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from stores.cells import time_text
from stores.keys import LOOKUPS, NEVER_CACHED, keys_for_row

if TYPE_CHECKING:
    from stores.catalog import Table
    from stores.database import Database
    from stores.upstash.rest import Reply, RestClient


class Freshness(StrEnum):
    """How a copy stands."""

    FRESH = "fresh"
    STALE = "stale"
    NOT_CACHED = "not cached"
    CACHED = "cached"  # there, but it does not hold this row's fields: a search's ids, or a list without this row
    UNREADABLE = "unreadable"  # not JSON
    UNKNOWN = "unknown"  # the cache did not answer


@dataclass(frozen=True, slots=True)
class CachedCopy:
    """One key. `ttl` is in seconds, None where the key never expires or is not there.

    `differing` are the columns whose cached value is another; `exposed` those that no copy may hold and this one does.
    """

    key: str
    freshness: Freshness
    ttl: int | None = None
    differing: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    problem: str = ""


async def read_copies(cache: RestClient, table: str, row: Mapping[str, Any]) -> tuple[CachedCopy, ...]:
    """All copies that the key table names for this row (with the columns of `with_lookup`). Never raises."""
    keys = keys_for_row(table, row)
    if not keys:
        return ()
    replies = await cache.pipeline([command for key in keys for command in (("TTL", key), ("GET", key))])
    pairs = zip(replies[::2], replies[1::2], strict=True)
    return tuple(_copy(key, table, row, ttl, value) for key, (ttl, value) in zip(keys, pairs, strict=True))


async def with_lookup(database: Database, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row, and the column of another table that its keys are made of. Raises `DatabaseProblem`."""
    from psycopg import sql

    lookup = LOOKUPS.get(table.name)
    if lookup is None or row.get(lookup.column) is None:
        return dict(row)
    query = sql.SQL("SELECT {} FROM {} WHERE {} = $1").format(
        sql.Identifier(lookup.wanted), sql.Identifier(table.schema, lookup.table), sql.Identifier(lookup.match)
    )
    found = await database.fetch(query.as_string(None), [row[lookup.column]])
    return {**row, lookup.wanted: found.rows[0][0]} if found.rows else dict(row)


def _copy(key: str, table: str, row: Mapping[str, Any], ttl: Reply, value: Reply) -> CachedCopy:
    if not value.ok:
        return CachedCopy(key, Freshness.UNKNOWN, problem=value.error or str(value.failure or "no answer"))
    if value.value is None:
        return CachedCopy(key, Freshness.NOT_CACHED)
    seconds = ttl.value if ttl.ok and isinstance(ttl.value, int) and ttl.value >= 0 else None
    try:
        document = json.loads(value.value) if isinstance(value.value, str) else value.value
    except ValueError:
        return CachedCopy(key, Freshness.UNREADABLE, seconds, problem="the value is not JSON")
    freshness, differing, exposed = compare(table, row, document)
    return CachedCopy(key, freshness, seconds, differing, exposed)


def compare(table: str, row: Mapping[str, Any], document: object) -> tuple[Freshness, tuple[str, ...], tuple[str, ...]]:
    """Row against cached value: how it stands, the columns that differ, the columns that must not be there. Pure.

    Only columns that both hold are compared; times as instants, numbers as numbers, however they are written.
    """
    data = document["data"] if isinstance(document, dict) and {"v", "data"} <= document.keys() else document
    copy = _own_part(data, table, row)
    if copy is None:
        return Freshness.CACHED, (), ()
    secret = NEVER_CACHED.get(table, frozenset())
    differing = tuple(
        name for name, value in row.items() if name in copy and name not in secret and not same(value, copy[name])
    )
    exposed = tuple(sorted(name for name in secret if copy.get(name) is not None))
    return (Freshness.STALE if differing else Freshness.FRESH), differing, exposed


def _own_part(data: object, table: str, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The part of a cached value that is this row: the value itself, an item of a list, or a participant."""
    if isinstance(data, dict) and table == "session_participants":
        data = data.get("participants")
    if isinstance(data, list):
        items: Sequence[Any] = data
        return next((i for i in items if isinstance(i, dict) and i.get("id") == row.get("id") is not None), None)
    return data if isinstance(data, dict) and set(data) & set(row) else None


def same(value: object, cached: object) -> bool:
    """Whether a column's value and a JSON value say the same."""
    if isinstance(value, datetime):
        instant = _instant(cached)
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        # JavaScript writes milliseconds, so what lies beyond them does not count.
        return instant is not None and abs((aware - instant).total_seconds()) < 0.001
    if isinstance(value, bool) or isinstance(cached, bool) or value is None or cached is None:
        return value is cached
    if isinstance(value, int | float | Decimal):
        try:
            return not isinstance(cached, list | dict) and Decimal(str(value)) == Decimal(str(cached))
        except ArithmeticError:
            return str(value) == str(cached)
    if isinstance(value, list | tuple):
        return isinstance(cached, list) and len(value) == len(cached) and all(map(same, value, cached))
    if isinstance(value, str) and isinstance(cached, dict | list):  # a JSON column is its text
        try:
            return bool(json.loads(value) == cached)
        except ValueError:
            return False
    return (time_text(value) if isinstance(value, date | time) else str(value)) == cached


def _instant(cached: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(cached) if isinstance(cached, str) else None
        if isinstance(cached, int | float) and not isinstance(cached, bool):
            found = datetime.fromtimestamp(cached / 1000 if abs(cached) > 1e11 else cached, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)
