"""`backend.prisma`: a Node backend's own Prisma is there, and takes the schema as it is."""

from __future__ import annotations

import shlex
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.finding import (
    Blame,
    Evidence,
    Finding,
    Json,
    fail,
    flag,
    number,
    ok,
    place,
    skip,
    text,
    texts,
    warn,
)
from soundcheck.checks.fixes import INSTALL_NODE_CLIENT, PRISMA_CONFIG, RUN_GENERATE
from soundcheck.stores.backend.prisma_cli import DEFAULT_MAJOR, PACKAGES
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.errors import SoundcheckError

BACKEND_PRISMA: Final = "backend.prisma"

_OLDER: Final = " ".join(["npm install", *(f"{name}@{DEFAULT_MAJOR}" for name in PACKAGES)])


def backend_prisma_check() -> Check:
    """`backend.prisma`; read from package.json and node_modules, nothing is run."""
    return Check(
        BACKEND_PRISMA,
        Group.PRISMA,
        "the Node backend's own Prisma fits the schema",
        _collect,
        judge_backend_prisma,
        ("prisma.schema",),
    )


async def _collect(context: Context) -> Evidence:
    project = context.services.project

    def look() -> dict[str, Json]:
        from soundcheck.stores.backend.node_place import find_node_backend
        from soundcheck.stores.prisma.node_config import schema_url_settings
        from soundcheck.stores.prisma.schema_text import javascript_generators, python_generator, schema_in_use

        schema = schema_in_use(project)
        backend = find_node_backend(project)
        if backend is None:
            return {"has_backend": False}
        asks, into_packages = javascript_generators(schema)
        return {
            "has_backend": True,
            "folder": project.shown(backend.folder),
            "uses_prisma": backend.uses_prisma,
            "cli": backend.cli,
            "client": backend.client,
            "major": backend.major,
            "missing": list(backend.missing),
            "install": shlex.join(backend.install_command),
            "generate": shlex.join(backend.generate_command),
            "generated": backend.generated,
            "config": project.shown(backend.config) if backend.config else "",
            "schema": project.shown(schema),
            "own_schema": project.schema is not None,
            "settings": list(schema_url_settings(schema)),
            "javascript": asks,
            "into_packages": into_packages,
            "python": python_generator(schema) is not None,
        }

    try:
        return await beside(look)
    except SoundcheckError as problem:
        return {"message": problem.message, "hint": problem.hint}


def judge_backend_prisma(evidence: Evidence) -> Finding:
    """`backend.prisma`."""
    if text(evidence, "message"):
        return fail(
            text(evidence, "message"),
            cause="The schema says what the backend's Prisma has to take.",
            blame=Blame.YOU,
            hint=text(evidence, "hint"),
        )
    if not flag(evidence, "has_backend"):
        return skip("Not needed here.", "no package.json was found, so there is no Node backend")
    if not flag(evidence, "uses_prisma"):
        return skip("Not needed here.", "the Node backend does not use Prisma")
    missing = texts(evidence, "missing")
    if missing:
        where = place(evidence)
        return warn(
            f"Module not found: {' and '.join(missing)} not installed for the Node backend.",
            cause=f"Looked for in node_modules of {where}; the backend imports @prisma/client, prisma generates it.",
            blame=Blame.YOU,
            hint=f"Type in {where}: {text(evidence, 'install')}",
            fixes=(INSTALL_NODE_CLIENT,),
        )
    version = text(evidence, "cli")
    settings = texts(evidence, "settings")
    if (number(evidence, "major") or 0) >= 7 and settings:
        return _refuses_url(evidence, version, settings)
    if not flag(evidence, "javascript"):
        return warn(
            f"{text(evidence, 'schema')} asks for no JavaScript client, so the Node backend has none to import.",
            cause="A client is generated for each generator block, and none has provider prisma-client-js.",
            blame=Blame.YOU,
            hint='Write a generator block with provider = "prisma-client-js" into the schema.',
        )
    if flag(evidence, "into_packages") and not flag(evidence, "generated"):
        return warn(
            f"Prisma {version} is installed, and its client has not been generated.",
            cause="The schema has a generator for JavaScript, and node_modules/.prisma/client is not there.",
            blame=Blame.YOU,
            hint=f"Type in {place(evidence)}: {text(evidence, 'generate')}",
            fixes=(RUN_GENERATE,),
        )
    return ok(f"Prisma {version} of the Node backend takes {text(evidence, 'schema')}.")


def _refuses_url(evidence: Evidence, version: str, settings: tuple[str, ...]) -> Finding:
    names = " and ".join(settings)
    if flag(evidence, "python"):
        return warn(
            f"Prisma {version} refuses {names} in {text(evidence, 'schema')} (P1012), and Prisma Client Python needs"
            " url there.",
            cause="One schema cannot serve both: version 7 reads the address from prisma.config.ts alone.",
            blame=Blame.YOU,
            hint="Delete the generator block of prisma-client-py if no Python backend uses it; else stay with Prisma"
            f" {DEFAULT_MAJOR} in Node ({_OLDER}), or give each a schema.",
        )
    return warn(
        f"Prisma {version} refuses {names} in {text(evidence, 'schema')} (P1012).",
        cause="Since version 7 the address stands in prisma.config.ts, and the client takes a driver adapter.",
        blame=Blame.YOU,
        hint="Run `soundcheck doctor --fix prisma.config`, which shows both files before it writes them.",
        fixes=(PRISMA_CONFIG,),
    )
