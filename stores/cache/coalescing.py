"""Many small calls as few requests: what waits while the line is busy leaves together.

A request leaves one turn of the event loop after the first call that it carries; at most `IN_FLIGHT` are on their way
at once, and whatever comes meanwhile goes into the next ones, at most `MOST_COMMANDS` commands in each. Reads of one
request become a single MGET, which the vendor bills as one command; it stands last, so that a read never misses a
write that was handed over before it in the same request. Calls that do not wait for one another have no order.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from soundcheck.stores.cache.levels.shared_level import Done, Fault, Found, LevelFault
from soundcheck.stores.cache.versioned_writes import RedisCommand

IN_FLIGHT: Final = 4
MOST_COMMANDS: Final = 100
MOST_BYTES: Final = 1_000_000
"""Characters that calls of one request may have together; a larger call travels alone. The vendor takes 10 MB."""

SendCommands: TypeAlias = Callable[[list[RedisCommand], float], Awaitable[Sequence[Done | LevelFault]]]
"""Sends the commands in one request within so many seconds: an item for each, in order. Must not raise."""

_CLOSED: Final = LevelFault(Fault.UNREACHABLE, "the connection to L2 was closed by this program")
_log: Final = logging.getLogger("soundcheck.cache")


class _Call:
    """One caller that waits: for `keys`, or else for the replies to `commands`."""

    __slots__ = ("answer", "batch", "commands", "expires", "keys", "size")

    def __init__(
        self,
        keys: Sequence[str],
        commands: Sequence[RedisCommand],
        expires: float,
        answer: asyncio.Future[Found | tuple[Done, ...] | LevelFault],
    ) -> None:
        self.keys = keys
        self.commands = commands
        self.expires = expires
        self.answer = answer
        self.batch: _Batch | None = None
        self.size = sum(map(len, keys)) + sum(
            len(word) if isinstance(word, str) else 20 for command in commands for word in command
        )


class _Batch:
    """The calls of one request, and how many of them still wait for it."""

    __slots__ = ("calls", "task", "waiting")

    def __init__(self) -> None:
        self.calls: list[_Call] = []
        self.waiting = 0
        self.task: asyncio.Task[None] | None = None


class Coalescer:
    """Hands calls to `send` together. For one event loop; no call raises but for being cancelled."""

    def __init__(self, send: SendCommands, *, in_flight: int = IN_FLIGHT) -> None:
        self._send = send
        self._in_flight = in_flight
        self._queue: deque[_Call] = deque()
        self._flying: set[asyncio.Task[None]] = set()
        self._is_launching = False
        self._is_closed = False

    async def read(self, keys: Sequence[str], deadline: float) -> Found | LevelFault:
        """The values of `keys`, in that order, within `deadline` seconds."""
        if not keys:
            return Found(())
        answer = await self._wait(keys, (), deadline)
        return answer if isinstance(answer, Found | LevelFault) else _CLOSED

    async def run(self, commands: Sequence[RedisCommand], deadline: float) -> tuple[Done, ...] | LevelFault:
        """The replies to `commands`, which stay together and in order, within `deadline` seconds."""
        if not commands:
            return ()
        answer = await self._wait((), commands, deadline)
        return answer if isinstance(answer, tuple | LevelFault) else _CLOSED

    async def close(self) -> None:
        """End what is on its way and answer whoever waits with a fault. Idempotent."""
        self._is_closed = True
        for task in tuple(self._flying):
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)
        while self._queue:
            _settle(self._queue.popleft(), _CLOSED)

    async def _wait(
        self, keys: Sequence[str], commands: Sequence[RedisCommand], deadline: float
    ) -> Found | tuple[Done, ...] | LevelFault:
        if self._is_closed:
            return _CLOSED
        loop = asyncio.get_running_loop()
        call = _Call(keys, commands, loop.time() + deadline, loop.create_future())
        timer = loop.call_later(deadline, self._expire, call, deadline)
        self._queue.append(call)
        if not self._is_launching and len(self._flying) < self._in_flight:
            self._is_launching = True
            loop.call_soon(self._launch)
        try:
            return await call.answer
        except asyncio.CancelledError:
            self._leave(call)
            raise
        finally:
            timer.cancel()

    def _expire(self, call: _Call, deadline: float) -> None:
        if not call.answer.done():
            call.answer.set_result(LevelFault(Fault.TIMEOUT, f"no answer within {deadline:g} s"))
            self._leave(call)

    def _leave(self, call: _Call) -> None:
        """A request that nobody waits for any more is ended, so that its place becomes free."""
        batch, call.batch = call.batch, None
        if batch is not None:
            batch.waiting -= 1
            if batch.waiting == 0 and batch.task is not None:
                batch.task.cancel()

    def _launch(self) -> None:
        self._is_launching = False
        while not self._is_closed and len(self._flying) < self._in_flight:
            batch = self._next_batch()
            if not batch.calls:
                return
            batch.task = asyncio.create_task(self._carry(batch), name="soundcheck cache request")
            self._flying.add(batch.task)
            batch.task.add_done_callback(functools.partial(self._landed, batch))

    def _landed(self, batch: _Batch, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        for call in batch.calls:  # a cancelled request answered nobody
            _settle(call, _CLOSED)
        self._launch()

    def _next_batch(self) -> _Batch:
        batch = _Batch()
        commands, size, reads = 0, 0, False
        while self._queue:
            call = self._queue[0]
            if call.answer.done():  # its caller has left
                self._queue.popleft()
                continue
            reads = reads or bool(call.keys)
            commands += len(call.commands)
            size += call.size
            if batch.calls and (commands + reads > MOST_COMMANDS or size > MOST_BYTES):
                break
            batch.calls.append(self._queue.popleft())
            call.batch = batch
        batch.waiting = len(batch.calls)
        return batch

    async def _carry(self, batch: _Batch) -> None:
        places: dict[str, int] = {}
        commands: list[RedisCommand] = []
        for call in batch.calls:
            commands += call.commands
            for key in call.keys:
                places.setdefault(key, len(places))
        if places:
            commands.append(("MGET", *places))
        seconds = max(call.expires for call in batch.calls) - asyncio.get_running_loop().time()
        try:
            replies = await self._send(commands, max(0.0, seconds))
        except Exception as problem:  # noqa: BLE001 - the worker's boundary: no caller may wait for ever
            _log.error("a request to L2 failed: %s", type(problem).__name__)
            replies = [LevelFault(Fault.UNREACHABLE, "the request to L2 failed inside this program")] * len(commands)
        found = _values(replies[-1], len(places)) if places else None
        start = 0
        for call in batch.calls:
            if not call.keys:
                _settle(call, _together(replies[start : start + len(call.commands)]))
                start += len(call.commands)
            elif isinstance(found, LevelFault):
                _settle(call, found)
            elif found is not None:
                _settle(call, Found(tuple([found[places[key]] for key in call.keys])))


def _settle(call: _Call, answer: Found | tuple[Done, ...] | LevelFault) -> None:
    call.batch = None
    if not call.answer.done():
        call.answer.set_result(answer)


def _together(replies: Sequence[Done | LevelFault]) -> tuple[Done, ...] | LevelFault:
    done: list[Done] = []
    for reply in replies:
        if isinstance(reply, LevelFault):
            return reply
        done.append(reply)
    return tuple(done)


def _values(reply: Done | LevelFault, count: int) -> list[str | None] | LevelFault:
    """What MGET brought, checked: something in between may answer with anything."""
    if isinstance(reply, LevelFault):
        return reply
    items = reply.reply
    if not isinstance(items, list) or len(items) != count or not all(i is None or isinstance(i, str) for i in items):
        return LevelFault(Fault.GARBLED, "the answer to MGET is not a list of as many values as keys")
    return items
