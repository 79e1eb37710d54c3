"""Foreign keys both ways: from a row to the row it names, and to the rows that name it. Composite keys as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stores.catalog import RowCount, Table
from stores.database import Database
from stores.row_filter import RowFilter


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A constraint: `columns` of the table name a row by `target_columns` of the target, pairwise.

    Tables are (schema, name) as in `Table`. `on_delete` is as in SQL: `CASCADE`, `NO ACTION`, …
    """

    name: str
    table: tuple[str, str]
    columns: tuple[str, ...]
    target: tuple[str, str]
    target_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"

    def target_filters(self, row: Mapping[str, Any]) -> tuple[RowFilter, ...] | None:
        """The conditions that find the row which `row` of the table names; None where it names none (a NULL)."""
        raise NotImplementedError

    def referencing_filters(self, row: Mapping[str, Any]) -> tuple[RowFilter, ...] | None:
        """The conditions that find the rows of the table which name `row` of the target; None where none can."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Relations:
    """All foreign keys of a database."""

    keys: tuple[ForeignKey, ...] = ()

    def outgoing(self, table: Table) -> tuple[ForeignKey, ...]:
        """Those that stand in this table."""
        return tuple(key for key in self.keys if key.table == (table.schema, table.name))

    def incoming(self, table: Table) -> tuple[ForeignKey, ...]:
        """Those that point at this table, its own among them."""
        return tuple(key for key in self.keys if key.target == (table.schema, table.name))


async def load_relations(database: Database) -> Relations:
    """All foreign keys in one round trip. Raises `DatabaseProblem`."""
    raise NotImplementedError


async def count_children(
    database: Database, keys: Sequence[ForeignKey], row: Mapping[str, Any], *, cap: int = 1000, timeout: float = 5.0
) -> dict[str, RowCount]:
    """How many rows point at `row`, for each of the incoming `keys` by constraint name, in one query.

    Counted up to `cap`. Keys whose table may not be read are left out. Raises `DatabaseProblem`.
    """
    raise NotImplementedError
