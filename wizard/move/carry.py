"""Carry the rows: table by table in the order of the foreign keys, each group in a transaction of its own.

A transaction is committed only when both servers gave the same number and hash for each of its tables, and after the
digest was written down. So a run that was killed goes on where it stood: what is the same is skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores.amounts import number_of
from soundcheck.stores.clock import Clock
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.moving.digest import NOTHING, Digest, digest, has_rows
from soundcheck.stores.moving.side import MoveSide
from soundcheck.stores.moving.stream import copy_rows
from soundcheck.stores.moving.tables import Tables, dependants
from soundcheck.stores.postgres.problem import DatabaseProblem, statement_problem
from soundcheck.wizard.move.outlook import Outlook
from soundcheck.wizard.progress import Mark, Progress, Reporter

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.sql import Composed

    Connection = AsyncConnection[tuple[Any, ...]]

_TOLD_EVERY: Final = 5.0
"""Seconds between two lines about one table."""

Keep = Callable[[Mapping[str, Digest]], None]
"""Write down, before the commit, that these tables hold what we copied."""


@dataclass(frozen=True, slots=True)
class CopyPass:
    """What one pass works with. `ours` are the digests of what earlier passes and runs copied."""

    source: MoveSide
    target: MoveSide
    source_tables: Tables
    target_tables: Tables
    found: Outlook
    ours: Mapping[str, Digest]
    keep: Keep
    clock: Clock
    report: Reporter
    as_utf8: bool
    """Whether the two databases differ in their encoding."""

    async def of_source(self, connection: Connection, key: str) -> Digest:
        """The digest of a table as the snapshot sees it. Raises `DatabaseProblem`."""
        import psycopg

        try:
            return await digest(connection, self.source_tables[key], self.found.columns[key], as_utf8=self.as_utf8)
        except psycopg.Error as error:
            raise statement_problem(error, self.source.url) from None

    async def of_target(self, connection: Connection, key: str) -> Digest:
        """The digest of the target's table over the same columns."""
        return await digest(connection, self.target_tables[key], self.found.columns[key], as_utf8=self.as_utf8)


@dataclass(frozen=True, slots=True)
class CarriedRows:
    """The digest of every table that moves, as of the pass's snapshot; `copied` are those that this pass wrote."""

    digests: Mapping[str, Digest]
    copied: tuple[str, ...]


async def carry(work: CopyPass) -> CarriedRows:
    """One pass, under one snapshot of the source.

    Raises `Refused` where a table of the target holds other rows, before anything is written; `StepFailed` in words
    where a group could not be copied or is not the same afterwards: then none of that group is there.
    """
    async with work.source.snapshot() as snapshot:
        async with work.target.snapshot() as there:
            known, stale = await _compare(work, snapshot, there)
        if stale:
            emptied = dependants(frozenset(stale), {key: work.target_tables[key] for key in work.found.tables})
            await _empty(work, emptied)
            known = {key: found for key, found in known.items() if key not in emptied or found == NOTHING}
        copied: list[str] = []
        for group in work.found.groups:
            if all(key in known for key in group):
                continue
            missing = tuple(key for key in group if key not in known)
            known |= await _copy_group(work, snapshot, missing)
            copied += missing
    return CarriedRows(known, tuple(copied))


async def changed_since(work: CopyPass, carried: Mapping[str, Digest]) -> tuple[str, ...]:
    """The tables whose rows in the source are others than those that were carried."""
    async with work.source.snapshot() as now:
        return tuple([key for key in work.found.tables if await work.of_source(now, key) != carried[key]])


async def _compare(work: CopyPass, snapshot: Connection, there: Connection) -> tuple[dict[str, Digest], list[str]]:
    """The tables that are the same already, and those with an older copy of ours. Raises `Refused` for others' rows."""
    same: dict[str, Digest] = {}
    stale: list[str] = []
    others: list[str] = []
    for key in work.found.tables:
        if not await has_rows(there, work.target_tables[key]):
            if not await has_rows(snapshot, work.source_tables[key]):
                same[key] = NOTHING
            continue
        here, present = await _both(work.of_source(snapshot, key), work.of_target(there, key))
        if here == present:
            same[key] = here
            work.report(Progress(f"{key}: {number_of(here.rows, 'row')} there already, the same", Mark.OK, key))
        elif work.ours.get(key) == present:
            stale.append(key)
        else:
            others.append(f"{key} ({present.rows:,})")
    if others:
        raise Refused(
            f"These tables of the target hold other rows: {', '.join(others)}.",
            "Move into an empty database, or empty them yourself first; none of their rows was changed.",
        )
    return same, stale


async def _both(first: Awaitable[Digest], second: Awaitable[Digest]) -> tuple[Digest, Digest]:
    """Two servers at once; neither is left at work when the other fails."""
    ended = await asyncio.gather(first, second, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    here, there = ended
    assert isinstance(here, Digest)  # noqa: S101 - no exception, see above
    assert isinstance(there, Digest)  # noqa: S101
    return here, there


async def _empty(work: CopyPass, keys: frozenset[str]) -> None:
    """Take out an older copy of ours, with the tables that refer to it; they are all copied again."""
    from psycopg import sql

    named = ", ".join(sorted(keys))
    work.report(Progress(f"Rows changed in the source since they were copied; copying again: {named}", Mark.WARN))
    tables = sql.SQL(", ").join(work.target_tables[key].identifier for key in sorted(keys))
    async with work.target.writing() as target:
        await target.execute(sql.SQL("TRUNCATE ONLY {}").format(tables))


async def _copy_group(work: CopyPass, snapshot: Connection, group: tuple[str, ...]) -> dict[str, Digest]:
    named = ", ".join(group)
    began = work.clock.monotonic()
    try:
        async with work.target.writing() as target:
            await _lock_empty(work, target, group)
            constraints = await _defer(work, target, group)
            for key in group:
                await _copy_table(work, snapshot, target, key)
            await _check_now(target, constraints)
            digests = {key: await _verified(work, snapshot, target, key) for key in group}
            work.keep(digests)
    except DatabaseProblem as problem:
        raise _in_words(problem, named) from None
    took = (work.clock.monotonic() - began) * 1000
    for key in group:
        told = f"{key}: {number_of(digests[key].rows, 'row')}, count and hash are the same on both sides"
        work.report(Progress(told, Mark.OK, key, took if key == group[-1] else None))
    return digests


async def _lock_empty(work: CopyPass, target: Connection, group: tuple[str, ...]) -> None:
    """Nobody else writes to them until the commit."""
    from psycopg import sql

    for key in group:
        table = work.target_tables[key]
        await target.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(table.identifier))
        if await has_rows(target, table):
            raise Refused(f"Rows came into {key} of the target meanwhile.", "Stop what writes there, then move again.")


async def _defer(work: CopyPass, target: Connection, group: tuple[str, ...]) -> list[Composed]:
    """Where tables refer to one another, let the server check at the end; the statements that take this back."""
    from psycopg import sql

    if len(group) == 1:
        return []  # a table that refers to itself is checked when its COPY ends
    back = []
    for key in group:
        table = work.target_tables[key]
        for foreign in table.foreign_keys:
            if foreign.to in group and not foreign.deferrable:
                names = table.identifier, sql.Identifier(foreign.name)
                await target.execute(sql.SQL("ALTER TABLE {} ALTER CONSTRAINT {} DEFERRABLE").format(*names))
                back.append(sql.SQL("ALTER TABLE {} ALTER CONSTRAINT {} NOT DEFERRABLE").format(*names))
    await target.execute("SET CONSTRAINTS ALL DEFERRED")
    return back


async def _check_now(target: Connection, back: list[Composed]) -> None:
    await target.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in back:
        await target.execute(statement)


async def _copy_table(work: CopyPass, snapshot: Connection, target: Connection, key: str) -> None:
    said = work.clock.monotonic()

    def told(rows: int) -> None:
        nonlocal said
        if (now := work.clock.monotonic()) - said >= _TOLD_EVERY:
            said = now
            work.report(Progress(f"{key}: {rows:,} rows so far", Mark.RUNNING, f"{key} {rows}"))

    await copy_rows(
        snapshot,
        work.source_tables[key],
        target,
        work.target_tables[key],
        work.found.columns[key],
        work.source.url,
        told,
    )


async def _verified(work: CopyPass, snapshot: Connection, target: Connection, key: str) -> Digest:
    here, there = await _both(work.of_source(snapshot, key), work.of_target(target, key))
    if here == there:
        return here
    what = (
        f"{number_of(here.rows, 'row')} in the source, {number_of(there.rows, 'row')} in the target"
        if here.rows != there.rows
        else "as many rows, with other values"
    )
    triggers = work.target_tables[key].triggers
    why = f"A trigger of the target may change rows: {', '.join(triggers)}." if triggers else ""
    raise StepFailed(
        f"{key} is not the same after copying: {what}. It was not kept.",
        why or "Compare the table's column types and defaults on both sides.",
    )


_HINTS: Final = {
    "23503": "The source itself breaks this rule (a constraint that is not valid, or was switched off): mend those "
    "rows there, then move again.",
    "53100": "Free some room there or take a larger plan, then run the same command: it goes on with this table.",
    "53200": "Run the same command again: it goes on with this table.",
    "42501": "Give the role of the target's address the right to write there, or use the owner's address.",
    "55P03": "Something holds the table there: stop what uses the target, then run the same command again.",
    "25006": "The target takes no writes (a replica, or a plan that ran out).",
}


def _in_words(problem: DatabaseProblem, named: str) -> StepFailed:
    hint = _HINTS.get(problem.sqlstate) or problem.hint or "Run the same command again: it goes on with this table."
    return StepFailed(f"{named} could not be copied. {problem.message} Nothing of it was kept.", hint)
