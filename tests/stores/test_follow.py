"""What became of rows between two looks: said where it is known, and only there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from soundcheck.stores.catalog.tables import Certainty, Column, RelationKind, RowCount, Table
from soundcheck.stores.postgres.database import ColumnInfo
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.follow import (
    LOCAL,
    REMOTE,
    Pace,
    RowState,
    SeenRow,
    differs,
    follow_rows,
    pace_of,
    what_it_costs,
)
from soundcheck.stores.rows.paging import Cursor, Page

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 12, 0, 9, tzinfo=UTC)
COLUMNS = tuple(Column(name, kind, kind, kind, True, False) for name, kind in (("id", "int4"), ("plays", "int4")))
TABLE = Table("public", "songs", RelationKind.TABLE, COLUMNS, ("id",), (), RowCount(9, Certainty.EXACT), 0)
INFOS = tuple(ColumnInfo(column.name, 23, column.type_name) for column in COLUMNS)


def seen(*rows: Sequence[Any], by: int = 0) -> tuple[SeenRow, ...]:
    """Rows of id and plays, in the order of one of both."""
    return tuple(SeenRow(tuple(row), cursor(row, by)) for row in rows)


def cursor(row: Sequence[Any], by: int) -> Cursor:
    return Cursor((str(row[0]),) if by == 0 else (str(row[by]), str(row[0])))


def page(*rows: Sequence[Any], more: bool = False, by: int = 0) -> Page:
    keys = tuple(cursor(row, by) for row in rows)
    return Page(TABLE, INFOS, tuple(tuple(row) for row in rows), keys, False, more, 1.0, "")


def states(rows: Sequence[SeenRow]) -> str:
    """`1 2~ 3-`: the ids with what became of them."""
    signs = {RowState.NEW: "+", RowState.CHANGED: "~", RowState.GONE: "-"}
    return " ".join(f"{row.values[0]}{signs[row.mark.state] if row.mark else ''}" for row in rows)


def test_a_changed_cell_keeps_its_old_value() -> None:
    found = follow_rows(seen((1, 10), (2, 20)), page((1, 10), (2, 21)), whole=True, at=AT)
    assert states(found.rows) == "1 2~"
    assert found.rows[1].values == (2, 21)
    assert found.rows[1].mark is not None
    change = found.rows[1].mark.cells[1]
    assert (change.before, change.at, change.times) == (20, AT, 1)
    assert (found.changed, found.new, found.gone) == (1, 0, 0)


def test_a_second_change_keeps_the_value_before_it_and_counts() -> None:
    once = follow_rows(seen((1, 10)), page((1, 11)), whole=True, at=AT)
    twice = follow_rows(once.rows, page((1, 12)), whole=True, at=LATER)
    assert twice.rows[0].mark is not None
    change = twice.rows[0].mark.cells[1]
    assert (change.before, change.at, change.times) == (11, LATER, 2)
    still = follow_rows(twice.rows, page((1, 12)), whole=True, at=LATER)
    assert still.is_quiet
    assert still.rows == twice.rows


def test_a_row_between_known_ones_is_new_and_one_that_is_missing_between_them_is_gone() -> None:
    found = follow_rows(seen((1, 1), (3, 3), (4, 4)), page((1, 1), (2, 2), (4, 4), more=True), whole=False, at=AT)
    assert states(found.rows) == "1 3- 2+ 4", "what is gone stays behind the row that it stood behind"


def test_a_row_that_is_gone_stays_where_it_stood_until_it_comes_back() -> None:
    gone = follow_rows(seen((1, 1), (2, 2), (3, 3)), page((1, 1), (3, 3)), whole=True, at=AT)
    again = follow_rows(gone.rows, page((1, 1), (3, 3)), whole=True, at=LATER)
    assert states(again.rows) == "1 2- 3"
    assert again.is_quiet
    back = follow_rows(again.rows, page((1, 1), (2, 2), (3, 3)), whole=True, at=LATER)
    assert states(back.rows) == "1 2+ 3"


def test_a_row_pushed_past_the_end_of_the_page_is_not_called_gone() -> None:
    found = follow_rows(seen((2, 2), (3, 3), (4, 4)), page((1, 1), (2, 2), (3, 3), more=True), whole=True, at=AT)
    assert states(found.rows) == "1+ 2 3 4"
    assert found.whole, "the last row is still at hand"


def test_a_row_that_slid_in_from_behind_the_page_is_not_called_new() -> None:
    found = follow_rows(seen((1, 1), (2, 2), (3, 3)), page((1, 1), (3, 3), (4, 4), more=True), whole=False, at=AT)
    assert states(found.rows) == "1 2- 3 4"
    assert not found.whole


def test_at_the_end_of_the_table_every_row_is_accounted_for() -> None:
    found = follow_rows(seen((1, 1), (2, 2)), page((1, 1), (3, 3)), whole=True, at=AT)
    assert states(found.rows) == "1 2- 3+"
    emptied = follow_rows(seen((1, 1)), page(), whole=True, at=AT)
    assert states(emptied.rows) == "1-"
    filled = follow_rows((), page((1, 1)), whole=True, at=AT)
    assert states(filled.rows) == "1+"


def test_a_row_whose_sort_value_changed_moves_and_keeps_its_mark() -> None:
    before = seen((1, 10), (2, 20), (3, 30), by=1)
    found = follow_rows(before, page((2, 20), (1, 25), (3, 30), by=1), whole=True, at=AT)
    assert states(found.rows) == "2 1~ 3"


def test_a_row_that_moved_does_not_vouch_for_those_around_it() -> None:
    before = seen((1, 10), (2, 20), (3, 30), (4, 40), by=1)
    found = follow_rows(before, page((1, 10), (5, 15), (4, 16), more=True, by=1), whole=False, at=AT)
    assert states(found.rows) == "1 5 4~ 2 3", "2 and 3 may only have been pushed out, 5 may have been there before"


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (float("nan"), float("nan"), False),
        (Decimal("1.0"), Decimal("1.00"), True),
        (Decimal("NaN"), Decimal("NaN"), False),
        (None, "", True),
        (None, None, False),
        (Cut("head", 900), Cut("head", 900), False),
        (Cut("head", 900), Cut("head", 901), True),
        (Cut("", 900), None, True),
        (["a", None], ["a", None], False),
        (b"\x00", b"\x01", True),
    ],
)
def test_values_are_the_same_when_the_database_would_write_them_alike(one: Any, other: Any, said: bool) -> None:
    assert differs(one, other) is said


def test_looks_become_rarer_while_nothing_changes_up_to_a_limit() -> None:
    pace = Pace(1.0, 8.0)
    assert [pace.wait(quiet) for quiet in range(10)] == [1, 1, 1, 1, 1, 2, 4, 8, 8, 8]
    assert pace.wait(100_000) == 8


def test_a_remote_database_is_asked_every_15_seconds_and_what_that_costs_is_said() -> None:
    neon = PostgresUrl.parse("postgresql://app:x@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require")
    other = PostgresUrl.parse("postgresql://app:x@db.example/music")
    here = PostgresUrl.parse("postgresql://app:x@127.0.0.1:5432/music")
    assert (pace_of(neon), pace_of(here)) == (REMOTE, LOCAL)
    assert (REMOTE.every, LOCAL.every) == (15, 1)
    assert "Neon" in what_it_costs(neon)
    assert "awake" in what_it_costs(other)
    assert what_it_costs(here) == ""
