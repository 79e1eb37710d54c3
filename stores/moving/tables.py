"""The tables of one side: their stored columns, what they refer to, and the order in which rows can arrive.

What a database has besides its tables and rows: hand-made indexes, triggers, views, functions, policies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.sql import Composed, Identifier


BOOKKEEPING: Final = "_prisma_migrations"
"""Prisma's own history of a database; it belongs to the database, not to the data."""

TABLES: Final = """
SELECT json_build_object('schema', n.nspname, 'name', c.relname, 'default', n.nspname = current_schema(),
    'partitioned', c.relkind = 'p',
    'bytes', CASE WHEN c.relkind = 'r' THEN pg_total_relation_size(c.oid) ELSE
        (SELECT coalesce(sum(pg_total_relation_size(t.relid)), 0) FROM pg_partition_tree(c.oid) t) END,
    'columns', (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
    'generated', (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> ''),
    'foreign_keys', (SELECT coalesce(json_agg(json_build_object('name', f.conname, 'deferrable', f.condeferrable,
            'schema', rn.nspname, 'table', r.relname) ORDER BY f.conname), '[]')
        FROM pg_constraint f JOIN pg_class r ON r.oid = coalesce(pg_partition_root(f.confrelid), f.confrelid)
        JOIN pg_namespace rn ON rn.oid = r.relnamespace
        WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conparentid = 0),
    'triggers', (SELECT coalesce(json_agg(t.tgname ORDER BY t.tgname), '[]') FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'))::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
      AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
"""
"""One JSON object a row. Partitions are read and written through their root; tables of extensions are theirs."""


@dataclass(frozen=True, slots=True)
class MovingKey:
    """A constraint to another table, by that table's key in `Tables`."""

    name: str
    to: str
    deferrable: bool


@dataclass(frozen=True, slots=True)
class MovingTable:
    """A table on one side. `key` names it on both: with its schema only where that is not the usual one."""

    key: str
    schema: str
    name: str
    columns: tuple[str, ...]
    generated: tuple[str, ...]
    partitioned: bool
    bytes: int
    foreign_keys: tuple[MovingKey, ...]
    triggers: tuple[str, ...]

    @property
    def identifier(self) -> Identifier:
        """Its name in SQL."""
        from psycopg import sql

        return sql.Identifier(self.schema, self.name)

    def rows(self, columns: Sequence[str]) -> Composed:
        """`SELECT columns FROM table`: of a table with children its own rows, of a partitioned one all."""
        from psycopg import sql

        return sql.SQL("SELECT {} FROM {}{}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL("" if self.partitioned else "ONLY "),
            self.identifier,
        )


Tables = Mapping[str, MovingTable]
"""By key."""


async def read_tables(connection: AsyncConnection[tuple[Any, ...]]) -> Tables:
    """All tables that hold rows of their own. Raises `psycopg.Error`."""
    answer = await connection.execute(TABLES)
    raw = [json.loads(text) for (text,) in await answer.fetchall()]
    default = next((one["schema"] for one in raw if one["default"]), "")
    found = {}
    for one in raw:
        key = _key(one["schema"], one["name"], default)
        found[key] = MovingTable(
            key=key,
            schema=one["schema"],
            name=one["name"],
            columns=tuple(one["columns"]),
            generated=tuple(one["generated"]),
            partitioned=one["partitioned"],
            bytes=int(one["bytes"]),
            foreign_keys=tuple(
                MovingKey(f["name"], _key(f["schema"], f["table"], default), f["deferrable"])
                for f in one["foreign_keys"]
            ),
            triggers=tuple(one["triggers"]),
        )
    return found


def _key(schema: str, name: str, default: str) -> str:
    return name if schema == default else f"{schema}.{name}"


def copy_order(tables: Tables) -> tuple[tuple[str, ...], ...]:
    """The keys in groups, each after everything that it refers to. Tables that refer to one another are one group.

    Pure. A reference to a table that is not among them, or to itself, orders nothing.
    """
    reach = {key: _reached(key, tables) for key in tables}
    groups = {key: tuple(sorted({key} | {other for other in reach[key] if key in reach[other]})) for key in tables}
    # Whoever refers to a group reaches all that the group reaches, and the group besides.
    return tuple(sorted(dict.fromkeys(groups.values()), key=lambda group: (len(reach[group[0]] | set(group)), group)))


def _reached(start: str, tables: Tables) -> frozenset[str]:
    """Every table that can be reached by foreign keys; `start` itself only through a cycle."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for key in tables[waiting.pop()].foreign_keys:
            if key.to in tables and key.to not in seen:
                seen.add(key.to)
                waiting.append(key.to)
    return frozenset(seen)


def dependants(keys: frozenset[str], tables: Tables) -> frozenset[str]:
    """The given tables and all that refer to them, directly or not: what has to be emptied along with them."""
    return frozenset(key for key in tables if key in keys or _reached(key, tables) & keys)


if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[Any, ...]]

_OTHERS: Final = """
WITH own AS (SELECT oid FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'),
of_extensions AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
SELECT 'index ' || i.relname || ' of ' || t.relname, t.relname::text
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relnamespace IN (SELECT oid FROM own) AND NOT i.relispartition AND t.relkind IN ('r', 'p')
  AND ('pg_class'::regclass, t.oid) NOT IN (SELECT classid, objid FROM of_extensions)
UNION ALL
SELECT 'trigger ' || g.tgname || ' of ' || t.relname, t.relname
FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND t.relnamespace IN (SELECT oid FROM own)
UNION ALL
SELECT 'policy ' || p.polname || ' of ' || t.relname, t.relname
FROM pg_policy p JOIN pg_class t ON t.oid = p.polrelid WHERE t.relnamespace IN (SELECT oid FROM own)
UNION ALL
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table ' ELSE 'view ' END || c.relname, '' FROM pg_class c
WHERE c.relkind IN ('v', 'm', 'f') AND c.relnamespace IN (SELECT oid FROM own)
  AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM of_extensions)
UNION ALL
SELECT 'function ' || p.proname, '' FROM pg_proc p
WHERE p.pronamespace IN (SELECT oid FROM own)
  AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM of_extensions)
"""


async def read_others(connection: Connection) -> Mapping[str, str]:
    """Each as it is said (`index by_hand of users`, `view top_songs`), with its table's name or "".

    Raises `psycopg.Error`.
    """
    answer = await connection.execute(_OTHERS)
    return {str(said): str(table) for said, table in await answer.fetchall()}
