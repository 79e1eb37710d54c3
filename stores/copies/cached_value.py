"""What stands in a key: the envelope and its data, or the bare JSON of another writer. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from soundcheck.stores.keys import NEVER_CACHED
from soundcheck.stores.rows.same_value import instant_of

ENVELOPE_VERSION: Final = 1
_MOST_NAMES: Final = 20_000
"""Names of fields that are looked at for what must not be there; a value of a megabyte has fewer."""


@dataclass(frozen=True, slots=True)
class CachedValue:
    """A value that could be read. `version` is None without an envelope; `written` is its `at`, `ttl` in seconds."""

    data: Any
    version: int | None = None
    written: datetime | None = None
    ttl: int | None = None


def read_value(text: object) -> CachedValue | None:
    """The value of a string key; None where it is not JSON."""
    try:
        document = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return None
    return opened(document)


def opened(document: Any) -> CachedValue:
    """The data inside the envelope, where there is one."""
    if isinstance(document, dict) and {"v", "data"} <= document.keys():
        version, ttl = document["v"], document.get("ttl")
        return CachedValue(
            document["data"],
            version if isinstance(version, int) else None,
            instant_of(document.get("at")),
            round(ttl) if isinstance(ttl, int | float) else None,
        )
    return CachedValue(document)


def plain_name(name: str) -> str:
    """`createdAt`, `created_at` and `CreatedAt` are one field."""
    return name.replace("_", "").lower()


def by_column(item: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a cached object under the names of the columns that they stand for; others are left out."""
    names = {plain_name(name): name for name in item}
    found = {}
    for column in columns:
        name = column if column in item else names.get(plain_name(column))
        if name is not None:
            found[column] = item[name]
    return found


def exposed_fields(data: Any) -> tuple[str, ...]:
    """The fields, at any depth, that no copy may hold and this one does, as `password`."""
    secret = {plain_name(name): name for names in NEVER_CACHED.values() for name in names}
    found: set[str] = set()
    for number, (name, value) in enumerate(_fields(data)):
        if number > _MOST_NAMES:
            break
        if value is not None and plain_name(name) in secret:
            found.add(secret[plain_name(name)])
    return tuple(sorted(found))


def _fields(data: Any) -> Iterator[tuple[str, Any]]:
    waiting = [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            for name, value in one.items():
                yield name, value
                if isinstance(value, dict | list):
                    waiting.append(value)
        elif isinstance(one, list):
            waiting.extend(item for item in one if isinstance(item, dict | list))
