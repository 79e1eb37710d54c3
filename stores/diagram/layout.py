"""Where boxes stand and lines run: columns from left to right, a channel of lines between each two. Pure.

Two lines never run over one another: a line ends at a box on an even row (its title) and begins on an odd one (a line
inside), each has a row of its own, and those that would share a track get one each. So `┼` is always a crossing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from soundcheck.stores.catalog.tables import TableName
from soundcheck.stores.diagram.canvas import Canvas
from soundcheck.stores.rows.cells import display_width, fit
from soundcheck.stores.rows.names_apart import apart

NARROWEST: Final = 14
WIDEST: Final = 36
_SWEEPS: Final = 4


@dataclass(frozen=True, slots=True)
class DiagramTable:
    """A table to draw. `lines` stand below one another; `links` leads from the number of a line to another node."""

    table: TableName
    title: str
    lines: tuple[str, ...]
    links: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """Where a table stands, in cells. `alone` says that it stands below the columns, without relations."""

    table: TableName
    x: int
    y: int
    width: int
    height: int
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """The lines of a diagram and its boxes, in the order in which they were drawn."""

    lines: tuple[str, ...]
    boxes: tuple[Box, ...]

    @property
    def width(self) -> int:
        """Cells of the longest line."""
        return max(map(display_width, self.lines), default=0)


@dataclass(slots=True)
class _Item:
    """A node in its column, or a place where a line passes a column; `targets` are (line, item) to the left."""

    number: int
    node: DiagramTable | None
    column: int
    targets: list[tuple[int, int]] = field(default_factory=list)
    y: int = 0

    @property
    def height(self) -> int:
        return 2 if self.node is None else 2 + max(2 * len(self.node.lines) - 1, 1)

    @property
    def entry(self) -> int:
        """The row at which lines from the right end."""
        return self.y

    def exit(self, line: int) -> int:
        """The row at which a line to the left begins."""
        return self.y + 1 + 2 * line if self.node is not None else self.y + 1


def drawn(
    nodes: Sequence[DiagramTable],
    columns: Sequence[Sequence[int]],
    *,
    room: int,
    alone: Sequence[int] = (),
    heading: str = "",
    centred: bool = False,
) -> Drawing:
    """Draw `nodes` by their numbers: `columns` side by side, `alone` in rows below `heading`; no two look alike.

    Boxes are narrowed, not below `NARROWEST`, until the columns fit `room` cells. A link must lead to a column further
    left. `centred` puts short columns in the middle of the longest.
    """
    items = _items(nodes, columns)
    rows = [[item for item in items if item.column == at] for at in range(len(columns))]
    _order(rows, items)
    for column in rows:
        y = 0
        for item in column:
            item.y = y
            y += item.height + (1 if item.node is not None else 0)
    if centred:
        _centre(rows)
    channels = [_tracks(rows[at + 1], items) for at in range(len(rows) - 1)]
    widths = _widths(rows, [len(set(channel.values())) for channel in channels], room)
    canvas, boxes = Canvas(), list[Box]()
    titles = frozenset(node.title for node in nodes)
    x = 0
    for at, column in enumerate(rows):
        for item in column:
            if item.node is None:
                middle = x + widths[at] // 2
                canvas.across(item.entry, middle, x + widths[at] - 1)
                canvas.down(middle, item.entry, item.exit(0))
                canvas.across(item.exit(0), x, middle)
            else:
                boxes.append(_box(canvas, item.node, x, item.y, widths[at], titles))
        x += widths[at]
        if at < len(channels):
            x = _channel(canvas, x, rows[at + 1], items, channels[at])
    below = max((item.y + item.height for item in items), default=-1) + 1
    boxes += _below(canvas, [nodes[number] for number in alone], below, room, heading, titles)
    return Drawing(canvas.lines(), tuple(boxes))


def _items(nodes: Sequence[DiagramTable], columns: Sequence[Sequence[int]]) -> list[_Item]:
    """An item for each node, and one for each column that lines to a node pass on their way."""
    place = {number: at for at, column in enumerate(columns) for number in column}
    items = [_Item(at, nodes[number], place[number]) for at, number in enumerate(place)]
    of_node = {number: at for at, number in enumerate(place)}
    passing: dict[tuple[int, int], int] = {}
    for at, number in enumerate(list(place)):
        for line, target in nodes[number].links:
            source, from_line = at, line
            for column in range(place[number] - 1, place[target], -1):
                key = (target, column)
                known = key in passing
                if not known:
                    passing[key] = len(items)
                    items.append(_Item(len(items), None, column))
                items[source].targets.append((from_line, passing[key]))
                source, from_line = passing[key], 0
                if known:
                    break
            else:
                items[source].targets.append((from_line, of_node[target]))
    return items


def _order(rows: list[list[_Item]], items: list[_Item]) -> None:
    """Put each item near those that it is linked to: a few sweeps to the right and back."""
    sources: defaultdict[int, list[int]] = defaultdict(list)
    for item in items:
        for _, target in item.targets:
            sources[target].append(item.number)
    at = {item.number: place for row in rows for place, item in enumerate(row)}
    for _ in range(_SWEEPS):
        for columns, near in (
            (rows[1:], lambda item: [target for _, target in item.targets]),
            (rows[-2::-1], lambda item: sources[item.number]),
        ):
            for column in columns:
                means = {}
                for item in column:
                    others = [at[number] for number in near(item)]
                    means[item.number] = sum(others) / len(others) if others else at[item.number]
                column.sort(key=lambda item: means[item.number])
                at.update({item.number: place for place, item in enumerate(column)})


def _centre(rows: list[list[_Item]]) -> None:
    depth = max((item.y + item.height for row in rows for item in row), default=0)
    for row in rows:
        if row:
            shift = (depth - (row[-1].y + row[-1].height)) // 4 * 2
            for item in row:
                item.y += shift


def _tracks(right: list[_Item], items: list[_Item]) -> dict[int, int]:
    """The track of each target of the left column: lines to one target share it, others only where they are apart."""
    spans: dict[int, tuple[int, int]] = {}
    for item in right:
        for line, target in item.targets:
            top, bottom = spans.get(target, (items[target].entry, items[target].entry))
            spans[target] = min(top, item.exit(line)), max(bottom, item.exit(line))
    ends: list[int] = []
    found: dict[int, int] = {}
    for target in sorted(spans, key=lambda number: spans[number]):
        top, bottom = spans[target]
        track = next((at for at, end in enumerate(ends) if end < top), len(ends))
        ends[track : track + 1] = [bottom]
        found[target] = track
    return found


def _channel(canvas: Canvas, x: int, right: list[_Item], items: list[_Item], tracks: dict[int, int]) -> int:
    """Draw the lines between two columns; the column where the next boxes begin."""
    number = len(set(tracks.values()))
    width = _channel_width(number)
    step = 2 if number <= 4 else 1
    for item in right:
        for line, target in item.targets:
            at = x + 2 + tracks[target] * step
            canvas.across(item.exit(line), at, x + width)
            canvas.down(at, items[target].entry, item.exit(line))
    for target in tracks:
        entry = items[target].entry
        canvas.across(entry, x - 1 if items[target].node is None else x, x + 2 + tracks[target] * step)
        if items[target].node is not None:
            canvas.write(x, entry, "◄")
    return x + width


def _channel_width(tracks: int) -> int:
    return 3 + (2 if tracks <= 4 else 1) * max(tracks, 1)


def _widths(rows: list[list[_Item]], tracks: list[int], room: int) -> list[int]:
    wanted = [max((_wanted(item.node) for item in row if item.node is not None), default=NARROWEST) for row in rows]
    room -= sum(map(_channel_width, tracks))
    cap = WIDEST
    while cap > NARROWEST and sum(min(width, cap) for width in wanted) > room:
        cap -= 1
    return [min(width, cap) for width in wanted]


def _wanted(node: DiagramTable) -> int:
    texts = (node.title, *node.lines)
    return max(NARROWEST, min(WIDEST, 4 + max(map(display_width, texts))))


def _box(canvas: Canvas, node: DiagramTable, x: int, y: int, width: int, titles: frozenset[str]) -> Box:
    height = 2 + max(2 * len(node.lines) - 1, 1)
    canvas.box(x, y, width, height, apart(titles, width - 4)[node.title])
    for at, line in enumerate(node.lines):
        canvas.write(x + 2, y + 1 + 2 * at, fit(line, width - 4))
    return Box(node.table, x, y, width, height)


def _below(
    canvas: Canvas, nodes: list[DiagramTable], y: int, room: int, heading: str, titles: frozenset[str]
) -> list[Box]:
    if not nodes:
        return []
    canvas.write(0, y, heading)
    width = min(WIDEST, max(map(_wanted, nodes)))
    in_a_row = max(1, (room + 1) // (width + 1))
    boxes = []
    top = y + 1
    for start in range(0, len(nodes), in_a_row):
        row = [
            _box(canvas, node, at * (width + 1), top, width, titles)
            for at, node in enumerate(nodes[start : start + in_a_row])
        ]
        boxes += [replace(box, alone=True) for box in row]
        top += max(box.height for box in row)
    return boxes
