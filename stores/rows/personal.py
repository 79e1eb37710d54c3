"""How a value looks while its column is masked. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.secret import MASK
from soundcheck.stores.sensitivity import Sensitivity


def mask(value: object, level: Sensitivity) -> object:
    """The value as it is shown while masked.

    NULL and "" stay what they are, because that is no secret; so do yes, no and times, as of `emailVerifiedAt`.
    """
    if level is Sensitivity.OPEN or value is None or value == "" or isinstance(value, bool | datetime):
        return value
    if isinstance(value, Cut):
        return mask(value.head, level) or MASK
    if level is Sensitivity.SECRET or not isinstance(value, str):
        return MASK
    return _shape(value)


def _shape(text: str) -> str:
    """`ana.ruiz@mail.example` as `a•••@mail…`; other texts keep nothing."""
    name, at, domain = text.rpartition("@")
    if not at or not name or not domain:
        return MASK
    first = name[0] if len(name) > 1 and name[0].isalnum() else ""
    start = re.match(r"[\w-]{0,4}", domain)
    return f"{first}•••@{start[0] if start else ''}…"
