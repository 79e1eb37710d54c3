"""Key patterns of an application's own, as `soundcheck.toml` names them, and the way back from a key to its rule. Pure.

    [profiles.dev.cache_keys]
    "account/{id}" = "accounts"               the braces name the column
    "account/{id}/orders" = "orders.account_id 90"    the column by name, and seconds to live

Where a profile names any, they are the whole plan: another application's keys are not ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from stores.catalog import Table
from stores.errors import UsageError
from stores.keys import KEY_PLAN, KeyRule, Shape, Source

USUAL_TTL: Final = 300
"""Seconds, where a pattern says nothing: the plan's time for the shared level."""

_HINT: Final = 'Write cache_keys as "user:{id}" = "users", "users.id" or "users.id 300" in soundcheck.toml.'
_BRACES: Final = re.compile(r"\{([^{}]+)\}")
_TIMES: Final = frozenset({"timestamp", "timestamptz", "date"})
_NEWEST: Final = ("createdAt", "created_at", "playedAt", "played_at", "updatedAt", "updated_at")


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that a rule made, and the value between its braces."""

    rule: KeyRule
    value: str


def key_plan(patterns: Mapping[str, Any]) -> tuple[KeyRule, ...]:
    """The rules of a profile's patterns; the plan's own where it names none. Raises `UsageError` naming the pattern."""
    return tuple(_rule(pattern, target) for pattern, target in patterns.items()) or KEY_PLAN


def known_key(key: str, plan: tuple[KeyRule, ...] = KEY_PLAN) -> KnownKey | None:
    """The rule that a key fits best: of several the one that spells out most of it. None for a key of others."""
    best: KnownKey | None = None
    for rule in plan:
        head, _, rest = rule.pattern.partition("{")
        tail = rest.partition("}")[2]
        fits = key.startswith(head) and key.endswith(tail) and len(key) > len(head) + len(tail)
        if fits and (best is None or len(rule.pattern) > len(best.rule.pattern)):
            best = KnownKey(rule, key[len(head) : len(key) - len(tail)])
    return best


def settled(rule: KeyRule, table: Table) -> KeyRule:
    """The rule with its shape known: a column that names one row makes a row, any other the list of its newest rows."""
    if rule.shape is not Shape.ROW or rule in KEY_PLAN:
        return rule
    column = rule.sources[0].column
    unique = {tuple(c.name for c in index.columns) for index in table.indexes if index.unique} | {table.primary_key}
    if (column,) in unique:
        return rule
    for index in table.indexes:
        names = [c.name for c in index.columns]
        if names[:1] == [column] and len(names) > 1 and table.column(names[1]).type_name in _TIMES:
            return replace(rule, shape=Shape.LIST, newest_by=names[1])
    present = {one.name for one in table.columns}
    return replace(rule, shape=Shape.LIST, newest_by=next((name for name in _NEWEST if name in present), ""))


def _rule(pattern: str, target: Any) -> KeyRule:
    braces = _BRACES.findall(pattern)
    words = target.split() if isinstance(target, str) else []
    if len(braces) != 1 or not 1 <= len(words) <= 2 or (len(words) == 2 and not words[1].isdecimal()):
        raise UsageError(f"The cache key pattern {pattern!r} cannot be read.", _HINT)
    table, _, column = words[0].partition(".")
    same = next((rule for rule in KEY_PLAN if rule.pattern == pattern and rule.table == table), None)
    if same is not None and column in {"", same.sources[0].column}:
        return replace(same, ttl=int(words[1])) if len(words) == 2 else same
    ttl = int(words[1]) if len(words) == 2 else USUAL_TTL
    return KeyRule(pattern, ttl, f"of {table}", (Source(table, column or braces[0]),))
