"""The record: one row with all its columns, opened from the grid; Esc leads back to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from soundcheck.screens.app.follow.follow_line import FollowLine, state_words
from soundcheck.screens.app.follow.follower import Follower
from soundcheck.screens.app.follow.status import FollowStatus
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.parts.timed_text import TimedText
from soundcheck.screens.app.parts.trouble import PaneTrouble
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.record import line_moves
from soundcheck.screens.app.record.cached_copies import CachedCopies
from soundcheck.screens.app.record.field_row import FieldRow, Fields
from soundcheck.screens.app.record.record_keys import RECORD_HELP, RECORD_KEYS
from soundcheck.screens.app.record.row_leaving import copy_row, revealed_fields, spell_row
from soundcheck.screens.app.record.row_now import RowDoubt, facts_of, row_now
from soundcheck.screens.app.record.value_actions import act_on_value
from soundcheck.screens.app.relation.catalog_watch import CatalogWatch, may_mean_a_change
from soundcheck.screens.app.relation.crumbs import crumbs, crumbs_text, key_words
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.relation.leads_to import LeadRow, LeadsTo
from soundcheck.screens.app.start import Place
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.postgres.problem import is_away
from soundcheck.stores.rows.follow import CellChange, RowState, follow_record, pace_of, what_it_costs
from soundcheck.stores.rows.leads import Lead
from soundcheck.stores.rows.record import Record, read_record

if TYPE_CHECKING:
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.services import Services
    from soundcheck.stores.upstash.rest import RestClient


class RecordScreen(PlaceScreen):
    """Every column of one row, whole; personal values masked cell by cell; beside it the cached copies."""

    PLACE: ClassVar[Place] = Place.TABLES
    CSS_PATH = "record.tcss"
    next_keys: ClassVar[tuple[str, ...]] = ("follow", "open", "reveal", "part(1)", "send('copy')", "send('whole')")
    AUTO_FOCUS = ""
    HELP = RECORD_HELP
    BINDINGS: ClassVar[list[BindingType]] = RECORD_KEYS

    def __init__(
        self,
        table: Table,
        key: Sequence[str],
        *,
        known: Known | None = None,
        way: tuple[str, ...] = (),
        changes: Mapping[str, CellChange] | None = None,
    ) -> None:
        super().__init__()
        self._table = table
        self._key = tuple(key)
        self._known = known
        self._news = ""
        """What changed about the table since the row was opened."""
        self._watch: CatalogWatch[RowDoubt] = CatalogWatch(
            self, changed=self._take_tables, settled=self._settle, known=known
        )
        self._reading: StoreQuestion[tuple[str, ...], Record | None] = StoreQuestion(
            self, "Reading a row", answered=self._show_row, failed=self._show_failure
        )
        self._follower: Follower[tuple[str, ...], Record | None] = Follower(
            self, looked=self._compare, failed=self._look_failed, turned=self._draw_following
        )
        self._changes = dict(changes or {})
        self._record: Record | None = None
        self._is_drawn = False
        self._doubt: RowDoubt | None = None
        self._asks_copies = True
        """Whether the copies are asked for once the row is there."""
        self._left: FieldRow | None = None
        """The line that had the focus when the database was lost."""
        self._stores: tuple[Database | None, RestClient | None] = (None, None)
        self.way = crumbs(*way, table.label, key_words(table, key))

    def compose_body(self) -> ComposeResult:
        """Columns, and copies."""
        with Horizontal(id="record"):
            with Vertical(id="record-pane", classes="pane") as pane:
                pane.border_title = Content(crumbs_text(self.way))
                yield TimedText(id="record-state")
                yield PaneTrouble()
                with VerticalScroll(id="record-lines", can_focus=False):
                    yield Fields(id="fields")
                    yield LeadsTo()
                yield FollowLine(markup=False)
            yield CachedCopies(self._known, id="copies-pane")

    def on_mount(self) -> None:
        """Read it."""
        self.title = "Record"
        self._stores = self.app.services.database, self.app.services.cache
        self._follower.listen()
        self.watch(self.app, "services", self._use, init=False)
        self.watch(self.app, "zone", lambda: self.read(), init=False)
        self.watch(self.app, "known", self._take_relations)
        self.watch(self.app, "reveals", self._reveal_for_session, init=False)
        self.read()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._follower.end()

    def _use(self, services: Services) -> None:
        """Read from where the stores are now; what else changed about the project is no reason to."""
        before, self._stores = self._stores, (services.database, services.cache)
        if before != self._stores and not self._follower.is_on:
            self.read()

    @property
    def is_opening(self) -> bool:
        """Until the row and its relations are there for the first time."""
        return not self._is_drawn

    def read_again(self) -> None:
        """The row, its copies, and whether the table is still the same."""
        self._news = ""
        self.read()
        self._watch.look()

    def look_again(self) -> None:
        """The row alone: its copies are asked for by commands, which a remote cache bills."""
        database, rest = self.app.services.database, self.app.services.credentials.rest_url
        if database is None or database.may_be_asleep or self._reading.waits_for is not None:
            return
        if not self._follower.is_on:
            self._asks_copies = rest is not None and rest.is_loopback
            self.read(renew=self.query_one(PaneTrouble).is_shown)
        self._watch.look()

    def read(self, renew: bool = False) -> None:
        """One query by the primary key; `renew` looks first whether the database is at another address."""
        if self.app.services.database is None:
            return
        self._doubt = None  # it was about the read before
        self.query_one(PaneTrouble).hide()
        self._say("◐ reading…  esc Back")
        self._reading.ask(self._key, self._renew_and_ask if renew else self._ask)

    async def _renew_and_ask(self) -> Record | None:
        await self.app.renew_clients()
        return await self._ask()

    async def _ask(self) -> Record | None:
        database = self.app.services.database
        assert database is not None  # noqa: S101 - nobody takes one away
        return await read_record(database, self._table, self._key)

    async def _show_row(self, _key: tuple[str, ...], record: Record | None) -> None:
        self._came(record)
        if record is not None:
            await self._draw_row(record)
        else:
            self._is_drawn = True

    async def _draw_row(self, record: Record) -> None:
        fields = self.query_one(Fields)
        await fields.show(record, self._changes, self.app.services.clock.now())
        if self.app.reveals:
            self._reveal_for_session()
        if self.focused is None and fields.rows:
            line = next((row for row in fields.rows if row is self._left), fields.rows[0])
            line.focus()
        await self._show_leads()
        self.query_one(CachedCopies).show_row(self._table, record.by_name, ask=self._asks_copies)
        self._asks_copies = True

    async def _show_leads(self) -> None:
        """Keys wait until the lines have their places: before that, the focus would go round them in another order."""
        if self._record is not None and self._known is not None and self.query(LeadsTo):
            self._is_drawn = False
            await self.query_one(LeadsTo).show_row(self._known, self._table, self._record.by_name)
        later.once_drawn(self, setattr, self, "_is_drawn", True)

    def _came(self, record: Record | None) -> None:
        """An answer: the row, or that it is gone, and then its last values stay to be read."""
        self.app.tell_trouble(Half.DATABASE, "")
        trouble, lines = self.query_one(PaneTrouble), self.query_one("#record-lines")
        if trouble.is_shown:
            trouble.hide()
            self.set_focus(None)
        lines.set_class(record is None, "-offline")
        if record is None:
            last = " These are its last values." if self._record is not None else ""
            self._say(f"This row is not there any more: it was deleted after the page was read.{last}")
            return
        self._say(visible(" ".join(filter(None, (self._news, record.table.without)))))
        self._record = record
        self.query_one("#record-pane").border_subtitle = Content(facts_of(record, self.app.services.database))

    def _show_failure(self, _key: tuple[str, ...], problem: SoundcheckError) -> None:
        self._is_drawn = True
        self._went_wrong(RowDoubt(problem, focus=True))

    def _show_problem(self, problem: SoundcheckError, *, focus: bool) -> None:
        """What was read stays, grey."""
        if is_away(problem):
            self.app.tell_trouble(Half.DATABASE, problem.message)
        self._say("")
        if isinstance(self.focused, FieldRow):
            self._left = self.focused
        self.query_one("#record-lines").add_class("-offline")
        self.query_one(PaneTrouble).show(problem, focus=focus)

    @on(PaneTrouble.Again)
    def _try_again(self) -> None:
        self.read(renew=True)

    # ── a table that changed ──

    def _went_wrong(self, doubt: RowDoubt) -> None:
        """Look first whether the table changed, where that may be the cause."""
        self._doubt = doubt
        if may_mean_a_change(doubt.problem):
            self._watch.look(doubt)
        else:
            self._settle(doubt)

    def _settle(self, doubt: RowDoubt | None) -> None:
        if doubt is not None and doubt is self._doubt:
            self._show_problem(doubt.problem, focus=doubt.focus)

    @on(events.ScreenResume)
    async def _come_back(self) -> None:
        if self.query(LeadsTo) and (known := self._watch.found_above) is not None:
            await self._take_tables(known, None)

    async def _take_relations(self, known: Known | None) -> None:
        """They may come after the record: whoever is quick opens one before they are read."""
        mine = self._known
        if known is None or mine is None or known.catalog is not mine.catalog or known.relations is mine.relations:
            return
        self._known = self._watch.known = known
        await self._show_leads()

    async def _take_tables(self, known: Known, doubt: RowDoubt | None) -> None:
        """Read the row again where its table changed, or say why that is not possible."""
        self._known = known
        self._watch.take(known)
        self.query_one(CachedCopies).known = known
        await self._show_leads()
        now = row_now(self._table, known)
        self._news = now.news or self._news
        if now.table is not None:
            self._table = now.table
            self.read()
        elif now.problem is not None:
            self._doubt = RowDoubt(now.problem, focus=doubt.focus if doubt is not None else True)
            self._settle(self._doubt)
        else:
            self._settle(doubt)

    @on(LeadsTo.CountFailed)
    def _relations_doubted(self, event: LeadsTo.CountFailed) -> None:
        event.stop()
        if may_mean_a_change(event.problem):
            self._watch.look()

    # ── following ──

    def action_watch(self) -> None:
        """Begin, or stop."""
        database = self.app.services.database
        if self._follower.is_on:
            self._follower.stop()
        elif database is not None and self._record is not None:
            if said := what_it_costs(database.url):
                self.notify(said, markup=False)
            self._changes = {}
            self._follower.start(pace_of(database.url), lambda: (self._key, self._ask))

    async def _compare(self, _key: tuple[str, ...], record: Record | None) -> None:
        before, now = self._record, self.app.services.clock.now()
        quiet = True
        if record is not None and before is not None and record.table is before.table:
            changes = follow_record(before, record, self._changes, now)
            quiet, self._changes = changes == self._changes, changes
            await self.query_one(Fields).show(record, changes, now)
        self._came(record)
        self._follower.seen(quiet=quiet)
        self._draw_following(self._follower.status)

    def _look_failed(self, _key: tuple[str, ...], problem: SoundcheckError) -> None:
        self._went_wrong(RowDoubt(problem, focus=False))

    def _draw_following(self, status: FollowStatus) -> None:
        database, line = self.app.services.database, self.query_one(FollowLine)
        neon, counts = database is not None and database.url.is_neon, {RowState.CHANGED: len(self._changes)}
        line.show(state_words(status, counts, line.container_size.width, neon=neon))

    def _say(self, text: str) -> None:
        state = self.query_one("#record-state", Static)
        state.display = bool(text)
        state.update(Content(text))

    @on(FieldRow.Wanted)
    async def _serve(self, event: FieldRow.Wanted) -> None:
        if event.what == "copy" and self._record is not None:
            copy_row(self.app, self, self._record, event)
            return
        await act_on_value(self.app, self._table, self._key, event)

    def action_step(self, by: int) -> None:
        """To another line; past the ends it stays."""
        line_moves.step(self, by)

    def action_part(self, by: int) -> None:
        """To the next part: columns, relations, copies."""
        line_moves.part(self, by)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There must be a key to ask for, a row to spell, and somebody who may point here."""
        if action in {"spell", "watch"}:
            return self._record is not None
        if action == "reveal_session":
            return self.may_reveal
        if action == "follow":
            return self._lead_of_column is not None
        if action == "count":
            return self.query_one(LeadsTo).can_count
        if action == "ask":
            return self.query_one(CachedCopies).can_ask
        if action in {"copy", "copies"}:
            return self.query_one(CachedCopies).chosen is not None
        return super().check_action(action, parameters)

    def action_ask(self) -> None:
        """Once more, for the same keys."""
        self.query_one(CachedCopies).ask()

    def action_copies(self) -> None:
        """To the first of them."""
        self.query_one(CachedCopies).focus_first()

    def action_copy(self, what: str) -> None:
        """With the copy that has the focus, else with the row's own: `drop`, `warm` or `saving`."""
        copies = self.query_one(CachedCopies)
        {"drop": copies.drop, "warm": copies.warm, "saving": copies.saving}[what]()

    def _reveal_for_session(self) -> None:
        for row in self.query(FieldRow):
            row.revealed = self.app.reveals

    @on(FieldRow.Unmasked)
    def _unmask_copies(self, event: FieldRow.Unmasked) -> None:
        event.stop()
        self.query_one(CachedCopies).reveal(revealed_fields(self))

    def action_spell(self) -> None:
        """The row as JSON, INSERT, a Prisma call and Redis commands; what is masked here stays masked."""
        if self._record is not None:
            spell_row(self.app, self, self._record)

    def action_count(self) -> None:
        """How many rows point here, all relations in one query."""
        if self.app.services.database is not None:
            self.query_one(LeadsTo).count(self.app.services.database)

    def action_follow(self) -> None:
        """To the row that the chosen column names."""
        lead = self._lead_of_column
        if lead is not None:
            self._open_lead(LeadRow.Opened(lead))

    @property
    def _lead_of_column(self) -> Lead | None:
        """The row that the column with the focus names."""
        focused = self.focused
        return self.query_one(LeadsTo).lead_of(focused.field.column.name) if isinstance(focused, FieldRow) else None

    @on(LeadRow.Opened)
    def _open_lead(self, event: LeadRow.Opened) -> None:
        from soundcheck.screens.app.routes import OpenRows

        event.stop()
        if self._known is not None:
            self.app.post_message(OpenRows(self._known, event.lead.table, event.lead.filters, self.way))

    def action_back(self) -> None:
        """Close the record."""
        self.dismiss()
