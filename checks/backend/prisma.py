"""Prisma: Node, the schema engine, the schema, and the generated client ("Module not found" of the plan)."""

from __future__ import annotations

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, fail, flag, ok, text, texts, warn
from soundcheck.checks.fixes import GENERATE_CLIENT, INSTALL_ENGINE
from soundcheck.checks.schema_engine import migration_evidence, schema_engine
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.errors import CouldNotRun, SoundcheckError


def prisma_checks() -> tuple[Check, ...]:
    """`prisma.node` to `prisma.client`, in order."""
    return (
        Check("prisma.node", Group.PRISMA, "a Node that is new enough is there", _collect_node, judge_node, (), 25.0),
        Check(
            "prisma.engine",
            Group.PRISMA,
            "the schema engine is installed",
            _collect_engine,
            judge_engine,
            ("prisma.node",),
            25.0,
        ),
        Check("prisma.schema", Group.PRISMA, "the schema can be read", _collect_schema, judge_schema),
        Check(
            "prisma.client",
            Group.PRISMA,
            "the client is generated",
            _collect_client,
            judge_client,
            ("prisma.schema",),
        ),
    )


def _told(problem: SoundcheckError) -> dict[str, Json]:
    return {"message": problem.message, "hint": problem.hint}


def _judge_told(evidence: Evidence, cause: str) -> Finding:
    return fail(text(evidence, "message"), cause=cause, blame=Blame.YOU, hint=text(evidence, "hint"))


async def _collect_node(context: Context) -> Evidence:
    from soundcheck.stores.prisma.node import find_node

    try:
        node = await beside(lambda: find_node(context.services.environ))  # it runs `node --version`
    except CouldNotRun as problem:
        return _told(problem)
    return {
        "node": str(node),
        "version": ".".join(map(str, node.version)),
        "origin": node.origin.value,
        "has_npm": bool(node.npm),
    }


def judge_node(evidence: Evidence) -> Finding:
    """`prisma.node`."""
    if text(evidence, "message"):
        return _judge_told(evidence, "Prisma's schema engine runs in Node 20 or newer.")
    npm = "" if flag(evidence, "has_npm") else "; npm is not there"
    return ok(f"{text(evidence, 'node')}{npm}.")


async def _collect_engine(context: Context) -> Evidence:
    engine = await schema_engine(context.services)
    return {"installed": engine.is_installed, "has_npm": bool(engine.node.npm)}


def judge_engine(evidence: Evidence) -> Finding:
    """`prisma.engine`."""
    if flag(evidence, "installed"):
        return ok("The schema engine is installed.")
    npm = "" if flag(evidence, "has_npm") else " Node is there, but npm is not: install it, or set PATH to a full Node."
    return fail(
        "Module not found: Prisma's schema engine is not installed.",
        cause=f"It is fetched once from npm (8 MB), and that has not happened or was interrupted.{npm}",
        blame=Blame.YOU,
        hint="Run `soundcheck setup`: the step Database installs it.",
        fixes=(INSTALL_ENGINE,) if flag(evidence, "has_npm") else (),
    )


async def _collect_schema(context: Context) -> Evidence:
    from soundcheck.stores.prisma.schema_text import expected_tables, schema_in_use

    project = context.services.project
    schema = schema_in_use(project)
    own = project.schema is not None
    evidence: dict[str, Json] = {"own": own, "schema": project.shown(schema) if own else "the one of Soundcheck"}
    try:
        tables = expected_tables(schema)
    except CouldNotRun as problem:
        return {**evidence, **_told(problem)}
    return {**evidence, "tables": list(tables), **migration_evidence(schema)}


def judge_schema(evidence: Evidence) -> Finding:
    """`prisma.schema`."""
    if text(evidence, "message"):
        return _judge_told(evidence, "Without the schema nobody knows which tables to expect.")
    count = len(texts(evidence, "tables"))
    if count == 0:
        return fail(
            f"The schema ({text(evidence, 'schema')}) has no model.",
            cause="A schema without models makes no tables.",
            blame=Blame.YOU,
            hint="Name the right schema with --schema FILE.",
        )
    if flag(evidence, "migrations"):
        return ok(f"{text(evidence, 'schema')} describes {count} tables; they come from its migrations.")
    return ok(f"{text(evidence, 'schema')} describes {count} tables.")


async def _collect_client(context: Context) -> Evidence:
    from soundcheck.stores.prisma.client_place import ClientState, client_folder, client_state
    from soundcheck.stores.prisma.schema_text import schema_in_use

    services = context.services
    project = services.project
    schema = schema_in_use(project)
    try:
        state = client_state(project, schema, services.environ)
        wanted = state is not ClientState.NOT_WANTED
        folder = project.shown(client_folder(project, schema, services.environ)) if wanted else ""
    except SoundcheckError as problem:
        return _told(problem)
    return {"state": state.value, "folder": folder}


def judge_client(evidence: Evidence) -> Finding:
    """`prisma.client`: generated, and from the schema as it is now."""
    if text(evidence, "message"):
        return _judge_told(evidence, "A client can only be looked for where the schema says that it is.")
    state, folder = text(evidence, "state"), text(evidence, "folder")
    if state == "not_wanted":
        return ok("The schema asks for no Python client, so none is missing.")
    if state == "stale":
        return warn(
            f"The client in {folder} is older than the schema.",
            cause="The schema was changed after `prisma generate`.",
            blame=Blame.YOU,
            hint="Run `soundcheck setup`: the step Database generates it again.",
            fixes=(GENERATE_CLIENT,),
        )
    if state == "generated":
        return ok(f"The client is in {folder}.")
    return fail(
        "Module not found: the Prisma client has not been generated.",
        cause=f"The backend imports it, `prisma generate` writes it, and {folder} does not hold it.",
        blame=Blame.YOU,
        hint="Run `soundcheck setup`: the step Database generates it.",
        fixes=(GENERATE_CLIENT,),
    )
