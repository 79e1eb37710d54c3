"""Amounts as people read them: short, with a unit, and the same everywhere on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from soundcheck.stores.catalog.tables import RowCount

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_HEADROOM: Final = 1.15
"""A curve that keeps level is then no solid bar."""


def count(number: int) -> str:
    """`950`, `41 k`, `1.2 M`: three digits at most, so that a column of them stays narrow."""
    return _scaled(number, 1000, ("", " k", " M", " G", " T"))


def size(octets: int) -> str:
    """Bytes as `512 B`, `12 kB`, `1.4 MB`; a kilobyte is 1000 bytes."""
    return _scaled(octets, 1000, (" B", " kB", " MB", " GB", " TB"))


def milliseconds(duration: float) -> str:
    """`0.4 ms`, `9 ms`, `1.2 s`."""
    if duration >= 1000:
        return f"{duration / 1000:.1f} s"
    return f"{duration:.1f} ms" if duration < 1 else f"{duration:.0f} ms"


def span(seconds: int) -> str:
    """A time to live as `0:42`, `3:12`, `1:02:03`."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


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


def row_count(rows: RowCount) -> str:
    """`12`, `10 k+`, `~1.2 M` or `?`: the sign says how the number is known."""
    if rows.certainty == "unknown":
        return "?"
    number = count(rows.number)
    before = "~" if rows.certainty == "estimate" else ""
    return f"{before}{number}{'+' if rows.certainty == 'at least' else ''}"


def _scaled(number: int, step: int, units: tuple[str, ...]) -> str:
    value = float(max(number, 0))
    index = 0
    while value >= step - 0.5 and index < len(units) - 1:
        value /= step
        index += 1
    text = f"{value:.1f}" if index and value < 9.95 else f"{value:.0f}"
    return f"{text}{units[index]}"
