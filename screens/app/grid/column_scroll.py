"""How far the columns are scrolled: to show the cursor's, and to keep the left edge when widths change. Pure."""

from __future__ import annotations

from soundcheck.screens.app.grid.painter import Painter


def x_to_show(painter: Painter, cursor: int, x: int, width: int) -> int:
    """The least change of `x` with which the column of the cursor is seen in a view of `width`."""
    count, still = painter.still(width)
    if not count <= cursor < len(painter.columns):
        return x
    start, room = painter.start_of(cursor) - still, width - still
    return min(max(min(x, start), start + painter.columns[cursor].width + 1 - room), start)


def x_kept(before: Painter, after: Painter, x: int, width: int) -> int:
    """The `x` at which the same column begins at the left edge, beside those that stand still."""
    count, still = before.still(width)
    if not x:
        return x
    for at in range(count, len(before.columns)):
        start = before.start_of(at)
        if start <= still + x < before.start_of(at + 1):
            names = [column.name for column in after.columns]
            if before.columns[at].name not in names:
                break
            place = names.index(before.columns[at].name)
            count, still_after = after.still(width)
            hidden = min(still + x - start, after.columns[place].width)
            return max(after.start_of(place) + hidden - still_after, 0) if place >= count else x
    return x
