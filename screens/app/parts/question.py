"""One question at a time to a store: the newest wins, the one before it is cancelled, on the server as well."""

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
"""Seconds after which a question is shown as one that can be cancelled."""

What = TypeVar("What")
Answer = TypeVar("Answer")


class Question(Generic[What, Answer]):
    """What is asked comes back with its answer, to a widget's own queue; the worker touches no widget.

    `answered` or `failed` is called for the present question alone, however far the end of an older one has come.
    `slow` is called when it takes long enough to be worth a word, and again when that is over.
    """

    def __init__(
        self,
        node: Widget,
        description: str,
        *,
        answered: Callable[[What, Answer], Any] = lambda _what, _answer: None,
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
        """What was asked and is not answered yet, None for nothing."""
        return self._what

    def ask(self, what: What, work: Callable[[], Awaitable[Answer]]) -> None:
        """Ask. A question that is still open is cancelled."""
        self.cancel()
        self._what = what
        self._timer = later.after(self._node, PATIENCE, self._lose_patience)
        self._worker = later.run(self._node, partial(self._run, self._number, work), self._description)

    def cancel(self) -> What | None:
        """Stop; returns what was asked, None where nothing was open."""
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

    async def _run(self, number: int, work: Callable[[], Awaitable[Answer]]) -> None:
        try:
            answer = await work()
        except SoundcheckError as problem:
            later.soon(self._node, self._take_failure, number, problem)
        except Exception as error:  # noqa: BLE001 - a worker's boundary; it is logged
            later.soon(self._node, self._take_failure, number, broke(self._description, error))
        else:
            later.soon(self._node, self._take_answer, number, answer)

    def _take_answer(self, number: int, answer: Answer) -> Any:
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
