"""The one place of the app that asks the cache: unseen, on the screen below all places, it outlives each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker

from screens.app.activity import Activity
from screens.app.cache.poller import CachePoller
from screens.app.cache.reading import CacheReading
from screens.app.worker_errors import tell
from stores.clock import Clock

if TYPE_CHECKING:
    from checks.services import Services
    from screens.app.app import SoundcheckApp


class CacheEye(Widget):
    """Follows the app's services and posts a `Read` for every look; silent while no figure is on screen."""

    DEFAULT_CSS = "CacheEye { display: none; }"

    if TYPE_CHECKING:
        app: SoundcheckApp

    @dataclass
    class Read(Message):
        """The cache was looked at, or why it was not."""

        reading: CacheReading

    def __init__(self, clock: Clock, activity: Activity) -> None:
        super().__init__()
        self._poller = CachePoller(clock, activity, self._is_shown, self._publish, self._wants_applications)
        activity.listen(self._poller.wake)

    def on_mount(self) -> None:
        """Follow the services and the places."""
        self.app.mode_change_signal.subscribe(self, lambda _mode: self._poller.wake())
        self.watch(self.app, "services", self._follow)
        self.watch(self.app, "cache_held", self._hold)

    def _follow(self, services: Services) -> None:
        """Another cache is asked from now on."""
        self.post_message(self.Read(CacheReading()))
        self.workers.cancel_group(self, "cache")
        if services.cache is not None:
            self.run_worker(
                self._poller.run(services.cache), group="cache", exit_on_error=False, description="Asking the cache"
            )

    def _publish(self, reading: CacheReading) -> None:
        self.post_message(self.Read(reading))

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
