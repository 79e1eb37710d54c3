"""The name that people read beside an id: for the foreign keys of a page, one query a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stores.catalog import Column, Table
from stores.database import Database
from stores.relations import ForeignKey


def readable_column(table: Table) -> Column | None:
    """The column that names a row for people (name, title, label, email, …); None where there is none."""
    raise NotImplementedError


async def readable_names(
    database: Database, key: ForeignKey, target: Table, rows: Sequence[Mapping[str, Any]], *, reveal: bool = False
) -> dict[tuple[str, ...], str | None]:
    """Names of the rows that `rows` (of the key's own table) point at, by the text of the key's values.

    One query; none where the target has no readable column or no row points anywhere. A name from a personal column
    is masked unless `reveal`. An id that no row has is missing. Raises `DatabaseProblem`.
    """
    raise NotImplementedError
