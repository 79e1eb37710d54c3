"""Both transports of L2, for one and the same suite. Import the fixtures that you need."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from soundcheck.stores.cache.levels.resp_address import RespAddress
from soundcheck.stores.cache.levels.resp_level import RespLevel
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.levels.shared_level import ChannelEvent, Done, Found, LevelFault
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

TRANSPORTS = ("REST", "RESP")
AMPLE = 30.0
"""Seconds that no test is meant to wait for."""

Level = RestLevel | RespLevel


@dataclass
class Levels:
    """Makes levels of one transport, on the session's stack or through a port of this machine; closes them."""

    name: str
    rest: Any
    made: list[Level] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where the real server listens."""
        return int(self.rest.url.effective_port if self.name == "REST" else self.address.port)

    @property
    def address(self) -> RespAddress:
        address = RespAddress.parse(self.rest.redis_url.reveal())
        assert address is not None
        return address

    def at(self, port: int, *, secret: Secret | None = None) -> Level:
        """A level whose server is at `port`."""
        level: Level
        if self.name == "REST":
            level = RestLevel(RestUrl("http", "127.0.0.1", port), secret or self.rest.token, first_pause=0.01)
        else:
            address = replace(self.address, port=port, password=secret or self.address.password)
            level = RespLevel(address, first_pause=0.01)
        self.made.append(level)
        return level

    def here(self) -> Level:
        return self.at(self.port)


@pytest.fixture(params=TRANSPORTS)
async def levels(request: pytest.FixtureRequest, rest: Any) -> AsyncIterator[Levels]:
    """The factory; afterwards nothing of ours may still run."""
    made = Levels(request.param, rest)
    yield made
    for level in made.made:
        await level.close()
    left = [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("soundcheck cache")]
    assert left == []


@pytest.fixture
def level(levels: Levels) -> Level:
    """A level on the session's stack."""
    return levels.here()


async def found(level: Level, *keys: str) -> tuple[str | None, ...]:
    """The values; a fault fails the test."""
    answer = await level.read(keys, deadline=AMPLE)
    assert isinstance(answer, Found), answer
    return answer.values


async def done(level: Level, *commands: tuple[str | int, ...]) -> list[Any]:
    """The replies; a fault fails the test."""
    answer = await level.run(commands, deadline=AMPLE)
    assert not isinstance(answer, LevelFault), answer
    assert all(isinstance(reply, Done) for reply in answer)
    return [reply.reply for reply in answer]


class Ear:
    """Listens in a task of its own; `next` waits for an event."""

    def __init__(self, level: Level, channel: str) -> None:
        self._events = level.listen(channel)
        self._heard: asyncio.Queue[ChannelEvent | None] = asyncio.Queue()
        self.task = asyncio.create_task(self._hear())

    async def _hear(self) -> None:
        try:
            async for event in self._events:
                self._heard.put_nowait(event)
        finally:
            await self._events.aclose()  # type: ignore[attr-defined]
            self._heard.put_nowait(None)

    async def next(self) -> ChannelEvent | None:
        """The next event, None once the channel has ended."""
        async with asyncio.timeout(AMPLE):
            return await self._heard.get()

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for the thing itself."""
    end = time.monotonic() + AMPLE
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)
