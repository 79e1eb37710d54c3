"""Prisma: Node, the schema engine, the schema, and the generated client ("Module not found" of the plan)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from soundcheck.checks.backend import findings
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.evidence import SPREAD
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.checks.schema_engine import Migrations, migrations_of, schema_engine
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.errors import CouldNotRun, SoundcheckError


def prisma_checks() -> tuple[Check, ...]:
    """`prisma.node` to `prisma.client`, in order."""
    group, title, after = Group.PRISMA, "the schema engine is installed", ("prisma.node",)
    return (
        NODE.check("prisma.node", group, "a Node that is new enough is there", _collect_node, (), 25.0),
        ENGINE.check("prisma.engine", group, title, _collect_engine, after, 25.0),
        SCHEMA.check("prisma.schema", group, "the schema can be read", _collect_schema),
        CLIENT.check("prisma.client", group, "the client is generated", _collect_client, ("prisma.schema",)),
    )


@dataclass(frozen=True, slots=True)
class Failed:
    """The error that looking ended with, in its own words."""

    message: str = ""
    hint: str = ""

    @property
    def judged(self) -> Judgement:
        """That looking failed."""
        return said("failed", message=self.message, hint=self.hint)


def failed(problem: SoundcheckError) -> Failed:
    """What an error says."""
    return Failed(problem.message, problem.hint)


@dataclass(frozen=True, slots=True)
class NodeEvidence:
    """The Node that runs Prisma's engine; `origin` says where it is from."""

    failed: Failed = field(default_factory=Failed, metadata=SPREAD)
    node: str = ""
    version: str = ""
    origin: str = ""
    has_npm: bool = False


async def _collect_node(context: Context) -> NodeEvidence:
    from soundcheck.stores.prisma.node import find_node

    try:
        node = await beside(lambda: find_node(context.services.environ))  # it runs `node --version`
    except CouldNotRun as problem:
        return NodeEvidence(failed(problem))
    version = ".".join(map(str, node.version))
    return NodeEvidence(node=str(node), version=version, origin=node.origin.value, has_npm=bool(node.npm))


def judge_node(evidence: NodeEvidence) -> Judgement:
    """`prisma.node`."""
    if evidence.failed.message:
        return evidence.failed.judged
    return said("found" if evidence.has_npm else "found_without_npm", node=evidence.node)


NODE: Final = Judging(NodeEvidence, judge_node, findings.NODE)


@dataclass(frozen=True, slots=True)
class EngineEvidence:
    """Whether the schema engine is installed, and whether npm could install it."""

    installed: bool = False
    has_npm: bool = False


async def _collect_engine(context: Context) -> EngineEvidence:
    engine = await schema_engine(context.services)
    return EngineEvidence(engine.is_installed, bool(engine.node.npm))


def judge_engine(evidence: EngineEvidence) -> Judgement:
    """`prisma.engine`."""
    if evidence.installed:
        return said("installed")
    return said("missing" if evidence.has_npm else "missing_without_npm")


ENGINE: Final = Judging(EngineEvidence, judge_engine, findings.ENGINE)


@dataclass(frozen=True, slots=True)
class SchemaEvidence:
    """The schema in use and its tables; `own` is the project's."""

    failed: Failed = field(default_factory=Failed, metadata=SPREAD)
    migrations: Migrations = field(default_factory=Migrations, metadata=SPREAD)
    own: bool = False
    schema: str = ""
    tables: tuple[str, ...] = ()


async def _collect_schema(context: Context) -> SchemaEvidence:
    from soundcheck.stores.prisma.schema_text import expected_tables, schema_in_use

    project = context.services.project
    schema = schema_in_use(project)
    own = project.schema is not None
    shown = project.shown(schema) if own else "the one of Soundcheck"
    try:
        tables = expected_tables(schema)
    except CouldNotRun as problem:
        return SchemaEvidence(failed(problem), own=own, schema=shown)
    return SchemaEvidence(migrations=migrations_of(schema), own=own, schema=shown, tables=tuple(tables))


def judge_schema(evidence: SchemaEvidence) -> Judgement:
    """`prisma.schema`."""
    if evidence.failed.message:
        return evidence.failed.judged
    count = len(evidence.tables)
    code = "no_model" if not count else "migrated" if evidence.migrations.migrations else "read"
    return said(code, schema=evidence.schema, count=count)


SCHEMA: Final = Judging(SchemaEvidence, judge_schema, findings.SCHEMA)


@dataclass(frozen=True, slots=True)
class ClientEvidence:
    """How the generated client is (a `ClientState`), and its folder."""

    failed: Failed = field(default_factory=Failed, metadata=SPREAD)
    state: str = ""
    folder: str = ""


async def _collect_client(context: Context) -> ClientEvidence:
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
        return ClientEvidence(failed(problem))
    return ClientEvidence(state=state.value, folder=folder)


def judge_client(evidence: ClientEvidence) -> Judgement:
    """`prisma.client`: generated, and from the schema as it is now."""
    if evidence.failed.message:
        return evidence.failed.judged
    code = evidence.state if evidence.state in {"not_wanted", "stale", "generated"} else "missing"
    return said(code, folder=evidence.folder)


CLIENT: Final = Judging(ClientEvidence, judge_client, findings.CLIENT)
