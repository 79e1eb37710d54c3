"""One question at a time to a store. The newest wins: the one before it is cancelled, on the server too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.worker_errors import broke
from soundcheck.stores.errors import SoundcheckError

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget
    from textual.worker import Worker

PATIENCE = 0.2
"""Seconds before a question counts as slow and Cancel is offered."""

What = TypeVar("What")
Answered = TypeVar("Answered")


class StoreQuestion(Generic[What, Answered]):
    """Runs the work in a worker, and hands the question and its answer back in the widget's own message queue.

    Calls `answered` or `failed` for the current question only, even if an older one has already ended. Calls `slow`
    when the question turns slow, and again when that is over.
    """

    def __init__(
        self,
        node: Widget,
        description: str,
        *,
        answered: Callable[[What, Answered], Any] = lambda _what, _answer: None,
        failed: Callable[[What, SoundcheckError], Any] = lambda _what, _problem: None,
        slow: Callable[[], Any] = lambda: None,
    ) -> None:
        self._node = node
        self._description = description
        self._answered = answered
        self._failed = failed
        self._slow = slow
        self._number = 0
        self._what: What | None = None
        self._worker: Worker[None] | None = None
        self._timer: Timer | None = None
        self.is_slow = False

    @property
    def waits_for(self) -> What | None:
        """The open question, None if there is none."""
        return self._what

    def ask(self, what: What, work: Callable[[], Awaitable[Answered]]) -> None:
        """Ask, cancelling a question that is still open."""
        self.cancel()
        self._what = what
        self._timer = later.after(self._node, PATIENCE, self._lose_patience)
        self._worker = later.run(self._node, partial(self._run, self._number, work), self._description)

    def cancel(self) -> What | None:
        """Stop; returns the question that was open, if any."""
        asked, worker = self._what, self._worker
        self._end()
        if worker is not None:
            worker.cancel()
        return asked

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._number += 1  # whatever an older question still comes to is dropped
        self._what, self._worker, self._timer = None, None, None
        if self.is_slow:
            self.is_slow = False
            self._slow()

    def _lose_patience(self) -> None:
        if self._what is not None:
            self.is_slow = True
            self._slow()

    async def _run(self, number: int, work: Callable[[], Awaitable[Answered]]) -> None:
        try:
            answer = await work()
        except SoundcheckError as problem:
            later.soon(self._node, self._take_failure, number, problem)
        except Exception as error:  # noqa: BLE001 - a worker's boundary; it is logged
            later.soon(self._node, self._take_failure, number, broke(self._description, error))
        else:
            later.soon(self._node, self._take_answer, number, answer)

    def _take_answer(self, number: int, answer: Answered) -> Any:
        what = self._what
        if number != self._number or what is None:
            return None
        self._end()
        return self._answered(what, answer)

    def _take_failure(self, number: int, problem: SoundcheckError) -> Any:
        what = self._what
        if number != self._number or what is None:
            return None
        self._end()
        return self._failed(what, problem)
