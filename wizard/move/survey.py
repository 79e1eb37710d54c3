"""Look at both sides before anything is written: the layers, the role, the room, the schema, the tables."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from soundcheck.checks.advice import Face
from soundcheck.checks.catalogue import ask
from soundcheck.checks.schema_engine import schema_engine
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.moving.digest import encoding_of, has_rows
from soundcheck.stores.moving.room import TargetRoom, read_room
from soundcheck.stores.moving.side import MoveSide
from soundcheck.stores.moving.tables import Tables, read_others, read_tables
from soundcheck.stores.project.journal import Journal
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Action, Consent
from soundcheck.wizard.move.cloud import is_temporary_of_ours
from soundcheck.wizard.progress import Mark, Progress, Reporter, tell_plan
from soundcheck.wizard.setup.check_progress import as_observer
from soundcheck.wizard.setup.database_step import DatabasePlan, plan_database
from soundcheck.wizard.setup.push_lines import push_lines

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    Connection = AsyncConnection[tuple[Any, ...]]


_NOT_HERE: Final = frozenset({"database.url", "cache.url"})
"""Checks that speak of the env file, which does not name the target yet."""


@dataclass(frozen=True, slots=True)
class SourceTables:
    """The tables that are there, and which of them have rows."""

    tables: Tables
    filled: frozenset[str]
    encoding: str


async def probe(services: Services, check: str, report: Reporter) -> None:
    """Run a store's layers up to one check; raises `StepFailed` with the first that does not hold."""
    checked = await ask(services, [check], as_observer(report, lambda name: name not in _NOT_HERE))
    if (first := checked.first_in_the_way) is not None:
        finding = first.finding
        raise StepFailed(f"{finding.summary} {finding.cause}".strip(), finding.hint_for(Face.SETUP))


async def look_at_source(source: MoveSide) -> SourceTables:
    """Read the tables. Raises `DatabaseProblem`."""
    async with source.snapshot() as connection:
        tables = await read_tables(connection)
        filled = frozenset([key for key, table in tables.items() if await has_rows(connection, table)])
        return SourceTables(tables, filled, await encoding_of(connection))


async def look_at_room(target: MoveSide) -> tuple[TargetRoom, str]:
    """The room of the target, and its encoding. Raises `StepFailed` where it takes no writes at all."""
    async with target.snapshot() as connection:
        room = await read_room(connection, target.url.param("schema"))
        if room.read_only:
            raise StepFailed(
                f"{target.url.endpoint} takes no writes: it is a replica, or read-only by its settings.",
                "Use the address of the database itself.",
            )
        return room, await encoding_of(connection)


async def tables_of(side: MoveSide) -> Tables:
    """The tables, read again. Raises `DatabaseProblem`."""
    async with side.snapshot() as connection:
        return await read_tables(connection)


async def others_than_tables(source: MoveSide, target: MoveSide, tables: frozenset[str]) -> list[str]:
    """Indexes, triggers and policies of these tables, views and functions, which only the source has.

    Raises `DatabaseProblem`.
    """
    async with source.snapshot() as one, target.snapshot() as two:
        here, there = await read_others(one), await read_others(two)
    return sorted(said for said, table in here.items() if said not in there and (not table or table in tables))


async def plan_schema(services: Services, consent: Consent, room: TargetRoom, report: Reporter) -> DatabasePlan:
    """What a push to the target would do, as a write of a move. `services` are the target's.

    Raises `StepFailed` where there is something to create and the role may not.
    """
    engine = await schema_engine(services)
    plan = await plan_database(services, engine, report, dropping=consent.losses)
    if not plan.push.in_sync and plan.pushes and not room.may_create:
        raise StepFailed(
            f"The role {room.role} may not create tables in {plan.endpoint}.",
            "Use the address of the database's owner, or let the owner run: "
            f'GRANT CREATE ON SCHEMA public TO "{room.role}"',
        )
    tell_plan(push_lines(plan.push), report)
    intent = replace(plan.intent, action=Action.MOVE, only_adds=False)
    if intent.kind is ProfileKind.UNKNOWN and is_temporary_of_ours(services):
        intent = replace(intent, kind=ProfileKind.DEV)
    return replace(plan, intent=intent)


async def push_schema(services: Services, plan: DatabasePlan, consent: Consent, report: Reporter) -> None:
    """Push, past the guard. A project with migrations is not pushed to, and that is said."""
    if not plan.pushes:
        told = "The project has migrations, so nothing is pushed past them"
        hint = f"Where tables are missing, apply them to the new database first: {plan.push.migrate_line}"
        report(Progress(told, Mark.WARN, "push", hint=hint))
        return
    began = services.clock.monotonic()
    engine = await schema_engine(services)
    assert services.credentials.direct is not None  # noqa: S101 - the plan was made with it
    created = plan.push.created_tables
    Journal(services.project, services.clock).note_pushed(plan.endpoint, created, local=plan.intent.is_local)
    result = await engine.push(services.credentials.direct, plan.schema.path, plan.push, accepted=consent.losses)
    took = (services.clock.monotonic() - began) * 1000
    said = "the schema is there already" if not result.executed else f"schema pushed, {result.executed} steps"
    report(Progress(f"{plan.endpoint}: {said}", Mark.OK, "push", took))


def disk_free(services: Services) -> int | None:
    """Bytes free where the local stack keeps its data; None where the target is elsewhere."""
    url = services.credentials.database_url
    if url is None or not LocalStack(services.project.local).owns(url):
        return None
    return shutil.disk_usage(services.project.local).free
