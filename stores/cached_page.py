"""The cached copies of many rows at once: one pipeline for all of them, each key asked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stores.cached_copy import COMMANDS_A_KEY, CachedCopy, judged, read_keys, value_of
from stores.copy_verdict import judge_part, judge_row
from stores.key_patterns import known_key, settled
from stores.keys import KEY_PLAN, KeyRule, Shape, keys_for_row

if TYPE_CHECKING:
    from stores.catalog import Table
    from stores.upstash.rest import RestClient


@dataclass(frozen=True, slots=True)
class PageCopies:
    """A copy for each row, None for a row that no key holds; what it cost."""

    copies: tuple[CachedCopy | None, ...]
    commands: int


async def read_page_copies(
    cache: RestClient, table: Table, rows: Sequence[Mapping[str, Any]], plan: tuple[KeyRule, ...] = KEY_PLAN
) -> PageCopies:
    """The copy of each row itself, or where there is none the list that it stands in. Never raises; no query."""
    plan = tuple(settled(rule, table) if rule.table == table.name else rule for rule in plan)
    keys = [key_of_row(table.name, row, plan) for row in rows]
    asked = tuple(dict.fromkeys(key for key in keys if key))
    answers = dict(zip(asked, await read_keys(cache, asked), strict=True))
    found: list[CachedCopy | None] = []
    for key, row in zip(keys, rows, strict=True):
        if not key:
            found.append(None)
            continue
        copy, content = value_of(key, *answers[key])
        known = known_key(key, plan)
        if content is not None and known is not None:
            whole = known.rule.shape is Shape.ROW and known.rule.table == table.name
            verdict = (judge_row if whole else judge_part)(table.name, row, content)
            copy = judged(copy, verdict, table.name)
        found.append(copy)
    return PageCopies(tuple(found), len(asked) * COMMANDS_A_KEY)


def key_of_row(table: str, row: Mapping[str, Any], plan: tuple[KeyRule, ...]) -> str:
    """The key that holds just this row; else one that holds it among others; "" for none."""
    keys = keys_for_row(table, row, plan)
    for key in keys:
        known = known_key(key, plan)
        if known is not None and known.rule.shape in {Shape.ROW, Shape.SESSION}:
            return key
    return keys[0] if keys else ""
