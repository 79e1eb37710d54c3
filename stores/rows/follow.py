"""What became of rows between two looks at them: new, changed, gone. Pure.

Rows are told apart by their primary key. A look is one page, so that not every absence says something: a row that may
only have been pushed past the page's end stays as it was, and one that slid in from behind it is not called new.

How often followed rows are looked at: often while something happens, ever less while nothing does. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.paging import Page
from soundcheck.stores.rows.record import Record
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.rows.view import Cursor


class RowState(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class CellChange:
    """The value before the last change, when that was seen, and how many changes there were."""

    before: Any
    at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True)
class RowMark:
    """What became of a row since it is followed; `cells` by the column's place in the row."""

    state: RowState
    at: datetime
    cells: Mapping[int, CellChange] = field(default_factory=dict)


class SeenRow(NamedTuple):
    """A row as it was last seen, and its place in the order, None in a view that has no order."""

    values: tuple[Any, ...]
    key: Cursor | None
    mark: RowMark | None = None

    @property
    def is_gone(self) -> bool:
        """Whether it is only kept to be read."""
        return self.mark is not None and self.mark.state is RowState.GONE


@dataclass(frozen=True, slots=True)
class Followed:
    """The rows after a look, in their order, those that are gone where they stood; and how many of each kind came."""

    rows: tuple[SeenRow, ...]
    new: int = 0
    changed: int = 0
    gone: int = 0
    whole: bool = False
    """Whether they reach the table's last row."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happened."""
        return not (self.new or self.changed or self.gone)


def follow_rows(seen: Sequence[SeenRow], page: Page, *, whole: bool, at: datetime) -> Followed:
    """`seen` compared with a page that begins where they begin; `whole` says that they reach the table's last row.

    Of a value that came cut, its head and its size are compared.
    """
    places = key_places(page)
    live = [row for row in seen if not row.is_gone]
    known = {key_text(row.values, places): at_index for at_index, row in enumerate(live)}
    found = {key_text(values, places): at_index for at_index, values in enumerate(page.rows)}
    anchors = [
        (known[key], at_index)
        for key, at_index in found.items()
        if key in known and page.keys[at_index] == live[known[key]].key
    ]
    last_known = max((one for one, _ in anchors), default=-1)
    last_found = max((one for _, one in anchors), default=-1)
    full = page.has_more_after

    rows: list[SeenRow] = []
    new, changed = 0, 0
    for at_index, (key, values) in enumerate(zip(found, page.rows, strict=True)):
        cursor = page.keys[at_index]
        if key in known:
            row, touched = _again(live[known[key]], SeenRow(values, cursor), at)
            changed += touched
        elif whole or at_index < last_found:
            row, new = SeenRow(values, cursor, RowMark(RowState.NEW, at)), new + 1
        else:
            row = SeenRow(values, cursor)
        rows.append(row)

    missing: dict[tuple[str | None, ...] | None, list[SeenRow]] = {}
    pushed_out: list[SeenRow] = []
    before: tuple[str | None, ...] | None = None
    gone, position = 0, -1
    for row in seen:
        key = key_text(row.values, places)
        if row.is_gone:
            if key not in found:
                (pushed_out or missing.setdefault(before, [])).append(row)
            continue
        position += 1
        if key in found:
            before = key
        elif full and position > last_known:
            pushed_out.append(row)
        else:
            mark = RowMark(RowState.GONE, at, row.mark.cells if row.mark else {})
            missing.setdefault(before, []).append(row._replace(mark=mark))
            gone += 1
    merged = missing.get(None, [])
    for key, row in zip(found, rows, strict=True):
        merged.append(row)
        merged += missing.get(key, [])
    return Followed((*merged, *pushed_out), new, changed, gone, not full or (whole and bool(pushed_out)))


def follow_record(
    before: Record, after: Record, earlier: Mapping[str, CellChange], at: datetime
) -> dict[str, CellChange]:
    """What changed in a row until now, by column: `earlier`, and what differs between the last two looks."""
    changes = dict(earlier)
    for old, new in zip(before.fields, after.fields, strict=True):
        if differs(old.value, new.value):
            changes[old.column.name] = _change(old.value, changes.get(old.column.name), at)
    return changes


def key_places(page: Page) -> tuple[int, ...]:
    """Where the primary key's columns stand in a page's rows."""
    names = [column.name for column in page.columns]
    return tuple(names.index(name) for name in page.table.primary_key)


def key_text(values: Sequence[Any], places: Sequence[int]) -> tuple[str | None, ...]:
    """The primary key of a row as text."""
    return tuple(server_text(values[place]) for place in places)


def differs(one: Any, other: Any) -> bool:
    """Whether two values of a column are not the same text: NaN is itself, 1.0 and 1.00 are not the same."""
    if one is None or other is None or isinstance(one, Cut) or isinstance(other, Cut):
        return bool(one != other)
    if isinstance(one, datetime) and isinstance(other, datetime) and one.tzinfo and other.tzinfo:
        return one != other  # the same moment, read in another zone
    return server_text(one) != server_text(other)


def _again(old: SeenRow, now: SeenRow, at: datetime) -> tuple[SeenRow, bool]:
    """A row that is still there, with its earlier marks, and whether it changed."""
    cells = {place: one for place, one in enumerate(old.values) if differs(one, now.values[place])}
    if not cells:
        return now._replace(mark=old.mark), False
    mark = old.mark or RowMark(RowState.CHANGED, at)
    changes = {**mark.cells, **{place: _change(one, mark.cells.get(place), at) for place, one in cells.items()}}
    return now._replace(mark=replace(mark, cells=changes)), True


def _change(before: Any, earlier: CellChange | None, at: datetime) -> CellChange:
    return CellChange(before, at, earlier.times + 1 if earlier else 1)


QUIET_LOOKS: Final = 5
"""Looks without a change after which the wait begins to double."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two looks: at first, and at most."""

    every: float
    most: float

    def wait(self, quiet: int) -> float:
        """Seconds to the next look after so many looks at which nothing had changed."""
        doublings = min(max(quiet - QUIET_LOOKS + 1, 0), 16)
        return min(self.every * float(1 << doublings), self.most)


LOCAL: Final = Pace(1.0, 8.0)
REMOTE: Final = Pace(15.0, 60.0)


def pace_of(url: PostgresUrl) -> Pace:
    """A database on this machine is asked more often than one across a network."""
    return LOCAL if url.is_loopback else REMOTE


def what_it_costs(url: PostgresUrl) -> str:
    """A sentence for people about what asking again and again does there; "" on this machine."""
    if url.is_loopback:
        return ""
    if url.is_neon:
        return "Following keeps a sleeping Neon database awake, and its compute hours count."
    return "Following keeps the database busy: one that sleeps when nobody asks stays awake."
