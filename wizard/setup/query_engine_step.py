"""Let the backend's generated client connect: the stand-in for Prisma's query engine, put there with consent.

One folder in the user's data folder serves every project; a line of the project's env file names it, which the client
reads by itself (`load_env` of prisma 0.15.0) and which belongs to this machine, as the rest of that file does.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from soundcheck.stores.errors import Refused, SoundcheckError
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.env.plan import EnvPlan
from soundcheck.wizard.env.step import EnvConsent, write_env
from soundcheck.wizard.env.values import changed_lines, plan_values
from soundcheck.wizard.fix_journal import note_fix
from soundcheck.wizard.progress import Mark, Progress, Reporter

FIX_ID = "client.engine"


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """What would be done: install into `folder` (None: it is there already), and the env file's line.

    `launcher` is what that line names; `size` is in bytes on disk. With neither there is nothing to do.
    """

    folder: Path | None
    launcher: Path
    size: int
    env: EnvPlan

    @property
    def needed(self) -> bool:
        """Whether there is anything to do."""
        return self.folder is not None or self.env.content_differs

    @property
    def lines(self) -> tuple[str, ...]:
        """What will be done, a line each, to show before it is."""
        told = []
        if self.folder is not None:
            told.append(f"npm: fetch a query engine that runs in Node ({self.size / 1e6:.0f} MB) into {self.folder}")
        if self.env.content_differs:
            told += [f"{self.env.shown}, written with mode 600:", *changed_lines(self.env)]
        return tuple(told)

    @property
    def removal(self) -> str:
        """How it goes away again, in words."""
        return f"`soundcheck doctor --undo {FIX_ID}` takes the line out; the engine itself is {self.launcher.parent}"


async def offered_engine(services: Services) -> EnginePlan | None:
    """What to offer in set-up; None where no Python backend would miss it, or the client finds an engine already.

    Raises the family of `stores.errors` where Node is missing or the env file cannot be changed safely.
    """
    if not await asyncio.to_thread(_is_missed, services):
        return None
    plan = await plan_engine(services)
    return plan if plan.needed else None


async def offer_or_reason(services: Services, report: Reporter) -> EnginePlan | None:
    """The same, where a failure is told and stops nobody."""
    try:
        return await offered_engine(services)
    except SoundcheckError as problem:
        text = f"No query engine for the client: {problem.message}"
        report(Progress(text, Mark.WARN, "query-engine", hint=problem.hint))
        return None


async def plan_engine(services: Services) -> EnginePlan:
    """What it takes that the client finds our engine.

    Raises as `offered_engine` does, and `Refused` where an exported variable would win all the same.
    """
    from soundcheck.stores.backend.client_needs import ENGINE_VARIABLE
    from soundcheck.stores.prisma.node import find_node
    from soundcheck.stores.prisma.query_engine import QueryEngine

    node = await asyncio.to_thread(find_node, services.environ)
    engine = QueryEngine(services.project.home, node)
    exported = services.environ.get(ENGINE_VARIABLE, "")
    if exported not in {"", str(engine.launcher)}:
        raise Refused(
            f"{ENGINE_VARIABLE} is exported, and that comes before the env file.", f"Type: unset {ENGINE_VARIABLE}"
        )
    env = await asyncio.to_thread(
        plan_values, services.project, {ENGINE_VARIABLE: Secret(engine.environ()[ENGINE_VARIABLE])}
    )
    return EnginePlan(None if engine.is_installed else engine.folder, engine.launcher, engine.size_bytes, env)


async def place_engine(services: Services, plan: EnginePlan, report: Reporter) -> dict[str, str]:
    """Install, then write the line: a line that names nothing would be worse than none. What an undo needs.

    Raises `CouldNotRun` where npm or the disk fails, `Refused` where the env file changed since it was shown.
    """
    from soundcheck.stores.envfile import read_env
    from soundcheck.stores.prisma.node import find_node
    from soundcheck.stores.prisma.query_engine import QueryEngine

    node = await asyncio.to_thread(find_node, services.environ)
    engine = QueryEngine(services.project.home, node)
    if not engine.is_installed:
        report(Progress("Prisma's query engine: installing", Mark.RUNNING, key="query-engine"))
        Journal(services.project, services.clock).note_tree(Kind.ENGINE, engine.folder)
        await engine.install(lambda line: report(Progress(line)))
    written = await asyncio.to_thread(
        write_env, services.project, plan.env, EnvConsent(replace=True), clock=services.clock
    )
    report(Progress(f"The client finds its query engine by {plan.env.shown}", Mark.OK, "query-engine", changed=True))
    return {"file": str(written.path), "digest": read_env(written.path).digest}


async def place_offered(services: Services, plan: EnginePlan, report: Reporter) -> bool:
    """The same within set-up, where a failure stops nobody: it is told with the way to do it later."""
    try:
        data = await place_engine(services, plan, report)
    except SoundcheckError as problem:
        hint = f"{problem.hint} Later: `soundcheck doctor --fix {FIX_ID}`".strip()
        report(Progress(f"No query engine for the client: {problem.message}", Mark.WARN, "query-engine", hint=hint))
        return False
    await asyncio.to_thread(note_fix, services.project, FIX_ID, "client.connects", data, services.clock)
    return True


def _is_missed(services: Services) -> bool:
    """Whether a Python backend is there, wants a client, and that client would find no engine, or an older one of ours.

    An engine that the person named is theirs, whatever it is; a name that leads nowhere is mended.
    """
    from soundcheck.stores.backend.client_needs import ENGINE_VARIABLE, found_engine
    from soundcheck.stores.backend.python_backend import find_backend_python
    from soundcheck.stores.envfile import read_env
    from soundcheck.stores.prisma.schema_text import python_generator, schema_in_use

    project = services.project
    if not project.writes_env_file or python_generator(schema_in_use(project)) is None:
        return False
    if services.environ.get(ENGINE_VARIABLE) or find_backend_python(project, services.environ) is None:
        return False
    named = read_env(project.env_file).get(ENGINE_VARIABLE)
    if named:
        path = Path(named.reveal())
        return not path.is_file() or path.is_relative_to(project.home)
    return found_engine(project, services.environ) is None
