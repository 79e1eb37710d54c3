"""The two-level cache for synchronous code: one event loop in one daemon thread, shared by all threads of the process.

All calls go through that loop, so threads coalesce and are counted as tasks are. How to use it: docs/cache.md.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import contextvars
import logging
import os
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar

from soundcheck.stores.cache.levels.shared_level import SharedLevel
from soundcheck.stores.cache.loader_threads import LoaderThreads
from soundcheck.stores.cache.measured.counters import CounterSnapshot
from soundcheck.stores.cache.measured.publishing import Publisher
from soundcheck.stores.cache.problems import LoadGivenUp, ThreadStalled
from soundcheck.stores.cache.settings import CacheSettings
from soundcheck.stores.cache.two_level import TwoLevelCache
from soundcheck.stores.errors import UsageError

T = TypeVar("T")

LevelSource: TypeAlias = SharedLevel | Callable[[], Awaitable[SharedLevel | None]] | None
"""A level, or an async function that makes one in the cache's own loop, as `fastest` does."""

LOADERS: Final = 8
"""Loaders at once, unless told otherwise: about what a pool of database connections holds."""

_OPENING: Final = 30.0
"""Seconds for making the level."""
_MARGIN: Final = 5.0
"""Seconds beyond the cache's own deadlines; they pass only where the thread itself stands still."""
_LOG: Final = logging.getLogger(__name__)


class _Home:
    """The thread, its loop, and the cache that lives there."""

    def __init__(self, source: LevelSource, settings: CacheSettings) -> None:
        self._process: Final = os.getpid()
        self._lock: Final = threading.Lock()
        self.is_open = False
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._live(source, settings)), name="soundcheck cache", daemon=True
        )

    def open(self) -> None:
        """Return once the cache stands. Raises what making the level raises, or `ThreadStalled`."""
        self._thread.start()
        try:
            self._ready.result(_OPENING)
        except TimeoutError:
            if self._ready.cancel():
                raise ThreadStalled from None
            self._ready.result()  # it raised a TimeoutError of its own, or came in at the last moment
        self.is_open = True

    def submit(self, work: Callable[[TwoLevelCache], Coroutine[Any, Any, T]]) -> Future[T]:
        """Begin it in the loop. Raises `UsageError` once the end has begun, after which nothing is taken."""
        with self._lock:
            if not self.is_open:
                raise _closed()
            return asyncio.run_coroutine_threadsafe(work(self.cache), self._loop)

    async def publish(self, publisher: Publisher) -> None:
        """Publish until the end."""
        await self._inside.enter_async_context(publisher)

    def end(self, patience: float) -> bool:
        """Whether the thread has ended within so many seconds; whoever still waits gets `LoadGivenUp`."""
        if self._process != os.getpid():
            return True  # at the exit of a child
        with self._lock:
            if self.is_open:
                self.is_open = False
                self._loop.call_soon_threadsafe(self._stop.set)
        if threading.current_thread() is not self._thread:
            self._thread.join(patience)
        return not self._thread.is_alive()

    async def _live(self, source: LevelSource, settings: CacheSettings) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with contextlib.AsyncExitStack() as self._inside:
            try:
                self.level = await source() if callable(source) else source
                self.cache = await self._inside.enter_async_context(TwoLevelCache(self.level, settings=settings))
            except BaseException as failure:  # noqa: BLE001 - it is raised where the cache is opened
                if self._ready.set_running_or_notify_cancel():
                    self._ready.set_exception(failure)
                return
            if self._ready.set_running_or_notify_cancel():
                self._ready.set_result(None)
                await self._stop.wait()


class SyncTwoLevelCache:
    """`TwoLevelCache` for code that waits: the same calls, promises and counters. For any number of threads.

    It opens itself with its first call, so an instance may stand at the top of a module; enter it, or call `close`, to
    tell L2 what was dropped before the process ends. Loaders are plain functions; they run in at most `loaders` threads
    of the cache, with the caller's context variables. Every call has a deadline. Raises `UsageError` in a thread where
    an event loop runs, and in a process that was forked after it was opened.
    """

    def __init__(self, level: LevelSource, *, settings: CacheSettings | None = None, loaders: int = LOADERS) -> None:
        self._source = level
        self._settings = settings or CacheSettings()
        self._threads = LoaderThreads(loaders)
        self._opening = threading.Lock()
        self._home: _Home | None = None
        self._process: int | None = None
        self._is_closed = False
        self._patience = 3 * self._settings.l2_hard + self._settings.load_hard + _MARGIN

    def open(self) -> None:
        """Start the thread, make the level, and begin to hear what other processes drop."""
        self._opened()

    def close(self, patience: float = 10.0) -> None:
        """Try once more to tell L2 what was dropped, then end the thread; what takes more seconds is left to itself.

        Whoever waits in another thread gets `LoadGivenUp`. Without it the same is tried when the process ends.
        """
        if self._process not in {None, os.getpid()}:
            return  # what was opened stayed in the parent
        _refuse_in_a_loop()
        with self._opening:
            self._is_closed, home = True, self._home
        if home is not None and not _end(home, self._threads, patience):
            _LOG.warning("the cache's thread has not ended within %g s", patience)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def get_or_load(self, key: str, loader: Callable[[], T], *, ttl: float | None = None) -> T:
        """The value of `key`; see `TwoLevelCache.get_or_load`."""
        run = self._runner()
        return self._ask(lambda cache: cache.get_or_load(key, lambda: run(loader), ttl=ttl))

    def get_many(
        self, keys: Iterable[str], loader: Callable[[Sequence[str]], Mapping[str, T]], *, ttl: float | None = None
    ) -> dict[str, T | None]:
        """The values by key, None where there is none; see `TwoLevelCache.get_many`."""
        run, names = self._runner(), tuple(keys)
        return self._ask(lambda cache: cache.get_many(names, lambda some: run(lambda: loader(some)), ttl=ttl))

    def set(self, key: str, value: object, *, ttl: float | None = None) -> bool:
        """Put a newer value into both levels, after it was committed; see `TwoLevelCache.set`."""
        return self._ask(lambda cache: cache.set(key, value, ttl=ttl))

    def drop(self, key: str) -> bool:
        """Forget the key everywhere, after the change was committed. See `TwoLevelCache.drop_many`."""
        return self.drop_many((key,))

    def drop_many(self, keys: Iterable[str]) -> bool:
        """Forget the keys everywhere, in one request; see `TwoLevelCache.drop_many`."""
        names = tuple(keys)
        return self._ask(lambda cache: cache.drop_many(names))

    def counters(self) -> CounterSnapshot:
        """All counters as they stand now."""

        async def read(cache: TwoLevelCache) -> CounterSnapshot:
            return cache.counters()

        return self._ask(read)

    def publish_as(
        self, app: str, *, instance: str = "", interval: float = 30.0, local: bool = False, note: str = ""
    ) -> None:
        """Publish the counters until the cache is closed, as a `Publisher` does. Raises `UsageError`."""
        home = self._opened()
        if home.level is None:
            raise UsageError("Without L2 there is nowhere to publish to.", "Give the cache a level.")
        level = home.level

        async def begin(cache: TwoLevelCache) -> None:
            publisher = Publisher(cache, level, app, instance=instance, interval=interval, local=local, note=note)
            await home.publish(publisher)

        self._ask(begin)

    def _runner(self) -> Callable[[Callable[[], T]], Awaitable[T]]:
        """Runs a loader of this call in a thread, also later, when its value is renewed in the background."""
        threads, context = self._threads, contextvars.copy_context()
        beyond = threads.is_loading_here
        return lambda loader: threads.run(loader, context, beyond=beyond)

    def _ask(self, work: Callable[[TwoLevelCache], Coroutine[Any, Any, T]]) -> T:
        answer = self._opened().submit(work)
        try:
            return answer.result(self._patience)
        except CancelledError:
            raise LoadGivenUp from None
        except TimeoutError:
            if answer.cancel():
                raise ThreadStalled from None
            return answer.result()  # a TimeoutError of the loader or the cache, or an answer at the last moment
        except BaseException:
            answer.cancel()  # Ctrl-C: the load goes on for others
            raise

    def _opened(self) -> _Home:
        if self._process not in {None, os.getpid()}:
            raise UsageError(
                "This cache was opened before the process forked, and its thread stayed in the parent.",
                "Open one in each process, after the fork; with gunicorn's preload, in post_fork.",
            )
        _refuse_in_a_loop()
        if self._home is not None and not self._is_closed:
            return self._home
        self._process = os.getpid()
        with self._opening:
            if self._is_closed:
                raise _closed()
            if self._home is None:
                home = _Home(self._source, self._settings)
                home.open()
                atexit.register(home.end, _MARGIN)
                weakref.finalize(self, _end, home, self._threads, 0.0).atexit = False
                self._home = home
            return self._home


def _end(home: _Home, threads: LoaderThreads, patience: float) -> bool:
    atexit.unregister(home.end)
    threads.close()
    return home.end(patience)


def _closed() -> UsageError:
    return UsageError("The cache is closed.", "Open another one.")


def _refuse_in_a_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise UsageError(
        "An event loop runs in this thread, and a call that waits would stop it.",
        "Use TwoLevelCache here, or call from another thread: await asyncio.to_thread(cache.get_or_load, …)",
    )
