"""Values as they may stand in a cache: plain JSON, and never a password or a one-time code in it. Pure.

`plain` is the only way into either level, so the rule holds by construction: it walks every depth, names in camelCase
and snake_case alike, and JSON that is hidden in a string.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Final
from uuid import UUID

from soundcheck.stores.keys import NEVER_CACHED


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").casefold()


_NAMES: Final = frozenset(_folded(name) for names in NEVER_CACHED.values() for name in names)
_SHORTEST: Final = tuple(name for name in _NAMES if not any(other in name for other in _NAMES - {name}))
"""Whoever holds one of the others holds one of these."""
_ESCAPE: Final = "\\u"
"""It could spell such a name."""


class NotCacheable(TypeError):
    """The loader returned something that JSON cannot hold. The message names the type, never the value."""


def plain(value: object) -> Any:
    """A copy of plain JSON values, without the fields that must never be cached.

    Tuples become lists; dates, `Decimal`, `UUID` become text; an enum its value. Raises `NotCacheable`.
    """
    try:
        return _plain(value)
    except RecursionError:
        raise NotCacheable("The value is nested too deeply, or contains itself.") from None


def may_hold_a_secret(text: str) -> bool:
    """Whether a JSON text needs `plain` after it is read; a quick look, which errs on the safe side.

    Every name that `plain` takes away is in the text folded as a whole, too.
    """
    folded = _folded(text)
    for name in _SHORTEST:  # not `any`: a generator takes as long again, for every value from L2
        if name in folded:
            return True
    return _ESCAPE in text


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise NotCacheable("A float that is not finite cannot be written as JSON.")
        return float(value)
    if isinstance(value, Mapping):
        return {_name(key): _plain(item) for key, item in value.items() if _folded(_name(key)) not in _NAMES}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise NotCacheable(f"A {type(value).__name__} cannot be written as JSON; return dicts, lists and plain values.")


def _name(key: object) -> str:
    if isinstance(key, Enum):
        key = key.value
    if isinstance(key, str):
        return str(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    raise NotCacheable(f"A {type(key).__name__} cannot be a name in JSON.")


def _text(text: str) -> str:
    if text.lstrip()[:1] not in {"{", "[", '"'} or not may_hold_a_secret(text):
        return text
    try:
        held = json.loads(text)
    except ValueError:
        return text
    kept = _plain(held)
    return text if kept == held else json.dumps(kept, ensure_ascii=False)
