"""What a changed table means for the open row: where to read it from now, or why it cannot be read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soundcheck.screens.app.relation.known import Known
from soundcheck.stores import amounts
from soundcheck.stores.catalog.changes import change_words, is_the_same, names_now
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.postgres.time_zone import is_shown_in_zone
from soundcheck.stores.rows.record import Record

if TYPE_CHECKING:
    from soundcheck.stores.postgres.database import Database


@dataclass(frozen=True, slots=True)
class RowDoubt:
    """A failure that may mean a changed table; `focus` says whether showing it takes the focus."""

    problem: SoundcheckError
    focus: bool


@dataclass(frozen=True, slots=True)
class RowNow:
    """`table` is the one to read the row from, None if it is unchanged; `problem` says why that is impossible."""

    table: Table | None = None
    news: str = ""
    """What changed about the table."""
    problem: SoundcheckError | None = None


def facts_of(record: Record, database: Database | None) -> str:
    """`7 columns · times in Europe/Berlin · 9 ms`, for the frame."""
    zoned = database is not None and any(is_shown_in_zone(field.column) for field in record.fields)
    zone = [f"times in {database.zone}"] if zoned and database is not None else []
    return " · ".join([f"{len(record.fields)} columns", *zone, amounts.milliseconds(record.elapsed_ms)])


def row_now(before: Table, known: Known) -> RowNow:
    """What the current tables mean for a row that was read from `before`."""
    now = known.now(before)
    if now is None:
        said = f"{visible(before.name)} is not there any more: it was dropped."
        return RowNow(problem=DatabaseProblem(Trouble.MISSING, said, "Esc leads back."))
    if is_the_same(before, now):
        return RowNow()
    names, news = names_now(before, now), change_words(before, now)
    if tuple(names.get(name) for name in before.primary_key) == now.primary_key:
        return RowNow(now, news)
    return RowNow(news=news, problem=DatabaseProblem(Trouble.MISSING, visible(news), "Esc leads back to the rows."))
