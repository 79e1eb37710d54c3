"""A row as the Redis commands that look at its cached copies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soundcheck.stores.copies.key_leaving import key_leaving
from soundcheck.stores.keys import KEY_PLAN, KeyRule, keys_for_row

_HASHED = "# A part of the key is hashed; `soundcheck row TABLE ID --as redis --reveal` spells it."


def row_as_redis(
    table: str, row: Mapping[str, Any], plan: tuple[KeyRule, ...] = KEY_PLAN, *, reveal: bool = False
) -> str:
    """`GET` and `TTL` of every key that holds the row, a command a line; "" where no key does.

    `row` has the columns of `with_lookup`. Keys are quoted as redis-cli reads them; search terms
    and session codes are hashed unless they are revealed.
    """
    keys = keys_for_row(table, row, plan)
    shown = keys if reveal else tuple(key_leaving(key, plan) for key in keys)
    lines = [f"{word} {_quoted(key)}" for key in shown for word in ("GET", "TTL")]
    return "\n".join([*([_HASHED] if shown != keys else []), *lines])


def _quoted(key: str) -> str:
    plain = key.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else "".join(f"\\x{b:02x}" for b in c.encode()) for c in plain) + '"'
