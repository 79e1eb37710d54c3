"""The state of a pane of rows as one value, and how it goes from one to the next. Pure.

What is said of rows belongs to their view: another view begins with nothing said. So no line can outlive the rows that
it speaks of, whichever key, page or failure put others in their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from soundcheck.screens.app.follow.status import FollowStatus
from soundcheck.screens.app.grid.here import Here
from soundcheck.screens.app.relation.crumbs import crumbs, crumbs_text
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.tables.page_request import PageRequest
from soundcheck.screens.app.tables.view_words import (
    can_search_more,
    command_for_none,
    conditions_of,
    title_of,
    words_for_none,
    words_for_search,
)
from soundcheck.stores.catalog.tables import Certainty, RowCount, Table
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.postgres.time_zone import zone_words
from soundcheck.stores.rows.filters import RowFilter
from soundcheck.stores.rows.follow import Row, RowState
from soundcheck.stores.rows.paging import FIRST, Page
from soundcheck.stores.rows.relations import ForeignKey
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class Following:
    """How following stands, and what it has found so far."""

    status: FollowStatus = field(default_factory=FollowStatus)
    marks: tuple[tuple[RowState, int], ...] = ()
    """How many of the rows at hand are marked as what."""
    seen: datetime | None = None
    """When the rows were looked at last."""


@dataclass(frozen=True, slots=True)
class PaneState:
    """Everything that the lines of a pane show; "" and None where there is nothing to say."""

    view: TableView | None = None
    """What is on screen: another view of the same table only once its first page is there. None for no table."""
    known: Known | None = None
    """The tables and how they refer to each other, None until they were read."""
    trail: tuple[str, ...] = ()
    """The way here; empty for a table that was simply opened."""
    followed: frozenset[RowFilter] = frozenset()
    """The conditions that a relation brought along."""
    zone: str = UTC
    """The time zone that times are shown in."""
    just_looking: bool = False
    """Whether nothing may be written."""
    neon: bool = False
    """Whether asking keeps a database awake that could sleep."""

    rows: RowCount | None = None
    """How many there are, None while that is not known."""
    counted: bool = False
    """Whether somebody counted them, or saw them all."""
    elapsed_ms: float | None = None
    """How long reading the last page took; None before the first one."""
    shows_grid: bool = False
    """Whether the rows have their place on screen: a failure may stand there instead."""
    here: Here = field(default_factory=Here)
    """Where the cursor is."""

    about: str = ""
    """Of the rows themselves: how their place was found, what a search left out."""
    reply: str | SoundcheckError = ""
    """What became of the last key, until something else is asked for. It hides `about`."""
    note: str = ""
    """What the frame says of the order."""
    offline: SoundcheckError | None = None
    """Why these rows are old."""
    failure: SoundcheckError | None = None
    """Why there are no rows."""

    busy: str = ""
    """What takes long."""
    waking: str = ""
    """What a connection waits for."""
    following: Following = field(default_factory=Following)

    # ── from one to the next ──

    def opened(self, view: TableView, *, zone: str, neon: bool) -> PaneState:
        """Another table is open, or the same one anew; its rows have not come yet."""
        return replace(
            self._of_rows(view), zone=zone, neon=neon, elapsed_ms=None, here=Here(), offline=None, waking=""
        )._counting_anew()

    def closed(self) -> PaneState:
        """No table is open."""
        return PaneState(known=self.known, trail=self.trail, followed=self.followed, just_looking=self.just_looking)

    def without_order(self, view: TableView) -> PaneState:
        """The view that was opened shows its first rows alone, for which nothing is put in order."""
        return self._of_rows(view)

    def moved(self, table: Table, *, zone: str, neon: bool) -> PaneState:
        """The table is at another address."""
        assert self.view is not None  # noqa: S101 - only called where one is open
        return replace(self, view=replace(self.view, table=table), zone=zone, neon=neon)

    def asked(self, request: PageRequest, *, zone: str) -> PaneState:
        """A page is on its way: whatever was said of other rows to come is over."""
        reply = "" if request.jump or request.view != self.view else self.reply
        return replace(self, failure=None, reply=reply, zone=zone)

    def came(self, request: PageRequest, page: Page, *, zone: str) -> PaneState:
        """A page is here."""
        state, first, other = self.answered(), request.place == FIRST, request.view != self.view
        about = f"{request.note} {words_for_search(request.view)}".strip()
        if other or request.anew or request.jump:
            state = replace(state._of_rows(request.view), note=page.note if first or other else self.note, about=about)
        elif first:
            state = replace(state, note=page.note, about=about)
        if other or request.anew:
            state = state._counting_anew()
        if request.view.narrowed and request.is_whole_with(page):
            state = state.with_count(RowCount(len(page.rows), Certainty.EXACT), counted=True)
        return replace(state, elapsed_ms=page.elapsed_ms, shows_grid=True, zone=zone)

    def _of_rows(self, view: TableView) -> PaneState:
        """Other rows, of this view or another one: all that was said of the ones before is gone."""
        return replace(self, view=view, about="", reply="", note="", failure=None)

    def _counting_anew(self) -> PaneState:
        rows = None if self.view is None or self.view.narrowed else self.view.table.rows
        return replace(self, rows=rows, counted=False)

    def with_count(self, rows: RowCount, *, counted: bool) -> PaneState:
        """The number of rows is known, or estimated."""
        return replace(self, rows=rows, counted=counted)

    def replied(self, words: str | SoundcheckError) -> PaneState:
        """What became of a key, above the rows until something else is asked for; "" takes it away."""
        return replace(self, reply=words)

    def waiting(self, *, busy: str | None = None, waking: str | None = None) -> PaneState:
        """Something takes long, or that is over; `waking` is what a connection waits for."""
        return replace(self, busy=self.busy if busy is None else busy, waking=self.waking if waking is None else waking)

    def away(self, problem: SoundcheckError) -> PaneState:
        """The database does not answer; the rows stay as they are."""
        return replace(self, offline=problem, reply="")

    def answered(self) -> PaneState:
        """The database is there."""
        return replace(self, offline=None, waking="")

    def failed(self, problem: SoundcheckError, *, shows_grid: bool = False) -> PaneState:
        """There are no rows, and this stands in their place."""
        return replace(self, failure=problem, shows_grid=shows_grid)

    def trying_again(self) -> PaneState:
        """The rows from before, where there are some, until it is known what becomes of this."""
        return replace(self, shows_grid=self.here.has_columns)

    def at(self, here: Here) -> PaneState:
        """The cursor is elsewhere, or other rows are on screen."""
        return replace(self, here=here)

    def with_marks(self, rows: Iterable[Row], seen: datetime | None = None) -> PaneState:
        """Other rows are at hand, or other marks stand in them; `seen` is the time of the look that found them."""
        states = [row.mark.state for row in rows if row.mark]
        marks = tuple((state, states.count(state)) for state in RowState if state in states)
        return replace(self, following=replace(self.following, marks=marks, seen=seen or self.following.seen))

    def with_status(self, status: FollowStatus) -> PaneState:
        """Following began, paused or ended."""
        return replace(self, following=replace(self.following, status=status))

    # ── what the lines say ──

    @property
    def table(self) -> Table | None:
        """The one that is open."""
        return self.view.table if self.view is not None else None

    def is_about(self, table: Table) -> bool:
        """Whether this is the table on screen: an answer about another one comes too late."""
        mine = self.table
        return mine is not None and (mine.schema, mine.name) == (table.schema, table.name)

    @property
    def title(self) -> str:
        """What the frame says is open: where this is, how many rows, in which order."""
        if self.view is None:
            return ""
        name = crumbs_text(crumbs(*self.trail, self.view.table.label))
        return title_of(self.view, self.rows, name, counted=self.counted)

    @property
    def remarks(self) -> str:
        """What the frame says below: the zone that times are in, and what is unusual about the order."""
        words = zone_words(self.zone, self.view.table.columns) if self.view is not None else ""
        return " ".join(part for part in (words, self.note) if part)

    @property
    def said(self) -> str | SoundcheckError:
        """What stands above the rows; with the first row, what to do where there are none is gone."""
        if self.reply or self.view is None or self.elapsed_ms is None or self.here.at_hand:
            return self.reply or self.about
        return f"{words_for_none(self.view, just_looking=self.just_looking)} {self.about}".strip()

    @property
    def conditions(self) -> tuple[str, ...]:
        """What narrows the rows."""
        return conditions_of(self.view, self.followed) if self.view is not None else ()

    @property
    def estimate(self) -> int:
        """Rows of the view, 0 where nobody knows."""
        return self.rows.number if self.rows and self.rows.certainty is not Certainty.UNKNOWN else 0

    @property
    def is_busy(self) -> bool:
        """Whether something takes long enough to be worth a word, and a way to stop it."""
        return bool(self.busy)

    @property
    def doing(self) -> str:
        """What takes long."""
        return (self.waking or self.busy) if self.busy else ""

    # ── what can be done ──

    @property
    def offers(self) -> tuple[object, ...]:
        """What the keys that work depend on."""
        column, status = self.here.column, self.following.status.state
        has = (self.is_busy, self.offline is None, self.shows_grid, self.here.row is None, self.here.has_columns)
        return (*has, column, status, self.foreign_key, self.can_unfilter, self.can_search_all, self.seed_command)

    @property
    def foreign_key(self) -> ForeignKey | None:
        """That of the column under the cursor."""
        if self.known is None or self.table is None or self.here.column is None:
            return None
        return self.known.key_of(self.table, self.here.column.name)

    @property
    def can_search_all(self) -> bool:
        """Whether a search left out columns that can be asked for."""
        return self.view is not None and can_search_more(self.view)

    @property
    def can_unfilter(self) -> bool:
        """Whether somebody narrowed the rows further than they came."""
        return self.view is not None and (bool(self.view.search) or not self.followed.issuperset(self.view.filters))

    @property
    def seed_command(self) -> str:
        """What fills the open table, where it has no rows."""
        if self.view is None or self.here.row is not None:
            return ""
        return command_for_none(self.view, just_looking=self.just_looking)
