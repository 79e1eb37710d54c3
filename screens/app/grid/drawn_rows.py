"""The rows at hand, drawn line by line: what is kept and shown of them. How a cursor moves stands in `grid.py`.

A last column that stands still at the grid's right edge and says something of each row that is not in the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from textual.cache import LRUCache
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from soundcheck.screens.app.grid.arrangement import Arrangement
from soundcheck.screens.app.grid.column import GridColumn, told_apart, widened
from soundcheck.screens.app.grid.column_scroll import x_kept, x_to_show
from soundcheck.screens.app.grid.cut_cell import cut
from soundcheck.screens.app.grid.look import INKS
from soundcheck.screens.app.grid.painter import GridStyles, Painter
from soundcheck.screens.app.grid.window import Window
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.ages import TimeForm
from soundcheck.screens.app.parts.clicks import Clicks
from soundcheck.stores.clock import Clock
from soundcheck.stores.rows.follow import SeenRow
from soundcheck.stores.rows.paging import Cursor, PagePlace


class Badges(Protocol):
    """Whoever knows it. `width` is in columns of the terminal, with the gap before it."""

    width: int
    title: str

    def of(self, values: Sequence[Any]) -> tuple[str, str]:
        """The text for a row, and the name of the ink it is written in."""
        ...


def with_badge(strip: Strip, badges: Badges, painter: Painter, values: Sequence[Any] | None, *, here: bool) -> Strip:
    """A drawn line and its badge; None for the values of the header."""
    text, ink = (badges.title, "header") if values is None else badges.of(values)
    inks: GridStyles = painter.inks(here=here)
    room = badges.width - 1
    text = cut(text, room)
    text += " " * (room - cell_len(text))
    return Strip([*strip, Segment(" ", inks.text), Segment(text, getattr(inks, ink))], strip.cell_length + badges.width)


CARD_COLUMNS = 4
LINES_KEPT = 400
"""Lines that stay drawn, those of the screen and around it."""
DRAW_AHEAD_AFTER = 0.02
"""Seconds: this screen is on its way to the terminal by then, and a held key has not come again."""
LINES_AT_ONCE = 8
"""Lines drawn ahead between two messages: about a millisecond, so that a key does not wait for them."""


class DrawnRows(ScrollView, can_focus=True):
    """Rows of one table and the cell under the cursor, which is softly marked."""

    @dataclass
    class PageWanted(Message):
        """Rows are needed that are not at hand."""

        place: PagePlace

    @dataclass
    class RowOpened(Message):
        """Enter, or a second click, on a row."""

        row: SeenRow

    @dataclass
    class HeaderClicked(Message):
        """A click on a column's name; the cursor stands in that column."""

    @dataclass
    class CursorMoved(Message):
        """Another cell is under the cursor."""

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, DrawnRows.CursorMoved)

    cards: reactive[bool] = reactive(False, init=False)
    """Whether each row is drawn as a card, for narrow terminals."""

    def __init__(self, clock: Clock, *, most_rows: int | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._clock = clock
        self._most_rows = most_rows
        self._lines: LRUCache[tuple[int, int, int, int], Strip] = LRUCache(LINES_KEPT)
        self._painter: Painter | None = None
        self._width = 0
        self._draws_ahead = False
        self._clicks = Clicks()
        self._revealed: frozenset[str] = frozenset()
        self._badges: Badges | None = None
        self.clear()

    # ── data ──

    def clear(self) -> None:
        """No rows and no columns: before a table is opened."""
        self.window: Window[SeenRow, Cursor | None] = Window(self._most_rows) if self._most_rows else Window()
        self._measured: tuple[GridColumn, ...] = ()
        self.columns: tuple[GridColumn, ...] = ()
        self._arrangement = Arrangement()
        self.cursor_row = 0
        self.cursor_column = 0
        self._revealed = frozenset()
        self.picked: dict[tuple[object, ...], SeenRow] = {}
        """The rows that the user marked, by their keys."""
        self._aim: int | None = None
        self._repaint()

    def forget_rows(self) -> None:
        """Other rows of the same table come: the columns stay as they are."""
        self.window = Window(self._most_rows) if self._most_rows else Window()
        self.cursor_row, self._aim = 0, None
        self._arrangement = replace(self._arrangement, names={})
        self._measured = tuple(replace(column, times=TimeForm.AGE) for column in self._measured)
        self.columns = self._arrangement.applied(self._measured)

    @property
    def arrangement(self) -> Arrangement:
        """Hidden columns, widths, the sort's marks and readable names."""
        return self._arrangement

    def rearrange(self, arrangement: Arrangement) -> None:
        """Draw the columns in another way; the cursor stays on its column where that is still shown."""
        self._arrangement = arrangement
        self._lay_out()

    def _lay_out(self) -> None:
        """Other columns, or other widths: what was at the left edge stays there, and the cursor's column in sight."""
        here, before, x, width = self.column, self.painter, int(self.scroll_x), self._room.width
        in_sight = x_to_show(before, self.cursor_column, x, width) == x
        self.columns = self._arrangement.applied(self._measured)
        if here is not None:
            at = [index for index, column in enumerate(self.columns) if column.name == here.name]
            self.cursor_column = at[0] if at else min(self.cursor_column, len(self.columns) - 1)
        self._repaint()
        if self.cards or not before.columns:
            return
        kept = x_kept(before, self.painter, x, width)
        kept = x_to_show(self.painter, self.cursor_column, kept, width) if in_sight else kept
        if kept != x:
            self.scroll_to(kept, animate=False, force=True, immediate=True)

    def _make_room(self, rows: Sequence[SeenRow]) -> None:
        """Columns as wide as these rows need as well: a longer value is not cut because it came later."""
        values, now = [row.values for row in rows], self._clock.now()
        self._take(widened(self._measured, values, now, self._revealed))

    def tell_times_apart(self) -> None:
        """Where the times on screen would read alike as ages, a finer form, until other rows come."""
        first, end = self.visible_rows
        values = [row.values for row in self.window.rows_from(first)[: max(end - first, 0)]]
        self._take(told_apart(self._measured, values, self._clock.now(), self._revealed))

    def _take(self, measured: tuple[GridColumn, ...]) -> None:
        if measured != self._measured:
            self._measured = measured
            self._lay_out()

    @property
    def row(self) -> SeenRow | None:
        """The row under the cursor."""
        return self.window.row(self.cursor_row)

    @property
    def column(self) -> GridColumn | None:
        """The column under the cursor."""
        return self.columns[self.cursor_column] if self.cursor_column < len(self.columns) else None

    @property
    def visible_rows(self) -> tuple[int, int]:
        """Index of the first row on screen, and one past the last."""
        top = int(self.scroll_y)
        bottom = (top + self._room.height - self._header_height) // self._row_height
        return top // self._row_height, min(max(bottom, 0), self.window.end)

    @property
    def cursor_point(self) -> Offset:
        """The first cell on screen of the cell under the cursor, for the terminal's own cursor."""
        line = self.cursor_column if self.cards else self._header_height
        y = self.cursor_row * self._row_height + line - int(self.scroll_y)
        if self.cards or not self.columns:
            return Offset(0, y)
        count, still = self.painter.still(self._room.width)
        x = self.painter.start_of(self.cursor_column)
        return Offset(x if self.cursor_column < count else max(x - int(self.scroll_x), still), y)

    @property
    def still(self) -> int:
        """How many columns stay in sight while the others move."""
        return 0 if self.cards else self.painter.still(self._room.width)[0]

    def identity(self, row: SeenRow) -> tuple[object, ...]:
        """What tells a row from the others, whatever place it has."""
        return tuple(row.values[column.index] for column in self._measured if column.is_key) or (row.key,)

    def reveal(self, columns: frozenset[str]) -> None:
        """Show these columns as they are; all others of a personal kind stay masked."""
        self._revealed = columns
        self._make_room(self.window.rows_from(self.window.base))
        self._repaint()

    @property
    def revealed(self) -> frozenset[str]:
        """The columns that were revealed."""
        return self._revealed

    # ── drawing ──

    @property
    def _room(self) -> Size:
        """What the scroll bars and the badges leave."""
        width, height = self.scrollable_content_region.size
        return Size(max(width - self._badge_width, 0), height)

    @property
    def _badge_width(self) -> int:
        return self._badges.width if self._badges is not None and not self.cards else 0

    def show_badges(self, badges: Badges | None) -> None:
        """A last column that says something of each row, other words in it, or none any more."""
        self._badges = badges
        self._repaint()

    @property
    def _row_height(self) -> int:
        return min(CARD_COLUMNS, max(len(self.columns), 1)) + 1 if self.cards else 1

    @property
    def _rows_on_screen(self) -> int:
        return max(1, (self._room.height - self._header_height) // self._row_height)

    @property
    def _header_height(self) -> int:
        return 0 if self.cards else 1

    def _repaint(self) -> None:
        """Everything that was drawn is void: new rows, columns or colours."""
        self._lines.clear()
        self._painter = None
        self._measure()
        self.refresh()

    def _measure(self) -> None:
        """The size of the whole table, for the scroll bars."""
        width = 1 if self.cards else sum(column.width + 2 for column in self.columns) + self._badge_width
        self.virtual_size = Size(width, self.window.total * self._row_height + self._header_height)

    @property
    def painter(self) -> Painter:
        """Draws with the colours of the moment."""
        if self._painter is None:
            styles = {ink: self.get_component_rich_style(name, partial=True) for ink, name in INKS.items()}
            self._painter = Painter(
                self.columns, GridStyles(**styles), self.rich_style, self._clock.now(), self._revealed
            )
        return self._painter

    def notify_style_update(self) -> None:
        """A theme, or the focus, changed the colours."""
        super().notify_style_update()
        self._lines.clear()
        self._painter = None

    def watch_cards(self, _cards: bool) -> None:
        """The same row stays under the cursor."""
        self.cursor_column = 0
        self._repaint()
        self.show_cursor()

    def show_cursor(self) -> None:
        """Scroll to the cursor; a grid that moves one overrides it."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The width is worked out once for all lines."""
        self._width = self._room.width
        strips = super().render_lines(crop)
        if not self._draws_ahead:
            self._draws_ahead = True
            later.after(self, DRAW_AHEAD_AFTER, self._draw_ahead)
        return strips

    def _draw_ahead(self) -> None:
        """While nothing else is to do: the screen below and the one above, where a page will want them."""
        height, top = self._rows_on_screen, int(self.scroll_y) // self._row_height
        self._draws_ahead = False
        if 3 * height * self._row_height > LINES_KEPT or not self._room.width:
            return
        drawn = 0
        for index in (*range(top + height, top + 2 * height), *range(top - 1, top - 1 - height, -1)):
            row = self.window.row(index)
            if row is None or index == self.cursor_row:
                continue
            for line in range(self._row_height):
                if drawn == LINES_AT_ONCE:
                    self._draws_ahead = later.soon(self, self._draw_ahead)
                    return
                drawn += self._is_drawn_now(row, index, line)

    def _is_drawn_now(self, row: SeenRow, index: int, line: int) -> bool:
        """Whether a line had to be drawn; it is kept now."""
        key = (index, line, int(self.scroll_x), self._room.width)
        if key in self._lines:
            return False
        self._lines[key] = self._draw(self.painter, row, line, self._room.width, None)
        return True

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self._width or self._room.width
        painter = self.painter
        if y < self._header_height:
            header = painter.header(int(self.scroll_x), width)
            return with_badge(header, self._badges, painter, None, here=False) if self._badges else header
        index, line = divmod(int(self.scroll_y) + y - self._header_height, self._row_height)
        row = self.window.row(index)
        if row is None:
            whole = width + self._badge_width
            return painter.missing(whole) if index < self.window.total else painter.blank(whole)
        if index == self.cursor_row:
            return self._draw(painter, row, line, width, self.cursor_column)
        key = (index, line, int(self.scroll_x), width)
        strip = self._lines.get(key)
        if strip is None:
            strip = self._lines[key] = self._draw(painter, row, line, width, None)
        return strip

    def _draw(self, painter: Painter, row: SeenRow, line: int, width: int, cursor: int | None) -> Strip:
        picked = bool(self.picked) and self.identity(row) in self.picked
        if self.cards:
            return painter.card(row.values, line, self._row_height, width, cursor, row.mark, picked=picked)
        strip = painter.row(row.values, int(self.scroll_x), width, cursor, row.mark, picked=picked)
        if self._badges is None:
            return strip
        return with_badge(strip, self._badges, painter, row.values, here=cursor is not None)
