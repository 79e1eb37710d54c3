"""The life of our REST gateway: a Python process of ours in front of Valkey, replaced when its code changed."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import json
import signal
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import IO, Final

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.import_path import child_import_path
from soundcheck.stores.local import ports, server_log
from soundcheck.stores.local.children import start_server
from soundcheck.stores.local.life_lock import ServerKind, life_lock
from soundcheck.stores.local.listening import listens
from soundcheck.stores.local.places import Places
from soundcheck.stores.local.postgres_cluster import could_not_run
from soundcheck.stores.local.process_identity import ProcessIdentity, stop
from soundcheck.stores.local.state_file import GatewayState, LocalState, StateFile

NAME: Final = "gateway"
MODULE: Final = "soundcheck.stores.local.gateway"
KIND: Final = ServerKind(NAME, "REST gateway", lambda p: MODULE in p.cmdline(), signal.SIGTERM)
READY_DEADLINE: Final = 30.0


@cache
def code_version() -> str | None:
    """The program's version and a digest of the gateway's own code; None where there is no gateway to run."""
    try:
        spec = importlib.util.find_spec(f"{MODULE}.__main__")
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None:
        return None
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(Path(spec.origin).parent.glob("**/*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def configuration(state: LocalState) -> dict[str, str | int]:
    """What the gateway reads from its standard input, secrets included."""
    return {
        "host": ports.HOST,
        "port": state.gateway.port,
        "redis_host": ports.HOST,
        "redis_port": state.valkey.port,
        "redis_password": state.valkey.password.reveal(),
        "token": state.gateway.token.reveal(),
        "readonly_token": state.gateway.readonly_token.reveal(),
        "version": code_version() or "",
    }


def digest(state: LocalState) -> str:
    """Says whether a running gateway is the one that would be started now."""
    return hashlib.sha256(json.dumps(configuration(state), sort_keys=True).encode()).hexdigest()[:16]


def is_healthy(state: LocalState) -> bool:
    """Whether the recorded gateway runs, answers, and is of this version and configuration."""
    return state.gateway.serves == digest(state) and runs(state.gateway)


def runs(state: GatewayState) -> bool:
    """Whether the recorded gateway runs and answers, of whatever version."""
    return listens(state.process, state.port) and ports.answers(state.port)


async def start(book: StateFile, places: Places, report: Callable[[str], None]) -> None:
    """Have a gateway of this version in front of the Valkey of the state. Call it under the startup lock.

    Raises `CouldNotRun`.
    """
    if is_healthy(book.state):
        return
    if code_version() is None:
        report("The REST gateway is not part of this installation")
        return
    begun = time.monotonic()
    if book.state.gateway.process is not None:
        await stop_gateway(book.state.gateway)
    async with life_lock(places.life(NAME), KIND) as descriptor:
        book.gateway(process=None)
        await _launch(book, places, descriptor)
    took = time.monotonic() - begun
    report(f"REST gateway answers on {ports.HOST}:{book.state.gateway.port} ({took:.1f} s)")


async def stop_gateway(state: GatewayState) -> bool:
    """Stop it; whether it is gone. It holds nothing that could be lost."""
    return state.process is None or await stop(state.process, (signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0))


async def _launch(book: StateFile, places: Places, descriptor: int) -> None:
    log = places.log(NAME)
    for _ in range(3):
        taken = {book.state.postgres.port, book.state.valkey.port}
        state = book.gateway(port=ports.choose(book.state.gateway.port, taken))
        mark = server_log.size(log)
        server = start_server(
            [sys.executable, "-P", "-m", MODULE],
            log=log,
            life_lock=descriptor,
            stdin=json.dumps({**configuration(book.state), "state_file": str(places.state_file)}).encode(),
            answers_on_stdout=True,
            environment={"PYTHONPATH": child_import_path()},
        )
        book.gateway(process=ProcessIdentity.of(server.pid), serves=digest(book.state))
        if server.stdout is not None and await _says_ready(server.stdout):
            book.gateway(process=ProcessIdentity.of(server.pid))
            return
        if (ending := book.state.gateway.process) is not None:
            await stop(ending, (signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0))
        book.gateway(process=None, serves="")
        said = server_log.said_since(log, mark)
        if not server.was_killed and ports.is_free(state.port):
            break
    hidden = (state.token, state.readonly_token, book.state.valkey.password)
    raise could_not_run("The REST gateway did not start", said, hidden)


async def _says_ready(stdout: IO[bytes]) -> bool:
    """Read up to the line `ready`; False where it ends instead."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stdout)
    try:
        async with asyncio.timeout(READY_DEADLINE):
            while line := await reader.readline():
                if line.strip() == b"ready":
                    return True
            return False
    except TimeoutError:
        raise CouldNotRun(f"The REST gateway is not ready after {READY_DEADLINE:.0f} s.", "Try again.") from None
    finally:
        transport.close()
