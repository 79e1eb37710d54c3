"""A statement ends with whoever asked for it: each kind of client is killed while the server is busy for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import psutil
import psycopg
import pytest
from generated_client import SCHEMA
from pushed_database import Database

from soundcheck.stores.local import ports
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.query_engine import QueryEngine
from tests.pgbouncer_fixture import needs_pgbouncer, pooled

DEADLINE: Final = 60.0

OURS: Final = """
import asyncio, sys
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
database = Database(PostgresUrl.parse(sys.argv[1]), SystemResolver())
asyncio.run(database.fetch(sys.argv[2], timeout=600))
"""

PUSH: Final = """
import asyncio, os, sys
from pathlib import Path
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import find_node

async def push():
    url, folder, schema = PostgresUrl.parse(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    engine = PrismaEngine(folder, find_node())
    await engine.push(url, schema, await engine.plan_push(url, schema), lock_timeout=600)

asyncio.run(push())
"""

BACKEND: Final = """
import json, subprocess, sys, time, urllib.error, urllib.request
launcher, port, statement = sys.argv[1:]
engine = subprocess.Popen([launcher, "-p", port, "--enable-raw-queries"])
address = f"http://localhost:{port}"
while True:
    try:
        urllib.request.urlopen(f"{address}/status")
        break
    except OSError:
        time.sleep(0.1)
print(engine.pid, flush=True)
query = 'mutation { result: queryRaw(query: %s, parameters: "[]") }' % json.dumps(statement)
body = json.dumps({"query": query, "operationName": None, "variables": {}}).encode()
urllib.request.urlopen(urllib.request.Request(address, body, {"content-type": "application/json"}))
"""


@pytest.fixture
def there(database_url: PostgresUrl) -> Database:
    return Database(database_url)


@pytest.fixture(params=["direct", pytest.param("through a pooler", marks=needs_pgbouncer)])
def url(request: pytest.FixtureRequest, database_url: PostgresUrl) -> Iterator[PostgresUrl]:
    if request.param == "direct":
        yield database_url
        return
    with pooled(database_url) as through:
        yield through


def running(database: Database, part: str) -> int:
    """How many sessions of that database are in the middle of such a statement."""
    query = f"SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%{part}%' AND pid <> pg_backend_pid()"
    return len(database.rows(query))


def until(there: Callable[[], object], what: str) -> None:
    end = time.monotonic() + DEADLINE
    while not there():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@contextmanager
def program(text: str, *words: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", text, *words], env={**os.environ, **environ}, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("busy", ["SELECT pg_sleep(600), 'a nap'", "SELECT 'a nap' FROM held"])
def test_a_read_of_ours_ends_with_us(there: Database, url: PostgresUrl, busy: str) -> None:
    there.run("CREATE TABLE held AS SELECT 1 AS x")
    with psycopg.connect(there.url.reveal()) as holder, program(OURS, url.reveal(), busy) as ours:
        holder.execute("LOCK TABLE held")
        until(lambda: running(there, "a nap"), "the statement runs")
        ours.kill()
        until(lambda: not running(there, "a nap"), "it is cancelled")


def test_a_push_ends_with_us(there: Database, engine_folder: Path, write_schema: Callable[[str], Path]) -> None:
    there.run("CREATE TABLE a (id int CONSTRAINT a_pkey PRIMARY KEY)")
    schema = write_schema("model a {\n id Int @id\n b Int?\n}")
    with psycopg.connect(there.url.reveal()) as holder:
        holder.execute("LOCK TABLE a")
        with program(PUSH, there.url.reveal(), str(engine_folder), str(schema)) as push:
            until(lambda: running(there, "ADD COLUMN"), "the push waits for the table")
            push.kill()
            until(lambda: not running(there, "ADD COLUMN"), "it is cancelled")
    assert there.rows("SELECT FROM information_schema.columns WHERE column_name = 'b'") == []


@pytest.mark.parametrize("dies", ["the client", "the client of a server that looks too late", "the engine"])
def test_a_statement_of_a_backend_ends_with_its_client_and_with_its_engine(
    there: Database, url: PostgresUrl, query_engine: QueryEngine, dies: str
) -> None:
    """The engine cancels what its client left; what an engine left the server finds for itself."""
    if "too late" in dies:
        there.run(f'ALTER DATABASE "{there.url.database}" SET client_connection_check_interval = 600000')
    address = replace(url, params=(*url.params, ("pgbouncer", "true"))).reveal()
    words = str(query_engine.launcher), str(ports.choose(None)), "SELECT pg_sleep(600), 'a nap'"
    with program(BACKEND, *words, DATABASE_URL=address, PRISMA_DML_PATH=str(SCHEMA)) as client:
        assert client.stdout is not None
        engine = psutil.Process(int(client.stdout.readline()))
        until(lambda: running(there, "a nap"), "the statement runs")
        (engine if dies == "the engine" else client).kill()
        until(lambda: not running(there, "a nap"), "it is cancelled")
        client.kill()
        until(lambda: not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE, "the engine is gone")
