"""Put the new addresses into the env file, or the old ones back: the difference shown, a backup behind it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import DATABASE_URL, REST_URL, Credentials
from soundcheck.stores.envfile import read_env
from soundcheck.stores.envfile.neighbours import neighbours
from soundcheck.stores.errors import Refused
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.project.claim_note import cache_note, database_note
from soundcheck.stores.project.own_command import spelled_in_file
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker, confirmed
from soundcheck.wizard.discover import FoundCredentials, Source
from soundcheck.wizard.env.plan import EnvPlan, LineKind
from soundcheck.wizard.env.step import EnvConsent, plan_env, write_env
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.setup.local_step import START_LOCAL
from soundcheck.wizard.setup.session import load_session, save_session


def refuse_elsewhere(found: FoundCredentials, project: Project, halves: frozenset[Half]) -> None:
    """Raise `Refused` where a value that is to change does not stand in the env file, so that no file decides it."""
    for name, half in ((DATABASE_URL, Half.DATABASE), (REST_URL, Half.CACHE)):
        source = found.sources.get(name)
        if half in halves and source not in {None, Source.FILE}:
            where = "the environment" if source is Source.ENVIRONMENT else "a mounted secret"
            raise Refused(
                f"{name} comes from {where}, not from {project.shown(project.env_file)}.",
                "Add --no-write: the data is copied and verified; then set the new address where the old one stands.",
            )


async def switch(
    services: Services, new: Credentials, halves: frozenset[Half], asker: Asker, report: Reporter
) -> EnvPlan | None:
    """Show what changes, ask, write. None where the person said no; then the old addresses stay in use.

    Raises `Refused` where the file cannot be changed safely, `CouldNotRun` where it cannot be written.
    """
    project = services.project
    stack = LocalStack(project.local)
    local = all(
        (
            new.database_url is not None and stack.owns(new.database_url),
            new.rest_url is None or stack.owns_rest(new.rest_url),
        )
    )
    plan = await asyncio.to_thread(plan_env, project, new, local=local, start_command=spelled_in_file(START_LOCAL))
    plan = without_old_notes(plan, halves, read_env(project.env_file).document.render())
    if plan.blocked:
        raise Refused(plan.problems[0].message, plan.problems[0].hint)
    for line in plan.lines:
        if line.kind is not LineKind.KEEP:
            report(Progress(f"{line.symbol} {line.text}" + (f"   {line.note}" if line.note else "")))
    for warning in plan.warnings:
        report(Progress(warning.message, Mark.WARN, hint=warning.hint))
    if plan.changes and not await confirmed(
        asker, f"Write {plan.shown}? The old file is kept.", default=plan.held is None
    ):
        return None
    consent = EnvConsent(replace=True, link_target=plan.link_target, held=plan.held)
    written = await asyncio.to_thread(write_env, project, plan, consent, clock=services.clock)
    for text in written.warnings:
        report(Progress(text, Mark.WARN))
    save_session(project, load_session(project).verified(new), services.clock.now())
    report(Progress(f"{plan.shown} is switched, mode {plan.mode_after:04o}", Mark.OK))
    for other in neighbours(project.env_file):
        if DATABASE_URL in other.values and Half.DATABASE in halves:
            told = f"{project.shown(other.path)} has a DATABASE_URL of its own, which was not changed"
            report(Progress(told, Mark.WARN, hint="Take it out there, or set the new address."))
    if name := next((n for n in new.as_env() if services.environ.get(n)), ""):
        told = f"{name} is exported in this shell as well, and programs started here take that one"
        report(Progress(told, Mark.WARN, hint=f"unset {name}"))
    return plan


def without_old_notes(plan: EnvPlan, halves: frozenset[Half], before: str) -> EnvPlan:
    """The plan without comments of `before`, other tools' too, that say when the store ends that is left."""
    if plan.content is None:
        return plan
    old = set(before.splitlines())
    lines = plan.content.reveal().splitlines(keepends=True)
    for half, read in ((Half.DATABASE, database_note), (Half.CACHE, cache_note)):
        while half in halves and (note := read("".join(lines))) is not None:
            if lines[note.line - 1].rstrip("\r\n") not in old:
                break  # it is about the new one
            del lines[note.line - 1]
    return replace(plan, content=Secret("".join(lines)))
