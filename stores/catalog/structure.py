"""How a relation is made: columns, indexes with their size and use, constraints, comments, and its DDL.

The statement of `stores.catalog.structure`: one JSON document about one relation. PostgreSQL 14 to 18.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.stores.catalog.ddl_queries import DDL_FACTS
from soundcheck.stores.catalog.ddl_script import DDL_SETTINGS, ddl_of
from soundcheck.stores.catalog.tables import Column, RelationKind, Table, load_catalog
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

STRUCTURE: Final = f"""
SELECT json_build_object(
    'indexes', (SELECT coalesce(json_agg(json_build_object(
            'name', ic.relname, 'definition', pg_get_indexdef(ic.oid), 'method', am.amname,
            'columns', ARRAY(SELECT coalesce(a.attname, pg_get_indexdef(ic.oid, k, true))
                FROM generate_series(1, x.indnkeyatts) k
                LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[k - 1] AND a.attnum > 0),
            'unique', x.indisunique, 'primary', x.indisprimary, 'valid', x.indisvalid,
            'bytes', pg_relation_size(ic.oid), 'scans', s.idx_scan) ORDER BY NOT x.indisprimary, ic.relname), '[]')
        FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid JOIN pg_am am ON am.oid = ic.relam
        LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = x.indexrelid
        WHERE x.indrelid = c.oid),
    'constraints', (SELECT coalesce(json_agg(json_build_object(
            'name', k.conname, 'kind', k.contype::text, 'definition', pg_get_constraintdef(k.oid),
            'validated', k.convalidated)
            ORDER BY position(k.contype::text IN 'pufcxnt'), k.conname), '[]')
        FROM pg_constraint k WHERE k.conrelid = c.oid),
    'view', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END,
    'partition_key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
    'dead', st.n_dead_tup,
    'vacuumed', greatest(st.last_vacuum, st.last_autovacuum)::text,
    'analyzed', greatest(st.last_analyze, st.last_autoanalyze)::text,
    'types', ARRAY(SELECT DISTINCT format_type(t.oid, NULL) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        JOIN pg_namespace tn ON tn.oid = t.typnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND tn.nspname <> 'pg_catalog' ORDER BY 1),
    'triggers', ARRAY(SELECT tgname FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal ORDER BY 1),
    'policies', c.relrowsecurity,
    'columns', ARRAY(SELECT attname FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum),
    'ddl', ({DDL_FACTS})
)::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_tables st ON st.relid = c.oid
WHERE n.nspname = $1 AND c.relname = $2
"""  # noqa: S608 - made of constants alone


_KINDS: Final = {
    "p": "PRIMARY KEY", "u": "UNIQUE", "f": "FOREIGN KEY", "c": "CHECK", "x": "EXCLUDE", "n": "NOT NULL",
    "t": "TRIGGER",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class IndexFact:
    """Any index, partial and expression indexes included.

    `columns` are column names, or the text of an expression. `scans` counts since the statistics were reset.
    """

    name: str
    definition: str
    method: str
    columns: tuple[str, ...]
    unique: bool
    primary: bool
    valid: bool
    bytes: int | None
    scans: int | None


@dataclass(frozen=True, slots=True)
class Constraint:
    """`kind` is PRIMARY KEY, UNIQUE, FOREIGN KEY, CHECK, EXCLUDE, NOT NULL or TRIGGER."""

    name: str
    kind: str
    definition: str
    validated: bool


@dataclass(frozen=True, slots=True)
class Structure:
    """Everything about one relation. `ddl` is SQL that makes it again, without its rows and rights.

    `notes` say what is not possible with a relation of this kind, and what the DDL leaves out. Times are the
    server's text in UTC, "" for never.
    """

    table: Table
    columns: tuple[Column, ...]
    indexes: tuple[IndexFact, ...]
    constraints: tuple[Constraint, ...]
    view_definition: str
    partition_key: str
    dead_rows: int | None
    last_vacuum: str
    last_analyze: str
    ddl: str
    notes: tuple[str, ...] = ()


async def load_structure(database: Database, table: Table) -> Structure:
    """Read it in one round trip, and the table anew where it was renamed, or its columns changed, since it was read.

    Raises `DatabaseProblem`.
    """
    found = await database.fetch(STRUCTURE, [table.schema, table.name], settings=DDL_SETTINGS)
    if not found.rows and (now := (await load_catalog(database)).now(table)) is not None:
        table = now
        found = await database.fetch(STRUCTURE, [table.schema, table.name], settings=DDL_SETTINGS)
    if not found.rows:
        raise DatabaseProblem(Trouble.MISSING, f"{table.label} is not there any more.", "It was dropped.")
    facts: dict[str, Any] = json.loads(found.rows[0][0])
    if facts["columns"] != [one.name for one in table.all_columns]:
        table = (await load_catalog(database)).now(table) or table
    indexes = tuple(_index(one) for one in facts["indexes"])
    constraints = tuple(
        Constraint(c["name"], _KINDS.get(c["kind"], c["kind"]), c["definition"], c["validated"])
        for c in facts["constraints"]
    )
    return Structure(
        table=table,
        columns=table.all_columns,
        indexes=indexes,
        constraints=constraints,
        view_definition=facts["view"] or "",
        partition_key=facts["partition_key"] or "",
        dead_rows=facts["dead"],
        last_vacuum=facts["vacuumed"] or "",
        last_analyze=facts["analyzed"] or "",
        ddl=ddl_of(facts["ddl"], table.name),
        notes=_notes(table, facts),
    )


def _index(one: dict[str, Any]) -> IndexFact:
    return IndexFact(
        name=one["name"],
        definition=one["definition"],
        method=one["method"],
        columns=tuple(one["columns"]),
        unique=one["unique"],
        primary=one["primary"],
        valid=one["valid"],
        bytes=one["bytes"],
        scans=one["scans"],
    )


def _notes(table: Table, facts: dict[str, Any]) -> tuple[str, ...]:
    notes = []
    if table.kind is RelationKind.VIEW:
        notes.append("A view has no key and no indexes: its rows are put in the order of the whole row as text.")
    if table.kind is RelationKind.FOREIGN:
        notes.append("A foreign table is read from its server, whose options are not part of the DDL.")
    if table.withheld_key:
        notes.append(f"This role may not read the whole primary key ({', '.join(table.withheld_key)}).")
    elif table.kind is RelationKind.TABLE and not table.primary_key:
        has_one = any(one["primary"] and one["valid"] for one in facts["indexes"])
        notes.append(
            "The primary key does not tell every row: other tables inherit from this one, or the key is deferrable."
            if has_one
            else "Without a primary key a row has no lasting address."
        )
    if table.withheld:
        notes.append(table.without)
    if types := facts["types"]:
        notes.append(f"The DDL uses types of their own: {', '.join(types)}.")
    if facts["triggers"]:
        notes.append(f"Triggers are not part of the DDL: {', '.join(facts['triggers'])}.")
    if facts["policies"]:
        notes.append("Row-level security: this role may see a part of the rows only.")
    return tuple(notes)
