"""A drawing that scrolls, with a box under the cursor; drawn line by line.

Which box is next in a direction. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clicks import Clicks
from soundcheck.stores.catalog.tables import TableName
from soundcheck.stores.diagram.layout import Box, Drawing


class ArrowKey(StrEnum):
    """Where an arrow key leads."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


def nearest(boxes: Sequence[Box], here: int, way: ArrowKey) -> int:
    """The number of the box that lies next in a direction, `here` where none does.

    Sideways the nearest column counts first, then the height; up and down those of the same column come first. What
    stands alone below the columns is reached from above only.
    """
    start = boxes[here]
    found: list[tuple[tuple[int, int, int], int]] = []
    for number, box in enumerate(boxes):
        dx, dy = box.x - start.x, box.y - start.y
        beside = box.x + box.width <= start.x or start.x + start.width <= box.x
        if way in {ArrowKey.LEFT, ArrowKey.RIGHT} and box.alone != start.alone:
            continue
        ahead = {
            ArrowKey.UP: dy < 0,
            ArrowKey.DOWN: dy > 0,
            ArrowKey.LEFT: dx < 0 and beside,
            ArrowKey.RIGHT: dx > 0 and beside,
        }[way]
        if number == here or not ahead:
            continue
        middle = abs((box.y + box.height // 2) - (start.y + start.height // 2))
        rank = (0, abs(dx), middle) if way in {ArrowKey.LEFT, ArrowKey.RIGHT} else (int(beside), abs(dy), abs(dx))
        found.append((rank, number))
    return min(found)[1] if found else here


class DiagramView(ScrollView, can_focus=True):
    """The arrows go from box to box; Enter, or a second click, opens one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"diagram--line", "diagram--box", "diagram--near", "diagram--cursor"}
    DEFAULT_CSS = """
    DiagramView {
        background: $background; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        .diagram--line { color: $faint; }
        .diagram--box { color: $muted; }
        .diagram--near { color: $foreground; text-style: bold; }
        .diagram--cursor { color: $primary; text-style: bold; }
        &:focus .diagram--cursor { background: $cursor; }
        &:ansi .diagram--line { text-style: dim; }
        &:ansi:focus .diagram--cursor { text-style: bold reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Structure", tooltip="Show how the chosen table is made"),
        Binding("up", "walk('up')", "Up", show=False, tooltip="The box above"),
        Binding("down", "walk('down')", "Down", show=False, tooltip="The box below"),
        Binding("left", "walk('left')", "Left", show=False, tooltip="The box to the left: what is named"),
        Binding("right", "walk('right')", "Right", show=False, tooltip="The box to the right: what names it"),
        Binding("home", "jump(0)", "First", show=False, tooltip="The first box"),
        Binding("end", "jump(-1)", "Last", show=False, tooltip="The last box"),
        Binding("pageup", "page(-1)", "Page up", show=False, tooltip="One screen up"),
        Binding("pagedown", "page(1)", "Page down", show=False, tooltip="One screen down"),
    ]

    @dataclass
    class Opened(Message):
        """A table is to be opened."""

        table: TableName

    class Moved(Message):
        """Another box is under the cursor."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._drawing = Drawing((), ())
        self._near: frozenset[TableName] = frozenset()
        self._by_row: dict[int, list[int]] = {}
        self._cursor = 0
        self._clicks = Clicks()

    def show(self, drawing: Drawing, chosen: TableName | None) -> None:
        """Draw another one, with the cursor on `chosen` where it is there."""
        self._drawing = drawing
        self._by_row = {}
        for number, box in enumerate(drawing.boxes):
            for y in range(box.y, box.y + box.height):
                self._by_row.setdefault(y, []).append(number)
        for row in self._by_row.values():
            row.sort(key=lambda number: drawing.boxes[number].x)
        found = [number for number, box in enumerate(drawing.boxes) if box.table == chosen]
        self._cursor = found[0] if found else 0
        self.virtual_size = Size(drawing.width, len(drawing.lines))
        self.scroll_to(0, 0, animate=False)
        later.once_drawn(self, self._settle)

    @property
    def chosen(self) -> TableName | None:
        """The table under the cursor."""
        return self._drawing.boxes[self._cursor].table if self._drawing.boxes else None

    @property
    def cursor_point(self) -> Offset:
        """The name in the chosen box, for the terminal's own cursor."""
        if not self._drawing.boxes:
            return Offset(0, 0)
        box = self._drawing.boxes[self._cursor]
        return Offset(box.x - int(self.scroll_x), box.y - int(self.scroll_y))

    def mark(self, near: frozenset[TableName]) -> None:
        """Tables that are related to the chosen one stand out a little."""
        self._near = near
        self.refresh()

    def _settle(self) -> None:
        """The chosen box is seen whole, with what is next to it where there is room."""
        if not self._drawing.boxes:
            return
        box = self._drawing.boxes[self._cursor]
        self.scroll_to_region(Region(box.x, max(box.y - 1, 0), box.width, box.height + 2), animate=False)
        self.refresh()
        self.post_message(self.Moved())

    def render_line(self, y: int) -> Strip:
        """The line, cut into boxes and what lies between them."""
        row, x, width = y + int(self.scroll_y), int(self.scroll_x), self.size.width
        ground = self.rich_style
        if row >= len(self._drawing.lines):
            return Strip.blank(width, ground)
        text = Strip([Segment(self._drawing.lines[row], self._style("line"))])
        parts: list[Strip] = []
        at = 0
        for number in self._by_row.get(row, ()):
            box = self._drawing.boxes[number]
            parts.append(text.crop(at, box.x))
            parts.append(Strip([Segment(text.crop(box.x, box.x + box.width).text, self._box_style(number, box))]))
            at = box.x + box.width
        parts.append(text.crop(at))
        return Strip.join(parts).crop(x, x + width).adjust_cell_length(width).apply_style(ground)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"diagram--{name}", partial=True)

    def _box_style(self, number: int, box: Box) -> Style:
        return self._style("cursor" if number == self._cursor else "near" if box.table in self._near else "box")

    def action_walk(self, way: str) -> None:
        """To the next box in a direction."""
        if self._drawing.boxes:
            self._point_at(nearest(self._drawing.boxes, self._cursor, ArrowKey(way)))

    def action_jump(self, number: int) -> None:
        """To the first or the last box."""
        if self._drawing.boxes:
            self._point_at(number % len(self._drawing.boxes))

    def action_page(self, by: int) -> None:
        """The nearest box one screen further."""
        boxes = self._drawing.boxes
        if boxes:
            wanted = boxes[self._cursor].y + by * self.size.height
            x = boxes[self._cursor].x
            self._point_at(min(range(len(boxes)), key=lambda at: (abs(boxes[at].y - wanted), abs(boxes[at].x - x))))

    def _point_at(self, number: int) -> None:
        self._cursor = number
        self._settle()

    def action_open(self) -> None:
        """Say which."""
        if self.chosen is not None:
            self.post_message(self.Opened(self.chosen))

    def on_click(self, event: events.Click) -> None:
        """The first click chooses, a second one opens."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        x, y = offset.x + int(self.scroll_x), offset.y + int(self.scroll_y)
        for number in self._by_row.get(y, ()):
            box = self._drawing.boxes[number]
            if box.x <= x < box.x + box.width:
                self._point_at(number)
                if self._clicks.is_second(number):
                    self.action_open()
