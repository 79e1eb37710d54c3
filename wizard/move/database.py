"""The database's half of a move: look, ask, push, copy, verify. Nothing of the source is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from checks.services import Services
from stores.errors import Refused, StepFailed
from stores.moving.digest import Digest
from stores.moving.room import Room
from stores.moving.side import Side
from wizard.asking import Question, Unattended, confirmed
from wizard.guard import Consent, Verdict
from wizard.move import survey
from wizard.move.carry import Carrying, carry, changed_since
from wizard.move.finish import bring_sequences, gather_statistics
from wizard.move.job import Job
from wizard.move.outlook import Outlook, outlook, refuse_lacking, refuse_left_behind, room_sentence
from wizard.move.request import MoveResult
from wizard.move.state import MoveState, Phase, save_state
from wizard.progress import Mark, Progress

PASSES: Final = 3
"""How often rows that changed meanwhile are copied again before the person is asked to stop the writers."""


async def move_database(job: Job, state: MoveState, result: MoveResult) -> tuple[MoveState, MoveResult]:
    """Copy and verify; the state and the result as they are then. Raises in words, with the old address in use."""
    url, new = job.services.credentials.direct, job.target.credentials.direct
    assert url is not None  # noqa: S101 - `_halves` saw it
    assert new is not None  # noqa: S101
    await survey.probe(job.target, "database.query", job.report)
    source, target = Side(url, job.services.resolver), Side(new, job.services.resolver)
    try:
        here = await survey.look_at_source(source)
        room, encoding = await survey.look_at_room(target)
        await _schema(job, room)
        there = await survey.tables_of(target)
        found = outlook(here.tables, there)
        _refuse(job, found, here.filled)
        _weigh(job, found, room)
        said = f"Copy {len(found.tables)} tables from {result.source.database} to {result.target.database}?"
        if not await confirmed(job.asker, said, default=True):
            raise StepFailed("Nothing was copied.", "The old address stays in use.")
        state = replace(state, columns=found.columns, as_utf8=here.encoding != encoding)
        save_state(job.services.project, state)
        book = _Book(job.services, state)
        work = Carrying(
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

    def reached(self, phase: Phase) -> MoveState:
        """Write down how far it is."""
        self.state = replace(self.state, phase=phase)
        save_state(self._services.project, self.state)
        return self.state


async def _schema(job: Job, room: Room) -> None:
    plan = await survey.plan_schema(job.target, job.request.consent, room, job.report)
    consent = await _consent(plan.verdict(job.request.consent), job)
    await survey.push_schema(job.target, plan, consent, job.report)


async def _consent(verdict: Verdict, job: Job) -> Consent:
    """Each loss and the database of a production target by their names; `--yes` gives neither."""
    given = job.request.consent
    if verdict.allowed:
        return given
    if isinstance(job.asker, Unattended):
        verdict.or_refuse()
    losses = set(given.losses)
    for name in verdict.missing_losses:
        text = f"The push would drop {name}. To accept that, type its name."
        losses.add(await job.asker.ask(Question(text, typed_name=name, consent=f"--accept-data-loss {name}")))
    production = given.production
    if name := verdict.needs_production_name:
        text = f"{verdict.question} To go on, type {name}."
        production = await job.asker.ask(Question(text, typed_name=name, consent=f"--production {name}"))
    return Consent(frozenset(losses), production)


def _refuse(job: Job, found: Outlook, filled: frozenset[str]) -> None:
    refuse_lacking(found)
    refuse_left_behind(tuple(key for key in found.left_behind if key in filled), job.request.left_behind)
    if not found.tables:
        raise StepFailed("The two databases have no table in common.", "Run `soundcheck setup` first.")
    for key in found.left_behind:
        job.report(Progress(f"{key} is not in your schema and stays where it is", Mark.WARN, key))


def _weigh(job: Job, found: Outlook, room: Room) -> None:
    url = job.target.credentials.database_url
    is_neon = url is not None and url.is_neon
    said, fits = room_sentence(found.bytes, room, is_neon=is_neon, disk_free=survey.disk_free(job.target))
    job.report(Progress(said, Mark.INFO if fits else Mark.WARN))
    if not fits and not job.request.beyond_plan:
        raise Refused(f"{said}.", "Make room there, or add --beyond-plan if the target can take more.")


async def _carry_all(job: Job, work: Carrying, book: _Book, result: MoveResult) -> tuple[MoveState, MoveResult]:
    """Copy; look whether the source changed meanwhile, and copy that again, a few times."""
    copied: dict[str, None] = {}
    job.report(Progress("Stop your backend, or let it only read: rows that it writes now may miss the move", Mark.WARN))
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
    number = sum(one.rows for one in carried.digests.values())
    told = f"{number:,} rows in {len(carried.digests)} tables are the same on both sides"
    job.report(Progress(told, Mark.OK))
    return book.reached(Phase.VERIFIED), replace(result, tables=carried.digests, copied=tuple(copied))
