"""The query engine gives a local stack's password to nobody who asks for it in another way than SCRAM."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from engine_fixture import run_aside
from generated_client import SCHEMA

from soundcheck.stores.local import ports
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.state_file import StateFile
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.query_engine import QueryEngine
from tests.squatter import squatting

DEADLINE = 60.0


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, LocalStack]]:
    """A home, and a stack in it."""
    home = tmp_path_factory.mktemp("home")
    stack = LocalStack(home / "projects" / "app" / "local")
    run_aside(stack.up())
    yield home, stack
    run_aside(stack.down())


def address_of(stack: LocalStack) -> PostgresUrl:
    credentials = stack.credentials()
    assert credentials is not None
    assert credentials.database_url is not None
    return credentials.database_url


def status_of_an_engine(engine: QueryEngine, home: Path, url: PostgresUrl, wanted: str) -> str:
    """What it answers to a client that asks for its status, once `wanted` is in it."""
    port = ports.choose(None)
    process = subprocess.Popen(
        [str(engine.launcher), "-p", str(port)],
        env={
            "PATH": os.environ["PATH"], "SOUNDCHECK_HOME": str(home), "PRISMA_DML_PATH": str(SCHEMA),
            "DATABASE_URL": url.reveal(),
        },
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    told = ""
    try:
        end = time.monotonic() + DEADLINE
        while wanted not in told and time.monotonic() < end:
            try:
                told = httpx.get(f"http://localhost:{port}/status", trust_env=False, timeout=DEADLINE).text
            except httpx.ConnectError:
                time.sleep(0.02)
    finally:
        process.kill()
        process.communicate()
    return told


def test_it_connects_to_the_stack_itself(query_engine: QueryEngine, local: tuple[Path, LocalStack]) -> None:
    home, stack = local
    assert status_of_an_engine(query_engine, home, address_of(stack), "ok") == '{"status":"ok"}'


@pytest.mark.parametrize("asks", ["cleartext", "md5", "trust"])
@pytest.mark.parametrize("by", ["port", "password", "former password"])
def test_a_stranger_gets_neither_password_nor_query(
    query_engine: QueryEngine, local: tuple[Path, LocalStack], by: str, asks: str
) -> None:
    home, stack = local
    url = address_of(stack)
    if by == "port":
        asyncio.run(stack.down())
        places = (url.port or 0,)
    else:  # an address that the stack has left, as an old env file names it
        places = (ports.choose(None),)
    if by == "former password":
        asyncio.run(stack.down())
        state = stack.state()
        assert state is not None
        StateFile(stack.places.state_file, state).postgres(port=ports.choose(None))
        assert address_of(stack).password != url.password
    with squatting(*places, asks=asks) as (squatter,):
        url = PostgresUrl(url.user, url.password, "127.0.0.1", squatter.port, url.database, url.params)
        told = status_of_an_engine(query_engine, home, url, "another program answers")
        assert "another program answers on the port of the local PostgreSQL" in told
        assert url.password is not None
        secrets = (url.password.reveal().encode(), b"md5", b"SELECT", b"Q\0", b"P\0")
        assert squatter.heard
        assert not [secret for secret in secrets if secret in squatter.heard]
