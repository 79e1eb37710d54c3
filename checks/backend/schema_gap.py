"""What a push would do now: schema and live database compared by Prisma's own engine, over the direct address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from soundcheck.checks.schema_engine import address_for_engine, schema_engine
from soundcheck.stores.credentials import DIRECT_URL
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.postgres.settings import node_settings
from soundcheck.stores.prisma.failures import naming
from soundcheck.stores.prisma.plan import PushPlan
from soundcheck.stores.prisma.schema_text import fingerprint, read_schema, schema_in_use
from soundcheck.stores.services import Services


@dataclass(frozen=True, slots=True)
class SchemaGap:
    """A comparison. `default_schema` is the one whose tables the plan names without it; `shown` is the schema's path.

    `own` is False where the project has no schema, so that Soundcheck's was taken.
    """

    plan: PushPlan
    default_schema: str
    shown: str
    own: bool
    at: datetime


class EngineMissing(CouldNotRun):
    """The engine is not installed; `install_engine` fetches it."""


def gap_key(services: Services) -> str:
    """Changes whenever a comparison would be about something else: another schema, another database.

    Raises `CouldNotRun` where the schema cannot be read.
    """
    url = services.credentials.direct
    place = f"{url.endpoint}/{url.database}/{url.user}" if url is not None else ""
    return f"{place} {fingerprint(read_schema(schema_in_use(services.project)))}"


async def schema_gap(services: Services) -> SchemaGap:
    """Ask: about twenty dependent queries in a Node child, which ends when this is cancelled. Nothing is written.

    Raises `EngineMissing`, `CouldNotRun` (no Node, no schema, no address), `Refused` for a pooled address, and
    `PrismaFailure` where the database refuses.
    """
    engine = await schema_engine(services)
    if not engine.is_installed:
        raise EngineMissing(
            "Prisma's schema engine is not installed here, so nothing can be compared.",
            "Run `soundcheck setup`: the step Database installs it (8 MB from npm, once).",
        )
    url = services.credentials.direct
    if url is None:
        raise CouldNotRun("There is no database address.", "Press 1 for Setup.")
    project = services.project
    schema = schema_in_use(project)
    with naming(DIRECT_URL):
        plan = await engine.plan_push(url, schema, hostaddr=await address_for_engine(services, url))
    own = project.schema is not None
    shown = project.shown(schema) if own else "Soundcheck's own schema"
    return SchemaGap(plan, node_settings(url).schema, shown, own, services.clock.now())


async def install_engine(services: Services) -> None:
    """Fetch the engine from npm. Raises `CouldNotRun` in words: npm missing, blocked, offline, out of time."""
    await (await schema_engine(services)).install()
