from __future__ import annotations

import argparse
import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.screens.commands import cache, remove, row, rows, seed, tables
from soundcheck.screens.options import add_common
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services

COMMANDS = {"cache": cache, "tables": tables, "rows": rows, "row": row, "seed": seed, "remove": remove}
SCHEMAS = Path(__file__).parents[3] / "docs" / "json"

Run = Callable[..., str]


class Ran(str):
    """Standard output, and beside it what went to standard error."""

    stderr: str


@pytest.fixture
def owner(eleven_url: PostgresUrl) -> Iterator[psycopg.Connection]:  # noqa: F811
    """The database past our own code."""
    with psycopg.connect(eleven_url.reveal(), autocommit=True) as connection:
        yield connection


@pytest.fixture
async def services(project: Project, eleven_url: PostgresUrl, rest: Any) -> AsyncIterator[Services]:  # noqa: F811
    """Database and cache of the session's stack."""
    plain = Services(project, SystemClock(), SystemResolver())
    opened = plain.using(Credentials(eleven_url, None, rest.url, rest.token))
    yield opened
    await opened.close()


@pytest.fixture
def run(services: Services) -> Callable[..., Any]:
    """Run a command as `run("rows", "users", "--limit", "3")`; its standard output."""

    async def call(name: str, *words: str, using: Services = services) -> Ran:
        parser = argparse.ArgumentParser()
        add_common(parser)
        COMMANDS[name].configure(parser)
        out, err = io.StringIO(), io.StringIO()
        assert await COMMANDS[name].run(parser.parse_args(words), using, out, err) == 0
        ran = Ran(out.getvalue())
        ran.stderr = err.getvalue()
        return ran

    return call


@pytest.fixture
def read_json(run: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command with `--json`; its document, which is all of its output and fits the published schema."""

    async def call(name: str, *words: str, **how: Any) -> dict[str, Any]:
        ran = await run(name, *words, "--json", **how)
        assert ran.stderr == ""
        document: dict[str, Any] = json.loads(ran)
        schema = json.loads(await asyncio.to_thread((SCHEMAS / f"{document['kind']}.schema.json").read_text))
        jsonschema.Draft202012Validator(schema).validate(document)
        return document

    return call
