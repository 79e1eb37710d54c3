"""The rows of a table from one connection into another, never all of them in memory.

As text, not binary: in binary an array names its element type by its OID, which differs between two databases for
every enum, and the server refuses it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from soundcheck.stores.moving.tables import MovingTable
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble, statement_problem
from soundcheck.stores.postgres.url import PostgresUrl

if TYPE_CHECKING:
    from psycopg import AsyncConnection, AsyncCopy
    from psycopg.sql import Composed

    Connection = AsyncConnection[tuple[Any, ...]]

T = TypeVar("T")

BLOCK: Final = 64 * 1024
"""Bytes that are handed on together; the server gives one row at a time."""

STALLED_AFTER: Final = 300.0
"""Seconds without a block in either direction after which a stream counts as lost."""


async def copy_rows(
    source: Connection,
    source_table: MovingTable,
    target: Connection,
    target_table: MovingTable,
    columns: Sequence[str],
    source_url: PostgresUrl,
    told: Callable[[int], None],
) -> int:
    """Stream all rows; `told` gets the number so far with every block. Returns the number of rows.

    Raises `DatabaseProblem` for the source, `psycopg.Error` for the target: its transaction translates that.
    """
    from psycopg import sql

    out = sql.SQL("COPY ({}) TO STDOUT").format(source_table.rows(columns))
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        target_table.identifier, sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    rows = 0
    async with target.cursor().copy(into) as writer:
        async for block, number in _blocks(source, out, source_url):
            rows += number
            await _in_time(writer.write(block), "the target")
            told(rows)
    return rows


async def _blocks(source: Connection, query: Composed, url: PostgresUrl) -> AsyncIterator[tuple[bytes, int]]:
    """Whole rows together until `BLOCK`, with their number."""
    import psycopg

    try:
        async with source.cursor().copy(query) as reader:
            while (block := await _in_time(_block(reader), "the source"))[1]:
                yield block
    except psycopg.Error as error:
        raise statement_problem(error, url) from None


async def _block(reader: AsyncCopy) -> tuple[bytes, int]:
    """The next rows; no row at the end."""
    gathered, size = [], 0
    while size < BLOCK and (row := await reader.read()):
        gathered.append(row)
        size += len(row)
    return b"".join(gathered), len(gathered)


async def _in_time(step: Awaitable[T], who: str) -> T:
    import asyncio

    try:
        async with asyncio.timeout(STALLED_AFTER):
            return await step
    except TimeoutError:
        raise DatabaseProblem(
            Trouble.LOST, f"For {STALLED_AFTER:.0f} s nothing went through {who}.", "Check your network."
        ) from None
