"""Whether two tables hold the same rows: their number, and two sums of 64-bit hashes of every row's text.

A sum does not depend on the order of the rows and counts equal rows each. The hash is the server's own
`hashtextextended`, which hash partitioning relies on across versions; where the two databases differ in their encoding
the bytes of the same text differ, and MD5 of its UTF-8 takes its place (about twice the time).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores.moving.tables import MovingTable

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Digest:
    """The rows of a table. `sums` is a text to compare, e.g. `2250302114232014035559/756233889770513848033`."""

    rows: int
    sums: str


NOTHING: Final = Digest(0, "0/0")
"""An empty table."""


async def encoding_of(connection: Connection) -> str:
    """The encoding in which the server keeps its texts."""
    answer = await connection.execute("SELECT current_setting('server_encoding')")
    row = await answer.fetchone()
    return str(row[0]) if row else ""


async def digest(connection: Connection, table: MovingTable, columns: Sequence[str], *, as_utf8: bool) -> Digest:
    """Read the whole table once, in a transaction of `Side`: its settings decide the text. Raises `psycopg.Error`."""
    from psycopg import sql

    row_text = sql.SQL("ROW({})::text").format(sql.SQL(", ").join(sql.Identifier("r", c) for c in columns))
    if as_utf8:
        first, second = (
            sql.SQL("('x' || substr(md5(convert_to(t, 'UTF8')), {}, 16))::bit(64)::bigint").format(sql.Literal(at))
            for at in (1, 17)
        )
    else:
        first, second = (
            sql.SQL('hashtextextended(t COLLATE "C", {})').format(sql.Literal(seed)) for seed in (0, 20_261)
        )
    query = sql.SQL(
        "SELECT count(*), coalesce(sum({}), 0) || '/' || coalesce(sum({}), 0) "
        "FROM (SELECT {} AS t FROM ({}) AS r OFFSET 0) AS s"
    ).format(first, second, row_text, table.rows(columns))
    answer = await connection.execute(query)
    row = await answer.fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers
    return Digest(int(row[0]), str(row[1]))


async def has_rows(connection: Connection, table: MovingTable) -> bool:
    """Whether there is any row; one index-free look."""
    from psycopg import sql

    only = sql.SQL("" if table.partitioned else "ONLY ")
    answer = await connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {}{})").format(only, table.identifier))
    row = await answer.fetchone()
    return bool(row and row[0])
