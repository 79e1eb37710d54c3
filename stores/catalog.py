"""What a database holds: its tables and views, their columns, keys, sizes and estimated rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from stores.database import Database


class Kind(StrEnum):
    """What a relation is."""

    TABLE = "table"
    PARTITIONED = "partitioned table"
    VIEW = "view"
    MATERIALIZED = "materialized view"
    FOREIGN = "foreign table"


class Certainty(StrEnum):
    """How a number of rows is known."""

    EXACT = "exact"  # counted
    AT_LEAST = "at least"  # counted up to a limit, which was reached
    ESTIMATE = "estimate"  # from the statistics of the last ANALYZE, scaled to today's size
    UNKNOWN = "unknown"  # a view, or a table that may not be read


@dataclass(frozen=True, slots=True)
class RowCount:
    """A number of rows and how it is known; printed as `12`, `10,000+`, `~1.2 M` or `?`."""

    number: int
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `type` is PostgreSQL's own text for it, as `character varying(255)`; `type_name` the bare one."""

    name: str
    type: str
    type_name: str
    nullable: bool
    fixed_width: bool
    """Whether every value takes the same few bytes, so that it is never cut."""
    default: str | None = None
    comment: str = ""


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
        raise NotImplementedError

    def label(self, table: Table) -> str:
        """A table's name as people say it: with its schema only where that is not the default one."""
        raise NotImplementedError


async def load_catalog(database: Database) -> Catalog:
    """Read everything in three round trips. Raises `DatabaseProblem`."""
    raise NotImplementedError
