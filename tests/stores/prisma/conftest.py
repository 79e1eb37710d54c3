"""What the tests of the schema engine share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine_fixture import engine, engine_folder  # noqa: F401
from generated_client import clients, connected, databases, query_engine, talk  # noqa: F401
from private_server import PrivateServer, private_server
from pushed_database import Database

from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.schema_text import packaged_schema

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")

HEADER = """
generator client {
  provider = "prisma-client-py"
  recursive_type_depth = 5
}
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"""


@pytest.fixture
def database(database_url: PostgresUrl) -> Database:
    return Database(database_url)


@pytest.fixture(scope="session")
def postgres_15(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateServer]:
    if not (DEBIAN_15 / "postgres").exists():
        pytest.skip("PostgreSQL 15 is not installed here")
    with private_server(DEBIAN_15, tmp_path_factory.mktemp("postgres15")) as server:
        yield server


@pytest.fixture
def schema() -> Path:
    return packaged_schema()


@pytest.fixture
def write_schema(tmp_path: Path) -> Callable[[str], Path]:
    """Write models into a schema file: `write_schema("model A { … }")`."""

    def write(models: str) -> Path:
        path = tmp_path / "schema.prisma"
        path.write_text(HEADER + models)
        return path

    return write
