"""Drops and replacements on their way to L2, and what waits until L2 is back.

From the first moment of a change until L2 has acknowledged it, this process does not believe L2 about the key: `holds`
sends its readers to the database. So whoever dropped a key never reads the older value, even while L2 is down.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from itertools import count, islice
from typing import Final

from soundcheck.stores.cache.levels.guarded_level import GuardedLevel
from soundcheck.stores.cache.levels.invalidation import message
from soundcheck.stores.cache.levels.shared_level import Found
from soundcheck.stores.cache.settings import CacheSettings
from soundcheck.stores.cache.versioned_writes import Fill, RedisCommand, drop_command, marker_key, replace_command

_LOG: Final = logging.getLogger(__name__)
_TOGETHER: Final = 100
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0


class _Change:
    """One call that changes keys; the newest of a key is the one that counts."""

    __slots__ = ("superseded", "under_way")

    def __init__(self) -> None:
        self.under_way = True
        self.superseded = False


class Dropping:
    """`acknowledged`: keys that L2 has dropped or replaced; `given_up`: keys that were too many to wait for."""

    def __init__(self, shared: GuardedLevel, node: str, settings: CacheSettings) -> None:
        self.acknowledged = 0
        self.given_up = 0
        self._shared = shared
        self._node = node
        self._settings = settings
        self._numbers = count(1)
        self._waiting: dict[str, _Change] = {}
        self._retrying: asyncio.Task[None] | None = None

    @property
    def pending(self) -> int:
        """Keys that L2 has not acknowledged."""
        return len(self._waiting)

    def holds(self, key: str) -> bool:
        """Whether what L2 says about the key may be older than a change made here."""
        return key in self._waiting

    def supersede(self, key: str) -> None:
        """The key was changed elsewhere: a replacement that is under way must not enter L1."""
        if (change := self._waiting.get(key)) is not None:
            change.superseded = True

    def supersede_all(self) -> None:
        """Changes elsewhere may have been missed."""
        for change in self._waiting.values():
            change.superseded = True

    async def drop(self, keys: Sequence[str]) -> bool:
        """Whether L2 has acknowledged it; if not, it is tried again until it has."""
        change = self._begin(keys)
        try:
            return await self._send(keys, change)
        finally:
            self._end(change)

    async def replace(self, key: str, text: str, life: int) -> str | None:
        """Write a newer value; its marker, or None where it became a drop, acknowledged or waiting.

        `life` is milliseconds. A change of the key that comes between makes this one a drop.
        """
        change = self._begin((key,))
        try:
            found = await self._shared.read((marker_key(key),), deadline=self._settings.l2_hard)
            if not isinstance(found, Found) or self._waiting.get(key) is not change:
                return None
            marker = self._marker()
            command = replace_command(Fill(key, found.values[0] or "", text, life), marker)
            answer = await self._shared.run([command, *self._told((key,))], deadline=self._settings.l2_hard)
            if not isinstance(answer, tuple):
                return None
            if answer[0].reply == 1:
                newest = self._waiting.get(key) is change and not change.superseded
                self._acknowledge((key,), change)
                return marker if newest else None
            await self._send((key,), change)
            return None
        finally:
            self._end(change)

    async def close(self) -> int:
        """One last try for what waits; how many keys L2 was not told of."""
        if self._retrying is not None:
            self._retrying.cancel()
            await asyncio.gather(self._retrying, return_exceptions=True)
        while batch := self._next_batch():
            if not await self._send_batch(batch):
                break
        return len(self._waiting)

    def _begin(self, keys: Sequence[str]) -> _Change:
        change = _Change()
        for key in keys:
            self._waiting.pop(key, None)  # the newest stands last
            self._waiting[key] = change
        spare = len(self._waiting) - self._settings.pending_drops
        if spare > 0:
            idle = (key for key, waiting in self._waiting.items() if not waiting.under_way)
            oldest = list(islice(idle, spare))
            for key in oldest:
                del self._waiting[key]
            self.given_up += len(oldest)
        return change

    def _end(self, change: _Change) -> None:
        """Also when the caller was cancelled: whatever is left of the change is left to the retries."""
        change.under_way = False
        if self._waiting and (self._retrying is None or self._retrying.done()) and self._next_batch():
            self._retrying = asyncio.get_running_loop().create_task(self._retry())

    async def _send(self, keys: Sequence[str], change: _Change) -> bool:
        commands: list[RedisCommand] = []
        for start in range(0, len(keys), _TOGETHER):
            some = keys[start : start + _TOGETHER]
            commands += [drop_command(some, self._marker()), *self._told(some)]
        answer = await self._shared.run(commands, deadline=self._settings.l2_hard)
        if not isinstance(answer, tuple):
            return False
        self._acknowledge(keys, change)
        return True

    def _told(self, keys: Sequence[str]) -> list[RedisCommand]:
        channel = self._settings.channel
        return [("PUBLISH", channel, message(self._node, keys))] if channel else []

    def _marker(self) -> str:
        return f"{self._node}:{next(self._numbers)}"

    def _acknowledge(self, keys: Sequence[str], change: _Change) -> None:
        self.acknowledged += len(keys)
        for key in keys:
            if self._waiting.get(key) is change:
                del self._waiting[key]

    def _next_batch(self) -> dict[str, _Change]:
        idle = ((key, change) for key, change in self._waiting.items() if not change.under_way)
        return dict(islice(idle, _TOGETHER))

    async def _send_batch(self, batch: dict[str, _Change]) -> bool:
        keys = tuple(batch)
        answer = await self._shared.run(
            [drop_command(keys, self._marker()), *self._told(keys)], deadline=self._settings.l2_hard
        )
        if not isinstance(answer, tuple):
            return False
        for key, change in batch.items():
            self._acknowledge((key,), change)
        return True

    async def _retry(self) -> None:
        pause = _FIRST_PAUSE
        while batch := self._next_batch():
            await asyncio.sleep(pause)
            batch = self._next_batch()
            try:
                done = not batch or await self._send_batch(batch)
            except Exception as failure:  # noqa: BLE001 - a background task: the next round tries again
                _LOG.warning("a drop could not be sent: %s", type(failure).__name__)
                done = False
            pause = 0.0 if done else min(max(pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
