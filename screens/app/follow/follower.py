"""Asks the same thing again and again, but only while somebody looks at it: else not one query."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.worker_errors import problem_of
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.follow import Pace

if TYPE_CHECKING:
    from soundcheck.screens.app.shell import Shell

Question = tuple[Any, Callable[[], Awaitable[Any]]]
"""What is asked, which comes back with the answer, and how."""


class FollowState(StrEnum):
    """Whether it asks now."""

    OFF = "off"
    LIVE = "live"
    PAUSED = "paused"


class Follower(Widget):
    """Not seen. Each look is one question; the next one is due when its owner has said what came of it (`seen`)."""

    DEFAULT_CSS = "Follower { display: none; }"

    if TYPE_CHECKING:
        app: Shell

    @dataclass
    class Looked(Message):
        """The answer to `what`. The owner calls `seen`."""

        what: Any
        answer: Any

    @dataclass
    class Failed(Message):
        """No answer to `what`, None where the look broke; the next one is due all the same."""

        what: Any
        problem: SoundcheckError

    class Turned(Message):
        """It began, paused, went on or ended, or its pace is another one."""

        def can_replace(self, message: Message) -> bool:
            """The state is read when it is drawn."""
            return isinstance(message, Follower.Turned)

    @dataclass
    class _Ended(Message):
        number: int
        what: Any
        answer: Any
        problem: SoundcheckError | None

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.state = FollowState.OFF
        self.why = ""
        """Why it is paused."""
        self.wait = 0.0
        """Seconds between two looks now."""
        self._ask: Callable[[], Question | None] = lambda: None
        self._pace = Pace(1.0, 1.0)
        self._quiet = 0
        self._number = 0
        self._timer: Timer | None = None
        self._worker: Worker[None] | None = None
        self._unlisten: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        """A key, the focus or another screen may begin or end a pause."""
        self._unlisten = self.app.activity.listen(later.while_open(self, self.wake))
        later.on_signal(self, self.app.screen_change_signal, lambda _: self.wake())
        later.on_signal(self, self.app.mode_change_signal, lambda _: self.wake())

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._unlisten()
        self.stop()

    @property
    def is_on(self) -> bool:
        """Whether it was begun, paused or not."""
        return self.state is not FollowState.OFF

    def start(self, pace: Pace, ask: Callable[[], Question | None]) -> None:
        """Begin. `ask` gives the question of each look, None where there is nothing to ask at the moment."""
        self.stop()
        self._pace, self._ask, self._quiet = pace, ask, 0
        self.state, self.wait = FollowState.LIVE, pace.wait(0)
        self._arm()
        self.post_message(self.Turned())

    def stop(self) -> None:
        """End; a look that is under way is cancelled, on the server as well."""
        self._rest()
        if self.is_on:
            self.state, self.why = FollowState.OFF, ""
            if self.is_attached:
                self.post_message(self.Turned())

    def seen(self, *, quiet: bool) -> None:
        """What the last look brought: nothing (`quiet`), or something."""
        self._quiet = self._quiet + 1 if quiet else 0
        self._arm()

    def wake(self) -> None:
        """Something changed that may end a pause, or begin one."""
        if not self.is_on:
            return
        why = self._silent_because()
        if why and (self.state is FollowState.LIVE or why != self.why):
            self._rest()
            self.state, self.why = FollowState.PAUSED, why
            self.post_message(self.Turned())
        elif not why and self.state is FollowState.PAUSED:
            self.state, self.why, self._quiet = FollowState.LIVE, "", 0
            self._look()
            self.post_message(self.Turned())

    def _silent_because(self) -> str:
        return self.app.activity.pause_reason or ("" if self._is_seen() else "not on screen")

    def _is_seen(self) -> bool:
        """Whether its screen is on top, but for dialogs."""
        for screen in reversed(self.app.screen_stack):
            if screen is self.screen:
                return True
            if not screen.is_modal:
                return False
        return False

    def _rest(self) -> None:
        self._number += 1
        if self._timer is not None:
            self._timer.stop()
        if self._worker is not None:
            self._worker.cancel()
        self._timer = self._worker = None

    def _arm(self) -> None:
        if self.state is FollowState.LIVE:
            self._rest()
            wait = self._pace.wait(self._quiet)
            if wait != self.wait:
                self.wait = wait
                self.post_message(self.Turned())
            self._timer = later.after(self, wait, self._look)

    def _look(self) -> None:
        self.wake()
        if self.state is not FollowState.LIVE:
            return
        question = self._ask()
        if question is None:
            self._arm()
            return
        self._rest()
        what, work = question
        self._worker = later.run(self, partial(self._run, self._number, what, work), "Following")

    async def _run(self, number: int, what: Any, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            answer = await work()
        except SoundcheckError as problem:
            self.post_message(self._Ended(number, what, None, problem))
        else:
            self.post_message(self._Ended(number, what, answer, None))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A look that broke in an unforeseen way failed like any other."""
        problem = problem_of(event)
        if problem is not None and event.worker is self._worker:
            self.post_message(self._Ended(self._number, None, None, problem))

    def on_follower__ended(self, event: _Ended) -> None:
        """Pass it on, unless it was stopped or asked anew meanwhile."""
        event.stop()
        if event.number != self._number or self.state is not FollowState.LIVE:
            return
        self._worker = None
        if event.problem is not None:
            self.post_message(self.Failed(event.what, event.problem))
            self.seen(quiet=True)
        else:
            self.post_message(self.Looked(event.what, event.answer))
