"""Amounts as people read them: numbers with what they count, sizes, times. The same everywhere. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soundcheck.stores.catalog.tables import RowCount


def number_of(number: int, one: str, many: str = "") -> str:
    """`1 row`, `14,759 rows`; `many` where an s does not make it."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


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
