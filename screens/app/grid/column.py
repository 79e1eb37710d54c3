"""The columns of the grid: which stands still, which is masked, and how wide each is, judged by the rows at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from rich.cells import cell_len

from soundcheck.screens.app.parts.ages import TimeForm, form_for, time_words
from soundcheck.stores.postgres.database import ColumnInfo
from soundcheck.stores.rows.cells import CellKind, CellText, cell_text
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

WIDEST: Final = 34
"""Columns of the terminal; a longer value is cut in the grid and whole in the record."""
WIDEST_KEY: Final = 28
NULL: Final = "∅"


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column as it is drawn. `index` is its place in the row as it came from the server."""

    name: str
    type_name: str
    index: int
    is_key: bool
    sensitivity: Sensitivity
    width: int = 4
    to_the_right: bool = False
    seen: bool = False
    """Whether a value other than NULL was measured: until then nothing says on which side numbers stand."""
    still: bool = False
    """Whether it stays in sight while others move: a key, or what a person froze, where there is room."""
    mark: str = ""
    """What follows the name in the header: the direction of a sort."""
    times: TimeForm = TimeForm.AGE
    """How a time is shown: as its age, unless those of a page read alike."""
    names: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    """Readable names of the rows that this foreign key points at, by the text of the key."""

    @property
    def widest(self) -> int:
        """How wide its values may make it."""
        return WIDEST_KEY if self.is_key else WIDEST

    def readable(self, row: Sequence[Any]) -> str:
        """The readable name beside the id in this column of a row, "" for none."""
        if not self.names:
            return ""
        value = server_text(row[self.index])
        return self.names.get((value,), "") if value is not None else ""

    def cell(self, row: Sequence[Any], now: datetime, *, revealed: bool, width: int | None = None) -> CellText:
        """What stands in this column of a row: masked unless revealed, a time as its age or finer."""
        value = row[self.index]
        if self.sensitivity is not Sensitivity.OPEN and not revealed:
            value = mask(value, self.sensitivity)
            return cell_text(value, width=width)
        if isinstance(value, datetime):
            return CellText(time_words(value, self.times, now), CellKind.TIME)
        return cell_text(value, self.type_name, width=width)


def columns_of(
    table: str, infos: Iterable[ColumnInfo], primary_key: Sequence[str], rows: Sequence[Sequence[Any]], now: datetime
) -> tuple[GridColumn, ...]:
    """The columns in the order they are drawn, keys first, each as wide as its name and these rows need."""
    found = [
        GridColumn(info.name, info.type_name, index, info.name in primary_key, sensitivity(table, info.name), 2)
        for index, info in enumerate(infos)
    ]
    found.sort(key=lambda column: (primary_key.index(column.name) if column.is_key else len(primary_key), column.index))
    return told_apart([_measured(column, rows, now) for column in found], rows, now, frozenset())


def told_apart(
    columns: Sequence[GridColumn], rows: Sequence[Sequence[Any]], now: datetime, revealed: Set[str]
) -> tuple[GridColumn, ...]:
    """The same columns, with a finer form for times whose ages read alike in these rows; none becomes coarser."""
    finer = []
    for column in columns:
        moments = [moment for row in rows if isinstance(moment := row[column.index], datetime)]
        times = max(column.times, form_for(moments, now)) if moments else column.times
        if times is not column.times:
            column = _measured(replace(column, times=times), rows, now, revealed=column.name in revealed)
        finer.append(column)
    return tuple(finer)


def widened(
    columns: Sequence[GridColumn], rows: Sequence[Sequence[Any]], now: datetime, revealed: Set[str]
) -> tuple[GridColumn, ...]:
    """The same columns with room for these rows as well, up to the widest; none becomes narrower."""
    return tuple(
        column
        if column.seen and column.width >= column.widest
        else _measured(column, rows, now, revealed=column.name in revealed)
        for column in columns
    )


def _measured(
    column: GridColumn, rows: Sequence[Sequence[Any]], now: datetime, *, revealed: bool = False
) -> GridColumn:
    width, numbers, others = cell_len(column.name), 0, 0
    for row in rows:
        cell = column.cell(row, now, revealed=revealed, width=column.widest)
        width = max(width, cell_len(cell.text) if cell.kind is not CellKind.NULL else 1)
        if cell.kind is CellKind.NUMBER:
            numbers += 1
        elif cell.kind is not CellKind.NULL:
            others += 1
    to_the_right = column.to_the_right if column.seen else numbers > 0 and not others
    wide, seen = max(column.width, min(width, column.widest)), column.seen or bool(numbers + others)
    if (wide, to_the_right, seen) == (column.width, column.to_the_right, column.seen):
        return column
    return replace(column, width=wide, to_the_right=to_the_right, seen=seen)
