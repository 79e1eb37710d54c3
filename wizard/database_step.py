"""The Database step: a schema in the project, the generated client, and the tables pushed with nothing lost unseen."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from checks.services import Services
from stores.errors import StepFailed
from stores.prisma.client import GeneratedClient
from stores.prisma.engine import PrismaEngine, PushPlan, PushResult
from stores.project import Project
from wizard.guard import Action, Consent, Intent, Verdict, decide
from wizard.progress import Mark, Progress, Report


@dataclass(frozen=True, slots=True)
class SchemaChoice:
    """Which schema is pushed. `copied_to` is set where the project has none and ours would be copied in."""

    path: Path
    shown: str
    copied_to: Path | None = None


@dataclass(frozen=True, slots=True)
class DatabasePlan:
    """What the step will do: to show, to ask about, and to hand to `apply_database`."""

    schema: SchemaChoice
    push: PushPlan
    intent: Intent
    endpoint: str

    def verdict(self, consent: Consent) -> Verdict:
        """What the guard says of it."""
        return decide(self.intent, consent)


@dataclass(frozen=True, slots=True)
class DatabaseDone:
    """What the step did."""

    client: GeneratedClient
    push: PushResult


def choose_schema(project: Project) -> SchemaChoice:
    """The project's own schema, else ours. Pure but for looking."""
    from stores.prisma.schema_text import packaged_schema

    if project.schema is not None:
        return SchemaChoice(project.schema, project.shown(project.schema))
    target = project.root / ("backend/prisma" if (project.root / "backend").is_dir() else "prisma") / "schema.prisma"
    return SchemaChoice(packaged_schema(), project.shown(target), copied_to=target)


def place_schema(project: Project, choice: SchemaChoice) -> Project:
    """Copy our schema in where that was chosen and consented to; the project as it is afterwards."""
    if choice.copied_to is None:
        return replace(project, schema=choice.path)
    if not choice.copied_to.exists():
        choice.copied_to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(choice.path, choice.copied_to)
    return replace(project, schema=choice.copied_to)


async def plan_database(services: Services, engine: PrismaEngine, report: Report) -> DatabasePlan:
    """Look at the database and say what push would do. Installs the engine first where it is missing.

    Raises `StepFailed` without database credentials, `CouldNotRun` where Node, npm or the engine is missing.
    """
    url = services.credentials.direct
    if url is None:
        raise StepFailed("There is no database address yet.", "Go back to Credentials and paste one.")
    choice = choose_schema(services.project)
    if not engine.is_installed:
        report(Progress("Prisma's engine: installing (8 MB, once)", Mark.RUNNING, key="engine"))
        await engine.install(lambda line: report(Progress(line)))
        report(Progress("Prisma's engine is installed", Mark.OK, key="engine"))
    push = await engine.plan_push(url, choice.path)
    intent = Intent(
        action=Action.PUSH,
        endpoint=f"{url.endpoint}/{url.database}",
        database=url.database,
        kind=services.project.profile.kind,
        is_local=is_local(services),
        losses=tuple(loss.name for loss in push.losses),
        only_adds=push.only_adds,
    )
    return DatabasePlan(choice, push, intent, intent.endpoint)


async def apply_database(
    services: Services, engine: PrismaEngine, plan: DatabasePlan, consent: Consent, report: Report
) -> DatabaseDone:
    """Generate the client, then push. Raises `Refused` where consent lacks, `StepFailed` where either fails."""
    from stores.prisma.client import generate_client

    plan.verdict(consent).or_refuse()
    url = services.credentials.direct
    if url is None:
        raise StepFailed("There is no database address yet.", "Go back to Credentials and paste one.")
    project = place_schema(services.project, plan.schema)
    if project.schema is None:  # place_schema always sets it; this tells the type checker
        raise StepFailed("There is no schema.", "Name one with --schema FILE.")
    clock = services.clock
    began = clock.monotonic()
    report(Progress("prisma generate", Mark.RUNNING, key="generate"))
    client = await generate_client(engine, project.schema, project.root, lambda line: report(Progress(line)))
    report(Progress("prisma generate", Mark.OK, "generate", (clock.monotonic() - began) * 1000))
    began = clock.monotonic()
    report(Progress(f"prisma db push to {plan.endpoint}", Mark.RUNNING, key="push"))
    accepted = frozenset(consent.losses)
    result = await engine.push(
        url, project.schema, plan.push, accepted=accepted, report=lambda line: report(Progress(line))
    )
    report(Progress(f"prisma db push to {plan.endpoint}", Mark.OK, "push", (clock.monotonic() - began) * 1000))
    return DatabaseDone(client, result)


def is_local(services: Services) -> bool:
    """Whether the database in use is our own local stack's; only `stores/local` decides that."""
    from stores.local.stack import LocalStack

    url = services.credentials.database_url
    return url is not None and LocalStack(services.project.local).owns(url)
