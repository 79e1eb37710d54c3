"""Looks at the cache again and again, but only while somebody looks at the screen: else not one command.

The one place of the app that asks the cache: unseen, on the screen below all places, it outlives each of them.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker

from soundcheck.screens.app.cache_reading import CacheReading, State, unread
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.activity import Activity
from soundcheck.screens.app.parts.worker_errors import tell
from soundcheck.stores.clock import Clock

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.services import Services
    from soundcheck.stores.upstash.rest import RestClient


EVERY_REMOTE: Final = 15.0
EVERY_LOCAL: Final = 1.0
FIRST: Final = 2.0
"""Seconds to the second look at most: an interval needs two, and nobody wants to wait for the first rate."""


class CachePoller:
    """One loop over one client. `publish` gets every change; `is_shown` says whether any figure is on screen."""

    def __init__(
        self,
        clock: Clock,
        activity: Activity,
        is_shown: Callable[[], bool],
        publish: Callable[[CacheReading], None],
        wants_applications: Callable[[], bool] = lambda: False,
    ) -> None:
        self._clock = clock
        self._activity = activity
        self._is_shown = is_shown
        self._publish = publish
        self._wants_applications = wants_applications
        self._woken = asyncio.Event()
        self._asked = False
        """Whether a look was asked for by a key."""
        self.held = False
        """Whether the person wants it to pause."""

    def wake(self) -> None:
        """Something changed that may end a pause, or begin one: a key, the focus, another screen."""
        self._woken.set()

    def look_now(self) -> None:
        """Do not wait for the end of the interval."""
        self._asked = True
        self._woken.set()

    async def run(self, client: RestClient, *, every: float | None = None) -> None:
        """Until cancelled. `every` is seconds; by default a local cache is asked more often than a remote one."""
        from soundcheck.stores.cache.measured.applications import LISTED_EVERY, ApplicationMeter
        from soundcheck.stores.upstash.statistics import CacheMeter, CacheSnapshot

        every = every or (EVERY_LOCAL if client.url.is_loopback else EVERY_REMOTE)
        listed_every = LISTED_EVERY if every >= EVERY_REMOTE else every
        applications = ApplicationMeter(client, self._clock, listed_every=listed_every)
        meter = CacheMeter(client, self._clock)
        reading = CacheReading(State.WAITING, every=every)
        self._publish(reading)
        looks = 0
        while True:
            self._woken.clear()
            if why := self._silent_because():
                reading = reading.without(State.PAUSED, why)
                self._publish(reading)
                await self._woken.wait()
                meter, looks = CacheMeter(client, self._clock), 0
                continue
            self._asked = False
            look = await meter.read()
            looks += 1
            if isinstance(look, CacheSnapshot):
                reading = reading.with_look(look, self._clock.monotonic())
                if self._wants_applications():
                    found = await applications.read()
                    reading = reading.with_applications(found, 1 + every / listed_every + bool(found.listed))
            else:
                reading = reading.without(State.FAILED, look.reason)
            self._publish(reading)
            await self._rest(min(every, FIRST) if looks == 1 else every)

    def _silent_because(self) -> str:
        if self.held:
            return "p goes on"
        return self._activity.pause_reason or ("" if self._is_shown() else "not on screen")

    async def _rest(self, seconds: float) -> None:
        """Wait out the interval; being woken ends it only where a pause begins."""
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            try:
                await asyncio.wait_for(self._woken.wait(), left)
            except TimeoutError:
                return
            self._woken.clear()
            if self._asked or self._silent_because():
                return


def why_no_cache(services: Services) -> str:
    """Why the cache that is written down cannot be used; "" where none is. Blocking."""
    from soundcheck.wizard.no_store import unusable_store

    problem = unusable_store(services, "cache")
    return problem.message if problem is not None else ""


class CacheWatcher(Widget):
    """Follows the app's services and posts a `Read` for every look; silent while no figure is on screen."""

    DEFAULT_CSS = "CacheWatcher { display: none; }"

    if TYPE_CHECKING:
        app: Shell

    @dataclass
    class Read(Message):
        """The cache was looked at, or why it was not."""

        reading: CacheReading

    def __init__(self, clock: Clock, activity: Activity) -> None:
        super().__init__()
        self._poller = CachePoller(clock, activity, self._is_shown, self._publish, self._wants_applications)
        self._cache: RestClient | None = None
        activity.listen(later.while_open(self, self._poller.wake))

    def on_mount(self) -> None:
        """Follow the services and the places."""
        later.on_signal(self, self.app.mode_change_signal, lambda _mode: self._poller.wake())
        self.watch(self.app, "services", self._follow)
        self.watch(self.app, "cache_held", self._hold)

    def _follow(self, services: Services) -> None:
        """Another cache is asked from now on; whatever else changed, the figures go on."""
        if services.cache is self._cache and services.cache is not None:
            return
        self._cache = services.cache
        self.post_message(self.Read(unread(services)))
        self.workers.cancel_group(self, "cache")
        if not services.credentials.has_cache:
            later.run(self, partial(self._look_why, services), "Looking for a cache", group="cache")
        if services.cache is not None:
            later.run(self, partial(self._ask, services.cache), "Asking the cache", group="cache")

    async def _look_why(self, services: Services) -> None:
        """What is there and cannot be used is not called absent; the first frame does not wait for it."""
        await self.app.begun()
        if why := await asyncio.to_thread(why_no_cache, services):
            self.post_message(self.Read(CacheReading(State.OFF, why=why)))

    async def _ask(self, cache: RestClient) -> None:
        """Again and again. Rows come first, and what asking needs is imported beside the keys."""
        await self.app.begun()
        await asyncio.to_thread(importlib.import_module, "httpx")
        await self._poller.run(cache)

    def _publish(self, reading: CacheReading) -> None:
        self.post_message(self.Read(reading))

    def look_now(self) -> None:
        """Do not wait for the end of the interval."""
        self._poller.look_now()

    def _hold(self, held: bool) -> None:
        self._poller.held = held
        self._poller.wake()

    def _wants_applications(self) -> bool:
        return getattr(self.app.screen, "watches_applications", False)

    def _is_shown(self) -> bool:
        return any(getattr(screen, "watches_cache", False) for screen in self.app.screen_stack)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A look that broke is shown and logged."""
        tell(self, event)
