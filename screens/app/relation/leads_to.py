"""Where a row leads: the rows that it names, and those that name it, with counts on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from soundcheck.screens.app.parts.clicks import Clicks
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.relation.known import Known
from soundcheck.stores.catalog.tables import RowCount, Table
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import fit
from soundcheck.stores.rows.leads import Lead, leads_of
from soundcheck.stores.rows.relations import ForeignKey, count_children

if TYPE_CHECKING:
    from soundcheck.stores.postgres.database import Database


class LeadRow(Widget, can_focus=True):
    """`← playlists   by userId   12`; Enter opens it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,f", "open", "Open", key_display="enter", tooltip="Open the rows that this relation leads to"),
        Binding("up,k", "screen.step(-1)", "Up", show=False, tooltip="The line above"),
        Binding("down,j", "screen.step(1)", "Down", show=False, tooltip="The line below"),
        Binding("pageup", "screen.step(-10)", "Page up", show=False, tooltip="Ten lines up"),
        Binding("pagedown", "screen.step(10)", "Page down", show=False, tooltip="Ten lines down"),
        Binding("home", "screen.step(-9999)", "First", show=False, tooltip="The first column"),
        Binding("end", "screen.step(9999)", "Last", show=False, tooltip="The last relation, else the last column"),
    ]

    class Opened(Message):
        """The rows of a relation are wanted."""

        def __init__(self, lead: Lead) -> None:
            super().__init__()
            self.lead = lead

    rows: reactive[RowCount | None] = reactive(None)

    def __init__(self, lead: Lead) -> None:
        super().__init__()
        self.lead = lead
        self._clicks = Clicks()

    def render(self) -> Content:
        """Direction, table, columns, and how many."""
        lead = self.lead
        arrow = "←" if lead.incoming else "→"
        name = fit(visible(lead.table.label), 26)
        by = f"by {visible(', '.join(lead.key.columns))}"
        said = f"  {self.rows}" if self.rows is not None else "  n counts" if lead.incoming else "  one row"
        return Content.assemble((f"{arrow} ", "$primary"), name, (f"  {by}", "$faint"), (said, "$muted"))

    def action_open(self) -> None:
        """Say so."""
        self.post_message(self.Opened(self.lead))

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one opens."""
        self.focus()
        if self._clicks.is_second(self):
            self.action_open()

    def on_blur(self) -> None:
        """A click after something else was chosen is a first one."""
        self._clicks.forget()


class LeadsTo(Vertical):
    """The relations of one row."""

    DEFAULT_CSS = """
    LeadsTo { height: auto; display: none; margin-top: 1;
        &.-shown { display: block; }
        .leads-title { color: $muted; text-style: bold; }
    }
    LeadRow { height: 1; }
    LeadRow:focus { background: $cursor; }
    LeadRow:ansi:focus { text-style: reverse; }
    """

    @dataclass
    class CountFailed(Message):
        """The rows that point here were not counted."""

        problem: SoundcheckError

    def __init__(self) -> None:
        super().__init__()
        self._row: Mapping[str, Any] = {}
        self._counts: StoreQuestion[Sequence[ForeignKey], Mapping[ForeignKey, RowCount]] = StoreQuestion(
            self, "Counting related rows", answered=self._show_counts, failed=self._say_failure
        )

    def compose(self) -> ComposeResult:
        """A title; the lines come with the row."""
        yield Static("Leads to", classes="leads-title")

    async def show_row(self, known: Known, table: Table, row: Mapping[str, Any]) -> None:
        """The relations of this row; asks nothing."""
        self._row = row
        self._counts.cancel()  # counts for the values from before
        await self.query(LeadRow).remove()
        leads = leads_of(known.catalog, known.relations, table, row)
        self.set_class(bool(leads), "-shown")
        await self.mount_all([LeadRow(lead) for lead in leads])

    @property
    def can_count(self) -> bool:
        """Whether rows may point here."""
        return any(line.lead.incoming for line in self.query(LeadRow))

    def lead_of(self, column: str) -> Lead | None:
        """The row that a column names."""
        leads = (line.lead for line in self.query(LeadRow) if not line.lead.incoming)
        return next((lead for lead in leads if column in lead.key.columns), None)

    def count(self, database: Database) -> None:
        """All of them in one query, each up to a thousand."""
        keys = [line.lead.key for line in self.query(LeadRow) if line.lead.incoming]
        row = self._row
        self._counts.ask(keys, lambda: count_children(database, keys, row))

    def _show_counts(self, _keys: Sequence[ForeignKey], counts: Mapping[ForeignKey, RowCount]) -> None:
        for line in self.query(LeadRow):
            if line.lead.incoming:
                line.rows = counts.get(line.lead.key)

    def _say_failure(self, _keys: Sequence[ForeignKey], problem: SoundcheckError) -> None:
        self.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
        self.post_message(self.CountFailed(problem))
