"""The database's half of a move: look, ask, push, copy, verify. Nothing of the source is written.

What rows alone do not bring: where sequences stand, and the planner's statistics.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from soundcheck.stores.amounts import number_of
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.moving.digest import Digest
from soundcheck.stores.moving.room import TargetRoom
from soundcheck.stores.moving.sequences import position, read_sequences, set_position
from soundcheck.stores.moving.side import MoveSide
from soundcheck.stores.moving.tables import Tables
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Question, Unattended, confirmed
from soundcheck.wizard.guard import Consent, Decision, loss_option
from soundcheck.wizard.move import survey
from soundcheck.wizard.move.carry import CopyPass, carry, changed_since
from soundcheck.wizard.move.outlook import (
    outlook,
    refuse_lacking,
    refuse_left_behind,
    room_sentence,
    without_counterpart,
)
from soundcheck.wizard.move.request import MoveJob, MoveResult
from soundcheck.wizard.move.state import MovePhase, MoveState, save_state
from soundcheck.wizard.move.survey import SourceTables
from soundcheck.wizard.progress import Mark, Progress, Reporter


async def bring_sequences(source: MoveSide, target: MoveSide, tables: frozenset[str], report: Reporter) -> int:
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


async def gather_statistics(target: MoveSide, tables: Tables, keys: tuple[str, ...]) -> None:
    """ANALYZE what was copied, so that the first queries are planned well. A role that may not do so goes without."""
    from contextlib import suppress

    from psycopg import sql

    names = sql.SQL(", ").join(tables[key].identifier for key in keys)
    with suppress(DatabaseProblem):
        async with target.writing() as there:
            await there.execute(sql.SQL("ANALYZE {}").format(names))


PASSES: Final = 3
"""How often rows that changed meanwhile are copied again before the person is asked to stop the writers."""

MOST_NAMED: Final = 10
"""Indexes, views and the like that are named one by one."""


async def move_database(job: MoveJob, state: MoveState, result: MoveResult) -> tuple[MoveState, MoveResult]:
    """Copy and verify; the state and the result as they are then. Raises in words, with the old address in use."""
    url, new = job.services.credentials.direct, job.target.credentials.direct
    assert url is not None  # noqa: S101 - `_halves` saw it
    assert new is not None  # noqa: S101
    await survey.probe(job.target, "database.query", job.report)
    source, target = MoveSide(url, job.services.resolver), MoveSide(new, job.services.resolver)
    try:
        here = await survey.look_at_source(source)
        room, encoding = await survey.look_at_room(target)
        await _schema(job, here, room, target)
        there = await survey.tables_of(target)
        found = outlook(here.tables, there)
        refuse_lacking(found, job.target.project.root)
        state = replace(state, columns=found.columns, as_utf8=here.encoding != encoding)
        save_state(job.services.project, state)
        book = _Book(job.services, state)
        work = CopyPass(
            source=source,
            target=target,
            source_tables=here.tables,
            target_tables=there,
            found=found,
            ours=state.tables,
            keep=book.keep,
            clock=job.services.clock,
            report=job.report,
            as_utf8=state.as_utf8,
        )
        result = replace(result, left_behind=found.left_behind)
        return await _carry_all(job, work, book, result)
    finally:
        await source.close()
        await target.close()


class _Book:
    """The state file while rows are copied."""

    def __init__(self, services: Services, state: MoveState) -> None:
        self._services = services
        self.state = state

    def keep(self, digests: Mapping[str, Digest]) -> None:
        """Write down what the target is about to hold."""
        self.state = self.state.copied(digests)
        save_state(self._services.project, self.state)

    def reached(self, phase: MovePhase) -> MoveState:
        """Write down how far it is."""
        self.state = replace(self.state, phase=phase)
        save_state(self._services.project, self.state)
        return self.state


async def _schema(job: MoveJob, here: SourceTables, room: TargetRoom, target: MoveSide) -> None:
    """Everything that can stand against it first, then the question, then the push."""
    plan = await survey.plan_schema(job.target, job.request.consent, room, job.report)
    push = plan.push
    expected = {*await survey.tables_of(target), *(() if push.has_migrations else push.created_tables)}
    behind = without_counterpart(here.tables, expected)
    filled = tuple(key for key in behind if key in here.filled)
    refuse_left_behind(filled, job.request.left_behind, migrate_line=push.migrate_line if push.has_migrations else "")
    for key in behind:
        job.report(Progress(f"{key} is not in your schema and stays where it is", Mark.WARN, key))
    moving = [table for key, table in here.tables.items() if key in expected]
    if not moving:
        raise StepFailed("The two databases have no table in common.", "Run `soundcheck setup` first.")
    _weigh(job, sum(table.bytes for table in moving), room)
    consent = await agreed(plan.verdict(job.request.consent), job)
    job.report(Progress("Stop your backend, or let it only read: rows that it writes now may miss the move", Mark.WARN))
    source, to = (end.database for end in job.ends)
    if not await confirmed(job.asker, f"Copy {len(moving)} tables from {source} to {to}?", default=True):
        raise StepFailed("Nothing was copied.", "The old address stays in use.")
    await survey.push_schema(job.target, plan, consent, job.report)


async def agreed(verdict: Decision, job: MoveJob) -> Consent:
    """Each loss and a production target by their names; `--yes` gives neither."""
    given = job.request.consent
    if verdict.allowed:
        return given
    if isinstance(job.asker, Unattended):
        verdict.or_refuse()
    losses = set(given.losses)
    for name in verdict.missing_losses:
        text = f"The push would drop or weaken {name}. To accept that, type its name."
        losses.add(await job.asker.ask(Question(text, typed_name=name, consent=loss_option(name))))
    production = given.production
    if name := verdict.needs_production_name:
        question = Question(verdict.asked, typed_name=name, consent=verdict.production_option)
        production = await job.asker.ask(question)
    return Consent(frozenset(losses), production)


def _weigh(job: MoveJob, needed: int, room: TargetRoom) -> None:
    url = job.target.credentials.database_url
    is_neon = url is not None and url.is_neon
    said, fits = room_sentence(needed, room, is_neon=is_neon, disk_free=survey.disk_free(job.target))
    job.report(Progress(said, Mark.INFO if fits else Mark.WARN))
    if not fits and not job.request.beyond_plan:
        raise Refused(f"{said}.", "Make room there, or add --beyond-plan if the target can take more.")


async def _carry_all(job: MoveJob, work: CopyPass, book: _Book, result: MoveResult) -> tuple[MoveState, MoveResult]:
    """Copy; look whether the source changed meanwhile, and copy that again, a few times."""
    copied: dict[str, None] = {}
    for turn in range(PASSES):
        carried = await carry(replace(work, ours=book.state.tables))
        copied |= dict.fromkeys(carried.copied)
        book.keep(carried.digests)
        await bring_sequences(work.source, work.target, frozenset(work.found.tables), job.report)
        changed = await changed_since(work, carried.digests)
        if not changed:
            break
        job.report(Progress(f"Changed while it was copied: {', '.join(changed)}", Mark.WARN))
        if turn == PASSES - 1:
            raise StepFailed(
                f"The source keeps changing: {', '.join(changed)}. Nothing was switched.",
                "Stop your backend, then run the same command: only what changed is copied again.",
            )
    await gather_statistics(work.target, work.target_tables, work.found.tables)
    names = frozenset(work.source_tables[key].name for key in work.found.tables)
    if missing := await survey.others_than_tables(work.source, work.target, names):
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        told = f"Not in the schema, so not moved: {', '.join(missing[:MOST_NAMED])}{more}"
        job.report(Progress(told, Mark.WARN, hint="Make them there by hand where you need them."))
    number = sum(one.rows for one in carried.digests.values())
    told = f"The same on both sides: {number_of(number, 'row')} in {len(carried.digests)} tables"
    job.report(Progress(told, Mark.OK))
    return book.reached(MovePhase.VERIFIED), replace(result, tables=carried.digests, copied=tuple(copied))
