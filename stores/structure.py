"""How a relation is made: columns, indexes with their size and use, constraints, comments, and its DDL."""

from __future__ import annotations

from dataclasses import dataclass

from stores.catalog import Column, Table
from stores.database import Database


@dataclass(frozen=True, slots=True)
class IndexFact:
    """Any index, partial and expression indexes included. `scans` counts since the statistics were reset."""

    name: str
    definition: str
    method: str
    columns: tuple[str, ...]
    """Column names, or the text of an expression."""
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
    """Everything about one relation. `ddl` is SQL that makes it again, without its rows and rights."""

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
    """What is not possible with a relation of this kind, or what is left out of the DDL."""


async def load_structure(database: Database, table: Table) -> Structure:
    """Read it in one round trip. Raises `DatabaseProblem`."""
    raise NotImplementedError
