"""Rows that are not the seed's own: what stands in the eleven tables already, and what hangs on our rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from soundcheck.wizard.seed.plan import PREFIX
from soundcheck.wizard.seed.tables import SEED_TABLES

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[Any, ...]]

_OURS: Final = f"starts_with(id, '{PREFIX}')"


@dataclass(frozen=True, slots=True)
class DependentRows:
    """Rows of a table that point to our rows and are not ours: they would be deleted along, changed, or in the way."""

    table: str
    rows: int


async def columns_there(connection: Connection) -> dict[str, set[str]]:
    """The columns of those of the eleven tables that are there, under the connection's search path."""
    names = [table.name for table in SEED_TABLES]
    cursor = await connection.execute(
        "SELECT name, a.attname::text FROM unnest($1::text[]) AS name JOIN pg_attribute a"
        " ON a.attrelid = to_regclass(quote_ident(name)) AND a.attnum > 0 AND NOT a.attisdropped",
        [names],
    )
    found: dict[str, set[str]] = {}
    for name, column in await cursor.fetchall():
        found.setdefault(name, set()).add(column)
    return found


async def tables_with_foreign_rows(connection: Connection) -> tuple[str, ...]:
    """Which of the eleven tables hold a row that is not the seed's."""
    parts = " UNION ALL ".join(
        f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM {table.name} WHERE NOT {_OURS})"  # noqa: S608 - constants
        for table in SEED_TABLES
    )
    cursor = await connection.execute(parts)
    return tuple(name for (name,) in await cursor.fetchall())


async def hanging_rows(connection: Connection) -> tuple[DependentRows, ...]:
    """Rows of any table in the database that refer to our rows by a foreign key and are not ours themselves."""
    from psycopg import sql

    names = [table.name for table in SEED_TABLES]
    cursor = await connection.execute(
        """
        SELECT k.conrelid, n.nspname, c.relname, k.confrelid::regclass::text,
            (SELECT array_agg(a.attname::text ORDER BY p.place) FROM unnest(k.conkey) WITH ORDINALITY p(number, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number),
            (SELECT array_agg(a.attname::text ORDER BY p.place) FROM unnest(k.confkey) WITH ORDINALITY p(number, place)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number),
            k.conrelid IN (SELECT to_regclass(quote_ident(name)) FROM unnest($1::text[]) AS name)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.contype = 'f' AND k.conparentid = 0
          AND k.confrelid IN (SELECT to_regclass(quote_ident(name)) FROM unnest($1::text[]) AS name)
        """,
        [names],
    )
    found: dict[str, int] = {}
    for _, schema, table, target, columns, wanted, is_one_of_ours in await cursor.fetchall():
        pairs = [
            sql.SQL("t.{} = r.{}").format(sql.Identifier(own), sql.Identifier(other))
            for own, other in zip(columns, wanted, strict=True)
        ]
        query = sql.SQL("SELECT count(*) FROM {} t JOIN {} r ON {} WHERE starts_with(r.id, {})").format(
            sql.Identifier(schema, table), sql.SQL(target), sql.SQL(" AND ").join(pairs), sql.Literal(PREFIX)
        )
        if is_one_of_ours:
            query += sql.SQL(" AND NOT starts_with(t.id, {})").format(sql.Literal(PREFIX))
        count = await (await connection.execute(query.as_string(None))).fetchone()
        if count is not None and count[0]:
            found[table] = found.get(table, 0) + int(count[0])
    return tuple(DependentRows(table, rows) for table, rows in sorted(found.items()))


async def delete_own_rows(connection: Connection) -> dict[str, int]:
    """Delete the seed's rows, children first; how many of each table."""
    deleted = {}
    for table in reversed(SEED_TABLES):
        cursor = await connection.execute(f"DELETE FROM {table.name} WHERE {_OURS}")  # noqa: S608 - constants
        deleted[table.name] = cursor.rowcount
    return deleted


async def lock(connection: Connection) -> None:
    """Keep other writers out until the end of the transaction, so that what was checked stays so.

    Fails after 5 s where somebody else writes for longer.
    """
    await connection.execute("SET LOCAL lock_timeout = '5s'")
    names = ", ".join(table.name for table in SEED_TABLES)
    await connection.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
