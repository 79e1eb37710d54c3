"""The state of a pane of rows as one value, and its transitions. Pure.

Every message about rows belongs to their view, and another view starts without any. So no message can outlive the rows
it is about, whichever key, page or failure replaced them.
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
from soundcheck.screens.app.tables.row_numbers import agreeing, rows_of_table
from soundcheck.screens.app.tables.view_words import (
    can_search_more,
    conditions_of,
    title_of,
    words_for_none,
    words_for_search,
)
from soundcheck.stores.catalog.tables import Certainty, RowCount, Table
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.postgres.time_zone import zone_words
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.rows.filters import RowFilter
from soundcheck.stores.rows.follow import RowState, SeenRow
from soundcheck.stores.rows.paging import FIRST, Page
from soundcheck.stores.rows.relations import ForeignKey
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class Following:
    """The status of following, and what it has found."""

    status: FollowStatus = field(default_factory=FollowStatus)
    marks: tuple[tuple[RowState, int], ...] = ()
    """How many loaded rows carry which mark."""
    seen: datetime | None = None
    """The time of the last look."""


@dataclass(frozen=True, slots=True)
class PaneState:
    """Everything the lines of a pane show; "" and None mean nothing to show."""

    view: TableView | None = None
    """The view on screen, None for no table. Another view of the same table only counts once its first page is here."""
    known: Known | None = None
    """The tables and how they refer to each other, None until they were read."""
    trail: tuple[str, ...] = ()
    """The breadcrumbs; empty for a table that was opened from the list."""
    followed: frozenset[RowFilter] = frozenset()
    """The conditions that came from following a relation."""
    zone: str = UTC
    """The time zone that times are shown in."""
    just_looking: bool = False
    """Whether nothing may be written to disk."""
    neon: bool = False
    """Whether polling keeps a sleeping Neon database awake."""

    rows: RowCount | None = None
    """How many rows there are, None while unknown."""
    counted: bool = False
    """Whether `rows` was counted, or all rows are loaded."""
    elapsed_ms: float | None = None
    """The time the last page took; None before the first page."""
    shows_grid: bool = False
    """Whether the grid is displayed; a failure may take its place."""
    here: Here = field(default_factory=Here)
    """The cursor and the visible rows."""

    about: str = ""
    """About the rows themselves: how their place was found, what a search left out."""
    reply: str | SoundcheckError = ""
    """The result of the last key, until the next request. It hides `about`."""
    note: str = ""
    """What the frame says about the order."""
    offline: SoundcheckError | None = None
    """Why these rows are old."""
    failure: SoundcheckError | None = None
    """Why there are no rows."""

    busy: str = ""
    """What is taking long."""
    waking: str = ""
    """What a slow connection is waiting for."""
    following: Following = field(default_factory=Following)

    # ── from one to the next ──

    def opened(self, view: TableView, *, zone: str, neon: bool) -> PaneState:
        """A table was opened; its rows are not here yet."""
        return replace(
            self._of_rows(view), zone=zone, neon=neon, elapsed_ms=None, here=Here(), offline=None, waking=""
        )._counting_anew()

    def closed(self) -> PaneState:
        """The table was closed."""
        return PaneState(known=self.known, trail=self.trail, followed=self.followed, just_looking=self.just_looking)

    def without_order(self, view: TableView) -> PaneState:
        """Only the first rows of the opened view are shown, unsorted."""
        return self._of_rows(view)

    def moved(self, table: Table, *, zone: str, neon: bool) -> PaneState:
        """The table is now read at another address."""
        assert self.view is not None  # noqa: S101 - only called where one is open
        return replace(self, view=replace(self.view, table=table), zone=zone, neon=neon)

    def asked(self, request: PageRequest, *, zone: str) -> PaneState:
        """A page was requested, which clears the failure, and the reply if other rows are to come."""
        reply = "" if request.jump or request.view != self.view else self.reply
        return replace(self, failure=None, reply=reply, zone=zone)

    def came(self, request: PageRequest, page: Page, *, zone: str) -> PaneState:
        """A page arrived."""
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
        """Other rows take over, so every message about the ones before goes."""
        return replace(self, view=view, about="", reply="", note="", failure=None)

    def _counting_anew(self) -> PaneState:
        rows = None if self.view is None or self.view.narrowed else rows_of_table(self.view.table, self.known)
        return replace(self, rows=rows, counted=False)

    def knowing(self, known: Known) -> PaneState:
        """The tables were read, with their numbers of rows; a counted number stays until it is asked for again."""
        state = replace(self, known=known)
        return state if self.counted or self.view is None or self.view.narrowed else state._counting_anew()

    def seeing(self, rows: int, *, whole: bool) -> PaneState:
        """So many rows are at hand, counted from the first one; `whole` says that there are no more."""
        if self.view is None or (whole and self.view.as_it_comes):
            return self
        found = agreeing(self.rows, rows, whole=whole)
        return self if found == self.rows else replace(self, rows=found, counted=whole and self.counted)

    def recounting(self) -> PaneState:
        """A number that was counted before is not known to hold any more."""
        return replace(self, counted=False)

    def with_count(self, rows: RowCount, *, counted: bool) -> PaneState:
        """The rows were counted or estimated."""
        return replace(self, rows=rows, counted=counted)

    def replied(self, words: str | SoundcheckError) -> PaneState:
        """A key had this result; "" clears it."""
        return replace(self, reply=words)

    def waiting(self, *, busy: str | None = None, waking: str | None = None) -> PaneState:
        """Something started or stopped being slow."""
        return replace(self, busy=self.busy if busy is None else busy, waking=self.waking if waking is None else waking)

    def away(self, problem: SoundcheckError) -> PaneState:
        """The database is unreachable; the rows stay."""
        return replace(self, offline=problem, reply="")

    def answered(self) -> PaneState:
        """The database answered."""
        return replace(self, offline=None, waking="")

    def failed(self, problem: SoundcheckError, *, shows_grid: bool = False) -> PaneState:
        """The rows could not be read, and the problem takes their place."""
        return replace(self, failure=problem, shows_grid=shows_grid)

    def trying_again(self) -> PaneState:
        """A retry began; meanwhile the old rows are shown, if there are any."""
        return replace(self, shows_grid=self.here.has_columns)

    def at(self, here: Here) -> PaneState:
        """The cursor moved, or other rows are visible."""
        return replace(self, here=here)

    def with_marks(self, rows: Iterable[SeenRow], seen: datetime | None = None) -> PaneState:
        """Other rows or other marks are loaded; `seen` is the time of the look that found them."""
        states = [row.mark.state for row in rows if row.mark]
        marks = tuple((state, states.count(state)) for state in RowState if state in states)
        return replace(self, following=replace(self.following, marks=marks, seen=seen or self.following.seen))

    def with_status(self, status: FollowStatus) -> PaneState:
        """Following started, paused or stopped."""
        return replace(self, following=replace(self.following, status=status))

    # ── what the lines say ──

    @property
    def table(self) -> Table | None:
        """The open table."""
        return self.view.table if self.view is not None else None

    def is_about(self, table: Table) -> bool:
        """Whether this is the table on screen; an answer about another one is too late."""
        mine = self.table
        return mine is not None and (mine.schema, mine.name) == (table.schema, table.name)

    @property
    def title(self) -> str:
        """The title of the frame: the way here, the number of rows, their order."""
        if self.view is None:
            return ""
        name = crumbs_text(crumbs(*self.trail, self.view.table.label))
        return title_of(self.view, self.rows, name, counted=self.counted)

    @property
    def remarks(self) -> str:
        """The subtitle of the frame: the time zone, and anything unusual about the order."""
        words = zone_words(self.zone, self.view.table.columns) if self.view is not None else ""
        return " ".join(part for part in (words, self.note) if part)

    @property
    def said(self) -> str | SoundcheckError:
        """The line above the rows; for an empty view, what to do about it."""
        if self.reply or self.view is None or self.elapsed_ms is None or self.here.at_hand:
            return self.reply or self.about
        return f"{words_for_none(self.view, self.seed_command)} {self.about}".strip()

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions in words, the search last."""
        return conditions_of(self.view, self.followed) if self.view is not None else ()

    @property
    def estimate(self) -> int:
        """The number of rows, 0 if unknown."""
        return self.rows.number if self.rows and self.rows.certainty is not Certainty.UNKNOWN else 0

    @property
    def is_busy(self) -> bool:
        """Whether something is slow enough to mention and to offer Cancel."""
        return bool(self.busy)

    @property
    def doing(self) -> str:
        """What takes long."""
        return (self.waking or self.busy) if self.busy else ""

    # ── what can be done ──

    @property
    def offers(self) -> tuple[object, ...]:
        """What decides which keys are offered."""
        column, status = self.here.column, self.following.status.state
        has = (self.is_busy, self.offline is None, self.shows_grid, self.here.row is None, self.here.has_columns)
        return (*has, column, status, self.foreign_key, self.can_unfilter, self.can_search_all, self.seed_command)

    @property
    def foreign_key(self) -> ForeignKey | None:
        """The foreign key of the column under the cursor."""
        if self.known is None or self.table is None or self.here.column is None:
            return None
        return self.known.key_of(self.table, self.here.column.name)

    @property
    def can_search_all(self) -> bool:
        """Whether the search left out columns that it could include."""
        return self.view is not None and can_search_more(self.view)

    @property
    def can_unfilter(self) -> bool:
        """Whether there is a condition that the relation did not bring."""
        return self.view is not None and (bool(self.view.search) or not self.followed.issuperset(self.view.filters))

    @property
    def seed_command(self) -> str:
        """The command that fills the open table, if it is empty and the tables are those of our own schema."""
        view, known = self.view, self.known
        if view is None or known is None or self.elapsed_ms is None or self.here.row is not None:
            return ""
        from soundcheck.wizard.seed.fitting import can_fill

        fits = not view.narrowed and not self.just_looking and can_fill(known.catalog, view.table)
        return spelled("soundcheck seed") if fits else ""
