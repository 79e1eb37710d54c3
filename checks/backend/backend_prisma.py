"""`backend.prisma`: a Node backend's own Prisma is there, and takes the schema as it is."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Final

from soundcheck.checks.backend import findings
from soundcheck.checks.backend.findings import in_words
from soundcheck.checks.backend.prisma import Failed, failed
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.evidence import SPREAD
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.errors import SoundcheckError

BACKEND_PRISMA: Final = "backend.prisma"

_READS_CONFIG: Final = 7
"""The first version that takes the address from prisma.config.ts alone."""


def backend_prisma_check() -> Check:
    """`backend.prisma`; read from package.json and node_modules, nothing is run."""
    title = "the Node backend's own Prisma fits the schema"
    return JUDGING.check(BACKEND_PRISMA, Group.PRISMA, title, _collect, ("prisma.schema",))


@dataclass(frozen=True, slots=True)
class BackendPrismaEvidence:
    """The Node backend, its Prisma, and what the schema has for it.

    `cli` and `client` are versions; `settings` those that version 7 refuses in a schema; `javascript` says whether
    the schema asks for a client in JavaScript, `into_packages` whether that goes to node_modules, `python` for Python.
    """

    failed: Failed = field(default_factory=Failed, metadata=SPREAD)
    has_backend: bool = False
    folder: str = ""
    uses_prisma: bool = False
    cli: str = ""
    client: str = ""
    major: int | None = None
    missing: tuple[str, ...] = ()
    install: str = ""
    generate: str = ""
    align: str = ""
    generated: bool = False
    config: str = ""
    schema: str = ""
    own_schema: bool = False
    settings: tuple[str, ...] = ()
    javascript: bool = False
    into_packages: bool = False
    python: bool = False


async def _collect(context: Context) -> BackendPrismaEvidence:
    project = context.services.project

    def look() -> BackendPrismaEvidence:
        from soundcheck.stores.backend.node_backend import find_node_backend
        from soundcheck.stores.prisma.node_config import schema_url_settings
        from soundcheck.stores.prisma.schema_text import javascript_generators, python_generator, schema_in_use

        schema = schema_in_use(project)
        backend = find_node_backend(project)
        if backend is None:
            return BackendPrismaEvidence()
        asks, into_packages = javascript_generators(schema)
        return BackendPrismaEvidence(
            has_backend=True,
            folder=project.shown(backend.folder),
            uses_prisma=backend.uses_prisma,
            cli=backend.cli,
            client=backend.client,
            major=backend.major,
            missing=tuple(backend.missing),
            install=shlex.join(backend.install_command),
            generate=shlex.join(backend.generate_command),
            align=shlex.join(backend.align_command),
            generated=backend.generated,
            config=project.shown(backend.config) if backend.config else "",
            schema=project.shown(schema),
            own_schema=project.schema is not None,
            settings=tuple(schema_url_settings(schema)),
            javascript=asks,
            into_packages=into_packages,
            python=python_generator(schema) is not None,
        )

    try:
        return await beside(look)
    except SoundcheckError as problem:
        return BackendPrismaEvidence(failed(problem))


def judge_backend_prisma(evidence: BackendPrismaEvidence) -> Judgement:
    """`backend.prisma`."""
    folder, schema, version = in_words(evidence.folder), evidence.schema, evidence.cli
    if evidence.failed.message:
        return evidence.failed.judged
    if not evidence.has_backend:
        return said("no_backend")
    if not evidence.uses_prisma:
        return said("no_prisma")
    if evidence.missing:
        return said("missing", packages=evidence.missing, folder=folder, command=evidence.install)
    if _are_apart(evidence.cli, evidence.client):
        return said("two_majors", cli=version, client=evidence.client, folder=folder, command=evidence.align)
    if (evidence.major or 0) >= _READS_CONFIG and evidence.settings:
        code = "two_backends" if evidence.python else "refuses_url"
        return said(code, version=version, settings=evidence.settings, schema=schema)
    if not evidence.javascript:
        return said("no_generator", schema=schema)
    if evidence.into_packages and not evidence.generated:
        return said("not_generated", version=version, folder=folder, command=evidence.generate)
    return said("fits", version=version, schema=schema)


def _are_apart(cli: str, client: str) -> bool:
    """Whether Prisma's command and its client are of two major versions."""
    majors = cli.partition(".")[0], client.partition(".")[0]
    return all(major.isdigit() for major in majors) and majors[0] != majors[1]


JUDGING: Final = Judging(BackendPrismaEvidence, judge_backend_prisma, findings.BACKEND_PRISMA)
