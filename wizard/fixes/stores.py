"""The fixes beyond files: start the local stack, fetch the engine, generate the client, create missing tables."""

from __future__ import annotations

import asyncio
from typing import Final

from soundcheck.checks.finding import Fix
from soundcheck.checks.schema_engine import address_for_engine, schema_engine
from soundcheck.stores.credentials import DIRECT_URL
from soundcheck.stores.errors import CouldNotRun, Refused, StepFailed
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.prisma.failures import naming
from soundcheck.stores.prisma.own_client import note_own_client
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.trust import trust_in
from soundcheck.stores.services import Services
from soundcheck.wizard.fixes.fix import Applied, Executor, Preview, UndoData
from soundcheck.wizard.progress import Progress, Reporter
from soundcheck.wizard.setup.database_step import (
    DatabasePlan,
    client_outside,
    note_client,
    plan_database,
    programs_of,
)
from soundcheck.wizard.setup.push_lines import push_lines

_SETUP: Final = "Run `soundcheck setup`: the step Database shows everything and asks."


async def _preview_up(services: Services, fix: Fix, _: Reporter) -> Preview:
    status = await LocalStack(services.project.local).status()
    down = [
        name
        for name, part in (("PostgreSQL", status.postgres), ("Valkey", status.redis), ("the REST gateway", status.rest))
        if str(part.state) != "up"
    ]
    if not down:
        return Preview(fix, ("The local stack runs.",), needed=False)
    return Preview(fix, (f"start {', '.join(down)} on 127.0.0.1",), undo="`soundcheck local down` stops it; data stays")


async def _apply_up(services: Services, _: Preview, report: Reporter) -> Applied:
    status = await LocalStack(services.project.local).up(lambda line: report(Progress(line)))
    if status.credentials is None:
        raise CouldNotRun("The local stack did not start.", "Run `soundcheck local status` to see why.")
    said = ["The local stack runs."]
    url, new = services.credentials.database_url, status.credentials.database_url
    if url is not None and new is not None and url.endpoint != new.endpoint:
        said.append(f"It is at {new.endpoint} now: `soundcheck setup --local` writes that to the env file.")
    return Applied(tuple(said), {})


async def _undo_up(services: Services, _: UndoData) -> str:
    await LocalStack(services.project.local).down()
    return "The local stack is stopped; its data stays."


async def _preview_install(services: Services, fix: Fix, _: Reporter) -> Preview:
    engine = await schema_engine(services)
    if engine.is_installed:
        return Preview(fix, ("The schema engine is installed.",), needed=False)
    return Preview(fix, (f"npm: fetch Prisma's schema engine (8 MB) into {engine.folder}",))


async def _apply_install(services: Services, _: Preview, report: Reporter) -> Applied:
    engine = await schema_engine(services)
    Journal(services.project, services.clock).note_tree(Kind.ENGINE, engine.folder)
    await engine.install(lambda line: report(Progress(line)))
    return Applied(("The schema engine is installed.",))


async def _preview_generate(services: Services, fix: Fix, _: Reporter) -> Preview:
    from soundcheck.stores.prisma.client_place import ClientState, client_folder, client_state

    schema = services.project.schema
    if schema is None:
        raise Refused("This project has no Prisma schema to generate from.", _SETUP)
    state = client_state(services.project, schema, services.environ)
    if state in {ClientState.GENERATED, ClientState.NOT_WANTED}:
        return Preview(fix, ("The client is as the schema wants it.",), needed=False)
    if (stray := client_outside(services, schema)) is not None:
        raise Refused(f"The schema has the client written outside this project, to {stray}.", _SETUP)
    output = client_folder(services.project, schema, services.environ)
    shown = services.project.shown
    return Preview(fix, (f"prisma generate: {shown(schema)} → {shown(output)}",))


async def _apply_generate(services: Services, _: Preview, report: Reporter) -> Applied:
    from soundcheck.stores.prisma.client import generate_client

    schema = services.project.schema
    assert schema is not None  # noqa: S101 - the preview refused
    engine = await schema_engine(services)
    if not engine.is_installed:
        Journal(services.project, services.clock).note_tree(Kind.ENGINE, engine.folder)
        await engine.install(lambda line: report(Progress(line)))
    if not services.project.read_only:
        note_client(services, schema)
    project = services.project
    trusted = await asyncio.to_thread(lambda: trust_in(project, programs_of(project, schema, native=False)))
    client = await generate_client(
        engine,
        schema,
        project.root,
        lambda line: report(Progress(line)),
        output=project.client_in_state if project.read_only else None,
        trusted=trusted,
        environ=services.environ,
    )
    await asyncio.to_thread(note_own_client, project, client.output, client.digest)
    said = [f"prisma generate wrote {len(client.models)} models to {project.shown(client.output)}."]
    if client.left_out:
        said.append(f"{client.left_out} was not run: this folder is not trusted (soundcheck setup --trust).")
    return Applied(tuple(said))


async def _preview_push(services: Services, fix: Fix, report: Reporter) -> Preview:
    if services.project.schema is None:
        raise Refused("This project has no Prisma schema to push.", _SETUP)
    plan = await plan_database(services, await schema_engine(services), report)
    if not plan.pushes:
        raise Refused("The project has migrations, so nothing is pushed past them.", f"Type: {plan.push.migrate_line}")
    if plan.push.blocked:
        raise Refused(f"It cannot be done on what is there: {' '.join(plan.push.blocked)}", _SETUP)
    if not plan.push.only_adds:
        raise Refused(f"On {plan.endpoint} it would change more than add tables.", _SETUP)
    if plan.push.in_sync:
        return Preview(fix, (f"{plan.endpoint} is as the schema says.",), needed=False)
    lines = (f"prisma db push: {plan.schema.shown} → {plan.endpoint}", *map(str, push_lines(plan.push)))
    return Preview(fix, lines, intent=plan.intent, plan=plan)


async def _apply_push(services: Services, preview: Preview, report: Reporter) -> Applied:
    plan = preview.plan
    assert isinstance(plan, DatabasePlan)  # noqa: S101 - made above
    url = services.credentials.direct
    if url is None:
        raise StepFailed("There is no database address.", "Run `soundcheck setup`.")
    address = await address_for_engine(services, url)
    engine = await schema_engine(services)
    Journal(services.project, services.clock).note_pushed(
        plan.endpoint, plan.push.created_tables, local=plan.intent.is_local
    )
    with naming(DIRECT_URL):
        result = await engine.push(
            url, plan.schema.path, plan.push, report=lambda line: report(Progress(line)), hostaddr=address
        )
    made = ", ".join(result.created_tables) or "nothing, it was done meanwhile"
    return Applied((f"Created on {plan.endpoint}: {made}.",))


STORE_EXECUTORS: Final = (
    Executor("local.up", _preview_up, _apply_up, _undo_up),
    Executor("engine.install", _preview_install, _apply_install),
    Executor("client.generate", _preview_generate, _apply_generate),
    Executor("tables.push", _preview_push, _apply_push),
)
