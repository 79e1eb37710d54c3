"""The local stack: what the rest of the program knows of it.

There is no supervisor. `up`, under a lock, starts what is dead; the app, set-up and doctor call it first whenever the
URL in use is ours, so a killed server or a reboot costs a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from soundcheck.stores import amounts
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import gateway_process, ports, postgres_server, server_log, valkey_server
from soundcheck.stores.local.life_lock import is_held, life_lock
from soundcheck.stores.local.places import Places
from soundcheck.stores.local.postgres_cluster import cluster_version, discard
from soundcheck.stores.local.process_identity import ProcessIdentity
from soundcheck.stores.local.standing import Stand, stand_of
from soundcheck.stores.local.startup_lock import startup_lock
from soundcheck.stores.local.state_file import LocalState, StateFile, ever_had, new_state, read_state, write_state
from soundcheck.stores.local.status import (
    LocalStatus,
    PostgresStatus,
    RedisStatus,
    RedisUrl,
    RestStatus,
    ServerState,
    credentials_of,
    postgres_url,
    rest_url,
)
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

SPACE_NEEDED: Final = 200_000_000
"""Bytes free before anything is started: with less, PostgreSQL stops in the middle of its log (tried at 80 MB)."""
_SERVERS: Final = (postgres_server.KIND, valkey_server.KIND, gateway_process.KIND)


def _silent(_: str) -> None:
    """Nobody listens."""


class LocalStack:
    """One folder with PostgreSQL, Valkey and the REST gateway, on loopback only. Making the object touches nothing."""

    def __init__(self, folder: Path, *, free_space: Callable[[Path], int] | None = None) -> None:
        self.places = Places(folder)
        self._free_space = free_space or _free_space

    async def up(self, report: Callable[[str], None] = _silent) -> LocalStatus:
        """Have all three running; start only what is dead, and replace a gateway of another version.

        Idempotent, and safe with several processes at once. `report` gets plain lines without secrets. Cancelling it
        leaves a state from which the next `up` goes on. Raises `CouldNotRun`, with the end of the server's own words.
        """
        self.places.prepare()
        async with self._alone(report):
            return await self._up(report)

    async def down(self) -> None:
        """Stop what runs of ours, with everything on disk. Idempotent; the data and the ports stay."""
        if not self.places.folder.exists():
            return
        async with self._alone(_silent):
            await self._stop_all()

    async def status(self) -> LocalStatus:
        """How it stands now. Starts nothing, waits for nothing."""
        state = read_state(self.places.state_file)
        return await _status(self.places, state) if state else LocalStatus(self.places.folder)

    async def reset(self) -> None:
        """Stop everything and delete the data of both stores. The caller has asked first.

        Passwords, token and ports stay, so that an env file that names them is right again after the next `up`.
        """
        if not self.places.folder.exists():
            return
        async with self._alone(_silent):
            await self._stop_all()
            state = read_state(self.places.state_file)
            folders = {
                self.places.postgres,
                self.places.valkey,
                self.places.cluster(state.postgres.data if state else None),
            }
            for folder in sorted(folders):
                for place in (folder, folder.with_name(f"{folder.name}.new")):
                    await discard(place)

    def owns(self, url: PostgresUrl) -> bool:
        """Whether a database URL is this stack's: loopback, and the port of the state file."""
        state = read_state(self.places.state_file)
        return state is not None and url.is_loopback and url.port == state.postgres.port

    def owns_rest(self, url: RestUrl) -> bool:
        """Whether a REST address is this stack's gateway."""
        state = read_state(self.places.state_file)
        return state is not None and url.is_loopback and url.effective_port == state.gateway.port

    def was_ours(self, url: PostgresUrl) -> bool:
        """Whether a URL was this stack's before it moved to another port: loopback and a password of ours."""
        state = read_state(self.places.state_file)
        return state is not None and url.is_loopback and ever_had(state, url.password, "postgres")

    def was_ours_rest(self, url: RestUrl, token: Secret | None) -> bool:
        """The same for the gateway: loopback and a token of ours."""
        state = read_state(self.places.state_file)
        return state is not None and url.is_loopback and ever_had(state, token, "gateway")

    def state(self) -> LocalState | None:
        """What the state file says; None where nothing was set up."""
        return read_state(self.places.state_file)

    def stand(self) -> Stand | None:
        """Whether it runs, was stopped, or ended, by its notes and the system's processes; None without a state."""
        state = read_state(self.places.state_file)
        return stand_of(state) if state is not None else None

    def credentials(self) -> Credentials | None:
        """The four values, from the state file, whether or not anything runs; None where nothing was set up."""
        state = read_state(self.places.state_file)
        return credentials_of(state) if state else None

    @contextlib.asynccontextmanager
    async def _alone(self, report: Callable[[str], None]) -> AsyncIterator[None]:
        """Under the startup lock; a file that cannot be written becomes words."""
        try:
            async with startup_lock(self.places.startup_lock, report):
                yield
        except OSError as problem:
            where = f"{problem.filename}: " if problem.filename else ""
            raise CouldNotRun(
                f"The local stack's files cannot be used: {where}{problem.strerror or problem}.",
                "Mend the folder's rights or free some space, or set SOUNDCHECK_HOME to another folder.",
            ) from problem

    async def _up(self, report: Callable[[str], None]) -> LocalStatus:
        state = read_state(self.places.state_file)
        if is_first := state is None:
            state = new_state(_new_ports())
        for server in _SERVERS:
            server_log.bound(self.places.log(server.name))
        before = credentials_of(state), state.valkey.port
        started = False
        for _ in range(3):
            if not await _all_healthy(state, self.places):
                started = True
                self._check_space()
                write_state(self.places.state_file, state)  # before anything is made with these passwords
                state = await self._start_dead(StateFile(self.places.state_file, state), report)
            status = await _status(self.places, state)
            if ServerState.DOWN not in {status.postgres.state, status.redis.state, status.rest.state}:
                changed = not is_first and before != (credentials_of(state), state.valkey.port)
                return replace(status, ports_changed=changed, started=started)
            # One was just being killed when we looked first.
        raise CouldNotRun("A local server ends as soon as it has started.", f"Its log lies in {self.places.logs}.")

    async def _start_dead(self, book: StateFile, report: Callable[[str], None]) -> LocalState:
        """All three side by side. What started stays recorded when another fails; the first failure is raised."""
        _keep_or_change_ports(book, self.places)
        results = await asyncio.gather(
            postgres_server.start(book, self.places, report),
            valkey_server.start(book, self.places, report),
            gateway_process.start(book, self.places, report),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        if gateway_process.code_version() and book.state.gateway.serves != gateway_process.digest(book.state):
            await gateway_process.start(book, self.places, report)  # Valkey had to take another port meanwhile
        return book.state

    async def _stop_all(self) -> None:
        """Those that the state file knows, properly; then whatever of ours it does not know."""
        state = read_state(self.places.state_file)
        if state is not None:
            forgotten = replace(
                state,
                postgres=replace(state.postgres, process=None),
                valkey=replace(state.valkey, process=None),
                gateway=replace(state.gateway, process=None, serves=""),
            )
            # First: if we are killed half-way, the next `up` must not take a server that is stopping for a good one.
            write_state(self.places.state_file, forgotten)
            process = state.postgres.process
            await gateway_process.stop_gateway(state.gateway)  # while what it asks still answers
            await asyncio.gather(
                valkey_server.stop_valkey(state.valkey),
                postgres_server.stop_postgres(process) if process else asyncio.sleep(0),
            )
        for server in _SERVERS:
            async with life_lock(self.places.life(server.name), server):
                pass

    def _check_space(self) -> None:
        free = self._free_space(self.places.folder)
        if free < SPACE_NEEDED:
            raise CouldNotRun(
                f"Only {amounts.size(free)} are free at {self.places.folder}; the local servers need "
                f"{amounts.size(SPACE_NEEDED)}.",
                "Free some space, or set SOUNDCHECK_HOME to a folder on another disk.",
            )


def _free_space(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _new_ports() -> tuple[int, int, int]:
    first = ports.choose(None)
    second = ports.choose(None, {first})
    return first, second, ports.choose(None, {first, second})


def _keep_or_change_ports(book: StateFile, places: Places) -> None:
    """Settle Valkey's port before the gateway is told of it; both start side by side.

    One of ours that the state file does not know still sits on it: it is ended later, and the port kept.
    """
    valkey = book.state.valkey
    is_running = valkey.process is not None and valkey.process.is_alive
    if not is_running and not is_held(places.life(valkey_server.NAME)):
        port = ports.choose(valkey.port, {book.state.postgres.port, book.state.gateway.port})
        if port != valkey.port:
            book.valkey(port=port)


async def _all_healthy(state: LocalState, places: Places) -> bool:
    return (
        postgres_server.is_healthy(state.postgres, places)
        and await valkey_server.is_healthy(state.valkey, places)
        and (gateway_process.is_healthy(state) or gateway_process.code_version() is None)
    )


async def _status(places: Places, state: LocalState) -> LocalStatus:
    postgres, valkey, gateway = state.postgres, state.valkey, state.gateway
    has_cluster = cluster_version(places.cluster(postgres.data)) is not None
    has_cache = places.valkey.is_dir()
    database = _stands(has_cluster, postgres_server.is_healthy(postgres, places))
    cache = _stands(has_cache, await valkey_server.is_healthy(valkey, places, late=True))
    rest = _stands(has_cache and gateway_process.code_version() is not None, gateway_process.runs(gateway))
    return LocalStatus(
        places.folder,
        PostgresStatus(database, postgres_url(state), _pid(database, postgres.process), postgres.version),
        RedisStatus(
            cache, RedisUrl(ports.HOST, valkey.port, valkey.password), _pid(cache, valkey.process), valkey.version
        ),
        RestStatus(rest, rest_url(state), gateway.token, gateway.readonly_token, _pid(rest, gateway.process)),
        credentials_of(state),
        postgres.runs_as,
    )


def _stands(is_set_up: bool, is_healthy: bool) -> ServerState:
    if not is_set_up:
        return ServerState.ABSENT
    return ServerState.UP if is_healthy else ServerState.DOWN


def _pid(state: ServerState, process: ProcessIdentity | None) -> int | None:
    return process.pid if process is not None and state is ServerState.UP else None
