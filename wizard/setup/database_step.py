"""The Database step: a schema in the project, the generated client, and the tables pushed with nothing lost unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from soundcheck.checks.schema_engine import address_for_engine
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import DIRECT_URL
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client import GeneratedClient
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.failures import naming
from soundcheck.stores.prisma.own_client import note_own_client
from soundcheck.stores.prisma.plan import PushPlan, PushResult
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.trust import FolderProgram, Trusted, in_words, required_trust, trust_in
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Action, Consent, Decision, Intent, decide
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.setup.local_step import local_halves
from soundcheck.wizard.target import Target

OUTSIDE_OPTION: Final = "--generate-outside"
_TO_LEAVE: Final = f"To let it write there: soundcheck setup {OUTSIDE_OPTION}"
_TO_TRUST: Final = "If you trust this folder: soundcheck setup --trust"


@dataclass(frozen=True, slots=True)
class SchemaChoice:
    """Which schema is pushed. `copied_to` is set where the project has none and ours would be copied in."""

    path: Path
    shown: str
    copied_to: Path | None = None


@dataclass(frozen=True, slots=True)
class DatabasePlan:
    """What the step will do: to show, to ask about, and to hand to `apply_database`. `endpoint` is the target's."""

    schema: SchemaChoice
    push: PushPlan
    intent: Intent
    endpoint: str

    @property
    def pushes(self) -> bool:
        """Whether a push may happen at all: nothing is pushed past a project's own migrations."""
        return not self.push.has_migrations

    def verdict(self, consent: Consent) -> Decision:
        """What the guard says of it."""
        return decide(self.intent, consent)


@dataclass(frozen=True, slots=True)
class DatabaseDone:
    """What the step did."""

    client: GeneratedClient | None
    """None where none was generated: another tool's, or one that was as the schema wants it."""
    push: PushResult | None
    services: Services
    """The services over the project as it is afterwards: its schema may be new."""


def choose_schema(project: Project) -> SchemaChoice:
    """The project's own schema, else ours. Pure but for looking."""
    from soundcheck.stores.prisma.schema_text import packaged_schema

    if project.schema is not None:
        return SchemaChoice(project.schema, project.shown(project.schema))
    if project.read_only:
        return SchemaChoice(packaged_schema(), "Soundcheck's own schema")
    target = project.root / ("backend/prisma" if (project.root / "backend").is_dir() else "prisma") / "schema.prisma"
    return SchemaChoice(packaged_schema(), project.shown(target), copied_to=target)


def place_schema(project: Project, choice: SchemaChoice) -> Project:
    """Copy our schema in where that was chosen and consented to; the project as it is afterwards."""
    if choice.copied_to is None:
        return replace(project, schema=choice.path)
    if not choice.copied_to.exists():
        journal = Journal(project)
        journal.note_folders(Kind.SCHEMA, choice.copied_to.parent)
        choice.copied_to.parent.mkdir(parents=True, exist_ok=True)
        # It is committed and read by all, so 0644.
        journal.write_file(Kind.SCHEMA, choice.copied_to, None, choice.path.read_bytes(), mode=0o644)
    return replace(project, schema=choice.copied_to)


async def plan_database(
    services: Services, engine: PrismaEngine, report: Reporter, *, dropping: frozenset[str] = frozenset()
) -> DatabasePlan:
    """Look at the database and say what push would do. Installs the engine first where it is missing.

    What can stay beside the schema (a hand-made index) is kept unless `dropping` names it.

    Raises `StepFailed` without database credentials or where the database refuses, `CouldNotRun` where Node, npm or
    the engine is missing.
    """
    url = _direct(services)
    choice = choose_schema(services.project)
    if not engine.is_installed:
        report(Progress("Prisma's engine: installing (8 MB, once)", Mark.RUNNING, key="engine"))
        Journal(services.project, services.clock).note_tree(Kind.ENGINE, engine.folder)
        await engine.install(lambda line: report(Progress(line)))
        report(Progress("Prisma's engine is installed", Mark.OK, key="engine", changed=True))
    address = await address_for_engine(services, url)
    with naming(DIRECT_URL):
        push = await engine.plan_push(url, choice.path, hostaddr=address)
        if keep := frozenset(loss.name for loss in push.losses if loss.can_keep and loss.name not in dropping):
            push = await engine.plan_push(url, choice.path, hostaddr=address, keep=keep)
    intent = Intent(
        action=Action.PUSH,
        target=Target.of_database(url, push.database),
        kind=services.project.profile.kind,
        profile=services.project.profile.name,
        is_local=is_local(services),
        losses=push.loss_names,
        only_adds=push.only_adds,
    )
    return DatabasePlan(choice, push, intent, intent.target.endpoint)


async def apply_database(
    services: Services,
    engine: PrismaEngine,
    plan: DatabasePlan,
    consent: Consent,
    report: Reporter,
    *,
    native: bool = False,
    trusted: Trusted | None = None,
    outside: Collection[Path] = (),
) -> DatabaseDone:
    """Generate the client, then push. Raises `Refused` where consent lacks, `StepFailed` where either fails.

    A project whose schema has no Python generator runs its own `generate`; one with migrations is not pushed to. Both
    are said. `native` runs stock `python -m prisma` instead, which downloads its engines. What either would run of the
    project (`programs_of`) it runs where `trusted` says so, or where that was agreed to before. `outside` names
    the folders outside the project that may be written to; a client that belongs elsewhere is made in the state folder.
    """
    if plan.pushes:
        plan.verdict(consent).or_refuse()
    project = place_schema(services.project, plan.schema)
    if plan.schema.copied_to is not None:
        report(Progress(f"{plan.schema.shown} is written", Mark.OK, changed=True))
    schema = project.schema or plan.schema.path
    if native:
        if project.read_only:
            raise Refused(
                "Stock Prisma generates into the project, and nothing may be written there.",
                "Leave out --engine native.",
            )
        stray = [place for place in outputs_outside(services, schema) if place not in outside]
        if stray:
            text = f"python -m prisma generate would write outside this project, to {', '.join(map(str, stray))}"
            report(Progress(f"{text}, so it was not run", Mark.SKIP, "generate", hint=_TO_LEAVE))
        await _native(services, engine, plan, schema, trusted, report, generates=not stray)
        return DatabaseDone(None, None, replace(services, project=project))
    client = await _generate(replace(services, project=project), engine, schema, trusted, report, outside=outside)
    push = await _push(services, engine, plan, schema, consent, report)
    return DatabaseDone(client, push, replace(services, project=project))


def programs_of(project: Project, schema: Path, *, native: bool) -> tuple[FolderProgram, ...]:
    """What of the project the step would run. Blocking. Raises `CouldNotRun` where the schema cannot be read."""
    from soundcheck.stores.backend.folder_programs import when_generating, when_prisma_generates

    return when_prisma_generates(project, schema) if native else when_generating(project, schema)


async def _native(
    services: Services,
    engine: PrismaEngine,
    plan: DatabasePlan,
    schema: Path,
    trusted: Trusted | None,
    report: Reporter,
    *,
    generates: bool,
) -> None:
    from soundcheck.stores.prisma.native import native_generate, native_push

    project = services.project
    if trusted is None:
        trusted = await asyncio.to_thread(lambda: required_trust(project, programs_of(project, schema, native=True)))

    def say(line: str) -> None:
        report(Progress(line))

    if generates:
        note_client(services, schema)
        await native_generate(engine, schema, services.project.root, say, trusted=trusted)
        report(Progress("python -m prisma generate", Mark.OK, "generate", changed=True))
    Journal(services.project, services.clock).note_pushed(
        plan.endpoint, plan.push.created_tables, local=plan.intent.is_local
    )
    await native_push(engine, _direct(services), schema, plan.push, say, trusted=trusted)
    said = f"python -m prisma db push to {plan.endpoint}"
    report(Progress(said, Mark.OK, "push", changed=not plan.push.in_sync))


async def _generate(
    services: Services,
    engine: PrismaEngine,
    schema: Path,
    trusted: Trusted | None,
    report: Reporter,
    *,
    outside: Collection[Path],
) -> GeneratedClient | None:
    from soundcheck.stores.backend.prisma_cli import prisma_line
    from soundcheck.stores.prisma.client import generate_client
    from soundcheck.stores.prisma.client_place import client_folder, holds_partial_types, is_current
    from soundcheck.stores.prisma.schema_text import python_generator

    if python_generator(schema) is None:
        report(
            Progress(
                "The schema generates no Python client; yours is generated by your own Prisma",
                Mark.SKIP,
                key="generate",
                hint=prisma_line(schema, "generate"),
            )
        )
        return None
    project = services.project
    programs = await asyncio.to_thread(lambda: programs_of(project, schema, native=False))
    if trusted is None:
        trusted = await asyncio.to_thread(trust_in, project, programs)
    stray = client_outside(services, schema)
    left = stray is not None and stray not in outside
    at = None if left else stray
    if is_current(project, schema, services.environ, with_partial_types=trusted is not None, at=at):
        report(Progress("prisma generate: the client is as the schema wants it", Mark.OK, "generate"))
        return None
    if trusted is None and holds_partial_types(client_folder(project, schema, services.environ)):
        text = f"prisma generate would run {in_words(programs, project)}; without it, the client's partial types go"
        report(Progress(f"{text}: it stays as it is", Mark.SKIP, "generate", hint=_TO_TRUST))
        return None
    if left:
        text = f"The client's folder, {stray}, is outside this project, so nothing is written there"
        report(Progress(text, Mark.SKIP, "outside", hint=_TO_LEAVE))
    began = services.clock.monotonic()
    report(Progress("prisma generate", Mark.RUNNING, key="generate"))
    instead = project.client_in_state if project.read_only or left else None
    if not instead:
        note_client(services, schema)
    client = await generate_client(
        engine,
        schema,
        project.root,
        lambda line: report(Progress(line)),
        output=instead,
        trusted=trusted,
        environ=services.environ,
    )
    await asyncio.to_thread(note_own_client, project, client.output, client.digest)
    took = (services.clock.monotonic() - began) * 1000
    where = " in Soundcheck's own folder, to see that it runs" if instead else ""
    report(Progress(f"prisma generate: {len(client.models)} models{where}", Mark.OK, "generate", took, changed=True))
    if client.left_out:
        text = f"The client has no partial types: {client.left_out} was not run, because this folder is not trusted"
        report(Progress(text, Mark.SKIP, "partial-types", hint=_TO_TRUST))
    return client


def client_outside(services: Services, schema: Path) -> Path | None:
    """The folder outside the project that the client would be written to; None where it is inside, or not written.

    Raises as `client_output` does.
    """
    from soundcheck.stores.prisma.client_place import client_output, is_outside

    project = services.project
    if project.read_only:
        return None
    output = client_output(project.root, schema, services.environ)
    return output if is_outside(project.root, output) else None


def outputs_outside(services: Services, schema: Path) -> tuple[Path, ...]:
    """Each folder outside the project that any generator of the schema would write to, as a stock `generate` does."""
    from soundcheck.stores.prisma.client_place import is_outside
    from soundcheck.stores.prisma.schema_text import generator_outputs

    root, client = services.project.root, client_outside(services, schema)
    others = (place for place in generator_outputs(schema, services.environ) if is_outside(root, place))
    return tuple(dict.fromkeys((*others, *([client] if client is not None else []))))


def note_client(services: Services, schema: Path) -> None:
    """Note the client's folder before it is generated, where it is not there yet."""
    from soundcheck.stores.prisma.client import client_output

    output = client_output(services.project.root, schema, services.environ)
    Journal(services.project, services.clock).note_tree(Kind.CLIENT, output)


async def _push(
    services: Services, engine: PrismaEngine, plan: DatabasePlan, schema: Path, consent: Consent, report: Reporter
) -> PushResult | None:
    if not plan.pushes:
        hint = f"Apply them with your own tool: {plan.push.migrate_line}"
        report(Progress("Nothing is pushed past the project's migrations", Mark.SKIP, key="push", hint=hint))
        return None
    url = _direct(services)
    began = services.clock.monotonic()
    report(Progress(f"prisma db push to {plan.endpoint}", Mark.RUNNING, key="push"))
    Journal(services.project, services.clock).note_pushed(
        plan.endpoint, plan.push.created_tables, local=plan.intent.is_local
    )
    with naming(DIRECT_URL):
        result = await engine.push(
            url,
            schema,
            plan.push,
            accepted=consent.losses,
            report=lambda line: report(Progress(line, Mark.RUNNING, key="push")),
            hostaddr=await address_for_engine(services, url),
        )
    took = (services.clock.monotonic() - began) * 1000
    said = "already in sync" if not result.executed else f"{result.executed} steps"
    done = f"prisma db push to {plan.endpoint}: {said}"
    report(Progress(done, Mark.OK, "push", took, changed=bool(result.executed)))
    return result


def _direct(services: Services) -> PostgresUrl:
    url = services.credentials.direct
    if url is None:
        raise StepFailed("There is no database address yet.", "Go back to Credentials and paste one.")
    return url


def is_local(services: Services) -> bool:
    """Whether the database in use is our own local stack's."""
    return Half.DATABASE in local_halves(services.project, services.credentials)
