"""The lazy table: it draws the rows at hand, moves a cursor over them, and asks for the next page before it is needed.

It fetches nothing. Whoever owns it listens to `PageWanted` and hands the page in with `show_page`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollTo
from textual.strip import Strip

from screens.app.grid.column import GridColumn, columns_of
from screens.app.grid.look import CSS, INKS, KEYS
from screens.app.grid.painter import Inks, Painter
from screens.app.grid.window import Chunk, Window
from stores.clock import Clock
from stores.paging import FIRST, LAST, Cursor, Page, Place, Where


class Row(NamedTuple):
    """A row and its place in the order, None in a view that has no order."""

    values: tuple[Any, ...]
    key: Cursor | None


CARD_COLUMNS = 4


class Grid(ScrollView, can_focus=True):
    """Rows of one table. The cursor is a cell; its row is softly marked, only changed lines are drawn again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INKS.values())
    DEFAULT_CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    @dataclass
    class PageWanted(Message):
        """Rows are needed that are not at hand."""

        place: Place

    @dataclass
    class RowOpened(Message):
        """Enter, or a second click, on a row."""

        row: Row

    @dataclass
    class CursorMoved(Message):
        """Another cell is under the cursor."""

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, Grid.CursorMoved)

    cards: reactive[bool] = reactive(False, init=False)
    """Whether each row is drawn as a card, for narrow terminals."""

    def __init__(self, clock: Clock, *, most_rows: int | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._clock = clock
        self._most_rows = most_rows
        self._lines: LRUCache[tuple[int, int, int, int], Strip] = LRUCache(400)
        self._painter: Painter | None = None
        self._width = 0
        self._revealed: frozenset[str] = frozenset()
        self.clear()

    # ── data ──

    def clear(self) -> None:
        """No rows and no columns: before a table is opened."""
        self.window: Window[Row, Cursor | None] = Window(self._most_rows) if self._most_rows else Window()
        self.columns: tuple[GridColumn, ...] = ()
        self.cursor_row = 0
        self.cursor_column = 0
        self._revealed = frozenset()
        self._aim: int | None = None
        self._repaint()

    def show_page(self, place: Place, page: Page, *, estimate: int) -> None:
        """Take in a page that was asked for. The first page of a table settles the columns."""
        if not self.columns:
            now = self._clock.now()
            self.columns = columns_of(page.table.name, page.columns, page.table.primary_key, page.rows, now)
        keys = page.keys or (None,) * len(page.rows)
        rows = tuple(map(Row, page.rows, keys))
        chunk = Chunk(rows, keys[0], keys[-1]) if rows else None
        more_after = page.has_more_after and bool(page.keys)
        window, shift, seen = self.window, 0, self.visible_rows
        window.estimate = estimate
        if place.where is Where.FIRST:
            window.start_with(chunk, more=more_after)
            self.cursor_row = 0
        elif place.where is Where.LAST:
            window.end_with(chunk, more=page.has_more_before)
            self.cursor_row = max(window.end - 1, 0)
        elif place.where is Where.AFTER:
            window.append(chunk, more=more_after)
        else:
            shift = window.prepend(chunk, more=page.has_more_before)
            self.cursor_row += shift
        inside = place.where in {Where.AFTER, Where.BEFORE}
        if inside and not shift and self.visible_rows == seen:
            self._measure()  # what stands on the screen stays as it is
        else:
            self._repaint()
        if shift:
            self.set_scroll(None, self.scroll_y + shift * self._row_height)
        if place.where is Where.LAST:
            self.scroll_to(y=self.max_scroll_y, animate=False)
        elif place.where is Where.FIRST:
            self.scroll_to(y=0, animate=False)
        aim, self._aim = self._aim, None
        if aim is not None:
            self._put_cursor(aim + shift, self.cursor_column)
        self.post_message(self.CursorMoved())

    @property
    def row(self) -> Row | None:
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

    def reveal(self, columns: frozenset[str]) -> None:
        """Show these columns as they are; all others of a personal kind stay masked."""
        self._revealed = columns
        self._repaint()

    @property
    def revealed(self) -> frozenset[str]:
        """The columns that were revealed."""
        return self._revealed

    # ── drawing ──

    @property
    def _room(self) -> Size:
        """What the scroll bars leave."""
        return self.scrollable_content_region.size

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
        width = 1 if self.cards else sum(column.width + 2 for column in self.columns)
        self.virtual_size = Size(width, self.window.total * self._row_height + self._header_height)

    @property
    def painter(self) -> Painter:
        """Draws with the colours of the moment."""
        if self._painter is None:
            styles = {ink: self.get_component_rich_style(name, partial=True) for ink, name in INKS.items()}
            self._painter = Painter(self.columns, Inks(**styles), self.rich_style, self._clock.now(), self._revealed)
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
        self._show_cursor()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The width is worked out once for all lines."""
        self._width = self._room.width
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self._width or self._room.width
        painter = self.painter
        if y < self._header_height:
            return painter.header(int(self.scroll_x), width)
        index, line = divmod(int(self.scroll_y) + y - self._header_height, self._row_height)
        row = self.window.row(index)
        if row is None:
            return painter.missing(width) if index < self.window.total else painter.blank(width)
        if index == self.cursor_row:
            return self._draw(painter, row, line, width, self.cursor_column)
        key = (index, line, int(self.scroll_x), width)
        strip = self._lines.get(key)
        if strip is None:
            strip = self._lines[key] = self._draw(painter, row, line, width, None)
        return strip

    def _draw(self, painter: Painter, row: Row, line: int, width: int, cursor: int | None) -> Strip:
        if self.cards:
            return painter.card(row.values, line, self._row_height, width, cursor)
        return painter.row(row.values, int(self.scroll_x), width, cursor)

    # ── moving ──

    @property
    def _heading(self) -> int:
        """Where the cursor is, or is going as soon as the rows are there: keys that come early are not lost."""
        return self.cursor_row if self._aim is None else self._aim

    def action_move(self, by: int) -> None:
        """One row up or down."""
        self._put_cursor(self._heading + by, self.cursor_column)

    def action_move_column(self, by: int) -> None:
        """One column left or right."""
        self._put_cursor(self.cursor_row, self.cursor_column + by)

    def action_page(self, by: int) -> None:
        """One screen up or down."""
        self._put_cursor(self._heading + by * self._rows_on_screen, self.cursor_column, page=by)

    def action_edge(self, edge: str) -> None:
        """To the first or the last row, by the key: as fast as any page."""
        window = self.window
        if edge == "first" and window.at_start:
            self._put_cursor(0, self.cursor_column)
        elif edge == "last" and window.at_end:
            self._put_cursor(window.end - 1, self.cursor_column)
        else:
            self.post_message(self.PageWanted(FIRST if edge == "first" else LAST))

    def action_open(self) -> None:
        """Say which row is to be opened."""
        if self.row is not None:
            self.post_message(self.RowOpened(self.row))

    def _put_cursor(self, row: int, column: int, *, page: int = 0) -> None:
        window = self.window
        if not len(window):
            return
        old = self.cursor_row
        beyond = (row >= window.end and not window.at_end) or (row < window.base and not window.at_start)
        self._aim = max(row, 0) if beyond else None  # reached with the page that is asked for below
        self.cursor_row = clamp(row, window.base, window.end - 1)
        last_column = min(len(self.columns), CARD_COLUMNS if self.cards else len(self.columns)) - 1
        self.cursor_column = clamp(column, 0, last_column)
        if page:
            self.scroll_to(y=self.scroll_y + page * self._rows_on_screen * self._row_height, animate=False)
        self._show_cursor()
        for changed in {old, self.cursor_row}:
            self._refresh_row(changed)
        self.post_message(self.CursorMoved())
        self._want_neighbours()

    def _refresh_row(self, index: int) -> None:
        y = index * self._row_height + self._header_height - int(self.scroll_y)
        self.refresh(Region(0, y, self._room.width, self._row_height))

    def _show_cursor(self) -> None:
        """Scroll just enough that the cell under the cursor is seen."""
        top, height = self.cursor_row * self._row_height, self._room.height - self._header_height
        y = min(self.scroll_y, top)
        y = max(y, top + self._row_height - max(height, self._row_height))
        x = self.scroll_x
        if self.columns and not self.cards and not self.columns[self.cursor_column].is_key:
            painter = self.painter
            start = painter.start_of(self.cursor_column) - painter.frozen
            room = self._room.width - painter.frozen
            x = max(min(x, start), start + self.columns[self.cursor_column].width + 1 - room)
            x = min(x, start)
        if (x, y) != (self.scroll_x, self.scroll_y):
            self.scroll_to(x, y, animate=False)

    def _want_neighbours(self) -> None:
        """Ask for the next page while there is still a screen of rows before its edge."""
        window, ahead, aim = self.window, self._rows_on_screen, self._aim
        first, last = self.visible_rows if aim is None else (aim, aim)
        wants_later, wants_earlier = last + ahead >= window.end, first - ahead < window.base
        if not window.at_end and window.last is not None and wants_later and first >= window.base:
            self.post_message(self.PageWanted(Place.after(window.last)))
        elif not window.at_start and window.first is not None and wants_earlier and last <= window.end:
            self.post_message(self.PageWanted(Place.before(window.first)))

    # ── the mouse and the scroll bar ──

    def validate_scroll_y(self, value: float) -> float:
        """Where no rows are at hand nothing is shown: scrolling stops at the edge until they came."""
        value = super().validate_scroll_y(value)
        window = self.window
        if not len(window):
            return value
        top = window.base * self._row_height
        bottom = window.end * self._row_height - (self._room.height - self._header_height)
        return clamp(value, top, max(bottom, top))

    def on_scroll_to(self, event: ScrollTo) -> None:
        """The bar was dragged or clicked: its two ends are the table's first and last row, wherever the window is."""
        window = self.window
        if event.y is None or not len(window):
            return
        if event.y >= self.max_scroll_y - 1 and not window.at_end:
            self.post_message(self.PageWanted(LAST))
        elif event.y <= 0 and not window.at_start:
            self.post_message(self.PageWanted(FIRST))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling shows other rows, and may need more of them."""
        super().watch_scroll_y(old_value, new_value)
        if len(self.window):
            self._want_neighbours()

    def on_resize(self) -> None:
        """Another size shows other rows."""
        self._lines.clear()
        self._show_cursor()
        self._want_neighbours()
        self.post_message(self.CursorMoved())

    def on_click(self, event: events.Click) -> None:
        """The first click chooses a cell, a second one on the same row opens it."""
        offset = event.get_content_offset(self)
        if offset is None or not self.columns or offset.y < self._header_height:
            return
        index = (int(self.scroll_y) + offset.y - self._header_height) // self._row_height
        if self.window.row(index) is None:
            return
        if event.chain == 2 and index == self.cursor_row:
            self.action_open()
            return
        self._put_cursor(index, self._column_at(offset.x, offset.y))

    def _column_at(self, x: int, y: int) -> int:
        if self.cards:
            return (int(self.scroll_y) + y) % self._row_height
        at = x if x < self.painter.frozen else x + int(self.scroll_x)
        for index in range(len(self.columns)):
            if at < self.painter.start_of(index + 1):
                return index
        return len(self.columns) - 1
