"""What rows alone do not bring: where sequences stand, and the planner's statistics."""

from __future__ import annotations

from stores.database_problem import DatabaseProblem
from stores.moving.sequences import position, read_sequences, set_position
from stores.moving.side import Side
from stores.moving.tables import Tables
from wizard.progress import Mark, Progress, Report


async def bring_sequences(source: Side, target: Side, tables: frozenset[str], report: Report) -> int:
    """Set every sequence of these tables, and free ones of the same name, to where the source's stands; how many."""
    async with source.snapshot() as here:
        mine = await read_sequences(here)
        async with target.writing() as there:
            theirs = await read_sequences(there)
            shared = [name for name, s in mine.items() if name in theirs and (not s.table or s.table in tables)]
            for name in shared:
                await set_position(there, theirs[name], await position(here, mine[name]))
    if shared:
        report(Progress(f"{len(shared)} sequences stand where the source's do", Mark.OK, "sequences"))
    return len(shared)


async def gather_statistics(target: Side, tables: Tables, keys: tuple[str, ...]) -> None:
    """ANALYZE what was copied, so that the first queries are planned well. A role that may not do so goes without."""
    from contextlib import suppress

    from psycopg import sql

    names = sql.SQL(", ").join(tables[key].identifier for key in keys)
    with suppress(DatabaseProblem):
        async with target.writing() as there:
            await there.execute(sql.SQL("ANALYZE {}").format(names))
