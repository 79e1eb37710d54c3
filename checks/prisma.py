"""Prisma: Node, the schema engine, the schema, and the generated client ("Module not found" of the plan)."""

from __future__ import annotations

import asyncio

from checks.check import Check, Context, Group
from checks.evidence import flag, text, texts
from checks.finding import Blame, Evidence, Finding, Json, fail, ok, warn
from stores.errors import CouldNotRun


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


def _told(problem: CouldNotRun) -> dict[str, Json]:
    return {"message": problem.message, "hint": problem.hint}


def _judge_told(evidence: Evidence, cause: str) -> Finding:
    return fail(text(evidence, "message"), cause=cause, blame=Blame.YOU, hint=text(evidence, "hint"))


async def _collect_node(context: Context) -> Evidence:
    from stores.prisma.node import find_node

    try:
        # In a thread: it runs `node --version`.
        node = await asyncio.to_thread(find_node, context.services.environ)
    except CouldNotRun as problem:
        return _told(problem)
    return {"node": str(node), "version": ".".join(map(str, node.version)), "origin": node.origin.value}


def judge_node(evidence: Evidence) -> Finding:
    """`prisma.node`."""
    if text(evidence, "message"):
        return _judge_told(evidence, "Prisma's schema engine runs in Node 20 or newer.")
    return ok(f"{text(evidence, 'node')}.")


async def _collect_engine(context: Context) -> Evidence:
    from stores.prisma.engine import PrismaEngine
    from stores.prisma.node import find_node

    node = await asyncio.to_thread(find_node, context.services.environ)
    engine = PrismaEngine(context.services.project.home, node)
    return {"installed": engine.is_installed, "has_npm": bool(node.npm)}


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
    )


async def _collect_schema(context: Context) -> Evidence:
    from stores.prisma.schema_text import expected_tables, has_migrations, packaged_schema

    project = context.services.project
    schema = project.schema or packaged_schema()
    own = project.schema is not None
    evidence: dict[str, Json] = {"own": own, "schema": project.shown(schema) if own else "the one of Soundcheck"}
    try:
        tables = expected_tables(schema)
    except CouldNotRun as problem:
        return {**evidence, **_told(problem)}
    return {**evidence, "tables": list(tables), "migrations": has_migrations(schema)}


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
        return warn(
            f"{text(evidence, 'schema')} describes {count} tables, and has a migrations folder.",
            cause="Such a project is brought up to date by `prisma migrate deploy`; Soundcheck pushes nothing there.",
            blame=Blame.YOU,
            hint="Type: npx prisma migrate deploy",
        )
    return ok(f"{text(evidence, 'schema')} describes {count} tables.")


async def _collect_client(context: Context) -> Evidence:
    from stores.probe.prisma_client import find_client

    project = context.services.project
    found = find_client(project.root, project.schema) if project.schema else None
    if found is None:
        return {"generated": False}
    return {"generated": True, "folder": project.shown(found.folder), "current": found.is_current}


def judge_client(evidence: Evidence) -> Finding:
    """`prisma.client`: generated, and from the schema as it is now."""
    if not flag(evidence, "generated"):
        return fail(
            "Module not found: the Prisma client has not been generated.",
            cause="The backend imports it, and `prisma generate` writes it into the project.",
            blame=Blame.YOU,
            hint="Run `soundcheck setup`: the step Database generates it.",
        )
    if not flag(evidence, "current"):
        return warn(
            f"The client in {text(evidence, 'folder')} is older than the schema.",
            cause="The schema was changed after `prisma generate`.",
            blame=Blame.YOU,
            hint="Run `soundcheck setup`: the step Database generates it again.",
        )
    return ok(f"The client is in {text(evidence, 'folder')}.")
