"""The way here, as `users › cm1 › playlists`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import display_width, fit
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.sensitivity import sensitivity

_WIDEST = 24


def key_words(table: Table, key: Sequence[str]) -> str:
    """The key of a row for a title, its personal columns masked: a title cannot be revealed cell by cell."""
    named = zip(table.primary_key, key, strict=True)
    return ", ".join(str(mask(value, sensitivity(table.name, column))) for column, value in named)


def crumbs(*parts: str) -> tuple[str, ...]:
    """The parts in their order; a name that follows itself is said once."""
    found: list[str] = []
    for part in parts:
        if not found or found[-1] != part:
            found.append(part)
    return tuple(found)


def crumbs_text(parts: tuple[str, ...], width: int = 60) -> str:
    """As many of the last parts as fit, long ones cut where they do not; what is left out at the start is `…`."""
    shown = [visible(part) for part in parts]
    if display_width(" › ".join(shown)) <= width:
        return " › ".join(shown)
    shown = [fit(part, width if len(shown) == 1 else _WIDEST) for part in shown]
    while len(shown) > 2 and len(" › ".join(shown)) > width:
        shown = ["…", *shown[2 if shown[0] == "…" else 1 :]]
        if len(shown) == 2:
            break
    return " › ".join(shown)
