"""Foreign keys both ways: from a row to the row it names, and to the rows that name it. Composite keys as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.stores.catalog.tables import Certainty, RowCount, Table, TableName
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.server_text import server_text

CHILDREN_CAP: Final = 1000
"""Rows up to which children are counted."""

_CHILDREN_TIMEOUT: Final = 5.0
_ACTIONS: Final = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

_FOREIGN_KEYS: Final = """
SELECT k.conname, n.nspname, c.relname, tn.nspname, tc.relname, k.confdeltype::text,
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place),
    ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(number, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class tc ON tc.oid = k.confrelid JOIN pg_namespace tn ON tn.oid = tc.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY n.nspname, c.relname, k.conkey, k.conname
"""
"""A key of a partitioned table counts once, not once more for each partition."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A constraint: `columns` of the table name a row by `target_columns` of the target, pairwise.

    Tables are (schema, name) as in `Table`. `on_delete` is as in SQL: `CASCADE`, `NO ACTION`, …
    """

    name: str
    table: TableName
    columns: tuple[str, ...]
    target: TableName
    target_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"

    def target_filters(self, row: Mapping[str, Any]) -> tuple[RowFilter, ...] | None:
        """The conditions that find the row which `row` of the table names; None where it names none (a NULL)."""
        return _filters(row, self.columns, self.target_columns)

    def referencing_filters(self, row: Mapping[str, Any]) -> tuple[RowFilter, ...] | None:
        """The conditions that find the rows of the table which name `row` of the target; None where none can."""
        return _filters(row, self.target_columns, self.columns)


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
    found = await database.fetch(_FOREIGN_KEYS)
    return Relations(
        tuple(
            ForeignKey(
                name, (schema, table), tuple(columns), (target_schema, target), tuple(target_columns), _ACTIONS[action]
            )
            for name, schema, table, target_schema, target, action, columns, target_columns in found.rows
        )
    )


async def count_children(
    database: Database,
    keys: Sequence[ForeignKey],
    row: Mapping[str, Any],
    *,
    cap: int = CHILDREN_CAP,
    timeout: float = _CHILDREN_TIMEOUT,
) -> dict[ForeignKey, RowCount]:
    """How many rows point at `row`, for each of the incoming `keys`, in one query; counted up to `cap`.

    Keys whose table may not be read are left out. Raises `DatabaseProblem`.
    """
    asked = [key for key in keys if key.referencing_filters(row) is not None]
    if not asked:
        return {}
    try:
        return await _count(database, asked, row, cap, timeout)
    except DatabaseProblem as problem:
        if problem.trouble is not Trouble.PRIVILEGE:
            raise
        if len(asked) == 1:
            return {}
    found: dict[ForeignKey, RowCount] = {}
    for key in asked:
        found |= await count_children(database, [key], row, cap=cap, timeout=timeout)
    return found


async def _count(
    database: Database, keys: Sequence[ForeignKey], row: Mapping[str, Any], cap: int, timeout: float
) -> dict[ForeignKey, RowCount]:
    params: list[str] = []
    parts = []
    for number, key in enumerate(keys):
        stated = []
        for one in key.referencing_filters(row) or ():
            params.append(one.value)
            stated.append(f"{quoted_name(one.column)} = ${len(params)}")  # the server gives it the column's type
        source = f"{quoted_name(key.table[0])}.{quoted_name(key.table[1])}"
        capped = f"SELECT 1 FROM {source} WHERE {' AND '.join(stated)} LIMIT {cap + 1}"  # noqa: S608 - all quoted
        parts.append(f"SELECT {number}, (SELECT count(*) FROM ({capped}) AS capped)")  # noqa: S608
    answer = await database.fetch(" UNION ALL ".join(parts), params, timeout=timeout)
    return {
        keys[number]: RowCount(min(n, cap), Certainty.AT_LEAST if n > cap else Certainty.EXACT)
        for number, n in answer.rows
    }


def _filters(row: Mapping[str, Any], names: Sequence[str], columns: Sequence[str]) -> tuple[RowFilter, ...] | None:
    values = [server_text(row.get(name)) for name in names]
    if any(value is None for value in values):
        return None
    return tuple(RowFilter(column, Operator.EQUAL, value or "") for column, value in zip(columns, values, strict=True))
