"""The list of tables: name, estimated rows and, where there is room, the size on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size, clamp
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from soundcheck.screens.app.parts.clicks import Clicks
from soundcheck.stores import amounts
from soundcheck.stores.catalog.tables import Catalog, RowCount, Table, TableName
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.names_apart import apart

_ROOM_FOR_SIZE = 36
_ROOM_FOR_COUNT = 20
_COUNT = 5
"""`~15 k`, `1.2 M`: a longer one moves its name's end."""


class TableList(ScrollView, can_focus=True):
    """Tables by name, drawn line by line so that ten thousand of them cost nothing."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"list--cursor", "list--open", "list--number"}
    DEFAULT_CSS = """
    TableList {
        background: $background; scrollbar-size-vertical: 1; overflow-x: hidden;
        .list--number { color: $faint; }
        .list--open { color: $primary; text-style: bold; }
        .list--cursor { background: $cursor-blurred; }
        &:focus .list--cursor { background: $cursor; text-style: bold; }
        &:ansi:focus .list--cursor { text-style: reverse; }
        &:ansi .list--number { text-style: dim; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="Show the rows of this table"),
        Binding("t", "structure", "Structure", tooltip="Columns, indexes and constraints of this table"),
        Binding("up,k", "move(-1)", "Up", show=False, tooltip="The table above"),
        Binding("down,j", "move(1)", "Down", show=False, tooltip="The table below"),
        Binding("pageup", "move(-10)", "Page up", show=False, tooltip="Ten tables up"),
        Binding("pagedown", "move(10)", "Page down", show=False, tooltip="Ten tables down"),
        Binding("home,g", "move(-100000)", "First", show=False, tooltip="The first table"),
        Binding("end,G", "move(100000)", "Last", show=False, tooltip="The last table"),
    ]

    @dataclass
    class Opened(Message):
        """A table is to be shown."""

        table: Table

    @dataclass
    class StructureWanted(Message):
        """How a table is made is to be shown."""

        table: Table

    catalog: reactive[Catalog | None] = reactive(None)
    needle: reactive[str] = reactive("")
    """What is typed into Find: only tables whose name holds it stay."""
    open_table: reactive[Table | None] = reactive(None)
    cursor: reactive[int] = reactive(0)

    numbers: reactive[Mapping[TableName, RowCount]] = reactive({})
    """What the rows themselves proved since the tables were read."""

    _names: frozenset[str] = frozenset()
    """All of them: a name that is cut is told apart from those that are not in sight as well."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._clicks = Clicks()

    @property
    def shown(self) -> list[Table]:
        """The tables that the needle leaves."""
        catalog, needle = self.catalog, self.needle.casefold()
        return [table for table in catalog or () if catalog and needle in catalog.label(table).casefold()]

    @property
    def chosen(self) -> Table | None:
        """The table under the cursor."""
        shown = self.shown
        return shown[self.cursor] if self.cursor < len(shown) else None

    def watch_catalog(self) -> None:
        """Other tables: the cursor stays where it can."""
        catalog = self.catalog
        self._names = frozenset(visible(catalog.label(table)) for table in catalog) if catalog else frozenset()
        self.numbers = {}
        self._settle()

    def watch_needle(self) -> None:
        """The best hit comes under the cursor."""
        self.cursor = 0
        self._settle()

    def watch_cursor(self, old: int, new: int) -> None:
        """Only two lines change."""
        self.refresh_lines(old)
        self.refresh_lines(new)
        top = min(self.scroll_y, new)
        self.scroll_to(y=max(top, new - self.size.height + 1), animate=False)

    def watch_open_table(self) -> None:
        """Mark it."""
        self.refresh()

    def validate_cursor(self, cursor: int) -> int:
        """On a line that is there."""
        return clamp(cursor, 0, max(len(self.shown) - 1, 0))

    def learn(self, table: TableName, rows: RowCount) -> None:
        """Another number of rows than the one that was read with the tables."""
        self.numbers = {**self.numbers, table: rows}

    def point_at(self, table: Table) -> None:
        """Put the cursor on a table."""
        if table in self.shown:
            self.cursor = self.shown.index(table)

    @property
    def cursor_point(self) -> Offset:
        """The line under the cursor, for the terminal's own cursor."""
        return Offset(0, self.cursor - int(self.scroll_y))

    def _settle(self) -> None:
        self.virtual_size = Size(0, len(self.shown))
        self.cursor = self.validate_cursor(self.cursor)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One table."""
        width, index = self.scrollable_content_region.width, y + int(self.scroll_y)
        shown = self.shown
        if self.catalog is None or index >= len(shown):
            return Strip.blank(width, self.rich_style)
        table = shown[index]
        faint = self.get_component_rich_style("list--number", partial=True)
        name_style = self.get_component_rich_style("list--open", partial=True) if table == self.open_table else None
        rows = self.numbers.get((table.schema, table.name), table.rows)
        right = f" {amounts.row_count(rows):>{_COUNT}}" if width >= _ROOM_FOR_COUNT else ""
        if width >= _ROOM_FOR_SIZE:
            right += f" {'' if table.total_bytes is None else amounts.size(table.total_bytes):>8}"
        room = max(width - cell_len(right), 1)
        name = visible(self.catalog.label(table))
        if cell_len(name) > room:
            name = apart(self._names, room)[name]
        strip = Strip([Segment(name + " " * (room - cell_len(name)), name_style), Segment(right, faint)])
        base = self.rich_style
        if index == self.cursor:
            base += self.get_component_rich_style("list--cursor", partial=True)
        return strip.adjust_cell_length(width).apply_style(base)

    def action_move(self, by: int) -> None:
        """Up or down."""
        self._clicks.forget()
        self.cursor += by

    def action_open(self) -> None:
        """Say which table is to be shown."""
        if (table := self.chosen) is not None:
            self.post_message(self.Opened(table))

    def action_structure(self) -> None:
        """Say which table's."""
        if (table := self.chosen) is not None:
            self.post_message(self.StructureWanted(table))

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one opens."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y + int(self.scroll_y) < len(self.shown):
            self.cursor = offset.y + int(self.scroll_y)
            if self._clicks.is_second(self.chosen):
                self.action_open()
