"""The readable names beside a page's foreign keys: one query for each key of a single column that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from soundcheck.stores.rows.readable_names import readable_names

if TYPE_CHECKING:
    from soundcheck.screens.app.grid.arrangement import Names
    from soundcheck.screens.app.relation.known import Known
    from soundcheck.stores.catalog.tables import Table
    from soundcheck.stores.postgres.database import Database


async def names_of_page(
    database: Database, known: Known, table: Table, rows: Sequence[Mapping[str, Any]], shown: frozenset[str]
) -> dict[str, Names]:
    """By column, the names of the rows that it points at. Raises `DatabaseProblem`."""
    found: dict[str, Names] = {}
    for key in known.relations.outgoing(table):
        target = known.table(key.target)
        if len(key.columns) == 1 and key.columns[0] in shown and target is not None:
            names = await readable_names(database, key, target, rows)
            if told := {values: name for values, name in names.items() if name}:
                found[key.columns[0]] = told
    return found
