"""The sequences behind serial and identity columns: where they stand, and setting them on the other side.

A sequence is outside of every snapshot, so it is read last: then it covers every row that was copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[Any, ...]]

_SEQUENCES: Final = """
SELECT sn.nspname, s.relname, sn.nspname = current_schema(), tn.nspname, t.relname, tn.nspname = current_schema(),
    a.attname
FROM pg_class s JOIN pg_namespace sn ON sn.oid = s.relnamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass
    AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
LEFT JOIN pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE s.relkind = 'S' AND s.relpersistence <> 't' AND sn.nspname <> 'information_schema'
  AND sn.nspname NOT LIKE 'pg\\_%'
"""


@dataclass(frozen=True, slots=True)
class TableSequence:
    """One sequence. `table` is the key of the table whose column owns it, "" for a free one."""

    schema: str
    name: str
    table: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where a sequence stands: the next value is `last`, or the one after it where it `is_called`."""

    last: int
    is_called: bool


async def read_sequences(connection: Connection) -> Mapping[str, TableSequence]:
    """By what they are for on both sides: `users.id` for the column's own, else the sequence's name."""
    found = {}
    answer = await connection.execute(_SEQUENCES)
    for schema, name, is_default, table_schema, table, table_is_default, column in await answer.fetchall():
        owner = "" if table is None else table if table_is_default else f"{table_schema}.{table}"
        own_name = name if is_default else f"{schema}.{name}"
        found[f"{owner}.{column}" if owner else f"sequence {own_name}"] = TableSequence(schema, name, owner)
    return found


async def position(connection: Connection, sequence: TableSequence) -> Position:
    """Where it stands. Raises `psycopg.Error` without the right to read it."""
    from psycopg import sql

    where = sql.Identifier(sequence.schema, sequence.name)
    answer = await connection.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(where))
    row = await answer.fetchone()
    assert row is not None  # noqa: S101 - a sequence has one row
    return Position(int(row[0]), bool(row[1]))


async def set_position(connection: Connection, sequence: TableSequence, to: Position) -> None:
    """Set it; this is not undone by a rollback, and needs none: it is done again by the next run."""
    from psycopg import sql

    name = sql.Identifier(sequence.schema, sequence.name).as_string(None)
    await connection.execute("SELECT setval($1::regclass, $2::bigint, $3::bool)", [name, to.last, to.is_called])
