"""The fixes of the backend's client: its query engine, and what its environment lacks."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Final

from soundcheck.checks.finding import Fix
from soundcheck.checks.report.known_secrets import known_secrets
from soundcheck.stores.backend.folder_programs import when_a_tool_runs
from soundcheck.stores.errors import Refused
from soundcheck.stores.project.trust import required_trust
from soundcheck.stores.services import Services
from soundcheck.wizard.env.step import undo_env
from soundcheck.wizard.fixes.fix import Applied, Executor, Preview, UndoData
from soundcheck.wizard.progress import Progress, Reporter
from soundcheck.wizard.setup.query_engine_step import FIX_ID, EnginePlan, place_engine, plan_engine


async def _preview_engine(services: Services, fix: Fix, _: Reporter) -> Preview:
    plan = await plan_engine(services)
    if not plan.needed:
        return Preview(fix, (f"{plan.env.shown} names the query engine, and it is installed.",), needed=False)
    return Preview(fix, plan.lines, undo=plan.removal, plan=plan)


async def _apply_engine(services: Services, preview: Preview, report: Reporter) -> Applied:
    plan = preview.plan
    assert isinstance(plan, EnginePlan)  # noqa: S101 - made above
    data = await place_engine(services, plan, report)
    return Applied((f"{plan.env.shown} names the query engine, {plan.launcher}.",), data)


async def _undo_engine(services: Services, data: UndoData) -> str:
    from soundcheck.stores.envfile import read_env

    shown = services.project.shown(services.project.env_file)
    if await asyncio.to_thread(lambda: read_env(services.project.env_file).digest) != data["digest"]:
        raise Refused(
            f"{shown} was changed after the fix.", "`soundcheck setup --undo` steps back one write at a time."
        )
    await asyncio.to_thread(undo_env, services.project, clock=services.clock)
    return f"{shown} is as it was before. The engine itself stays for other projects."


def _install_command(services: Services, fix: Fix) -> tuple[tuple[str, ...], Path]:
    """What is typed, and where. Raises `Refused` where there is no such backend."""
    from soundcheck.stores.backend.node_backend import find_node_backend
    from soundcheck.stores.backend.python_backend import find_backend_python
    from soundcheck.stores.prisma.client_place import GENERATOR_VERSION

    if fix.inputs.get("runtime") == "node":
        node = find_node_backend(services.project)
        if node is None:
            raise Refused("There is no Node backend here.", "Nothing was changed.")
        return node.install_command, node.folder
    backend = find_backend_python(services.project, services.environ)
    if backend is None or backend.interpreter is None:
        raise Refused(
            "No Python environment of the backend was found.", "Name its interpreter with --backend-python PATH."
        )
    return backend.install_command(f"prisma=={GENERATOR_VERSION}", services.environ), backend.folder


async def _preview_install(services: Services, fix: Fix, _: Reporter) -> Preview:
    command, folder = await asyncio.to_thread(_install_command, services, fix)
    line = f"in {services.project.shown(folder)}: {shlex.join(command)}"
    return Preview(fix, (line,), runs=when_a_tool_runs(command, folder))


async def _apply_install(services: Services, preview: Preview, report: Reporter) -> Applied:
    from soundcheck.stores.backend.run_line import run_line

    command, folder = await asyncio.to_thread(_install_command, services, preview.fix)
    secrets = await asyncio.to_thread(lambda: [secret.reveal() for secret in known_secrets(services)])
    await run_line(
        command,
        folder,
        trusted=await asyncio.to_thread(required_trust, services.project, preview.runs),
        environ=services.environ,
        secrets=secrets,
        report=lambda line: report(Progress(line)),
    )
    return Applied((f"{shlex.join(command)}: done.",))


CLIENT_EXECUTORS: Final = (
    Executor(FIX_ID, _preview_engine, _apply_engine, _undo_engine),
    Executor("backend.install", _preview_install, _apply_install),
)
