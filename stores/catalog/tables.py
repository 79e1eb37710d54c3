"""What a database holds: its tables and views, their columns, keys, sizes and estimated rows."""

from __future__ import annotations

import difflib
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

from soundcheck.stores.catalog.queries import COLUMNS, FINGERPRINT, RELATIONS, RELATIONS_WITHOUT_LOCKS, count_query
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database, Rows
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

COUNT_LIMIT: Final = 10_000
"""Rows up to which a table is counted; beyond that the estimate is good enough."""

COUNTED_TABLES: Final = 200
"""Tables that are counted at most; the others show what the statistics say."""

MOST_OF_A_NAME: Final = 200
"""Characters of a typed name that are compared with the known ones; PostgreSQL's own have 63 bytes."""

_COUNT_TIMEOUT: Final = 2.0
_NO_JIT: Final = {"jit": "off"}
"""The planner overrates these statements, and compiling one takes ten times as long as running it (PostgreSQL 15)."""


TableName: TypeAlias = tuple[str, str]
"""Schema and name."""


class RelationKind(StrEnum):
    """What a relation is."""

    TABLE = "table"
    PARTITIONED = "partitioned table"
    VIEW = "view"
    MATERIALIZED = "materialized view"
    FOREIGN = "foreign table"


_KINDS: Final = {
    "r": RelationKind.TABLE,
    "p": RelationKind.PARTITIONED,
    "v": RelationKind.VIEW,
    "m": RelationKind.MATERIALIZED,
    "f": RelationKind.FOREIGN,
}


class Certainty(StrEnum):
    """How a number of rows is known."""

    EXACT = "exact"  # counted
    AT_LEAST = "at least"  # counted up to a limit, which was reached
    ESTIMATE = "estimate"  # from the statistics of the last ANALYZE, scaled to today's size
    UNKNOWN = "unknown"  # a view, a table that may not be read, or one without statistics that took too long


@dataclass(frozen=True, slots=True)
class RowCount:
    """A number of rows and how it is known; printed as `12`, `10,000+`, `~1.2 M` or `?`."""

    number: int
    certainty: Certainty

    def __str__(self) -> str:
        match self.certainty:
            case Certainty.EXACT:
                return f"{self.number:,}"
            case Certainty.AT_LEAST:
                return f"{self.number:,}+"
            case Certainty.ESTIMATE:
                return f"~{_short(self.number)}"
            case Certainty.UNKNOWN:
                return "?"

    @property
    def words(self) -> str:
        """The same for the ear: `12`, `10,000 or more`, `about 1.2 M`, `unknown`."""
        match self.certainty:
            case Certainty.AT_LEAST:
                return f"{self.number:,} or more"
            case Certainty.ESTIMATE:
                return f"about {_short(self.number)}"
            case Certainty.UNKNOWN:
                return "unknown"
            case _:
                return str(self)


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `type` is PostgreSQL's own text for it, as `character varying(255)`; `type_name` its bare name as in
    `ColumnInfo` (a domain's base type); `cast` what a value is cast to for a comparison, without a length that would
    cut it.
    """

    name: str
    type: str
    type_name: str
    cast: str
    nullable: bool
    fixed_width: bool
    """Whether every value takes the same few bytes, so that it is never cut."""
    default: str | None = None
    comment: str = ""
    labels: tuple[str, ...] = ()
    """An enum's values in their order; empty for every other type."""
    generated: bool = False
    """Whether the server computes it, so that no statement may give it a value."""
    always_identity: bool = False
    """Whether a statement must say OVERRIDING SYSTEM VALUE to give it a value."""
    ordered: bool = True
    """Whether its type has an order, by its operator classes: json, xml and point have none."""
    nondeterministic: bool = False
    """Whether its collation takes different texts for equal (a nondeterministic one)."""
    unsure: bool = False
    """Whether a row may hold NULL for all that the catalogue proves, whatever is declared."""
    number: int = field(default=0, compare=False)
    """The column's own number in its table, which a new name does not change."""

    @property
    def may_be_null(self) -> bool:
        """Whether a NULL is to be reckoned with."""
        return self.nullable or self.unsure


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A column of an index with its direction."""

    name: str
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Index:
    """A valid, complete btree index over plain columns; partial and expression indexes are left out."""

    name: str
    columns: tuple[IndexColumn, ...]
    unique: bool
    """Whether the server refuses a second row at once, not only at the end of a transaction."""
    nulls_alike: bool = False
    """Whether NULLs count as equal for that (NULLS NOT DISTINCT)."""
    in_order: bool = True
    """Whether it compares as ORDER BY does: by each column's own collation and its type's default operators."""


def meant(name: str, known: Sequence[str]) -> str:
    """` Did you mean email?`, by the nearest of the known names in any case; "" where none is near."""
    lowered = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name[:MOST_OF_A_NAME].lower(), lowered, 1)
    return f" Did you mean {lowered[near[0]]}?" if near else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A relation. `total_bytes` includes indexes and long values; None for a view or a foreign table.

    Where this role may read some of the columns only, the others are in `withheld`, and no key or index of theirs is
    here: whatever is built from `columns`, `primary_key` and `indexes` may be read.
    """

    schema: str
    name: str
    kind: RelationKind
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    indexes: tuple[Index, ...]
    rows: RowCount
    total_bytes: int | None
    readable: bool = True
    partition_of: str = ""
    comment: str = ""
    ctid_is_unique: bool = True
    """Whether a row's `ctid` is its own and may be read: a heap that no other table inherits from."""
    withheld: tuple[Column, ...] = ()
    """Columns that this role may not read, although it may read others."""
    withheld_key: tuple[str, ...] = ()
    """The primary key, where this role may not read all of it."""
    oid: int = field(default=0, compare=False)
    """The relation's own number, which a new name does not change."""
    with_schema: bool = False
    """Whether its name is said with its schema, as `Catalog.label` has it."""

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Those that may be read and those that may not, in the table's order."""
        return tuple(sorted((*self.columns, *self.withheld), key=lambda column: column.number))

    @property
    def without(self) -> str:
        """Which columns this role may not read, in a sentence; "" where it may read all."""
        names = ", ".join(column.name for column in self.withheld)
        return (
            f"Without {names}: this role may not read {'it' if len(self.withheld) == 1 else 'them'}." if names else ""
        )

    @property
    def label(self) -> str:
        """Its name as people say it."""
        return f"{self.schema}.{self.name}" if self.with_schema else self.name

    def column(self, name: str) -> Column:
        """The column of this name. Raises `UsageError` with the known ones."""
        for column in self.columns:
            if column.name == name:
                return column
        if any(column.name == name for column in self.withheld):
            raise UsageError(
                f"This role may not read {name} of {self.name}.",
                "Choose another column, or ask the table's owner for SELECT on this one.",
            )
        names = [column.name for column in self.columns]
        raise UsageError(f"{self.label} has no column {name!r}.{meant(name, names)}", f"Columns: {', '.join(names)}.")


@dataclass(frozen=True, slots=True)
class Catalog:
    """All relations of all schemas that are not the system's, the default schema's first, then by name."""

    tables: tuple[Table, ...]
    default_schema: str = "public"
    elapsed_ms: float = field(default=0.0, compare=False)
    fingerprint: str = field(default="", compare=False)
    """Another one after every change to the tables (`read_fingerprint`)."""

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    def find(self, name: str) -> Table:
        """The table called `name` or `schema.name`. Raises `UsageError` with the nearest names."""
        in_default = [t for t in self.tables if t.name == name and t.schema == self.default_schema]
        anywhere = [t for t in self.tables if name in {t.name, f"{t.schema}.{t.name}"}]
        found = in_default or anywhere
        if len(found) == 1:
            return found[0]
        if found:
            names = " or ".join(f"{t.schema}.{t.name}" for t in found)
            raise UsageError(f"There are several tables called {name!r}.", f"Say {names}.")
        labels = {self.label(t).lower(): self.label(t) for t in self.tables}
        near = [labels[n] for n in difflib.get_close_matches(name.lower(), labels, 3, 0.5)]
        hint = f"Did you mean {' or '.join(near)}?" if near else "`soundcheck tables` lists those that are there."
        raise UsageError(f"There is no table called {name!r}.", hint)

    def now(self, table: Table) -> Table | None:
        """An earlier table as it is now: that of its name, else itself under another one; None where it is gone."""
        named = (one for one in self.tables if (one.schema, one.name) == (table.schema, table.name))
        renamed = (one for one in self.tables if one.oid == table.oid)
        return next(named, None) or next(renamed, None)

    @property
    def several_schemas(self) -> bool:
        """Whether a name alone may leave open whose it is: more than one schema holds something."""
        return len({table.schema for table in self.tables}) > 1

    def label(self, table: Table) -> str:
        """A table's name as people say it: with its schema where there are several, or where it is not the default."""
        return f"{table.schema}.{table.name}" if self._says_schema(table.schema) else table.name

    def label_of(self, name: TableName) -> str:
        """The same by schema and name, for a table that may not be among these."""
        return ".".join(name) if self._says_schema(name[0]) else name[1]

    def _says_schema(self, schema: str) -> bool:
        return schema != self.default_schema or self.several_schemas

    def labelled(self) -> Catalog:
        """The same tables, each of which knows its label."""
        return replace(self, tables=tuple(replace(t, with_schema=self._says_schema(t.schema)) for t in self.tables))


async def load_catalog(database: Database) -> Catalog:
    """Read everything in three round trips, four while somebody alters a table. Raises `DatabaseProblem`."""
    started = time.perf_counter()
    relations = await _relations(database)
    columns = await database.fetch(COLUMNS, settings=_NO_JIT)
    of_table: dict[int, list[tuple[Column, bool]]] = defaultdict(list)
    for oid, *facts, labels, generated, identity, ordered, nondeterministic, unsure, number, may in columns.rows:
        facts += (tuple(labels), generated, identity, ordered, nondeterministic, unsure, number)
        of_table[oid].append((Column(*facts), may))
    default, fingerprint = relations.rows[0][:2] if relations.rows else (None, "")
    tables = {row[2]: _table(row, of_table[row[2]]) for row in relations.rows if row[2] is not None}
    for oid, count in (await _count(database, tables)).items():
        tables[oid] = replace(tables[oid], rows=count)
    default = default or "public"
    ordered = sorted(tables.values(), key=lambda t: (t.schema != default, t.schema, t.name))
    return Catalog(tuple(ordered), default, (time.perf_counter() - started) * 1000, fingerprint).labelled()


async def read_fingerprint(database: Database) -> str:
    """`Catalog.fingerprint` as it is now, in one small statement that reads no table. Raises `DatabaseProblem`."""
    return str((await database.fetch(FINGERPRINT, settings=_NO_JIT)).rows[0][0])


async def _relations(database: Database) -> Rows:
    try:
        return await database.fetch(RELATIONS, settings={**_NO_JIT, "lock_timeout": "300"})
    except DatabaseProblem as problem:
        if problem.trouble is not Trouble.LOCKED:
            raise
        return await database.fetch(RELATIONS_WITHOUT_LOCKS, settings=_NO_JIT)


def _table(row: Sequence[Any], columns: Sequence[tuple[Column, bool]]) -> Table:
    _, _, oid, schema, name, kind, estimate, size, readable, parent, comment, key, indexes, ctid_is_unique = row
    # Of a relation that may not be read at all, everything is told.
    withheld = tuple(column for column, may in columns if readable and not may)
    hidden = {column.name for column in withheld}
    primary_key = tuple(json.loads(key))
    unreadable_or_view = not readable or kind in "vf"
    known = estimate is not None and estimate >= 0 and not unreadable_or_view
    return Table(
        schema=schema,
        name=name,
        kind=_KINDS[kind],
        columns=tuple(column for column, _ in columns if column.name not in hidden),
        primary_key=() if hidden.intersection(primary_key) else primary_key,
        indexes=tuple(
            Index(
                i["name"],
                tuple(IndexColumn(c["name"], c["desc"], c["first"]) for c in i["columns"]),
                i["unique"],
                i["nulls_alike"],
                i["in_order"],
            )
            for i in json.loads(indexes)
            if hidden.isdisjoint(c["name"] for c in i["columns"])
        ),
        rows=RowCount(round(estimate), Certainty.ESTIMATE) if known else RowCount(0, Certainty.UNKNOWN),
        total_bytes=size,
        readable=readable,
        partition_of=parent or "",
        comment=comment or "",
        ctid_is_unique=ctid_is_unique,
        withheld=withheld,
        withheld_key=primary_key if hidden.intersection(primary_key) else (),
        oid=oid,
    )


async def _count(database: Database, tables: Mapping[int, Table]) -> dict[int, RowCount]:
    """Exact numbers for the small ones and those without statistics; nothing where it takes too long."""
    wanted = [
        (oid, table)
        for oid, table in tables.items()
        if table.readable
        and table.kind in {RelationKind.TABLE, RelationKind.PARTITIONED, RelationKind.MATERIALIZED}
        and table.rows.number <= COUNT_LIMIT
    ][:COUNTED_TABLES]
    if not wanted:
        return {}
    query = count_query([(oid, table.schema, table.name) for oid, table in wanted], COUNT_LIMIT)
    try:
        answer = await database.fetch(query, timeout=_COUNT_TIMEOUT, settings={"lock_timeout": "200"})
    except DatabaseProblem:
        return {}
    return {
        oid: RowCount(min(n, COUNT_LIMIT), Certainty.AT_LEAST if n > COUNT_LIMIT else Certainty.EXACT)
        for oid, n in answer.rows
    }


def _short(number: int) -> str:
    """1234567 as `1.2 M`, 41000 as `41 k`."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if number >= size:
            scaled = number / size
            return f"{scaled:.1f} {unit}" if scaled < 10 else f"{scaled:.0f} {unit}"
    return str(number)
