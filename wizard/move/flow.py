"""A move from beginning to end, without a screen: every stage tells its lines, and a second run goes on from the first.

The old address stays in use until the very last write, which is the env file's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused, UsageError
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker
from soundcheck.wizard.cache_test_key import ordered
from soundcheck.wizard.cache_write import intent_of
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.env.step import unwritten_words
from soundcheck.wizard.guard import Action, decide
from soundcheck.wizard.move import survey
from soundcheck.wizard.move.cloud import cache_place, cloud_credentials, database_place, is_in_use
from soundcheck.wizard.move.database import agreed, move_database
from soundcheck.wizard.move.request import MoveJob, MoveRequest, MoveResult
from soundcheck.wizard.move.state import MovePhase, MoveState, load_state, save_state
from soundcheck.wizard.move.switch import refuse_elsewhere, switch
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.setup.local_step import start_local

BACK: Final = "soundcheck move --back"


async def move(
    services: Services, found: FoundCredentials, request: MoveRequest, asker: Asker, report: Reporter
) -> MoveResult:
    """Move. Raises `Refused`, `StepFailed`, `CouldNotRun` or `UsageError` in words; the old address then is in use."""
    if request.only is not Half.CACHE and services.database is not None:
        await services.database.fetch("SELECT 1")  # before anything is started or made for what cannot be read
    given = await _given(services, request, asker, report)
    halves = _that_differ(services.project, services.credentials, given, _halves(request, services.credentials, given))
    if request.write_file and services.project.writes_env_file:
        refuse_elsewhere(found, services.project, halves)
    new = _merged(services.credentials, given, halves)
    target = services.using(new)
    try:
        return await _move(MoveJob(services, target, request, halves, asker, report))
    finally:
        await target.close()


async def _given(services: Services, request: MoveRequest, asker: Asker, report: Reporter) -> Credentials:
    if request.to_local:
        return await start_local(services, report)
    return await cloud_credentials(services, request, asker, report) if request.to_cloud else request.target


def _halves(request: MoveRequest, now: Credentials, given: Credentials) -> frozenset[Half]:
    there = {
        half
        for half, has in ((Half.DATABASE, given.has_database), (Half.CACHE, given.has_cache))
        if has and request.only in {None, half}
    }
    if Half.DATABASE in there and not now.has_database:
        raise Refused("There is no database to move from.", "Run `soundcheck setup` first.")
    if not there:
        what = f"a new {request.only}" if request.only else "where to"
        raise UsageError(f"Nothing says {what}.", "Give --database-url -, or --redis-url and --redis-token.")
    return frozenset(there)


def _that_differ(project: Project, now: Credentials, given: Credentials, halves: frozenset[Half]) -> frozenset[Half]:
    """Without a half that is there already; raises `Refused` where that leaves nothing."""
    same = set()
    if database_place(project, now.database_url) == database_place(project, given.database_url):
        same.add(Half.DATABASE)
    if cache_place(project, now.rest_url) == cache_place(project, given.rest_url):
        same.add(Half.CACHE)
    if not halves - same:
        earlier = load_state(project)
        if earlier is not None and earlier.phase is MovePhase.SWITCHING:  # killed between the file and the note of it
            save_state(project, replace(earlier, phase=MovePhase.SWITCHED))
        raise Refused("That is what is in use already; there is nothing to move.", f"The way back: `{BACK}`")
    return halves - same


def _merged(now: Credentials, given: Credentials, halves: frozenset[Half]) -> Credentials:
    merged = now
    if Half.DATABASE in halves:
        merged = replace(merged, database_url=given.database_url, direct_url=given.direct_url)
    if Half.CACHE in halves:
        merged = replace(merged, rest_url=given.rest_url, rest_token=given.rest_token)
    return merged


async def _move(job: MoveJob) -> MoveResult:
    project, now, new = job.services.project, job.services.credentials, job.target.credentials
    has_database, has_cache = Half.DATABASE in job.halves, Half.CACHE in job.halves
    state = MoveState(
        source=database_place(project, now.database_url) if has_database else "",
        target=database_place(project, new.database_url) if has_database else "",
        cache_source=cache_place(project, now.rest_url) if has_cache else "",
        cache_target=cache_place(project, new.rest_url) if has_cache else "",
        started_at=job.services.clock.now().isoformat(),
    )
    source, target = job.ends
    for what, there, to in (("Database", source.database, target.database), ("Cache", source.cache, target.cache)):
        if to:
            job.report(Progress(f"{what}: {there or '(none)'} → {to}"))
    earlier = load_state(project)
    if earlier is not None and earlier.is_for(state) and earlier.tables:
        # Also after a way back: what is there is an older copy of ours.
        state = replace(state, tables=earlier.tables, columns=earlier.columns)
        job.report(Progress(f"Rows were copied there before, last by the move of {earlier.started_at[:16]} UTC"))
    result = MoveResult(source, target)
    if Half.CACHE in job.halves:
        if Half.DATABASE not in job.halves:  # which asks for its own name
            intent = replace(intent_of(job.target, Action.MOVE), only_adds=True)
            await agreed(decide(intent, job.request.consent), job)
        await survey.probe(ordered(job.target), "cache.write", job.report)
        told = "Keys of the cache are not moved: they are copies that expire, and the new cache fills by itself"
        job.report(Progress(told))
    if Half.DATABASE in job.halves:
        state, result = await move_database(job, state, result)
    return await _switch(job, state, result)


async def _switch(job: MoveJob, state: MoveState, result: MoveResult) -> MoveResult:
    project = job.services.project
    if not (job.request.write_file and project.writes_env_file):
        save_state(project, state)
        why = unwritten_words(project)
        job.report(Progress(f"{why}. The old address stays in use", Mark.SKIP))
        return result
    save_state(project, replace(state, phase=MovePhase.SWITCHING))
    written = await switch(job.services, job.target.credentials, job.halves, job.asker, job.report)
    if written is None:
        save_state(project, state)
        job.report(Progress("The old address stays in use; run the same command to switch later", Mark.SKIP))
        return result
    assert is_in_use(project, job.target.credentials, state.target, state.cache_target)  # noqa: S101
    save_state(project, replace(state, phase=MovePhase.SWITCHED))
    job.report(Progress("Start your backend again: it reads the address when it starts"))
    job.report(Progress(f"The old one was not touched and is kept. The way back: `{BACK}`"))
    return replace(result, switched=True, env_file=project.env_file)
