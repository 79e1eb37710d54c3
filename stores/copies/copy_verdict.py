"""The rows behind a key against the value in it: whether the copy still says what they say, field by field. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from soundcheck.stores.copies.cached_value import ENVELOPE_VERSION, CachedValue, by_column, exposed_fields, plain_name
from soundcheck.stores.keys import NEVER_CACHED, RowValues
from soundcheck.stores.rows.same_value import same

MOST_DIFFERENCES: Final = 50
"""Differences that are told of one copy."""


class Freshness(StrEnum):
    """How a copy stands."""

    FRESH = "fresh"
    STALE = "stale"
    NOT_CACHED = "not cached"
    CACHED = "cached"  # there, but nothing here says what it should hold: a search's ids
    ORPHAN = "orphan"  # there, and no row stands behind it
    UNREADABLE = "unreadable"  # not JSON
    UNKNOWN = "unknown"  # the cache, or the database behind it, did not answer


@dataclass(frozen=True, slots=True)
class Difference:
    """One field. `item` names the row of a list by its id, "" for a single row.

    `field` is the column, "" where a whole row is there on one side only: that side holds its id, the other None.
    """

    field: str
    row: Any
    cache: Any
    item: str = ""

    @property
    def name(self) -> str:
        """`name`, `p1.name`, `p1`."""
        return ".".join(part for part in (self.item, self.field) if part)


@dataclass(frozen=True, slots=True)
class CopyVerdict:
    """How a readable copy stands. `exposed` are fields that no copy may hold; `notes` are sentences for people."""

    freshness: Freshness
    differences: tuple[Difference, ...] = ()
    exposed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def judge_row(table: str, row: RowValues | None, value: CachedValue) -> CopyVerdict:
    """A copy of one row; None where the database has none."""
    exposed, data = exposed_fields(value.data), value.data
    if row is None:
        known = data is None
        notes = ("It says, rightly, that there is no such row.",) if known else ()
        return CopyVerdict(Freshness.FRESH if known else Freshness.ORPHAN, (), exposed, notes)
    if data is None:
        return CopyVerdict(Freshness.STALE, (), exposed, ("It says that there is no such row.",))
    if not isinstance(data, dict) or not (copy := by_column(data, row)):
        return CopyVerdict(Freshness.CACHED, (), exposed)
    differences = fields_that_differ(table, row, copy)
    return CopyVerdict(_stale_if(differences), differences, exposed, _shape_notes(table, row, copy, value))


def judge_list(table: str, rows: Sequence[RowValues], key: Sequence[str], value: CachedValue) -> CopyVerdict:
    """A copy of the newest rows, in their order; `key` are the columns that name a row.

    Writers keep fewer than we read, or ids alone: a list that is the beginning of the rows is fresh.
    """
    exposed, items = exposed_fields(value.data), value.data
    if not isinstance(items, list):
        return CopyVerdict(Freshness.CACHED, (), exposed)
    if not items:
        missing = tuple(Difference("", name_of(row, key), None, name_of(row, key)) for row in rows)
        return CopyVerdict(_stale_if(missing), missing[:MOST_DIFFERENCES], exposed)
    names = [name_of(row, key) for row in rows]
    of_items = [_item_name(item, key) for item in items]
    if None in of_items:
        return CopyVerdict(Freshness.CACHED, (), exposed)
    found: list[Difference] = []
    expected = names[: len(items)]
    found += [Difference("", name, None, name) for name in expected if name not in of_items]
    found += [Difference("", None, name, name or "") for name in of_items if name not in names]
    by_name = dict(zip(names, rows, strict=True))
    for name, item in zip(of_items, items, strict=True):
        if isinstance(item, dict) and name in by_name:
            found += fields_that_differ(table, by_name[name], by_column(item, by_name[name]), name)
    notes: tuple[str, ...] = ()
    if not found and of_items != expected:
        return CopyVerdict(Freshness.STALE, (), exposed, ("The rows are the same, in another order.",))
    if len(items) < len(rows) and not found:
        notes = (f"It holds the first {len(items)} of {len(rows)} rows.",)
    return CopyVerdict(_stale_if(found), tuple(found[:MOST_DIFFERENCES]), exposed, notes)


def judge_session(row: RowValues | None, people: Sequence[RowValues] | None, value: CachedValue) -> CopyVerdict:
    """A session with its participants, whose order says nothing; `people` is None where they were not read."""
    verdict = judge_row("sessions", row, value)
    listed = value.data.get("participants") if isinstance(value.data, dict) else None
    if row is None or people is None or not isinstance(listed, list):
        return verdict
    key = ("id",) if all(isinstance(item, dict) and "id" in item for item in listed) else ("userId",)
    names = {name_of(one, key): one for one in people}
    seen = {_item_name(item, key): item for item in listed}
    found = [Difference("", name, None, name) for name in names if name not in seen]
    found += [Difference("", None, name, name or "") for name in seen if name not in names]
    for name, item in seen.items():
        if name in names and isinstance(item, dict):
            found += fields_that_differ("session_participants", names[name], by_column(item, names[name]), name)
    differences = (*verdict.differences, *found)[:MOST_DIFFERENCES]
    freshness = verdict.freshness if verdict.freshness is Freshness.CACHED else _stale_if(differences)
    return CopyVerdict(freshness, differences, verdict.exposed, verdict.notes)


def judge_part(table: str, row: RowValues, value: CachedValue) -> CopyVerdict:
    """What can be said of a copy by one of its rows alone: the row's own part of a list or of a session."""
    data = value.data
    if isinstance(data, dict) and table == "session_participants":
        data = data.get("participants")
    if isinstance(data, list):
        data = next((one for one in data if isinstance(one, dict) and one.get("id") == row.get("id") is not None), None)
    exposed = exposed_fields(value.data)
    if not isinstance(data, dict) or not (copy := by_column(data, row)):
        return CopyVerdict(Freshness.CACHED, (), exposed)
    differences = fields_that_differ(table, row, copy)
    return CopyVerdict(_stale_if(differences), differences, exposed)


def fields_that_differ(table: str, row: RowValues, copy: RowValues, item: str = "") -> tuple[Difference, ...]:
    """The columns that both hold and that say different things, those that no copy may hold left aside."""
    secret = NEVER_CACHED.get(table, frozenset())
    return tuple(
        Difference(name, value, copy[name], item)
        for name, value in row.items()
        if name in copy and name not in secret and not same(value, copy[name])
    )


def name_of(row: RowValues, key: Sequence[str]) -> str:
    """A row by its key, as text."""
    return ",".join(str(row.get(name)) for name in key)


def _item_name(item: Any, key: Sequence[str]) -> str | None:
    """An item of a list by the same key; a bare id stands for itself."""
    if isinstance(item, str | int) and not isinstance(item, bool) and len(key) == 1:
        return str(item)
    if not isinstance(item, dict):
        return None
    plain = {plain_name(name): value for name, value in item.items()}
    values = [item.get(name, plain.get(plain_name(name))) for name in key]
    return None if any(value is None for value in values) else ",".join(map(str, values))


def _stale_if(differences: Sequence[Difference]) -> Freshness:
    return Freshness.STALE if differences else Freshness.FRESH


def _shape_notes(table: str, row: RowValues, copy: RowValues, value: CachedValue) -> tuple[str, ...]:
    """What an envelope says of its age in the schema's terms; bare JSON promises no shape."""
    if value.version is None:
        return ()
    if value.version != ENVELOPE_VERSION:
        return (f"Older shape: envelope version {value.version}, now it is {ENVELOPE_VERSION}.",)
    missing = [name for name in row if name not in copy and name not in NEVER_CACHED.get(table, frozenset())]
    return (f"Older shape: without {', '.join(missing)}.",) if missing else ()
