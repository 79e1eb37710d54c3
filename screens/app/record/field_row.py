"""One column of the open row: its name, its value, masked until somebody reveals this very cell.

All columns of the open row, one below the other; a later look changes them in place and keeps the old values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from soundcheck.screens.app.follow.follow_line import when_changed
from soundcheck.screens.app.parts.clicks import Clicks
from soundcheck.screens.app.record.value_text import short
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import CellKind, cell_text
from soundcheck.stores.rows.follow import CellChange
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.rows.record import Record, RecordField
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

_COLORS = {CellKind.NULL: "$faint italic", CellKind.EMPTY: "$faint italic", CellKind.BLANK: "$faint italic"}

_IN_A_LINE: Final = 28


class FieldRow(Horizontal, can_focus=True):
    """Name and value. Only the keys that would do something here are offered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "screen.step(-1)", "Up", show=False, tooltip="The column above"),
        Binding("down,j", "screen.step(1)", "Down", show=False, tooltip="The column below"),
        Binding("pageup", "screen.step(-10)", "Page up", show=False, tooltip="Ten lines up"),
        Binding("pagedown", "screen.step(10)", "Page down", show=False, tooltip="Ten lines down"),
        Binding("home", "screen.step(-9999)", "First", show=False, tooltip="The first column"),
        Binding("end", "screen.step(9999)", "Last", show=False, tooltip="The last relation, else the last column"),
        Binding("r", "reveal", "Reveal", tooltip="Show this value, or mask it again"),
        Binding("c", "send('copy')", "Copy", tooltip="Copy this value"),
        Binding("s", "send('save')", "Save", tooltip="Save this value to a file"),
        Binding("enter", "send('whole')", "Whole value", tooltip="Show all of it on a page of its own"),
    ]

    class Wanted(Message):
        """Something is to be done with the value: `copy`, `save` or `whole`."""

        def __init__(self, row: FieldRow, what: str) -> None:
            super().__init__()
            self.row = row
            self.what = what

    class Unmasked(Message):
        """The value is shown, or masked again."""

    revealed: reactive[bool] = reactive(False, init=False)

    def __init__(self, table: str, field: RecordField, now: datetime, *, is_key: bool) -> None:
        super().__init__(classes="-key" if is_key else "")
        self.field = field
        self.change: CellChange | None = None
        """Its value before the last change that was seen."""
        self._now = now
        self._clicks = Clicks()
        self.level = sensitivity(table, field.column.name)

    @property
    def is_masked(self) -> bool:
        """Whether the value is hidden now."""
        return self.level is not Sensitivity.OPEN and not self.revealed and self.field.value not in (None, "")

    @property
    def is_long(self) -> bool:
        """Whether there is more than stands here."""
        if self.is_masked:
            return False
        return self.is_document or bool(short(self.field.value, self.field.column.type_name, self._now).more)

    @property
    def is_document(self) -> bool:
        """Whether it is JSON with parts, which can be opened one by one."""
        value = self.field.value
        return self.field.column.type_name in {"json", "jsonb"} and isinstance(value, str) and value[:1] in {"{", "["}

    def compose(self) -> ComposeResult:
        """Two columns."""
        name = Static(self._label(), classes="field-name")
        name.tooltip = self.field.column.type
        yield name
        yield Static(self._drawn(), classes="field-value")

    def watch_revealed(self) -> None:
        """Draw it the other way."""
        self.query_one(".field-value", Static).update(self._drawn())
        self.refresh_bindings()
        self.post_message(self.Unmasked())

    def take(self, field: RecordField, change: CellChange | None, now: datetime) -> None:
        """The value as it was just read again."""
        self.field, self.change, self._now = field, change, now
        self.query_one(".field-name", Static).update(self._label())
        self.query_one(".field-value", Static).update(self._drawn())

    def _label(self) -> Content:
        name = visible(self.field.column.name)
        return Content(name) if self.change is None else Content.assemble(("~ ", "$warning"), name)

    def _drawn(self) -> Content:
        value = self._drawn_value()
        if self.change is None:
            return value
        old, new = (self._in_a_line(one) for one in (self.change.before, self.field.value))
        when = when_changed(self.change, self._now)
        return Content.assemble(value, "\n", (f"~ {old} → {new}", "$warning"), (f"  {when}", "$faint"))

    def _in_a_line(self, value: Any) -> str:
        """An old or a new value, masked as the cell is."""
        hidden = self.level is not Sensitivity.OPEN and not self.revealed
        cell = cell_text(mask(value, self.level) if hidden else value, self.field.column.type_name, width=_IN_A_LINE)
        return "∅ NULL" if cell.kind is CellKind.NULL else cell.text

    def _drawn_value(self) -> Content:
        if self.is_masked:
            hidden = cell_text(mask(self.field.value, self.level), width=60).text
            return Content.assemble((hidden, "$faint"), ("   r reveals", "$faint"))
        text = short(self.field.value, self.field.column.type_name, self._now)
        drawn = Content.styled("\n".join(text.lines), _COLORS.get(text.kind, ""))
        return Content.assemble(drawn, (f"\n… {text.more}", "$muted")) if text.more else drawn

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to reveal where nothing is hidden, no page for a short value."""
        if action == "reveal":
            return self.level is not Sensitivity.OPEN
        if parameters == ("whole",):
            return self.is_long
        return True

    def action_reveal(self) -> None:
        """Show or mask this cell; the others stay as they are."""
        self.revealed = not self.revealed

    def action_send(self, what: str) -> None:
        """Ask the screen."""
        self.post_message(self.Wanted(self, what))

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one opens."""
        self.focus()
        if self._clicks.is_second(self) and self.is_long:
            self.action_send("whole")

    def on_blur(self) -> None:
        """A click after something else was chosen is a first one."""
        self._clicks.forget()


class Fields(Vertical):
    """The focus, and what was revealed, stay where they are when the row is read again."""

    @property
    def rows(self) -> Sequence[FieldRow]:
        """The lines."""
        return list(self.query(FieldRow))

    @property
    def revealed(self) -> frozenset[str]:
        """The columns that were revealed."""
        return frozenset(row.field.column.name for row in self.rows if row.revealed)

    async def show(self, record: Record, changes: Mapping[str, CellChange], now: datetime) -> None:
        """A row as it is now, and what became of its columns since it is followed."""
        rows = self.rows
        if [row.field.column for row in rows] == [field.column for field in record.fields]:
            for row, field in zip(rows, record.fields, strict=True):
                row.take(field, changes.get(field.column.name), now)
            return
        await self.remove_children()
        table = record.table
        made = [
            FieldRow(table.name, field, now, is_key=field.column.name in table.primary_key) for field in record.fields
        ]
        for row in made:
            row.change = changes.get(row.field.column.name)
        await self.mount_all(made)
        if made:
            made[0].focus()
