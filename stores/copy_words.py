"""What a copy's verdict says in words, its values masked as the field is masked. Pure."""

from __future__ import annotations

from typing import Any

from stores.cached_copy import CachedCopy, Difference, Freshness
from stores.masked_value import masked_value
from stores.personal import Sensitivity, mask, sensitivity

LOUD = frozenset({Freshness.STALE, Freshness.ORPHAN, Freshness.UNREADABLE, Freshness.UNKNOWN})
"""What somebody should look at; written in capitals where there is no colour."""


def badge(copy: CachedCopy) -> str:
    """`fresh`, `STALE (2 fields)`, `not cached`."""
    word = copy.freshness.upper() if copy.freshness in LOUD else str(copy.freshness)
    number = len(copy.differences)
    if copy.freshness is Freshness.STALE and number:
        return f"{word} ({number} {'field' if number == 1 else 'fields'})"
    return word


def both_sides(difference: Difference, table: str, reveal: frozenset[str] | None = frozenset()) -> tuple[Any, Any]:
    """Row's and cache's value as they may be shown; `reveal` are the fields shown as they are, None for all."""
    level = sensitivity(table, difference.field)
    revealed = reveal is None or difference.field in reveal
    if level is Sensitivity.OPEN or revealed:
        return difference.row, masked_value(difference.cache, table, reveal=revealed)
    return mask(difference.row, level), mask(difference.cache, level)


def remarks(copy: CachedCopy) -> tuple[str, ...]:
    """What else there is to say, a sentence each: fields that must not be there, an older shape, a problem."""
    said = [f"Must not be cached: {', '.join(copy.exposed)}."] if copy.exposed else []
    said += copy.notes
    return tuple([*said, copy.problem] if copy.problem else said)
