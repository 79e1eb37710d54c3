"""The fixes of the env file itself: who may read it, and one parameter or host of a URL in it."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from soundcheck.checks.finding import Fix
from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, Credentials
from soundcheck.stores.envfile import EnvReading, read_env
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.env.plan import EnvPlan, LineKind
from soundcheck.wizard.env.step import EnvConsent, undo_env, write_env
from soundcheck.wizard.env.values import SETUP_HINT, plan_values, refuse_unfit
from soundcheck.wizard.fixes.fix import Applied, Executor, Preview, UndoData
from soundcheck.wizard.progress import Reporter

_CHANGES: Final[Mapping[tuple[str, str], Callable[[PostgresUrl], PostgresUrl]]] = {
    ("env.pooler", DATABASE_URL): PostgresUrl.pooled,
    ("env.pooler", DIRECT_URL): PostgresUrl.direct,
    ("env.sslmode", DATABASE_URL): lambda url: url.with_params({"sslmode": "require"}),
    ("env.sslmode", DIRECT_URL): lambda url: url.with_params({"sslmode": "require"}),
}
"""What becomes of a URL, by the fix and the variable that its inputs name."""


_CONNECTIONS: Final = ("database.query", "database.pooling")
"""What proves an address: that the application and a push can connect."""


def existing_env_file(project: Project) -> Path:
    """The env file, or the file that it links to. Raises `Refused` where there is none."""
    path = Path(os.path.realpath(project.env_file))
    if not path.is_file():
        raise Refused(f"There is no {project.shown(project.env_file)}.", "Run `soundcheck setup`.")
    return path


async def _preview_mode(services: Services, fix: Fix, _: Reporter) -> Preview:
    path = existing_env_file(services.project)
    mode, shown = stat.S_IMODE(path.stat().st_mode), services.project.shown(path)
    if not mode & 0o077:
        return Preview(fix, (f"{shown} is readable by you alone already.",), needed=False)
    return Preview(
        fix, (f"chmod {mode & 0o600:o} {shown}   (now {mode:o})",), undo=f"chmod {mode:o} {shown}", plan=mode
    )


async def _apply_mode(services: Services, preview: Preview, _: Reporter) -> Applied:
    path = existing_env_file(services.project)
    content, mode = read_plain(path), stat.S_IMODE(path.stat().st_mode) & 0o600
    Journal(services.project, services.clock).note_write(Kind.ENV, path, content, content, mode=mode)
    _chmod(path, mode)
    data = {"file": str(path), "mode": f"{preview.plan:o}"}
    return Applied((f"{services.project.shown(path)} is readable by you alone.",), data)


async def _undo_mode(services: Services, data: UndoData) -> str:
    path = Path(data["file"])
    _chmod(path, int(data["mode"], 8))
    return f"{services.project.shown(path)} has mode {data['mode']} again."


def _chmod(path: Path, mode: int) -> None:
    try:
        path.chmod(mode)
    except OSError as problem:
        message = f"The rights of {path} cannot be changed: {problem.strerror}."
        raise CouldNotRun(message, "Ask its owner to do it.") from None


async def _preview_value(services: Services, fix: Fix, _: Reporter) -> Preview:
    name = fix.inputs.get("variable", DATABASE_URL)
    plan = await asyncio.to_thread(_plan_value, services.project, fix.id, name)
    if not plan.content_differs:
        return Preview(fix, (f"{name} in {plan.shown} is so already.",), needed=False)
    told = [f"{plan.shown}, written with mode 600:"]
    for line in plan.lines:
        if line.kind is not LineKind.KEEP:
            told += [f"- {line.before}", f"+ {line.text}"]
    return Preview(fix, tuple(told), undo="the file of before is kept and can be put back", plan=plan)


async def _apply_value(services: Services, preview: Preview, _: Reporter) -> Applied:
    plan = preview.plan
    assert isinstance(plan, EnvPlan)  # noqa: S101 - made above
    consent = EnvConsent(replace=True)
    written = await asyncio.to_thread(write_env, services.project, plan, consent, clock=services.clock)
    data = {"file": str(written.path), "digest": read_env(written.path).digest}
    return Applied((f"{plan.shown} is written.", *written.warnings), data)


async def _undo_value(services: Services, data: UndoData) -> str:
    shown = services.project.shown(services.project.env_file)
    if read_env(services.project.env_file).digest != data["digest"]:
        raise Refused(
            f"{shown} was changed after the fix.", "`soundcheck setup --undo` steps back one write at a time."
        )
    await asyncio.to_thread(undo_env, services.project, clock=services.clock)
    return f"{shown} is as it was before."


def _plan_value(project: Project, fix_id: str, name: str) -> EnvPlan:
    """The env file with one URL changed, as a plan that `write_env` takes. Raises `Refused` in words."""
    shown = project.shown(project.env_file)
    reading = read_env(project.env_file)
    refuse_unfit(reading, shown)
    found, change = reading.get(name), _CHANGES.get((fix_id, name))
    if found is None or change is None:
        raise Refused(f"{shown} does not set {name}, so there is nothing to change in it.", SETUP_HINT)
    try:
        url = PostgresUrl.parse(found.reveal())
    except UrlProblem as problem:
        raise Refused(f"{name} in {shown} cannot be changed safely: {problem.message}.", SETUP_HINT) from None
    values = {name: change(url)}
    if fix_id == "env.sslmode" and name == DATABASE_URL and (direct := _follower(reading, url)) is not None:
        values[DIRECT_URL] = change(direct)
    if values[name] == url:
        return plan_values(project, {})
    return plan_values(project, {one: Secret(changed.reveal()) for one, changed in values.items()})


def _follower(reading: EnvReading, url: PostgresUrl) -> PostgresUrl | None:
    """DIRECT_URL of the file, where it is what would be derived from this one: it changes along with it."""
    found = reading.get(DIRECT_URL)
    try:
        direct = PostgresUrl.parse(found.reveal()) if found is not None else None
    except UrlProblem:
        return None
    return direct if Credentials(url, direct).direct_follows else None


ENV_EXECUTORS: Final = (
    Executor("env.mode", _preview_mode, _apply_mode, _undo_mode),
    Executor("env.pooler", _preview_value, _apply_value, _undo_value, _CONNECTIONS, must_pass=True),
    Executor("env.sslmode", _preview_value, _apply_value, _undo_value, _CONNECTIONS),
)
