"""Listening to a channel over a line that may break: it is opened again, sooner at first, and both are told."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, TypeAlias

from soundcheck.stores.cache.levels.shared_level import ChannelEvent

CONNECT_DEADLINE: Final = 10.0
"""Seconds from the first packet to the confirmed subscription."""

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 15.0
"""Seconds. A refusal (a wrong token, a used-up quota) may be billed, so the pauses grow up to this."""

STEADY: Final = 5.0
"""Seconds that a line must have lived for the next pause to be short again."""

_BUFFERED: Final = 1000
"""Messages that wait for a slow reader; then the line itself is left unread."""

Subscribe: TypeAlias = Callable[[str], AbstractAsyncContextManager[AsyncIterator[str]]]
"""Opens a line to a channel, subscribed once entered; when it breaks the iterator ends or raises `LineLost`."""

_log: Final = logging.getLogger("soundcheck.cache")


class LineLost(Exception):
    """The line could not be opened, or broke. The text is fit for a log."""


class Listeners:
    """The channels that one level listens to; `close` ends them all."""

    def __init__(self, subscribe: Subscribe, *, first_pause: float = FIRST_PAUSE) -> None:
        self._subscribe = subscribe
        self._first_pause = first_pause
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def listen(self, channel: str) -> AsyncIterator[ChannelEvent]:
        """The channel's messages, with `connected` and `lost` between them, until closed."""
        if self._is_closed:
            return
        events: asyncio.Queue[ChannelEvent | None] = asyncio.Queue(_BUFFERED)
        task = asyncio.create_task(self._keep(channel, events), name="soundcheck cache channel")
        self._tasks.add(task)
        task.add_done_callback(lambda _: _end(events))
        try:
            while (event := await events.get()) is not None:
                yield event
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._tasks.discard(task)

    async def close(self) -> None:
        """Close every line; each iterator ends. Idempotent."""
        self._is_closed = True
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, channel: str, events: asyncio.Queue[ChannelEvent | None]) -> None:
        loop = asyncio.get_running_loop()
        pause = self._first_pause
        while True:
            since: float | None = None
            try:
                async with contextlib.AsyncExitStack() as stack:
                    async with asyncio.timeout(CONNECT_DEADLINE):
                        messages = await stack.enter_async_context(self._subscribe(channel))
                    since = loop.time()
                    await events.put(ChannelEvent("connected"))
                    async for text in messages:
                        await events.put(ChannelEvent("message", text))
            except (LineLost, TimeoutError) as problem:
                _log.info("the line to a channel of L2 is down: %s", problem or "no answer in time")
            except Exception as problem:  # noqa: BLE001 - the worker's boundary: listening goes on
                _log.error("listening to a channel of L2 failed: %s", type(problem).__name__)
            if since is not None:
                await events.put(ChannelEvent("lost"))
                if loop.time() - since > STEADY:
                    pause = self._first_pause
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the callers
            pause = min(pause * 2, LONGEST_PAUSE)


def _end(events: asyncio.Queue[ChannelEvent | None]) -> None:
    """Wake the reader for the last time; where the queue is full a message of the closed channel makes room."""
    if events.full():
        events.get_nowait()
    events.put_nowait(None)
