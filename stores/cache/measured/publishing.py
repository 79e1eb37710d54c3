"""An instance of an application publishes what its cache counted, so that the console sees it. Cheap, and told so."""

from __future__ import annotations

import asyncio
import logging
import time
from types import TracebackType
from typing import Final, Self

from soundcheck.stores.cache.levels.shared_level import LevelFault, SharedLevel
from soundcheck.stores.cache.measured.counters import CounterSnapshot
from soundcheck.stores.cache.measured.publication import (
    INDEX,
    MOST_MISSED,
    MOST_PREFIXES,
    Publication,
    folded,
    is_name,
    stats_key,
    write_publication,
)
from soundcheck.stores.cache.two_level import TwoLevelCache
from soundcheck.stores.copies.key_leaving import key_leaving
from soundcheck.stores.errors import UsageError

LEAST_REMOTE: Final = 15.0
"""Seconds between two publications to a Redis whose commands cost money."""

LIVES: Final = 3
"""Intervals that a document outlives its publication: who missed two of them is gone."""

MONTH: Final = 30 * 24 * 3600
_LISTED_EVERY: Final = 3600.0
_LISTED_FOR: Final = 24 * 3600
_TURN: Final = 600.0
_DEADLINE: Final = 2.0
_LOG: Final = logging.getLogger(__name__)


def monthly_commands(interval: float) -> int:
    """Commands that one instance sends in thirty days at this interval, in seconds."""
    return int(MONTH / interval) + 3 * int(MONTH / _LISTED_EVERY)


class Publisher:
    """Publishes at once and every `interval` seconds while entered; a failure is logged and the next one tries again.

    Enter it inside the cache, over the same `level`. `app` and `instance` are names of up to 40 letters, digits and
    `. _ -`; the instance is the cache's random node unless named. Below 15 s only with `local`. `note` is told along.
    The cache's key table says which parts of missed keys are hashed before they leave. Raises `UsageError`.
    """

    def __init__(
        self,
        cache: TwoLevelCache,
        level: SharedLevel,
        app: str,
        *,
        instance: str = "",
        interval: float = 30.0,
        local: bool = False,
        note: str = "",
    ) -> None:
        instance = instance or cache.node
        if not is_name(app) or not is_name(instance):
            raise UsageError("That cannot name an application.", "Use up to 40 of A-Z a-z 0-9 . _ -")
        if not (1.0 if local else LEAST_REMOTE) <= interval <= 3600:
            raise UsageError(
                f"{interval:g} s between publications is not allowed.",
                f"Give {LEAST_REMOTE:g} to 3600 s: at {LEAST_REMOTE:g} s it is {monthly_commands(LEAST_REMOTE):,} "
                "commands a month. Only a local Redis, which costs nothing, may be told more often.",
            )
        self._cache = cache
        self._level = level
        self._app, self._instance = app, instance
        self._interval = interval
        self._note = note
        self._plan = cache.plan
        self._named: list[str] = []
        self._listed_at: float | None = None
        self._taken_at = self._turned_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self.published = 0
        """Documents that reached Redis."""

    @property
    def monthly(self) -> int:
        """Commands that it sends in thirty days."""
        return monthly_commands(self._interval)

    async def __aenter__(self) -> Self:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="soundcheck cache publisher")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def publish(self) -> bool:
        """Publish now; whether it arrived. One command, and three more in an hour for the index."""
        now = time.monotonic()
        if now - self._turned_at >= _TURN:
            self._turned_at = now
            self._cache.turn_keys()
        text = write_publication(self._publication(self._cache.counters(), now))
        life = max(1, int(self._interval * LIVES))
        commands: list[tuple[str | int, ...]] = [("SET", stats_key(self._app, self._instance), text, "EX", life)]
        lists = self._listed_at is None or now - self._listed_at >= _LISTED_EVERY
        if lists:
            seconds = int(time.time())
            commands += [
                ("ZADD", INDEX, seconds, f"{self._app}:{self._instance}"),
                ("ZREMRANGEBYSCORE", INDEX, "-inf", seconds - _LISTED_FOR),
                ("EXPIRE", INDEX, _LISTED_FOR),
            ]
        answer = await self._level.run(commands, deadline=_DEADLINE)
        if isinstance(answer, LevelFault):
            _LOG.warning("the cache's counters were not published: %s", answer.message)
            self._listed_at = None
            return False
        if lists:
            self._listed_at = now
        self.published += 1
        return True

    async def _run(self) -> None:
        while True:
            try:
                await self.publish()
            except Exception as failure:  # noqa: BLE001 - telling numbers must not take the application down
                _LOG.warning("the cache's counters were not published: %s", type(failure).__name__)
            await asyncio.sleep(self._interval)

    def _publication(self, counters: CounterSnapshot, now: float) -> Publication:
        for one in sorted(counters.prefixes, key=lambda counts: -counts.requests):
            # A name once given stays: a prefix that moved into the rest would look like a restart.
            if one.prefix not in self._named and len(self._named) < MOST_PREFIXES:
                self._named.append(one.prefix)
        missed = self._cache.take_missed(MOST_MISSED)
        seconds, self._taken_at = now - self._taken_at, now
        return Publication(
            app=self._app,
            instance=self._instance,
            at=counters.at,
            started=counters.started,
            interval=self._interval,
            prefixes=folded(counters.prefixes, self._named),
            l1_entries=counters.l1_entries,
            l1_capacity=counters.l1_capacity,
            l1_evicted=counters.l1_evicted,
            l2_name=counters.l2_name,
            breaker=counters.breaker.value,
            l2_commands=counters.l2_commands,
            l2_faults=sum(count for _, count in counters.l2_faults),
            l2_latency=counters.l2_latency,
            missed=tuple((key_leaving(key[:200], self._plan), count) for key, count in missed),
            missed_seconds=seconds,
            note=self._note,
        )
