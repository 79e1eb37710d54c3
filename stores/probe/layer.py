"""The layers of one connection: each is run once, on demand, after the one it rests on.

Several readers (a check for each layer, a screen, a plain run) can ask one chain at the same time; a black hole costs
its deadline once. Nothing here raises for an expected failure: a failed layer is a value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from soundcheck.stores.clock import Clock

Fact: TypeAlias = str | int | float | bool | None


class LayerName(StrEnum):
    """The layers in their order; `authentication` and `query` are PostgreSQL's, `ping` is the cache's."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    AUTHENTICATION = "authentication"
    QUERY = "query"
    PING = "ping"


class LayerStatus(StrEnum):
    """How a layer ended. `SKIPPED` is not needed here and lets the next one run; `NOT_REACHED` does not."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer's result. `code` is stable; `text` is what the other side said, masked; `facts` hold no secret."""

    name: LayerName
    status: LayerStatus
    elapsed_ms: float = 0.0
    facts: Mapping[str, Fact] = field(default_factory=dict)
    code: str = ""
    text: str = ""

    @property
    def passed(self) -> bool:
        """Whether the next layer makes sense."""
        return self.status in {LayerStatus.OK, LayerStatus.SKIPPED}


@dataclass(frozen=True, slots=True)
class LayerStarted:
    """A layer began."""

    name: LayerName


@dataclass(frozen=True, slots=True)
class LayerFinished:
    """A layer ended, in whatever way."""

    layer: Layer


@dataclass(frozen=True, slots=True)
class LayerNote:
    """Something to say while a layer is still at work, as "Neon is waking"."""

    name: LayerName
    text: str


LayerEvent: TypeAlias = LayerStarted | LayerFinished | LayerNote
LayerObserver: TypeAlias = Callable[[LayerEvent], None]


def unobserved(_: LayerEvent) -> None:
    """Nobody listens."""


class LayerError(Exception):
    """Raised inside a layer to end it as failed; the chain turns it into a value."""

    def __init__(self, code: str, text: str = "", facts: Mapping[str, Fact] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.facts = facts or {}


class NotNeededError(Exception):
    """Raised inside a layer to end it as skipped; `reason` is in words."""

    def __init__(self, reason: str, facts: Mapping[str, Fact] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts or {}


@dataclass(frozen=True, slots=True)
class LayerStep:
    """How a layer is done: `run` returns its facts within `deadline` seconds, or raises one of the two above."""

    name: LayerName
    deadline: float
    run: Callable[[], Awaitable[Mapping[str, Fact]]]


class LayerChain:
    """Steps that rest on each other. Close it: that ends what is under way."""

    def __init__(self, steps: Sequence[LayerStep], clock: Clock, observer: LayerObserver = unobserved) -> None:
        self._steps = {step.name: step for step in steps}
        self._clock = clock
        self._observer = observer
        self._tasks: dict[LayerName, asyncio.Task[Layer]] = {}

    async def layer(self, name: LayerName) -> Layer:
        """The named layer's result, run now if it was not yet. A cancelled caller leaves it to the others."""
        return await asyncio.shield(self._task(name))

    async def run(self) -> tuple[Layer, ...]:
        """All layers, in order."""
        return tuple([await self.layer(name) for name in self._steps])

    async def aclose(self) -> None:
        """Cancel what is under way and wait until it is gone. Idempotent."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _task(self, name: LayerName) -> asyncio.Task[Layer]:
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(self._after_previous(self._steps[name]), name=f"layer {name}")
        return self._tasks[name]

    async def _after_previous(self, step: LayerStep) -> Layer:
        names = list(self._steps)
        at = names.index(step.name)
        if at and not (await self.layer(names[at - 1])).passed:
            return Layer(step.name, LayerStatus.NOT_REACHED, code="not_reached")
        self._observer(LayerStarted(step.name))
        layer = await self._timed(step)
        self._observer(LayerFinished(layer))
        return layer

    async def _timed(self, step: LayerStep) -> Layer:
        started = self._clock.monotonic()
        status, code, text = LayerStatus.OK, "", ""
        facts: Mapping[str, Fact] = {}
        try:
            async with asyncio.timeout(step.deadline):
                facts = await step.run()
        except NotNeededError as reason:
            status, code, text, facts = LayerStatus.SKIPPED, "not_needed", reason.reason, reason.facts
        except LayerError as failure:
            status, code, text, facts = LayerStatus.FAILED, str(failure.code), failure.text, failure.facts
        except TimeoutError:
            status, code, text = LayerStatus.FAILED, "timeout", f"no answer within {step.deadline:g} s"
        elapsed = round((self._clock.monotonic() - started) * 1000, 1)
        return Layer(step.name, status, elapsed, dict(facts), code, text)
