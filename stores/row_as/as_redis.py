"""A row as the Redis commands that look at its cached copies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stores.keys import keys_for_row


def row_as_redis(table: str, row: Mapping[str, Any]) -> str:
    """`GET` and `TTL` of every key that holds the row, a command a line; "" where no key does.

    `row` has the columns of `stores.cached_copy.with_lookup`. Keys are quoted as redis-cli reads them.
    """
    return "\n".join(f"{word} {_quoted(key)}" for key in keys_for_row(table, row) for word in ("GET", "TTL"))


def _quoted(key: str) -> str:
    plain = key.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else "".join(f"\\x{b:02x}" for b in c.encode()) for c in plain) + '"'
