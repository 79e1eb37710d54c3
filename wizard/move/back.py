"""The way back: the addresses from before the last move in use again. No row is copied, none is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import ENV_NAMES, Credentials
from soundcheck.stores.envfile import read_env
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.moving.digest import digest
from soundcheck.stores.moving.side import MoveSide
from soundcheck.stores.moving.tables import read_tables
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.project import backups
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker
from soundcheck.wizard.cache_test_key import ordered
from soundcheck.wizard.discover import as_credentials
from soundcheck.wizard.move import survey
from soundcheck.wizard.move.cloud import LOCAL, cache_place, database_place, is_in_use
from soundcheck.wizard.move.request import MoveResult, shown_ends
from soundcheck.wizard.move.state import MovePhase, MoveState, load_state, save_state
from soundcheck.wizard.move.switch import switch
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.setup.local_step import start_local

LEAVE: Final = "--leave-changes"


async def move_back(services: Services, asker: Asker, report: Reporter, *, leave_changes: bool = False) -> MoveResult:
    """Test the old stores, then put their addresses back.

    Raises `Refused` where there was no move, where another address is in use meanwhile, or where rows were written
    since the move and `leave_changes` is not set: they stay in the new database.
    """
    project = services.project
    state = _done(project, services)
    halves = frozenset(h for h, to in ((Half.DATABASE, state.target), (Half.CACHE, state.cache_target)) if to)
    old = await _old_credentials(services, state, report)
    before = services.using(old)
    source, target = shown_ends(services.credentials, halves), shown_ends(old, halves)
    for what, there, to in (("Database", source.database, target.database), ("Cache", source.cache, target.cache)):
        if to:
            report(Progress(f"{what}: {there} → {to}"))
    try:
        if state.target:
            await survey.probe(before, "database.query", report)
            await _refuse_changes(services, state, report, leave_changes=leave_changes)
        if state.cache_target:
            await survey.probe(ordered(before), "cache.write", report)
    finally:
        await before.close()
    written = await switch(services, old, halves, asker, report)
    if written is None:
        report(Progress("Nothing was changed", Mark.SKIP))
        return MoveResult(source, target)
    save_state(project, replace(state, phase=MovePhase.BACK))
    report(Progress("Start your backend again: it reads the address when it starts"))
    report(Progress(f"{source.database or source.cache} was not touched and is kept"))
    return MoveResult(source, target, switched=True, env_file=project.env_file)


def _done(project: Project, services: Services) -> MoveState:
    """The move to take back."""
    state = load_state(project)
    if state is None or state.phase not in {MovePhase.SWITCHING, MovePhase.SWITCHED}:
        raise Refused(
            "There is no move to take back: the address in use is the one from before.",
            "To move: soundcheck move --to …",
        )
    if not is_in_use(project, services.credentials, state.target, state.cache_target):
        raise Refused(
            f"{project.shown(project.env_file)} names another address than the one that was moved to.",
            "To use yet another one: soundcheck setup --replace",
        )
    return state


async def _old_credentials(services: Services, state: MoveState, report: Reporter) -> Credentials:
    """From the local stack where it was that, else from the newest backup of the env file that holds them."""
    found = services.credentials
    if LOCAL in {state.source, state.cache_source}:
        local = await start_local(services, report)
        if state.source == LOCAL:
            found = replace(found, database_url=local.database_url, direct_url=local.direct_url)
        if state.cache_source == LOCAL:
            found = replace(found, rest_url=local.rest_url, rest_token=local.rest_token)
    for kept in _earlier(services.project):
        if state.source not in {"", LOCAL} and database_place(services.project, kept.database_url) == state.source:
            found = replace(found, database_url=kept.database_url, direct_url=kept.direct_url)
            break
    for kept in _earlier(services.project):
        if state.cache_source not in {"", LOCAL} and cache_place(services.project, kept.rest_url) == state.cache_source:
            found = replace(found, rest_url=kept.rest_url, rest_token=kept.rest_token)
            break
    if not is_in_use(services.project, found, state.source, state.cache_source):
        where = state.source or state.cache_source
        raise StepFailed(
            f"The address of {where} is in no backup of the env file any more.",
            "Copy it from where you got it, then: soundcheck setup --replace --database-url -",
        )
    return found


def _earlier(project: Project) -> list[Credentials]:
    """The credentials of every backup of the env file, the newest first."""
    kept = []
    for backup in backups.backups_of(project.backups, project.env_file.resolve()):
        if backup.kind is not backups.BackupKind.ABSENT:
            values = {n: f.value for n, f in read_env(backup.file).values.items() if n in ENV_NAMES}
            kept.append(as_credentials(values)[0])
    return kept


async def _refuse_changes(services: Services, state: MoveState, report: Reporter, *, leave_changes: bool) -> None:
    """Rows that were written since the move are in the new database alone: say which tables, and ask for consent."""
    assert services.credentials.direct is not None  # noqa: S101 - it is in use
    side = MoveSide(services.credentials.direct, services.resolver)
    try:
        async with side.snapshot() as connection:
            tables = await read_tables(connection)
            changed = [
                key
                for key, known in state.tables.items()
                if key not in tables
                or not set(state.columns[key]) <= set(tables[key].columns)
                or await digest(connection, tables[key], state.columns[key], as_utf8=state.as_utf8) != known
            ]
    except DatabaseProblem as problem:
        report(Progress(f"What was written since the move cannot be seen: {problem.message}", Mark.WARN))
        return
    finally:
        await side.close()
    if not changed:
        report(Progress("Nothing was written to the new one since the move", Mark.OK))
        return
    said = f"Changed in the new database since the move: {', '.join(changed)}. The old one does not have that."
    if not leave_changes:
        raise Refused(said, f"To go back all the same, and leave it there, add: {LEAVE}")
    report(Progress(said, Mark.WARN))
