"""Asks the same thing again and again, but only while somebody looks at it: else not one query."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from soundcheck.screens.app.follow.status import FollowState, FollowStatus
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.question import Question
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.follow import Pace

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from soundcheck.screens.app.shell import Shell

What = TypeVar("What")
Answer = TypeVar("Answer")


class Follower(Generic[What, Answer]):
    """Each look is one question; the next one is due when its owner has said what came of it (`seen`).

    `looked` is called with each answer, `failed` where there is none (the next look is due all the same), `turned` with
    every other status. Its widget calls `listen` once it is mounted, and `end` when it is gone.
    """

    def __init__(
        self,
        node: Widget,
        *,
        looked: Callable[[What, Answer], Any],
        failed: Callable[[What, SoundcheckError], Any],
        turned: Callable[[FollowStatus], Any],
    ) -> None:
        self.status = FollowStatus()
        self._node = node
        self._failed = failed
        self._turned = turned
        self._question: Question[What, Answer] = Question(node, "Following", answered=looked, failed=self._look_failed)
        self._next: Callable[[], tuple[What, Callable[[], Awaitable[Answer]]] | None] = lambda: None
        self._pace = Pace(1.0, 1.0)
        self._quiet = 0
        self._timer: Timer | None = None
        self._unlisten: Callable[[], None] = lambda: None

    @property
    def _app(self) -> Shell:
        return cast("Shell", self._node.app)

    def listen(self) -> None:
        """A key, the focus or another screen may begin or end a pause."""
        self._unlisten = self._app.activity.listen(later.while_open(self._node, self.wake))
        later.on_signal(self._node, self._app.screen_change_signal, lambda _: self.wake())
        later.on_signal(self._node, self._app.mode_change_signal, lambda _: self.wake())

    def end(self) -> None:
        """Nobody looks any more."""
        self._unlisten()
        self._rest()

    @property
    def is_on(self) -> bool:
        """Whether it was begun, paused or not."""
        return self.status.is_on

    def start(self, pace: Pace, ask: Callable[[], tuple[What, Callable[[], Awaitable[Answer]]] | None]) -> None:
        """Begin. `ask` gives what each look asks and how, None where there is nothing to ask at the moment."""
        self.stop()
        self._pace, self._next, self._quiet = pace, ask, 0
        self._turn(FollowStatus(FollowState.LIVE, wait=pace.wait(0)))
        self._arm()

    def stop(self) -> None:
        """End; a look that is under way is cancelled, on the server as well."""
        self._rest()
        self._turn(FollowStatus())

    def seen(self, *, quiet: bool) -> None:
        """What the last look brought: nothing (`quiet`), or something."""
        self._quiet = self._quiet + 1 if quiet else 0
        self._arm()

    def wake(self) -> None:
        """Something changed that may end a pause, or begin one."""
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
        """Whether its screen is on top, but for dialogs."""
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
