"""Blocking loaders, run beside an event loop in daemon threads: a loader that hangs never keeps the process alive."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from soundcheck.stores.cache.problems import LoadGivenUp
from soundcheck.stores.errors import UsageError

T = TypeVar("T")


class LoaderThreads:
    """At most `most` loaders at once; threads start when they are needed and stay, with what they keep per thread.

    A loader may ask the cache for another key and wait for it. What it waits for gets a thread beyond the limit, or
    `most` loaders that all wait for another one would wait for ever.
    """

    def __init__(self, most: int) -> None:
        if most < 1:
            raise UsageError("A cache needs at least one thread for loaders.", "Give loaders=1 or more.")
        self._most = most
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0
        self._here = threading.local()

    @property
    def is_loading_here(self) -> bool:
        """Whether the calling thread runs a loader at the moment."""
        return getattr(self._here, "loading", False)

    async def run(self, work: Callable[[], T], context: contextvars.Context, *, beyond: bool = False) -> T:
        """What `work` returns or raises, called with the context's variables. Called in the cache's loop alone.

        Cancelling it does not stop a loader that has begun; one that still waits for a thread is not called any more.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[T | None, Exception | None]] = loop.create_future()
        job = partial(self._do, loop, answer, partial(context.copy().run, work))
        if beyond:
            threading.Thread(target=job, name="soundcheck cache loader", daemon=True).start()
        else:
            self._jobs.put(job)
            if not self._idle.acquire(blocking=False) and self._started < self._most:
                self._started += 1
                threading.Thread(target=self._work, name="soundcheck cache loader", daemon=True).start()
        value, failure = await answer
        if failure is not None:
            raise failure
        return value  # type: ignore[return-value]

    def close(self) -> None:
        """Let the threads end, each after the loader that it runs."""
        for _ in range(self._started):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # what it holds is not kept while the thread waits
            self._idle.release()

    def _do(self, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Any], work: Callable[[], Any]) -> None:
        if answer.cancelled():
            return
        value: Any = None
        failure: Exception | None = None
        self._here.loading = True
        try:
            value = work()
            if inspect.iscoroutine(value):
                value.close()
                failure = UsageError("The loader is asynchronous.", "Give a plain function, or use TwoLevelCache.")
        except Exception as problem:  # noqa: BLE001 - it is handed to everybody who waits
            failure = problem
        except BaseException:  # noqa: BLE001 - SystemExit and the like would end the cache's loop
            failure = LoadGivenUp()
        finally:
            self._here.loading = False

        def deliver() -> None:
            if not answer.done():
                answer.set_result((value, failure))

        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(deliver)
