"""The lazy table: it draws the rows at hand, moves a cursor over them, and asks for the next page before it is needed.

It fetches nothing. Whoever owns it listens to `PageWanted` and hands the page in with `show_page`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, clamp
from textual.scrollbar import ScrollTo

from soundcheck.screens.app.grid.column import GridColumn, columns_of
from soundcheck.screens.app.grid.column_scroll import x_to_show
from soundcheck.screens.app.grid.drawn_rows import CARD_COLUMNS, DrawnRows
from soundcheck.screens.app.grid.here import Here
from soundcheck.screens.app.grid.look import CSS, INKS, KEYS
from soundcheck.screens.app.grid.window import Chunk
from soundcheck.stores.rows.follow import SeenRow
from soundcheck.stores.rows.paging import FIRST, LAST, Page, PagePlace, Where

__all__ = ["CARD_COLUMNS", "Grid", "SeenRow"]


class Grid(DrawnRows):
    """Moves the cursor; only changed lines are drawn again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INKS.values())
    DEFAULT_CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def show_page(self, place: PagePlace, page: Page, *, estimate: int, fraction: float | None = None) -> None:
        """Take in a page that was asked for. The first page of a table settles the columns.

        A page that continues nothing begins a run of rows at about `fraction` (0 to 1) of the table.
        """
        first, rows = not self._measured, tuple(map(SeenRow, page.rows, page.keys or (None,) * len(page.rows)))
        if first:
            now = self._clock.now()
            columns = columns_of(page.table.name, page.columns, page.table.primary_key, page.rows, now)
            self._measured = tuple(with_room_for(estimate, column) for column in columns)
            self.columns = self._arrangement.applied(self._measured)
        chunk = Chunk(rows, rows[0].key, rows[-1].key) if rows else None
        more_after = page.has_more_after and bool(page.keys)
        window, shift, seen = self.window, 0, self.visible_rows
        window.estimate = estimate
        if place.where is Where.FIRST:
            window.start_with(chunk, more=more_after)
            self.cursor_row = 0
        elif place.where is Where.LAST:
            window.end_with(chunk, more=page.has_more_before)
            self.cursor_row = max(window.end - 1, 0)
        elif place.where is Where.AT or not len(window):
            window.begin_at(chunk, fraction, before=page.has_more_before, after=more_after)
            self.cursor_row = window.base
        elif place.where is Where.AFTER:
            window.append(chunk, more=more_after)
        else:
            shift = window.prepend(chunk, more=page.has_more_before)
            self.cursor_row += shift
        if not first:
            self._make_room(rows)
        begun = self.cursor_row == window.base and len(window) == len(rows)
        inside = place.where in {Where.AFTER, Where.BEFORE} and not begun
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
        elif begun:
            self.scroll_to(y=window.base * self._row_height, animate=False)
        aim, self._aim = self._aim, None
        if aim is not None:
            self._put_cursor(aim + shift, self.cursor_column)
        elif self.visible_rows[0] + self._rows_on_screen > window.end:
            self._want_neighbours()  # the screen is taller than a page
        self.tell_times_apart()
        self.post_message(self.CursorMoved())

    def show_followed(self, start: int, rows: Sequence[SeenRow], *, more: bool) -> None:
        """Rows from an index on as they were just seen; the cursor and the scroll position stay on their rows."""
        here = self.row
        key = None if here is None else self.identity(here)
        cursors = [row.key for row in rows]
        if rows:
            self.window.replace_from(start, Chunk(tuple(rows), cursors[0], cursors[-1]), more=more)
        if here is not None and self.cursor_row >= start:
            at = next((index for index, row in enumerate(rows) if self.identity(row) == key), None)
            self.cursor_row = min(self.cursor_row, self.window.end - 1) if at is None else start + at
        self._make_room(rows)
        self._repaint()
        self.post_message(self.CursorMoved())

    @property
    def here(self) -> Here:
        """The cell under the cursor, and the rows on screen."""
        window, (first, end) = self.window, self.visible_rows
        return Here(
            row=self.row,
            column=self.column,
            revealed=self.revealed,
            has_columns=bool(self.columns),
            first=first,
            end=end,
            at_hand=len(window),
            total=window.total,
            exact=window.base_is_exact,
            from_first=window.at_start,
            to_last=window.at_end,
            at_end=window.at_end and end == window.end,
            picked=len(self.picked),
        )

    def point_at(self, row: SeenRow) -> None:
        """Put the cursor on the row with the same key, where it is at hand."""
        key, window = self.identity(row), self.window
        for index in range(window.base, window.end):
            if (one := window.row(index)) is not None and self.identity(one) == key:
                self._put_cursor(index, self.cursor_column)
                return

    def action_pick(self) -> None:
        """Mark the row under the cursor, or unmark it; on to the next one."""
        if (row := self.row) is None:
            return
        name = self.identity(row)
        if self.picked.pop(name, None) is None:
            self.picked[name] = row
        self._lines.clear()
        self._put_cursor(self._heading + 1, self.cursor_column)
        self._repaint()

    def action_unpick(self) -> None:
        """Unmark all rows."""
        self.picked.clear()
        self._repaint()
        self.post_message(self.CursorMoved())

    # ── moving ──

    @property
    def _heading(self) -> int:
        """Where the cursor is, or is going as soon as the rows are there: keys that come early are not lost."""
        return self.cursor_row if self._aim is None else self._aim

    def action_move(self, by: int) -> None:
        """One row up or down."""
        self._clicks.forget()
        self._put_cursor(self._heading + by, self.cursor_column)

    def action_move_column(self, by: int) -> None:
        """One column left or right."""
        self._put_cursor(self.cursor_row, self.cursor_column + by)

    def go_to_column(self, name: str) -> None:
        """To the column of this name, in the same row."""
        at = next((at for at, column in enumerate(self.columns) if column.name == name), None)
        if at is not None:
            self._put_cursor(self.cursor_row, at)

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without rows there is none to open."""
        return self.row is not None if action == "open" else super().check_action(action, parameters)

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
        self.show_cursor()
        for changed in {old, self.cursor_row}:
            self._refresh_row(changed)
        self.post_message(self.CursorMoved())
        self._want_neighbours()

    def _refresh_row(self, index: int) -> None:
        y = index * self._row_height + self._header_height - int(self.scroll_y)
        self.refresh(Region(0, y, self._room.width + self._badge_width, self._row_height))

    def show_cursor(self) -> None:
        """Scroll just enough that the cell under the cursor is seen."""
        top, height = self.cursor_row * self._row_height, self._room.height - self._header_height
        y = min(self.scroll_y, top)
        y = max(y, top + self._row_height - max(height, self._row_height))
        x = int(self.scroll_x)
        if not self.cards:
            x = x_to_show(self.painter, self.cursor_column, x, self._room.width)
        if (x, y) != (self.scroll_x, self.scroll_y):
            self.scroll_to(x, y, animate=False)

    def _want_neighbours(self) -> None:
        """Ask for the next page while there is still a screen of rows before its edge."""
        window, ahead, aim = self.window, self._rows_on_screen, self._aim
        first, last = self.visible_rows if aim is None else (aim, aim)
        wants_later, wants_earlier = last + ahead >= window.end, first - ahead < window.base
        if not window.at_end and window.last is not None and wants_later and first >= window.base:
            self.post_message(self.PageWanted(PagePlace.after(window.last)))
        elif not window.at_start and window.first is not None and wants_earlier and last <= window.end:
            self.post_message(self.PageWanted(PagePlace.before(window.first)))

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
            self.tell_times_apart()
            self._want_neighbours()

    def on_resize(self) -> None:
        """Another size shows other rows."""
        self._lines.clear()
        self.show_cursor()
        self._want_neighbours()
        self.post_message(self.CursorMoved())

    def on_click(self, event: events.Click) -> None:
        """The first click chooses a cell, a second one on its row opens it; one on a column's name is handed up."""
        offset = event.get_content_offset(self)
        if offset is None or not self.columns:
            return
        if offset.y < self._header_height:
            if len(self.window):
                self._put_cursor(self.cursor_row, self._column_at(offset.x, offset.y))
                self.post_message(self.HeaderClicked())
            return
        index = (int(self.scroll_y) + offset.y - self._header_height) // self._row_height
        if self.window.row(index) is None:
            return
        same_row = index == self.cursor_row
        self._put_cursor(index, self._column_at(offset.x, offset.y))
        if self._clicks.is_second((index, self.cursor_column)) or (event.chain == 2 and same_row):
            self._clicks.forget()
            self.action_open()

    def _column_at(self, x: int, y: int) -> int:
        if self.cards:
            return (int(self.scroll_y) + y) % self._row_height
        at = x if x < self.painter.still(self._room.width)[1] else x + int(self.scroll_x)
        for index in range(len(self.columns)):
            if at < self.painter.start_of(index + 1):
                return index
        return len(self.columns) - 1


def with_room_for(rows: int, column: GridColumn) -> GridColumn:
    """A key that is a number, wide enough for the last one of a table that counts from 1."""
    is_number = column.is_key and column.to_the_right
    return replace(column, width=max(column.width, len(str(rows)))) if is_number else column
