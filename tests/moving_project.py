"""A project with rows that is moved by the real command's own code, for the tests of `soundcheck move`.

Import into your own conftest: `from moving_project import local, mover, moving  # noqa: F401`.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
from two_databases import target_url  # noqa: F401

from soundcheck.screens.commands import move
from soundcheck.screens.options import add_common
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Profile, ProfileKind, Project
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import discover

SCHEMA = Path(__file__).parents[1] / "docs" / "json" / "move.schema.json"
Mover = Callable[..., Any]


@pytest.fixture
def moving(services: Services, owner: psycopg.Connection) -> Services:
    """A project in development with a few rows, whose env file names the database and the cache in use."""
    owner.execute("""INSERT INTO users (id, email, password, "updatedAt") VALUES ('u1', 'a@b.c', 'x', now())""")
    owner.execute(
        """INSERT INTO playlists (id, "userId", name, "updatedAt")
        SELECT 'p' || i, 'u1', 'It''s "odd" ' || i, now() FROM generate_series(1, 20) i"""
    )
    values = services.credentials.as_env()
    services.project.env_file.write_text("".join(f'{n}="{v.reveal()}"\n' for n, v in values.items()) + "PORT=3000\n")
    project = replace(services.project, profile=Profile(kind=ProfileKind.DEV))
    return replace(services, project=project)


@pytest.fixture
async def local(moving: Services) -> AsyncIterator[LocalStack]:
    """The project's own stack, which a move to it starts."""
    stack = LocalStack(moving.project.local)
    yield stack
    await stack.down()


@pytest.fixture
def mover(moving: Services, target_url: PostgresUrl) -> Mover:  # noqa: F811
    """Run `move` with these words; NEW_URL is the target's address."""
    return mover_to(moving, target_url)


def mover_to(moving: Services, target: PostgresUrl) -> Mover:
    """Run `move` with these words and variables: what it told, and with `--json` its document."""

    async def call(*words: str, using: Services = moving, **environ: str) -> Any:
        exported = {"NEW_URL": target.reveal(), **environ}
        found = discover(using.project, exported)
        fresh = replace(using.using(found.credentials), environ=exported)
        parser = argparse.ArgumentParser()
        add_common(parser)
        move.configure(parser)
        out, err = io.StringIO(), io.StringIO()
        try:
            assert await move.run(parser.parse_args(words), fresh, out, err) == 0
        finally:
            await fresh.close()
        if "--json" not in words:
            return out.getvalue()
        document = json.loads(out.getvalue())
        jsonschema.Draft202012Validator(json.loads(await asyncio.to_thread(SCHEMA.read_text))).validate(document)
        return document

    return call


def in_use(project: Project) -> str:
    """The database that the env file names."""
    url = discover(project, {}).credentials.database_url
    assert url is not None
    return url.database


def rows_of(url: PostgresUrl, query: str) -> list[Any]:
    with psycopg.connect(replace(url, params=()).reveal(), autocommit=True) as connection:
        answer = connection.execute(query)
        return answer.fetchall() if answer.description else []
