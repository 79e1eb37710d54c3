"""Asks the same thing over and over, but only while someone is looking; otherwise not one query."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, cast

from soundcheck.screens.app.follow.status import FollowState, FollowStatus
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.store_question import Answered, StoreQuestion, What
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.follow import Pace

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from soundcheck.screens.app.shell import Shell


class Follower(Generic[What, Answered]):
    """Each look is one question. The next one is scheduled when the owner calls `seen`.

    Calls `looked` with each answer, `failed` when there is none (the next look is scheduled anyway), and `turned` when
    the status changes. The widget calls `listen` once mounted and `end` when unmounted.
    """

    def __init__(
        self,
        node: Widget,
        *,
        looked: Callable[[What, Answered], Any],
        failed: Callable[[What, SoundcheckError], Any],
        turned: Callable[[FollowStatus], Any],
    ) -> None:
        self.status = FollowStatus()
        self._node = node
        self._failed = failed
        self._turned = turned
        self._question: StoreQuestion[What, Answered] = StoreQuestion(
            node, "Following", answered=looked, failed=self._look_failed
        )
        self._next: Callable[[], tuple[What, Callable[[], Awaitable[Answered]]] | None] = lambda: None
        self._pace = Pace(1.0, 1.0)
        self._quiet = 0
        self._timer: Timer | None = None
        self._unlisten: Callable[[], None] = lambda: None

    @property
    def _app(self) -> Shell:
        return cast("Shell", self._node.app)

    def listen(self) -> None:
        """Watch keys, focus and screens, which may start or end a pause."""
        self._unlisten = self._app.activity.listen(later.while_open(self._node, self.wake))
        later.on_signal(self._node, self._app.screen_change_signal, lambda _: self.wake())
        later.on_signal(self._node, self._app.mode_change_signal, lambda _: self.wake())

    def end(self) -> None:
        """Stop for good."""
        self._unlisten()
        self._rest()

    @property
    def is_on(self) -> bool:
        """Whether it was started, paused or not."""
        return self.status.is_on

    def start(self, pace: Pace, ask: Callable[[], tuple[What, Callable[[], Awaitable[Answered]]] | None]) -> None:
        """Start. `ask` returns what the next look asks and how, or None if there is nothing to ask at the moment."""
        self.stop()
        self._pace, self._next, self._quiet = pace, ask, 0
        self._turn(FollowStatus(FollowState.LIVE, wait=pace.wait(0)))
        self._arm()

    def stop(self) -> None:
        """Stop; an open look is cancelled, on the server too."""
        self._rest()
        self._turn(FollowStatus())

    def seen(self, *, quiet: bool) -> None:
        """Schedule the next look; `quiet` means the last one found nothing new."""
        self._quiet = self._quiet + 1 if quiet else 0
        self._arm()

    def wake(self) -> None:
        """Check whether to pause or to go on."""
        if not self.is_on:
            return
        why, wait = self._silent_because(), self.status.wait
        if why and why != self.status.why:
            self._rest()
            self._turn(FollowStatus(FollowState.PAUSED, why, wait))
        elif not why and self.status.state is FollowState.PAUSED:
            self._quiet = 0
            self._turn(FollowStatus(FollowState.LIVE, wait=wait))
            self._look()

    def _turn(self, status: FollowStatus) -> None:
        if status != self.status:
            self.status = status
            self._turned(status)

    def _silent_because(self) -> str:
        return self._app.activity.pause_reason or ("" if self._is_seen() else "not on screen")

    def _is_seen(self) -> bool:
        """Whether its screen is on top, apart from dialogs."""
        for screen in reversed(self._app.screen_stack):
            if screen is self._node.screen:
                return True
            if not screen.is_modal:
                return False
        return False

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._question.cancel()

    def _arm(self) -> None:
        if self.status.state is not FollowState.LIVE:
            return
        self._rest()
        wait = self._pace.wait(self._quiet)
        self._turn(FollowStatus(FollowState.LIVE, wait=wait))
        self._timer = later.after(self._node, wait, self._look)

    def _look(self) -> None:
        self.wake()
        if self.status.state is not FollowState.LIVE:
            return
        asked = self._next()
        if asked is None:
            self._arm()
            return
        self._rest()
        self._question.ask(*asked)

    def _look_failed(self, what: What, problem: SoundcheckError) -> None:
        self._failed(what, problem)
        self.seen(quiet=True)
