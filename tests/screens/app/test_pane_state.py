"""The state of a pane of rows goes from one value to the next, without a screen: what is said belongs to its rows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from soundcheck.screens.app.follow.status import FollowState, FollowStatus
from soundcheck.screens.app.grid.column import GridColumn
from soundcheck.screens.app.grid.here import Here
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.tables.page_request import PageRequest
from soundcheck.screens.app.tables.pane_state import PaneState
from soundcheck.screens.app.tables.status_line import rows_words
from soundcheck.stores.catalog.tables import Catalog, Certainty, Column, RelationKind, RowCount, Table
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.follow import RowMark, RowState, SeenRow
from soundcheck.stores.rows.paging import Cursor, Page, PagePlace
from soundcheck.stores.rows.personal import Sensitivity
from soundcheck.stores.rows.relations import ForeignKey, Relations
from soundcheck.stores.rows.view import TableView

PROBLEM = CouldNotRun("The server is away.", "Try again.")
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def table(name: str, rows: RowCount | None = None) -> Table:
    columns = tuple(Column(one, "text", "text", "text", one != "id", False) for one in ("id", "userId"))
    rows = rows or RowCount(3, Certainty.EXACT)
    return Table("public", name, RelationKind.TABLE, columns, ("id",), (), rows, None)


PLAYS, USERS = table("plays"), table("users")
VIEW = TableView(PLAYS)
NARROWED = TableView(PLAYS, filters=(RowFilter("userId", Operator.EQUAL, "u1"),))


def page(*rows: str, more: bool = False, note: str = "") -> Page:
    values = tuple((one, "u1") for one in rows)
    return Page(PLAYS, (), values, tuple(Cursor((one,)) for one in rows), False, more, 2.0, "", None, note)


def opened(view: TableView = VIEW) -> PaneState:
    return PaneState().opened(view, zone="UTC", neon=False)


def with_rows(view: TableView = VIEW, *rows: str, **more: Any) -> PaneState:
    """A page of it is on screen."""
    shown = rows or ("a", "b")
    state = opened(view).came(PageRequest(view), page(*shown, **more), zone="UTC")
    return state.at(Here(row=SeenRow(("a", "u1"), None), has_columns=True, end=len(shown), at_hand=len(shown)))


SAID: dict[str, Callable[[PaneState], PaneState]] = {
    "a reply": lambda state: state.replied("plays is hidden"),
    "a refusal": lambda state: state.replied(PROBLEM),
    "old rows": lambda state: state.away(PROBLEM),
    "a failure": lambda state: state.failed(PROBLEM),
    "a remark on the order": lambda state: replace(state, note="by the whole row"),
    "a word about the rows": lambda state: replace(state, about="Approximate."),
    "a count": lambda state: state.with_count(RowCount(7, Certainty.EXACT), counted=True),
    "a server that wakes": lambda state: state.waiting(waking="Neon is waking."),
}


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("way", ["opened", "closed"])
def test_nothing_that_was_said_of_a_table_is_said_of_the_next_one(said: str, way: str) -> None:
    before = with_rows()
    state = SAID[said](before)
    assert state != before
    if way == "opened":
        other = opened(TableView(USERS))
        assert replace(state.opened(TableView(USERS), zone="UTC", neon=False), shows_grid=False) == other
    else:
        assert state.closed() == PaneState()


@pytest.mark.parametrize("said", SAID)
def test_nothing_that_was_said_of_rows_is_said_of_others_of_the_same_table(said: str) -> None:
    sorted_view = replace(VIEW, search="ana")
    state = SAID[said](with_rows()).came(PageRequest(sorted_view), page("a"), zone="UTC")
    assert state == with_rows().came(PageRequest(sorted_view), page("a"), zone="UTC")


def test_a_page_further_down_leaves_what_is_said_of_its_rows_and_takes_the_word_that_they_are_old() -> None:
    after = PageRequest(VIEW, PagePlace.after(Cursor(("b",))))
    state = replace(with_rows(), about="Approximate.", note="by the whole row").replied("plays is hidden")
    state = state.away(PROBLEM).replied("still").came(after, page("c"), zone="UTC")
    assert (state.about, state.note, state.reply, state.offline) == ("Approximate.", "by the whole row", "still", None)


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (PageRequest(VIEW, PagePlace.after(Cursor(("b",)))), "plays is hidden"),
        (PageRequest(VIEW, jump=True), ""),
        (PageRequest(NARROWED), ""),
    ],
    ids=["the next page", "the same rows anew", "other rows"],
)
def test_asking_ends_a_failure_and_a_reply_only_where_other_rows_are_to_come(request_: PageRequest, reply: str) -> None:
    state = with_rows().replied("plays is hidden").failed(PROBLEM).asked(request_, zone="UTC")
    assert (state.failure, state.reply) == (None, reply)


def test_a_failure_stands_in_the_place_of_the_rows_until_another_try() -> None:
    state = with_rows().failed(PROBLEM)
    assert not state.shows_grid
    assert state.trying_again().shows_grid
    assert not opened().failed(PROBLEM).trying_again().shows_grid, "there are no rows from before"


@pytest.mark.parametrize(
    ("view", "more", "rows", "counted"),
    [
        (VIEW, False, PLAYS.rows, False),
        (NARROWED, False, RowCount(2, Certainty.EXACT), True),
        (NARROWED, True, None, False),
    ],
)
def test_rows_that_all_came_are_counted(view: TableView, more: bool, rows: RowCount | None, counted: bool) -> None:
    state = with_rows(view, "a", "b", more=more)
    assert (state.rows, state.counted) == (rows, counted)


def test_the_last_page_of_a_walk_through_narrowed_rows_is_no_count_of_them() -> None:
    after = PageRequest(NARROWED, PagePlace.after(Cursor(("b",))))
    state = with_rows(NARROWED, "a", "b", more=True).came(after, page("c"), zone="UTC")
    assert not state.counted


def test_what_a_table_without_rows_says_ends_with_its_first_row() -> None:
    state = opened().came(PageRequest(VIEW), page(), zone="UTC").at(Here(has_columns=True))
    assert state.said == "This table has no rows."
    assert state.replied("Copied.").said == "Copied."
    assert state.at(Here(has_columns=True, at_hand=1)).said == ""
    assert opened().said == "", "nobody knows yet"


def test_the_frame_names_the_way_here_the_rows_and_the_zone_of_times() -> None:
    times = replace(
        PLAYS, columns=(*PLAYS.columns, Column("at", "timestamptz", "timestamptz", "timestamptz", True, True))
    )
    state = PaneState(trail=("users", "u1")).opened(TableView(times), zone="Europe/Berlin", neon=False)
    assert state.title.startswith("users › u1 › plays · 3 rows")
    assert "Europe/Berlin" in replace(state, note="in no order").remarks
    assert "in no order" in replace(state, note="in no order").remarks
    assert PaneState().title == ""


def test_a_condition_that_a_relation_brought_cannot_be_taken_away() -> None:
    state = with_rows(NARROWED)
    assert state.can_unfilter
    assert not replace(state, followed=frozenset(NARROWED.filters)).can_unfilter


def test_a_connection_that_is_waited_for_is_named_only_while_something_takes_long() -> None:
    state = with_rows().waiting(waking="Neon is waking.")
    assert state.doing == ""
    assert state.waiting(busy="reading…").doing == "Neon is waking."
    assert state.waiting(busy="reading…").came(PageRequest(VIEW), page("a"), zone="UTC").doing == "reading…"


def test_the_key_under_the_cursor_can_be_followed_once_the_relations_are_known() -> None:
    key = ForeignKey("plays_user", ("public", "plays"), ("userId",), ("public", "users"), ("id",), "CASCADE")
    known = Known(Catalog((PLAYS, USERS)), Relations((key,)))
    state = with_rows().at(Here(column=GridColumn("userId", "text", 1, False, Sensitivity.OPEN)))
    assert state.foreign_key is None
    assert replace(state, known=known).foreign_key == key


def test_marks_are_counted_and_stay_when_following_ends() -> None:
    rows = [SeenRow(("a",), None), *(SeenRow((one,), None, RowMark(RowState.NEW, AT)) for one in "bc")]
    state = with_rows().with_status(FollowStatus(FollowState.LIVE, wait=1)).with_marks(rows, AT)
    assert state.following.marks == ((RowState.NEW, 2),)
    assert state.with_status(FollowStatus()).following.marks == ((RowState.NEW, 2),)
    assert state.with_marks([]).following.marks == ()
    assert state.with_marks([]).following.seen == AT, "other rows are no look at them"


@pytest.mark.parametrize(
    ("here", "words"),
    [
        (Here(), ""),
        (Here(has_columns=True), "no rows"),
        (Here(has_columns=True, end=3, at_hand=3, total=3), "rows 1–3 of 3 · 2 ms"),
        (
            Here(has_columns=True, first=100, end=117, at_hand=150, total=20_000, to_last=False),
            "rows 101–117 · 0.585 % · 2 ms",
        ),
        (
            Here(first=980, end=1000, at_hand=50, total=1000, exact=False, from_first=False, at_end=True),
            "the last 20 rows · 2 ms",
        ),
    ],
)
def test_which_rows_are_on_screen_is_said(here: Here, words: str) -> None:
    assert rows_words(here, 2.0) == words


def test_a_pane_state_needs_no_terminal() -> None:
    module = "soundcheck.screens.app.tables.pane_state"
    program = f"import sys, {module}; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", program], check=False).returncode == 0
