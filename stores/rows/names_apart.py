"""Names cut to a width so that no two of them look alike. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from soundcheck.stores.rows.cells import display_width, fit

_MARK: Final = "…"


@lru_cache(maxsize=64)
def apart(names: frozenset[str], width: int) -> Mapping[str, str]:
    """Each name in at most `width` columns: whole, else its beginning, else as much of its end as tells it apart.

    Where neither does, because they differ in the middle alone, a number follows the beginning.
    """
    shown = {name: name for name in names if display_width(name) <= width}
    left = sorted(names - shown.keys())
    for tail in range(max(width - 1, 0)):
        if not left:
            break
        ends = {name: (_beginning(name, width - 1 - tail), _ending(name, tail)) for name in names}
        number = Counter(ends.values())
        shown |= {name: _MARK.join(ends[name]) for name in left if number[ends[name]] == 1}
        left = [name for name in left if name not in shown]
    counted: Counter[str] = Counter()
    for name in left:
        start = fit(name, width)
        counted[start] += 1
        mark = f"{_MARK}{counted[start]}"
        shown[name] = f"{_beginning(name, max(width - len(mark), 0))}{mark}"
    return MappingProxyType(shown)


def _beginning(name: str, width: int) -> str:
    if name.isascii():
        return name[:width]
    while display_width(name) > width:
        name = name[:-1]
    return name


def _ending(name: str, width: int) -> str:
    if name.isascii():
        return name[len(name) - width :] if width < len(name) else name
    while display_width(name) > width:
        name = name[1:]
    return name
