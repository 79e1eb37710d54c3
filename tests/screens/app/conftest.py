"""What the app's tests share: tables with rows that once broke something, and services over them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from checks.registry import Registry
from checks.services import Services
from stores.credentials import Credentials
from stores.postgres_url import PostgresUrl
from stores.project import Profile, ProfileKind, Project
from stores.resolver import SystemResolver
from stores.upstash.rest import RestClient
from tests.conftest import Rest
from tests.screens.app.driving import TABLES, CountingDatabase, FixedClock, execute


@pytest.fixture
def filled_url(database_url: PostgresUrl) -> PostgresUrl:
    execute(database_url, TABLES)
    return database_url


@pytest.fixture
async def database(filled_url: PostgresUrl) -> AsyncIterator[CountingDatabase]:
    made = CountingDatabase(filled_url)
    yield made
    await made.close()


@pytest.fixture
def services(project: Project, database: CountingDatabase) -> Services:
    """A development project with a database and no cache."""
    return Services(
        project=replace(project, profile=Profile("default", ProfileKind.DEV)),
        clock=FixedClock(),
        resolver=SystemResolver(),
        registry=Registry(()),
        credentials=Credentials(database_url=database.url),
        database=database,
        environ={},
    )


@pytest.fixture
async def cached_services(services: Services, rest: Rest) -> AsyncIterator[Services]:
    """The same with a cache."""
    client = RestClient(rest.url, rest.token)
    credentials = replace(services.credentials, rest_url=rest.url, rest_token=rest.token)
    yield replace(services, cache=client, credentials=credentials)
    await client.close()
