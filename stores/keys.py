"""Which cache key holds which row: the key table as data, and the way from a row to its keys. Pure.

Names carry no version. Tables that are not named here (chat_messages, recommendations, lyrics) have no key.

Key patterns of an application's own, as `soundcheck.toml` names them, and the way back from a key to its rule. Pure.

    [profiles.dev.cache_keys]
    "account/{id}" = "accounts"               the braces name the column
    "account/{id}/orders" = "orders.account_id 90"    the column by name, and seconds to live

Where a profile names any, they are the whole plan: another application's keys are not ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

from soundcheck.stores.errors import UsageError

RowValues: TypeAlias = Mapping[str, Any]
"""Column names, as the schema spells them, to values."""


@dataclass(frozen=True, slots=True)
class KeyedColumn:
    """A table whose rows stand in a key, and the column whose value fills the pattern's braces."""

    table: str
    column: str


class Shape(StrEnum):
    """What a key's value is made of."""

    ROW = "row"
    LIST = "list"  # the newest rows, at most `MOST_LISTED`
    SESSION = "session"  # a row with the rows of a second table as `participants`
    IDS = "ids"  # what only the application can work out


MOST_LISTED: Final = 50
"""Rows in a list of the cache."""


@dataclass(frozen=True, slots=True)
class KeyRule:
    """One line of the key table.

    `pattern` has exactly one pair of braces. `ttl` is seconds in the shared cache. `sources` are all tables whose
    changes make the key stale, the one it is made from first. `newest_by` is the column that orders a list.
    """

    pattern: str
    ttl: int
    description: str
    sources: tuple[KeyedColumn, ...]
    shape: Shape = Shape.ROW
    newest_by: str = ""

    @property
    def table(self) -> str:
        """The table that the key is made from."""
        return self.sources[0].table

    def key(self, value: object) -> str:
        """The key for one value of the source's column."""
        head, _, tail = self.pattern.partition("{")
        return f"{head}{value}{tail.partition('}')[2]}"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A column that a row does not hold itself: `SELECT wanted FROM table WHERE match = row[column]`."""

    column: str
    table: str
    match: str
    wanted: str


KEY_PLAN: Final = (
    KeyRule("user:{id}", 300, "one user, without the secret columns", (KeyedColumn("users", "id"),)),
    KeyRule("user:{id}:settings", 600, "the user's settings", (KeyedColumn("user_settings", "userId"),)),
    KeyRule("user:{id}:library", 300, "the user's liked songs and albums", (KeyedColumn("libraries", "userId"),)),
    KeyRule(
        "user:{id}:playlists",
        180,
        "the user's playlists, newest first, at most 50",
        (KeyedColumn("playlists", "userId"),),
        Shape.LIST,
        "createdAt",
    ),
    KeyRule("playlist:{id}", 180, "one playlist", (KeyedColumn("playlists", "id"),)),
    KeyRule(
        "user:{id}:recent",
        120,
        "what the user played, newest first, at most 50",
        (KeyedColumn("recently_played", "userId"),),
        Shape.LIST,
        "playedAt",
    ),
    KeyRule(
        "search:{query}", 600, "the ids that a search found", (KeyedColumn("recent_searches", "query"),), Shape.IDS
    ),
    KeyRule(
        "session:{code}",
        3600,
        "a listening session with its participants",
        (KeyedColumn("sessions", "sessionCode"), KeyedColumn("session_participants", "sessionCode")),
        Shape.SESSION,
    ),
)
"""The keys of the cache, in the order of the plan."""

NEVER_CACHED: Final[Mapping[str, frozenset[str]]] = {
    "users": frozenset({"password", "refreshToken", "otp", "otpExpiry"}),
}
"""Columns that no cached value may hold."""

LOOKUPS: Final[Mapping[str, Lookup]] = {
    "session_participants": Lookup("sessionId", "sessions", "id", "sessionCode"),
}
"""What must be added to a row before `keys_for_row` can name its keys."""

_GONE_WITH_A_USER: Final = "user:{id}"


def keys_for_row(table: str, row: RowValues, plan: tuple[KeyRule, ...] = KEY_PLAN) -> tuple[str, ...]:
    """The keys in which this row stands; for `session_participants` add `sessionCode` first (`LOOKUPS`).

    A column that the row does not hold, or holds as None, gives no key: `columns_for_keys` names what is needed.
    """
    keys: dict[str, None] = {}
    for rule in plan:
        for source in rule.sources:
            if source.table == table and row.get(source.column) is not None:
                keys[rule.key(row[source.column])] = None
    return tuple(keys)


def keys_for_change(
    table: str, old: RowValues | None, new: RowValues | None, plan: tuple[KeyRule, ...] = KEY_PLAN
) -> tuple[str, ...]:
    """The keys to drop for an insert (`old` is None), an update, or a delete (`new` is None), each once.

    Both values count: a playlist that changes hands is stale under both users. A deleted user takes all its
    `user:{id}…` keys along, as the database cascades; its playlists and sessions are rows of their own, which the
    caller must name as well.
    """
    keys = dict.fromkeys(key for row in (old, new) if row is not None for key in keys_for_row(table, row, plan))
    if table == "users" and old is not None and new is None and old.get("id") is not None:
        keys |= dict.fromkeys(rule.key(old["id"]) for rule in plan if rule.pattern.startswith(_GONE_WITH_A_USER))
    return tuple(keys)


def keys_about_row(table: str, row: RowValues, plan: tuple[KeyRule, ...] = KEY_PLAN) -> tuple[str, ...]:
    """The keys of `keys_for_row`, and those below the row's own: a user's `user:{id}:settings` and the like."""
    keys = dict.fromkeys(keys_for_row(table, row, plan))
    for own in plan:
        value = row.get(own.sources[0].column)
        if own.shape is Shape.ROW and own.table == table and value is not None:
            below = own.pattern + ":"
            keys |= dict.fromkeys(rule.key(value) for rule in plan if rule.pattern.startswith(below))
    return tuple(keys)


def columns_for_keys(table: str, plan: tuple[KeyRule, ...] = KEY_PLAN) -> tuple[str, ...]:
    """The columns that `keys_for_row` reads for this table; empty for a table without keys."""
    return tuple(dict.fromkeys(source.column for rule in plan for source in rule.sources if source.table == table))


def cacheable(table: str, row: RowValues) -> dict[str, Any]:
    """The row as it may stand in the cache: without the columns of `NEVER_CACHED`."""
    hidden = NEVER_CACHED.get(table, frozenset())
    return {column: value for column, value in row.items() if column not in hidden}


USUAL_TTL: Final = 300
"""Seconds, where a pattern says nothing: the plan's time for the shared level."""

_HINT: Final = 'Write cache_keys as "user:{id}" = "users", "users.id" or "users.id 300" in soundcheck.toml.'
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_BRACES: Final = re.compile(r"\{([^{}]+)\}")


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


def _rule(pattern: str, target: Any) -> KeyRule:
    braces = _BRACES.findall(pattern)
    words = target.split() if isinstance(target, str) else []
    if len(braces) != 1 or not 1 <= len(words) <= 2 or (len(words) == 2 and not _SECONDS.fullmatch(words[1])):
        raise UsageError(f"The cache key pattern {pattern!r} cannot be read.", _HINT)
    table, _, column = words[0].partition(".")
    same = next((rule for rule in KEY_PLAN if rule.pattern == pattern and rule.table == table), None)
    if same is not None and column in {"", same.sources[0].column}:
        return replace(same, ttl=int(words[1])) if len(words) == 2 else same
    ttl = int(words[1]) if len(words) == 2 else USUAL_TTL
    return KeyRule(pattern, ttl, f"of {table}", (KeyedColumn(table, column or braces[0]),))
