"""What several tests of the local stack do with it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
import psycopg
import redis

from soundcheck.stores.local.process_identity import ProcessIdentity
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.state_file import LocalState, read_state
from soundcheck.stores.local.status import LocalStatus, postgres_url


def run_aside(work: Any) -> Any:
    """Run a coroutine where no loop runs yet."""
    return asyncio.run(work)


def state_of(stack: LocalStack) -> LocalState:
    """What its state file says."""
    state = read_state(stack.places.state_file)
    assert state is not None
    return state


def processes_of(stack: LocalStack) -> dict[str, ProcessIdentity]:
    """The three recorded processes, all there."""
    state = state_of(stack)
    found = {
        "postgres": state.postgres.process,
        "valkey": state.valkey.process,
        "gateway": state.gateway.process,
    }
    assert None not in found.values()
    return {name: process for name, process in found.items() if process is not None}


def pids(status: LocalStatus) -> tuple[int | None, int | None, int | None]:
    """Of all three."""
    return status.postgres.pid, status.redis.pid, status.rest.pid


async def killed(process: ProcessIdentity) -> None:
    """kill -9, and gone."""
    assert process.send(signal.SIGKILL)
    assert await process.gone(60)


@contextmanager
def connected(stack: LocalStack) -> Iterator[psycopg.Connection]:
    """As the application's role, each statement committed."""
    with psycopg.connect(postgres_url(state_of(stack)).reveal(), autocommit=True) as connection:
        yield connection


def keep(stack: LocalStack, value: str) -> None:
    """Have a value acknowledged by both stores."""
    with connected(stack) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])
    with cache(stack) as client:
        client.set(f"kept:{value}", value)


def kept(stack: LocalStack) -> tuple[set[str], set[str]]:
    """All values that database and cache still have."""
    with connected(stack) as connection:
        rows = {row[0] for row in connection.execute("SELECT value FROM kept")}
    with cache(stack) as client:
        keys = {str(client.get(key)) for key in client.keys("kept:*")}
    return rows, keys


def cache(stack: LocalStack) -> redis.Redis:
    """A client of its Valkey; use it in a `with`."""
    valkey = state_of(stack).valkey
    return redis.Redis(port=valkey.port, password=valkey.password.reveal(), decode_responses=True)


def servers_below(folder: os.PathLike[str]) -> list[psutil.Process]:
    """Every process that works in this folder or has a file of it open: the servers and their children."""
    inside = os.path.realpath(folder) + os.sep
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            paths = [process.cwd() + os.sep, *(file.path for file in process.open_files())]
            if any(path.startswith(inside) for path in paths):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def main_servers_below(folder: os.PathLike[str], name: str) -> list[int]:
    """The servers of this name that work here, without their children: a child bears its parent's name and, in its
    first moments, its command line too."""
    found = {process.pid: process for process in servers_below(folder)}
    servers = []
    for process in found.values():
        with suppress(psutil.NoSuchProcess):
            if process.name() == name and process.ppid() not in found:
                servers.append(process.pid)
    return servers
