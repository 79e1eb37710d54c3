"""A model of L2 with a line of chosen behaviour: slow, late, silent, broken. Real Valkey has tests of its own."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from soundcheck.stores.cache.levels.shared_level import ChannelEvent, Done, Fault, Found, LevelFault
from soundcheck.stores.cache.versioned_writes import DROP, FILL, REPLACE


class SimulatedRedis:
    """What the server holds. `checks_markers` False is the defect that the tests must find."""

    def __init__(self, *, checks_markers: bool = True) -> None:
        self.loop = asyncio.get_running_loop()
        self.levels: list[SimulatedLevel] = []
        self._values: dict[str, tuple[str, float]] = {}
        self._checks_markers = checks_markers

    def get(self, key: str) -> str | None:
        text, until = self._values.get(key, ("", 0.0))
        return text if until > self.loop.time() else None

    def put(self, key: str, text: str, seconds: float = 300.0) -> None:
        self._values[key] = (text, self.loop.time() + seconds)

    def remove(self, key: str) -> None:
        self._values.pop(key, None)

    def run(self, command: Sequence[str | int]) -> object:
        if command[0] == "PUBLISH":
            for level in self.levels:
                level.deliver(str(command[2]))
            return len(self.levels)
        assert command[0] == "EVAL"
        count = int(command[2])
        names = [str(word) for word in command[3 : 3 + count]]
        words = command[3 + count :]
        pairs = list(zip(names[::2], names[1::2], strict=True))
        if command[1] == FILL:
            return [self._fill(*pair, *words[3 * n : 3 * n + 3]) for n, pair in enumerate(pairs)]
        if command[1] == DROP:
            for key, marker in pairs:
                self.put(marker, str(words[0]), int(words[1]))
                self.remove(key)
            return len(pairs)
        assert command[1] == REPLACE
        ((key, marker),) = pairs
        if not self._same(marker, words[0]):
            return 0
        self.put(marker, str(words[1]), int(words[2]))
        self.put(key, str(words[3]), int(words[4]) / 1000)
        return 1

    def _fill(self, key: str, marker: str, read: str | int, text: str | int, life: str | int) -> int:
        if not self._same(marker, read):
            return 0
        self.put(key, str(text), int(life) / 1000)
        return 1

    def _same(self, marker: str, read: str | int) -> bool:
        return not self._checks_markers or (self.get(marker) or "") == read


@dataclass
class Line:
    """How one node's line behaves. Delays are the longest, in seconds; the rest are chances from 0 to 1."""

    reachable: bool = True
    delay: float = 0.0
    lost_requests: float = 0.0
    lost_answers: float = 0.0
    late_requests: float = 0.0
    latest: float = 20.0
    message_delay: float = 0.0


@dataclass
class SimulatedLevel:
    """One node's `SharedLevel`. `up` are the intervals in which its subscription held, as (from, to)."""

    redis: SimulatedRedis
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    line: Line = field(default_factory=Line)
    name: str = "simulated"
    commands_used: int = 0
    reads: int = 0
    up: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._events: asyncio.Queue[ChannelEvent] = asyncio.Queue()
        self._up_since: float | None = None
        self.redis.levels.append(self)

    async def read(self, keys: Sequence[str], *, deadline: float) -> Found | LevelFault:
        self.commands_used += 1
        self.reads += 1
        answer = await self._send([("MGET", *keys)], deadline)
        return answer if isinstance(answer, LevelFault) else Found(answer[0].reply)  # type: ignore[arg-type]

    async def run(self, commands: Sequence[Sequence[str | int]], *, deadline: float) -> tuple[Done, ...] | LevelFault:
        self.commands_used += len(commands)
        return await self._send(commands, deadline)

    async def listen(self, channel: str) -> AsyncIterator[ChannelEvent]:
        self.connect()
        while True:
            yield await self._events.get()

    async def close(self) -> None:
        self.disconnect()

    @property
    def connected(self) -> bool:
        return self._up_since is not None

    def connect(self) -> None:
        if self._up_since is None:
            self._up_since = self.redis.loop.time()
            self._events.put_nowait(ChannelEvent("connected"))

    def disconnect(self, noticed_after: float = 0.0) -> None:
        if self._up_since is None:
            return
        self.up.append((self._up_since, self.redis.loop.time()))
        self._up_since = None
        self.redis.loop.call_later(noticed_after, self._notice)

    def deliver(self, text: str) -> None:
        """A message that was published now; it is lost with the line that should bring it."""
        if (line := self._up_since) is None:
            return

        def arrive() -> None:
            if self._up_since == line:
                self._events.put_nowait(ChannelEvent("message", text))

        self.redis.loop.call_later(self.chance.uniform(0.0, self.line.message_delay), arrive)

    def _notice(self) -> None:
        if self._up_since is None:
            self._events.put_nowait(ChannelEvent("lost"))

    async def _send(self, commands: Sequence[Sequence[str | int]], deadline: float) -> tuple[Done, ...] | LevelFault:
        line, chance, loop = self.line, self.chance, self.redis.loop
        if not line.reachable:
            await asyncio.sleep(chance.uniform(0.0, min(line.delay, deadline)))
            return LevelFault(Fault.UNREACHABLE, "refused")
        going, coming = chance.uniform(0.0, line.delay), chance.uniform(0.0, line.delay)
        fate = chance.random()
        if fate < line.lost_requests:
            going = -1.0
        elif (fate := fate - line.lost_requests) < line.lost_answers:
            coming = deadline
        elif fate - line.lost_answers < line.late_requests:
            going += chance.uniform(0.0, line.latest)
        if going < 0 or going + coming >= deadline:
            if going >= 0:  # nobody waits for it any more, and it is done all the same
                loop.call_later(going, lambda: [self._run(command) for command in commands])
            await asyncio.sleep(deadline)
            return LevelFault(Fault.TIMEOUT, "no answer")
        await asyncio.sleep(going)
        replies = tuple(Done(self._run(command)) for command in commands)
        await asyncio.sleep(coming)
        return replies

    def _run(self, command: Sequence[str | int]) -> object:
        if command[0] == "MGET":
            return tuple(self.redis.get(str(key)) for key in command[1:])
        return json.loads(json.dumps(self.redis.run(command)))
