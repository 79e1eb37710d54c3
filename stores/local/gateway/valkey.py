"""One connection to Valkey for every caller: requests go out as they come, replies come back in the same order.

RESP2, as Upstash answers in its shapes. What must not be mixed with other callers' commands (MULTI … EXEC) is handed
over as one buffer, so nothing can come in between. Lost connections are opened again by the next request.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

import hiredis

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local.gateway.answer import ErrorReply, RespReply
from soundcheck.stores.local.gateway.policy import CommandTable
from soundcheck.stores.local.gateway.request import RawCommand
from soundcheck.stores.local.listening import listens
from soundcheck.stores.local.state_file import read_state
from soundcheck.stores.secret import Secret

CONNECT_DEADLINE: Final = 2.0
"""Seconds, for the connection and its first two commands. Loopback takes a millisecond."""

SILENCE_LIMIT: Final = 20.0
"""Seconds without a byte while replies are due, after which the connection counts as dead; the gateway sets its own."""

_LOOKS_AT_A_SCRIPT: Final = 20
_BETWEEN_LOOKS: Final = 0.05
"""How often, and in which distance in seconds, it is looked whether a script that was told to end has done so."""

READER: Final = b"soundcheck-reader"
"""The user as which functions run that must not write. Valkey forgets it when it ends."""

_READS_ONLY: Final = b"~* &* +@all -@write -publish -spublish -pfcount".split()
"""What Redis refuses in a read-only script: writing, and what would go to replicas."""

_INCOMPLETE: Final = object()


class ValkeyDown(CouldNotRun):
    """No answer could be had; the command may or may not have run."""


class ValkeyLink:
    """The connection and its making. `ask` raises `ValkeyDown`."""

    def __init__(
        self,
        host: str,
        port: int,
        password: Secret,
        state_file: Path | None = None,
        *,
        silence_limit: float = SILENCE_LIMIT,
        writes_nothing: bool = False,
    ) -> None:
        self._host = host
        self._port = port
        self._password = password
        self._state_file = state_file
        self._silence_limit = silence_limit
        self._reader = (READER, secrets.token_urlsafe(24).encode()) if writes_nothing else None
        self._is_stuck = False
        self._wire: _Wire | None = None
        self._opening: asyncio.Task[_Wire] | None = None

    async def table(self) -> CommandTable:
        """What this Valkey can do, read at every connection. Raises `ValkeyDown`."""
        return (await self._alive()).table

    async def ask(self, commands: list[RawCommand]) -> list[RespReply]:
        """Send the commands in one piece and wait for a reply to each. Raises `ValkeyDown`."""
        wire = await self._alive()
        return await wire.ask(packed(commands), len(commands))

    async def end_scripts(self) -> None:
        """End a script that keeps the server from answering. Raises `ValkeyDown` where that cannot be done."""
        self._is_stuck = True
        try:
            await _end_scripts(await self._alive())
        finally:
            self._is_stuck = False

    def close(self) -> None:
        """Drop the connection."""
        if self._wire is not None:
            self._wire.abort("the gateway is stopping")

    async def _alive(self) -> _Wire:
        """The connection, opened once for all who wait; a caller that goes away does not stop the opening."""
        if self._wire is not None and not self._wire.is_lost:
            return self._wire
        if self._opening is None:
            self._opening = asyncio.create_task(self._connect())
            self._opening.add_done_callback(self._opened)
        return await asyncio.shield(self._opening)

    def _opened(self, task: asyncio.Task[_Wire]) -> None:
        self._opening = None
        if not task.cancelled():
            task.exception()  # seen: every waiter got it already

    async def _connect(self) -> _Wire:
        loop = asyncio.get_running_loop()
        stuck = self._is_stuck or (self._wire is not None and self._wire.went_silent)
        try:
            async with asyncio.timeout(CONNECT_DEADLINE):
                _, wire = await loop.create_connection(lambda: _Wire(loop, self._silence_limit), self._host, self._port)
                try:
                    refuse_stranger(self._state_file, self._port)
                    wire.table = await self._introduce(wire, ends_scripts=stuck)
                except BaseException:
                    wire.abort("the greeting failed")
                    raise
        except TimeoutError:
            raise ValkeyDown(f"no answer within {CONNECT_DEADLINE:g} s") from None
        except OSError as problem:
            raise ValkeyDown(problem.strerror or "it cannot be reached") from None
        self._wire = wire
        return wire

    async def _introduce(self, wire: _Wire, *, ends_scripts: bool) -> CommandTable:
        """Authenticate, end what keeps the server from answering anybody, and learn which commands there are."""
        if self._password:
            (reply,) = await wire.ask(packed([[b"AUTH", self._password.reveal().encode()]]), 1)
            if isinstance(reply, ErrorReply):
                raise ValkeyDown("it refused the gateway's password")
        if ends_scripts:
            await _end_scripts(wire)
        if self._reader is not None:
            name, password = self._reader
            made = [b"ACL", b"SETUSER", name, b"reset", b"on", b">" + password, *_READS_ONLY]
            for reply in await wire.ask(packed([made, [b"AUTH", name, password]]), 2):
                if isinstance(reply, ErrorReply):
                    raise ValkeyDown("it has no user that only reads")
        (commands,) = await wire.ask(packed([[b"COMMAND"]]), 1)
        table = CommandTable.read(commands)
        if not table.known:
            raise ValkeyDown("it did not say which commands it knows")
        return table


async def _end_scripts(wire: _Wire) -> None:
    """End a script that runs on and on, which holds up everybody: Valkey itself never does.

    One that has written cannot be ended, which would leave half of its work: then `ValkeyDown` says what can.
    """
    for _ in range(_LOOKS_AT_A_SCRIPT):
        (pong,) = await wire.ask(packed([[b"PING"]]), 1)
        if not isinstance(pong, ErrorReply) or not pong.text.startswith("BUSY"):
            return
        replies = await wire.ask(packed([[b"SCRIPT", b"KILL"], [b"FUNCTION", b"KILL"]]), 2)
        if any(isinstance(one, ErrorReply) and one.text.startswith("UNKILLABLE") for one in replies):
            raise ValkeyDown("a script that has written runs without end; stop it with: soundcheck local down")
        await asyncio.sleep(_BETWEEN_LOOKS)


class _Due:
    """Replies that one caller still waits for."""

    __slots__ = ("answers", "count", "future")

    def __init__(self, future: asyncio.Future[list[RespReply]], count: int) -> None:
        self.future = future
        self.count = count
        self.answers: list[RespReply] = []


class _Wire(asyncio.Protocol):
    """One TCP connection. Writes of the same turn of the loop leave together."""

    def __init__(self, loop: asyncio.AbstractEventLoop, silence_limit: float) -> None:
        self.is_lost = False
        self.went_silent = False
        """Whether it was given up because no reply came any more."""
        self.table = CommandTable.read(None)
        self._loop = loop
        self._silence_limit = silence_limit
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader(replyError=ErrorReply, notEnoughData=_INCOMPLETE)
        self._due: deque[_Due] = deque()
        self._outgoing: list[bytes] = []
        self._last_byte = loop.time()
        self._watch: asyncio.TimerHandle | None = None
        self._reason = "the connection was cut"

    def ask(self, data: bytes, count: int) -> asyncio.Future[list[RespReply]]:
        """Send `data`, which holds `count` commands; the future gets as many replies, or `ValkeyDown`."""
        future: asyncio.Future[list[RespReply]] = self._loop.create_future()
        if self.is_lost:
            future.set_exception(ValkeyDown(self._reason))
            return future
        if not self._due:
            self._last_byte = self._loop.time()
        self._due.append(_Due(future, count))
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(data)
        if self._watch is None:
            self._watch = self._loop.call_later(self._silence_limit, self._look_for_silence)
        return future

    def abort(self, reason: str) -> None:
        """Cut the connection; whoever waits gets `ValkeyDown`."""
        self._reason = reason
        self.is_lost = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without inheriting from it

    def data_received(self, data: bytes) -> None:
        """Called by the loop: hand each complete reply to whoever has waited longest."""
        self._last_byte = self._loop.time()
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not _INCOMPLETE:
                due = self._due[0]
                due.answers.append(answer)
                if len(due.answers) == due.count:
                    self._due.popleft()
                    if not due.future.done():  # a caller that went away still has its reply taken off the line
                        due.future.set_result(due.answers)
        except (hiredis.ProtocolError, IndexError):
            self.abort("it answered out of order")

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.is_lost = True
        self._outgoing.clear()
        if self._watch is not None:
            self._watch.cancel()
        while self._due:
            future = self._due.popleft().future
            if not future.done():
                future.set_exception(ValkeyDown(self._reason))

    def _flush(self) -> None:
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        if self._transport is not None and data:
            self._transport.write(data)

    def _look_for_silence(self) -> None:
        self._watch = None
        if not self._due:
            return
        silent = self._loop.time() - self._last_byte
        if silent >= self._silence_limit:
            self.went_silent = True
            self.abort(f"no answer within {self._silence_limit:g} s")
        else:
            self._watch = self._loop.call_later(self._silence_limit - silent, self._look_for_silence)


def refuse_stranger(state_file: Path | None, port: int) -> None:
    """Before the password is sent: raise `ValkeyDown` where another process than the stack's Valkey listens."""
    if state_file is None:
        return
    state = read_state(state_file)
    if state is None or state.valkey.port != port or not listens(state.valkey.process, port):
        raise ValkeyDown("another program answers on its port")


def packed(commands: list[RawCommand]) -> bytes:
    """The commands as Redis' protocol has them."""
    pack: Callable[[tuple[bytes, ...]], bytes] = hiredis.pack_command  # type: ignore[assignment] # stub: a 1-tuple
    return b"".join([pack(tuple(words)) for words in commands])
