"""Figures over time as bars of text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_HEADROOM: Final = 1.15
"""A curve that keeps level is then no solid bar."""


def spark(values: Sequence[float], width: int, *, ceiling: float | None = None) -> str:
    """The last `width` values as bars, scaled to `ceiling` (default: the largest); shorter where there are fewer."""
    shown = values[-width:] if width > 0 else ()
    top = ceiling if ceiling is not None else max(shown, default=0) * _HEADROOM
    if top <= 0:
        return _BLOCKS[0] * len(shown)
    last = len(_BLOCKS) - 1
    return "".join(_BLOCKS[max(0, min(last, round(value / top * last)))] for value in shown)


def curve(values: Sequence[float], width: int, height: int) -> str:
    """The last `width` values as bars over `height` lines, from zero up; the newest stands on the right."""
    shown = list(values[-width:])
    top = max(shown, default=0) * _HEADROOM
    steps = [0 if top <= 0 else max(1, round(value / top * height * 8)) for value in shown]
    lines = []
    for line in range(height - 1, -1, -1):
        cells = (min(max(step - line * 8, 0), 8) for step in steps)
        lines.append("".join(_BLOCKS[cell - 1] if cell else " " for cell in cells).rjust(width))
    return "\n".join(lines)
