"""How a relation is made: columns, indexes with their size and use, constraints, comments, and its DDL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from stores.catalog import Column, Kind, Table
from stores.database import Database
from stores.database_problem import DatabaseProblem, Trouble
from stores.ddl import DefinedColumn, Definition, table_ddl
from stores.structure_query import STRUCTURE

_KINDS: Final = {
    "p": "PRIMARY KEY", "u": "UNIQUE", "f": "FOREIGN KEY", "c": "CHECK", "x": "EXCLUDE", "n": "NOT NULL",
    "t": "TRIGGER",
}  # fmt: skip
_SETTINGS: Final = {"search_path": "", "lock_timeout": "2s"}
"""Without a search path the server writes every name with its schema."""


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
    """Read it in one round trip. Raises `DatabaseProblem`."""
    found = await database.fetch(STRUCTURE, [table.schema, table.name], settings=_SETTINGS)
    if not found.rows:
        raise DatabaseProblem(Trouble.MISSING, f"{table.name} is not there any more.", "Load the tables again.")
    facts: dict[str, Any] = json.loads(found.rows[0][0])
    indexes = tuple(_index(one) for one in facts["indexes"])
    constraints = tuple(
        Constraint(c["name"], _KINDS.get(c["kind"], c["kind"]), c["definition"], c["validated"])
        for c in facts["constraints"]
    )
    backing = {one["index"] for one in facts["constraints"] if one["kind"] in "pux"}
    definition = Definition(
        schema=table.schema,
        name=table.name,
        kind=table.kind,
        columns=tuple(DefinedColumn(**one) for one in facts["columns"]),
        constraints=tuple((c["name"], c["definition"]) for c in facts["constraints"] if c["kind"] not in "nt"),
        indexes=tuple(one.definition for one in indexes if one.name not in backing),
        comment=facts["comment"] or "",
        view=facts["view"] or "",
        partition_key=facts["partition_key"] or "",
        parent=facts["parent"] or "",
        bound=facts["bound"] or "",
        server=facts["server"] or "",
        unlogged=facts["unlogged"],
    )
    return Structure(
        table=table,
        columns=table.columns,
        indexes=indexes,
        constraints=constraints,
        view_definition=facts["view"] or "",
        partition_key=facts["partition_key"] or "",
        dead_rows=facts["dead"],
        last_vacuum=facts["vacuumed"] or "",
        last_analyze=facts["analyzed"] or "",
        ddl=table_ddl(definition),
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
    if table.kind is Kind.VIEW:
        notes.append("A view has no key and no indexes: it shows its first rows and cannot be paged.")
    if table.kind is Kind.FOREIGN:
        notes.append("A foreign table is read from its server, whose options are not part of the DDL.")
    if table.kind is Kind.TABLE and not table.primary_key:
        notes.append("Without a primary key a row has no lasting address.")
    if types := facts["types"]:
        notes.append(f"The DDL uses types of their own: {', '.join(types)}.")
    if facts["triggers"]:
        notes.append(f"Triggers are not part of the DDL: {', '.join(facts['triggers'])}.")
    if facts["policies"]:
        notes.append("Row-level security: this role may see a part of the rows only.")
    return tuple(notes)
