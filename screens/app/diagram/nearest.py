"""Which box is next in a direction. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from stores.diagram.layout import Box


class Way(StrEnum):
    """Where an arrow key leads."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


def nearest(boxes: Sequence[Box], here: int, way: Way) -> int:
    """The number of the box that lies next in a direction, `here` where none does.

    Sideways the nearest column counts first, then the height; up and down those of the same column come first. What
    stands alone below the columns is reached from above only.
    """
    start = boxes[here]
    found: list[tuple[tuple[int, int, int], int]] = []
    for number, box in enumerate(boxes):
        dx, dy = box.x - start.x, box.y - start.y
        beside = box.x + box.width <= start.x or start.x + start.width <= box.x
        if way in {Way.LEFT, Way.RIGHT} and box.alone != start.alone:
            continue
        ahead = {Way.UP: dy < 0, Way.DOWN: dy > 0, Way.LEFT: dx < 0 and beside, Way.RIGHT: dx > 0 and beside}[way]
        if number == here or not ahead:
            continue
        middle = abs((box.y + box.height // 2) - (start.y + start.height // 2))
        rank = (0, abs(dx), middle) if way in {Way.LEFT, Way.RIGHT} else (int(beside), abs(dy), abs(dx))
        found.append((rank, number))
    return min(found)[1] if found else here
