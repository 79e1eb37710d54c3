"""Rows as the value that stands in the cache: the envelope, and JSON as a JavaScript backend writes it. Pure."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from soundcheck.stores.cache.envelope import seal
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.copies.key_source import KeySource
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.keys import Shape, cacheable
from soundcheck.stores.rows.cell_columns import Cut


def warm_value(source: KeySource, now: datetime) -> str:
    """The text to store for what was just read. Raises `StepFailed` where there is no row, or a value is too long."""
    if not source.rows and source.rule.shape is not Shape.LIST:
        raise StepFailed("There is no row to warm this key from.", "Drop the key instead.")
    if source.table.withheld:
        raise StepFailed(f"{source.table.without} A copy would lack them.", "Let the application do it.")
    rows = [_item(source.table, row) for row in source.rows]
    data: Any = rows if source.rule.shape is Shape.LIST else rows[0]
    if source.people is not None and source.rule.shape is Shape.SESSION:
        data = {**data, "participants": [{name: _json(value) for name, value in one.items()} for one in source.people]}
    return seal(data, ttl=source.rule.ttl, at=now)


def _item(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    types = {column.name: column.type_name for column in table.columns}
    return {name: _json(value, types.get(name, "")) for name, value in cacheable(table.name, row).items()}


def _json(value: Any, type_name: str = "") -> Any:
    match value:
        case Cut():
            raise StepFailed("A value of this row is too long to be cached from here.", "Let the application do it.")
        case str() if type_name in {"json", "jsonb"}:
            return json.loads(value)
        case datetime():
            return _moment(value if value.tzinfo is not None else value.replace(tzinfo=UTC))
        case date() | time():
            return value.isoformat()
        case Decimal():
            return format(value, "f") if value.is_finite() else str(value)
        case float() if not math.isfinite(value):
            return None
        case bytes():
            return base64.b64encode(value).decode()
        case list() | tuple():
            return [_json(one) for one in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _moment(at: datetime) -> str:
    """`2026-11-19T08:12:44.120Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
