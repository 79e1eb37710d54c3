"""Cached copies in plain lines and in JSON: what `row`, `rows --cached` and `cache keys` have in common."""

from __future__ import annotations

from collections.abc import Sequence

from soundcheck.screens.commands.browsing import heading, plain_cell
from soundcheck.screens.commands.output import aligned
from soundcheck.stores.copies.cached_copy import CachedCopy, badge, both_sides, remarks
from soundcheck.stores.copies.key_leaving import key_leaving
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KEY_PLAN, KeyRule
from soundcheck.stores.rows.spelled.row import json_value
from soundcheck.stores.sensitivity import sensitivity

_WIDE = 40


def key_shown(key: str, plan: tuple[KeyRule, ...] = KEY_PLAN, *, reveal: bool) -> str:
    """A key as it may be printed: search terms and session codes hashed unless they may be revealed."""
    return key if reveal else key_leaving(key, plan)


def copies_lines(copies: Sequence[CachedCopy], plan: tuple[KeyRule, ...], *, reveal: bool) -> list[str]:
    """A line a key, and below a stale one a line for each field: what the row says, and what the cache says."""
    rows = [
        (
            visible(key_shown(copy.key, plan, reveal=reveal)),
            badge(copy),
            "" if copy.ttl is None else f"ttl {copy.ttl} s",
            visible(_why(copy)),
        )
        for copy in copies
    ]
    lines = aligned(("cache key", "state", "", ""), rows, (False, False, True, False))
    found = [lines[0]]
    for line, copy in zip(lines[1:], copies, strict=True):
        found.append(line)
        found += _differences(copy, reveal=reveal)
    return found


def _differences(copy: CachedCopy, *, reveal: bool) -> list[str]:
    rows = []
    for one in copy.differences:
        left, right = both_sides(one, copy.table, None if reveal else frozenset())
        row, cache = (plain_cell(value, "", width=_WIDE) for value in (left, right))
        name = heading(one.name, sensitivity(copy.table, one.field), reveal=reveal)
        rows.append((name, f"row {row}", f"cache {cache}"))
    if not rows:
        return []
    return ["    " + line for line in aligned(("", "", ""), rows, (False, False, False))[1:]]


def copy_document(copy: CachedCopy, plan: tuple[KeyRule, ...], *, reveal: bool) -> dict[str, object]:
    """One copy as JSON."""
    differences = []
    for one in copy.differences:
        left, right = both_sides(one, copy.table, None if reveal else frozenset())
        differences.append({"field": one.field, "item": one.item, "row": json_value(left), "cache": right})
    return {
        "key": key_shown(copy.key, plan, reveal=reveal),
        "freshness": str(copy.freshness),
        "ttl": copy.ttl,
        "differing": list(copy.differing),
        "differences": differences,
        "exposed": list(copy.exposed),
        "notes": list(copy.notes),
        "problem": copy.problem,
    }


def _why(copy: CachedCopy) -> str:
    said = [f"differs: {', '.join(copy.differing)}."] if copy.differing else []
    return " ".join([*said, *remarks(copy)])
