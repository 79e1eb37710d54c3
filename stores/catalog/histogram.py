"""How far into a table a value lies, from the statistics that ANALYZE keeps: no query a page, no count."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.postgres.database import Database

_NUMBERS: Final = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8", "oid"})
_TEXTS: Final = frozenset({"text", "varchar", "uuid", "date", "timestamp", "timestamptz"})


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bounds of equally filled parts of one column, in ascending order, as text (at most some hundred)."""

    column: str
    bounds: tuple[str, ...]
    numeric: bool = False

    def fraction(self, value: str | None) -> float | None:
        """The part of the rows that lie before `value`, 0 to 1; None where nothing is known.

        Text is compared by code point, without the database's collation: good enough for a percentage.
        """
        if value is None or len(self.bounds) < 2:
            return None
        as_key: Callable[[str], float | str] = _number if self.numeric else str.casefold
        keys = sorted(as_key(bound) for bound in self.bounds)
        return bisect_left(keys, as_key(value)) / len(keys)


async def load_histogram(database: Database, table: Table, column: str) -> Histogram | None:
    """The column's histogram; None where there is none yet or its type has no simple order.

    Raises `DatabaseProblem`.
    """
    type_name = table.column(column).type_name
    if type_name not in _NUMBERS | _TEXTS:
        return None
    answer = await database.fetch(
        "SELECT histogram_bounds::text::text[] FROM pg_stats"
        " WHERE schemaname = $1 AND tablename = $2 AND attname = $3 AND histogram_bounds IS NOT NULL LIMIT 1",
        [table.schema, table.name, column],
    )
    if not answer.rows:
        return None
    return Histogram(column, tuple(answer.rows[0][0]), type_name in _NUMBERS)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("inf")
