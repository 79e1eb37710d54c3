"""Where a row leads: the rows that it names, and those that name it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from soundcheck.stores.catalog.tables import Catalog, Table
from soundcheck.stores.rows.filters import RowFilter
from soundcheck.stores.rows.relations import ForeignKey, Relations


@dataclass(frozen=True, slots=True)
class Lead:
    """One relation of a row; `filters` find the rows on its other side."""

    key: ForeignKey
    table: Table
    filters: tuple[RowFilter, ...]
    incoming: bool


def leads_of(catalog: Catalog, relations: Relations, table: Table, row: Mapping[str, Any]) -> tuple[Lead, ...]:
    """The rows that this one names first, then those that name it; what points nowhere is left out."""
    tables = {(one.schema, one.name): one for one in catalog}
    found: list[Lead] = []
    for key in relations.outgoing(table):
        target, filters = tables.get(key.target), key.target_filters(row)
        if target is not None and filters is not None:
            found.append(Lead(key, target, filters, incoming=False))
    for key in relations.incoming(table):
        source, filters = tables.get(key.table), key.referencing_filters(row)
        if source is not None and filters is not None:
            found.append(Lead(key, source, filters, incoming=True))
    return tuple(found)
