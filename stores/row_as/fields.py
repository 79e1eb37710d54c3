"""The values of a row as they may leave the screen: masked columns masked, unless revealed cell by cell. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stores.catalog import Column
from stores.personal import Sensitivity, mask, sensitivity
from stores.record import Record


@dataclass(frozen=True, slots=True)
class ShownField:
    """A column and the value that may be shown; `masked` where it is not the real one."""

    column: Column
    value: Any
    masked: bool


def shown_fields(record: Record, reveal: frozenset[str] = frozenset()) -> tuple[ShownField, ...]:
    """The record's fields in order; `reveal` are the names of columns to show as they are."""
    found = []
    for field in record.fields:
        level = sensitivity(record.table.name, field.column.name)
        hidden = mask(field.value, level)
        masked = level is not Sensitivity.OPEN and field.column.name not in reveal and hidden is not field.value
        found.append(ShownField(field.column, hidden if masked else field.value, masked))
    return tuple(found)
