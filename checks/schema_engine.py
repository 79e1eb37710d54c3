"""Prisma's schema engine as this project uses it, and the address that it is to connect to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soundcheck.stores.backend.prisma_cli import DEVELOP, MIGRATE, migrate_line
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import ResolveError
from soundcheck.stores.services import Services

if TYPE_CHECKING:
    from soundcheck.stores.prisma.engine import PrismaEngine


async def schema_engine(services: Services) -> PrismaEngine:
    """The engine of this Soundcheck home, installed or not, in the Node of this environment.

    Raises `CouldNotRun` where there is no Node.
    """
    from soundcheck.stores.prisma.engine import PrismaEngine
    from soundcheck.stores.prisma.node import find_node

    node = await beside(lambda: find_node(services.environ))  # it runs `node --version`
    return PrismaEngine(services.project.home, node)


async def address_for_engine(services: Services, url: PostgresUrl) -> str | None:
    """The `hostaddr` to hand to the engine, from the one resolver.

    None where the name has no address: an engine that is asked all the same fails with the name's own text.
    """
    try:
        return (await services.resolver.resolve(url.host))[0].number
    except ResolveError:
        return None


@dataclass(frozen=True, slots=True)
class Migrations:
    """Whether the schema has migrations, and what is then typed in place of a push."""

    migrations: bool = False
    migrate: str | None = None

    @property
    def deploy(self) -> str:
        """What brings the database up to date; for evidence that does not say it, as for an unknown project."""
        return self.migrate or migrate_line()

    @property
    def develop(self) -> str:
        """What adds a migration."""
        return f"{self.deploy.removesuffix(MIGRATE)}{DEVELOP}"


def migrations_of(schema: Path) -> Migrations:
    """Those of a schema. A few small files are read."""
    from soundcheck.stores.prisma.schema_text import has_migrations

    return Migrations(True, migrate_line(schema)) if has_migrations(schema) else Migrations()
