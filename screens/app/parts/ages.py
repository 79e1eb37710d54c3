"""Times as ages, and in a finer form where the ages of a list would read alike. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from soundcheck.stores.rows.server_text import time_text

_SECONDS: Final = ((365 * 86400, "y"), (30 * 86400, "mo"), (86400, "d"), (3600, "h"), (60, "min"))
_ALIKE: Final = 3
"""Moments to one age, on average, from which on the ages say too little."""


class TimeForm(IntEnum):
    """How a time is shown; each form is finer than the one before."""

    AGE = 0
    DATE = 10
    MINUTE = 16
    SECOND = 19
    EXACT = 99


def age(moment: datetime, now: datetime) -> str:
    """`3 d ago`, `in 2 h`; a time without a zone is UTC, as Prisma writes it."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = (now - moment).total_seconds()
    for unit, name in _SECONDS:
        if abs(seconds) >= unit:
            number = f"{abs(seconds) // unit:.0f} {name}"
            return f"{number} ago" if seconds > 0 else f"in {number}"
    return "just now" if seconds >= 0 else "in a moment"


def time_words(moment: datetime, form: TimeForm, now: datetime) -> str:
    """A time in one of the forms; the finest is the server's own."""
    if form is TimeForm.AGE:
        return age(moment, now)
    return time_text(moment) if form is TimeForm.EXACT else moment.isoformat(sep=" ")[:form]


def form_for(moments: Collection[datetime], now: datetime) -> TimeForm:
    """Ages, unless they read alike; then the coarsest form that tells all these moments apart."""
    different = set(moments)
    ages = {age(moment, now) for moment in different}
    if len(different) < 2 or (len(ages) > 1 and len(ages) * _ALIKE > len(different)):
        return TimeForm.AGE
    finer = (TimeForm.DATE, TimeForm.MINUTE, TimeForm.SECOND)
    apart = (form for form in finer if len({time_words(one, form, now) for one in different}) == len(different))
    return next(apart, TimeForm.EXACT)
