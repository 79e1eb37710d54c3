"""One question at a time to a store: the newest wins, the one before it is cancelled, on the server as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.worker_errors import problem_of
from soundcheck.stores.errors import SoundcheckError

PATIENCE = 0.2
"""Seconds after which a question is shown as one that can be cancelled."""


class Asker(Widget):
    """Not seen. Its worker touches no widget: an end is a message, and only that of the present question goes up."""

    DEFAULT_CSS = "Asker { display: none; }"

    @dataclass
    class Answered(Message):
        """The answer to `what`."""

        asker: Asker
        what: Any
        answer: Any

        @property
        def control(self) -> Asker:
            """For selectors."""
            return self.asker

    @dataclass
    class Failed(Message):
        """No answer to `what`."""

        asker: Asker
        what: Any
        problem: SoundcheckError

        @property
        def control(self) -> Asker:
            """For selectors."""
            return self.asker

    @dataclass
    class Slow(Message):
        """It takes long enough to be worth a word."""

        asker: Asker

        @property
        def control(self) -> Asker:
            """For selectors."""
            return self.asker

    @dataclass
    class _Ended(Message):
        number: int
        answer: Any
        problem: SoundcheckError | None

    def __init__(self, description: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._description = description
        self._number = 0
        self._what: Any = None
        self._worker: Worker[None] | None = None
        self._timer: Timer | None = None
        self._sent: Asker.Answered | Asker.Failed | None = None
        self.is_slow = False

    @property
    def waits_for(self) -> Any:
        """What was asked and is not answered yet, None for nothing."""
        return self._what

    def ask(self, what: Any, work: Callable[[], Awaitable[Any]]) -> None:
        """Ask; `what` comes back with the answer. A question that still runs is cancelled."""
        self.cancel()
        self._number += 1
        self._what = what
        self._timer = later.after(self, PATIENCE, self._lose_patience)
        self._worker = later.run(self, partial(self._run, self._number, work), self._description)

    def cancel(self) -> Any:
        """Stop; what was asked, None where nothing ran. An answer that is on its way up reaches nobody."""
        asked, worker = self._what, self._worker
        if self._sent is not None:
            self._sent.prevent_default().stop()
            self._sent = None
        self._forget()
        if worker is not None:
            worker.cancel()
        return asked

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._what, self._worker, self._timer, self.is_slow = None, None, None, False

    def _lose_patience(self) -> None:
        if self._what is not None:
            self.is_slow = True
            self.post_message(self.Slow(self))

    async def _run(self, number: int, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            answer = await work()
        except SoundcheckError as problem:
            self.post_message(self._Ended(number, None, problem))
        else:
            self.post_message(self._Ended(number, answer, None))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A question that broke in an unforeseen way is a failure like any other."""
        problem = problem_of(event)
        if problem is not None and event.worker is self._worker:
            self.post_message(self._Ended(self._number, None, problem))

    def on_asker__ended(self, event: _Ended) -> None:
        """Pass on what the present question came to; what is left of an older one is dropped."""
        event.stop()
        if event.number != self._number or self._what is None:
            return
        what = self._what
        self._forget()
        if event.problem is not None:
            self._sent = self.Failed(self, what, event.problem)
        else:
            self._sent = self.Answered(self, what, event.answer)
        self.post_message(self._sent)
