"""A cached value as it may be shown: fields masked by their names, at any depth, as columns are. Pure."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from soundcheck.stores.rows.personal import mask
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

_NAMES: Final = re.compile(r"(\w{2,40})[\"']?\s*[:=]")
_PARTS: Final = re.compile(r"[:/|.]")


DEEPEST: Final = 40
"""Levels of a document that are shown; what lies deeper becomes `…`."""


def masked_value(value: Any, table: str = "", *, reveal: bool = False, levels: int = DEEPEST) -> Any:
    """The value with personal and secret fields masked; `table` tells the app's own columns exactly.

    What it returns is JSON again, of bounded depth: NaN and infinity, which Python reads, become text.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if not isinstance(value, dict | list):
        return value
    if not levels:
        return "…"

    def below(item: Any) -> Any:
        return masked_value(item, table, reveal=reveal, levels=levels - 1)

    if isinstance(value, list):
        return [below(item) for item in value]
    found = {}
    for name, item in value.items():
        level = Sensitivity.OPEN if reveal else sensitivity(table, str(name))
        if level is Sensitivity.OPEN:
            found[name] = below(item)
        else:
            found[name] = [mask(one, level) for one in item] if isinstance(item, list) else mask(item, level)
    return found


def text_is_secret(text: str) -> bool:
    """Whether a text that is no JSON, or only the beginning of one, names a field that would be masked."""
    return any(sensitivity("", name) is not Sensitivity.OPEN for name in set(_NAMES.findall(text)))


def key_is_secret(key: str) -> bool:
    """Whether a part of the key says that its value is secret: `otp:…`, `reset-token:…`."""
    return any(sensitivity("", part) is Sensitivity.SECRET for part in _PARTS.split(key)[:-1])
