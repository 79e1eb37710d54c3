"""Whether a column's value and a JSON value of another writer say the same, however it is spelled. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.server_text import array_text, time_text


def same(value: object, cached: object) -> bool:
    """Times as instants, numbers as numbers, JSON without regard to the order of its names."""
    if isinstance(value, Cut):
        return _same_cut(value, cached)
    if isinstance(value, datetime):
        instant = instant_of(cached)
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        # JavaScript writes milliseconds, so what lies beyond them does not count.
        return instant is not None and abs((aware - instant).total_seconds()) < 0.001
    if isinstance(value, bool) or isinstance(cached, bool) or value is None or cached is None:
        return value is cached
    if isinstance(value, int | float | Decimal):
        try:
            return not isinstance(cached, list | dict) and Decimal(str(value)) == Decimal(str(cached))
        except ArithmeticError:
            return str(value) == str(cached)
    if isinstance(value, list | tuple):
        return isinstance(cached, list) and len(value) == len(cached) and all(map(same, value, cached))
    if isinstance(value, str) and value.startswith("{") and isinstance(cached, list):  # an array as the server's text
        return array_text(cached) == value
    if isinstance(value, str) and isinstance(cached, dict | list):  # a JSON column is its text
        try:
            return bool(json.loads(value) == cached)
        except (ValueError, RecursionError):
            return False
    if isinstance(value, bytes):
        return _same_bytes(value, cached)
    if isinstance(value, date):  # Prisma writes a date as its midnight
        instant = instant_of(cached)
        return time_text(value) == cached or (instant is not None and instant == datetime.combine(value, time(), UTC))
    return (time_text(value) if isinstance(value, time) else str(value)) == cached


def instant_of(cached: object) -> datetime | None:
    """The moment that an ISO text, seconds or milliseconds name; a text without a zone is UTC."""
    try:
        found = datetime.fromisoformat(cached) if isinstance(cached, str) else None
        if isinstance(cached, int | float) and not isinstance(cached, bool):
            found = datetime.fromtimestamp(cached / 1000 if abs(cached) > 1e11 else cached, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)


def _same_cut(value: Cut, cached: object) -> bool:
    """A value that is too long to be here whole: its head and, of a text, its size must fit."""
    if isinstance(cached, str) and isinstance(value.head, str):
        return cached.startswith(value.head) and len(cached.encode("utf-8", "surrogatepass")) == value.size
    return cached is not None  # an array or a document: nothing says that it differs


def _same_bytes(value: bytes, cached: object) -> bool:
    if not isinstance(cached, str):
        return False
    if cached in {"\\x" + value.hex(), value.hex()}:
        return True
    try:
        return base64.b64decode(cached, validate=True) == value
    except (binascii.Error, ValueError):
        return False
