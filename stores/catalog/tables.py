"""What a database holds: its tables and views, their columns, keys, sizes and estimated rows."""

from __future__ import annotations

import difflib
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from soundcheck.stores.catalog.queries import COLUMNS, RELATIONS, RELATIONS_WITHOUT_LOCKS, count_query
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database, Rows
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

COUNT_LIMIT: Final = 10_000
"""Rows up to which a table is counted; beyond that the estimate is good enough."""

COUNTED_TABLES: Final = 200
"""Tables that are counted at most; the others show what the statistics say."""

_COUNT_TIMEOUT: Final = 2.0
_NO_JIT: Final = {"jit": "off"}
"""The planner overrates these statements, and compiling one takes ten times as long as running it (PostgreSQL 15)."""


class Kind(StrEnum):
    """What a relation is."""

    TABLE = "table"
    PARTITIONED = "partitioned table"
    VIEW = "view"
    MATERIALIZED = "materialized view"
    FOREIGN = "foreign table"


_KINDS: Final = {
    "r": Kind.TABLE,
    "p": Kind.PARTITIONED,
    "v": Kind.VIEW,
    "m": Kind.MATERIALIZED,
    "f": Kind.FOREIGN,
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


@dataclass(frozen=True, slots=True)
class Table:
    """A relation. `total_bytes` includes indexes and long values; None for a view or a foreign table."""

    schema: str
    name: str
    kind: Kind
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    indexes: tuple[Index, ...]
    rows: RowCount
    total_bytes: int | None
    readable: bool = True
    partition_of: str = ""
    comment: str = ""
    ctid_is_unique: bool = True
    """Whether a row's `ctid` is its own: a heap that no other table inherits from."""
    with_schema: bool = False
    """Whether its name is said with its schema, as `Catalog.label` has it."""

    @property
    def label(self) -> str:
        """Its name as people say it."""
        return f"{self.schema}.{self.name}" if self.with_schema else self.name

    def column(self, name: str) -> Column:
        """The column of this name. Raises `UsageError` with the known ones."""
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns)
        near = difflib.get_close_matches(name, [c.name for c in self.columns], 1)
        ask = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"{self.label} has no column {name!r}.{ask}", f"Columns: {known}.")


@dataclass(frozen=True, slots=True)
class Catalog:
    """All relations of all schemas that are not the system's, the default schema's first, then by name."""

    tables: tuple[Table, ...]
    default_schema: str = "public"
    elapsed_ms: float = field(default=0.0, compare=False)

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

    @property
    def several_schemas(self) -> bool:
        """Whether a name alone may leave open whose it is: more than one schema holds something."""
        return len({table.schema for table in self.tables}) > 1

    def label(self, table: Table) -> str:
        """A table's name as people say it: with its schema where there are several, or where it is not the default."""
        return f"{table.schema}.{table.name}" if self._says_schema(table.schema) else table.name

    def label_of(self, name: tuple[str, str]) -> str:
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
    of_table: dict[int, list[Column]] = defaultdict(list)
    for oid, *facts, labels, generated, identity, ordered, nondeterministic, unsure in columns.rows:
        facts += (tuple(labels), generated, identity, ordered, nondeterministic, unsure)
        of_table[oid].append(Column(*facts))
    default = relations.rows[0][0] if relations.rows else None
    tables = {row[1]: _table(row, of_table[row[1]]) for row in relations.rows if row[1] is not None}
    for oid, count in (await _count(database, tables)).items():
        tables[oid] = replace(tables[oid], rows=count)
    default = default or "public"
    ordered = sorted(tables.values(), key=lambda t: (t.schema != default, t.schema, t.name))
    return Catalog(tuple(ordered), default, (time.perf_counter() - started) * 1000).labelled()


async def _relations(database: Database) -> Rows:
    try:
        return await database.fetch(RELATIONS, settings={**_NO_JIT, "lock_timeout": "300"})
    except DatabaseProblem as problem:
        if problem.trouble is not Trouble.LOCKED:
            raise
        return await database.fetch(RELATIONS_WITHOUT_LOCKS, settings=_NO_JIT)


def _table(row: Sequence[Any], columns: Sequence[Column]) -> Table:
    _, _, schema, name, kind, estimate, size, readable, parent, comment, key, indexes, ctid_is_unique = row
    unreadable_or_view = not readable or kind in "vf"
    known = estimate is not None and estimate >= 0 and not unreadable_or_view
    return Table(
        schema=schema,
        name=name,
        kind=_KINDS[kind],
        columns=tuple(columns),
        primary_key=tuple(json.loads(key)),
        indexes=tuple(
            Index(
                i["name"],
                tuple(IndexColumn(c["name"], c["desc"], c["first"]) for c in i["columns"]),
                i["unique"],
                i["nulls_alike"],
                i["in_order"],
            )
            for i in json.loads(indexes)
        ),
        rows=RowCount(round(estimate), Certainty.ESTIMATE) if known else RowCount(0, Certainty.UNKNOWN),
        total_bytes=size,
        readable=readable,
        partition_of=parent or "",
        comment=comment or "",
        ctid_is_unique=ctid_is_unique,
    )


async def _count(database: Database, tables: Mapping[int, Table]) -> dict[int, RowCount]:
    """Exact numbers for the small ones and those without statistics; nothing where it takes too long."""
    wanted = [
        (oid, table)
        for oid, table in tables.items()
        if table.readable
        and table.kind in {Kind.TABLE, Kind.PARTITIONED, Kind.MATERIALIZED}
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
