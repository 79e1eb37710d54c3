"""One question at a time: what a widget hears of the one that was taken back, and of the one after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

from soundcheck.screens.app.parts import store_question
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.stores.errors import CouldNotRun, SoundcheckError


class Busy(Message):
    """Something else is to be done first."""


class Listener(Widget):
    """Hears the answers, and is busy while `free` is not set."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Any] = []
        self.slow: list[bool] = []
        self.free = asyncio.Event()
        self.free.set()
        self.question: StoreQuestion[str, Any] = StoreQuestion(
            self, "Asking", answered=self._hear, failed=self._hear_failure, slow=self._hear_slow
        )

    @on(Busy)
    async def _be_busy(self) -> None:
        await self.free.wait()

    def _hear(self, what: str, answer: Any) -> None:
        self.heard.append((what, answer))

    def _hear_failure(self, what: str, problem: SoundcheckError) -> None:
        self.heard.append((what, problem.message))

    def _hear_slow(self) -> None:
        self.slow.append(self.question.is_slow)


class Listening(App[None]):
    def compose(self) -> ComposeResult:
        yield Listener()


class Source:
    """What a store says, once it is let."""

    def __init__(self, answer: Any, *, held: bool = False) -> None:
        self.began, self.ended, self.let = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.was_cancelled = False
        self._answer = answer
        if not held:
            self.let.set()

    async def __call__(self) -> Any:
        self.began.set()
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        finally:
            self.ended.set()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    app = Listening()
    async with app.run_test():
        yield app.query_one(Listener)


async def until(holds: Callable[[], object]) -> None:
    """Not the pilot's way of waiting: that waits for a busy widget as well."""
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0)


def make_busy(listener: Listener) -> None:
    """Whatever comes now waits in its queue."""
    listener.free.clear()
    listener.post_message(Busy())


@pytest.mark.parametrize("first", ["late", CouldNotRun("late", "")], ids=["answer", "failure"])
@pytest.mark.parametrize("by", ["cancelling", "asking anew"])
async def test_an_answer_on_its_way_reaches_nobody_once_its_question_is_taken_back(first: Any, by: str) -> None:
    async with listening() as listener:
        make_busy(listener)
        source = Source(first)
        listener.question.ask("first", source)
        await asyncio.wait_for(source.ended.wait(), 30)
        await until(lambda: all(worker.is_finished for worker in listener.workers))
        if by == "cancelling":
            assert listener.question.cancel() == "first"
            assert listener.question.waits_for is None
        listener.question.ask("second", Source("new"))
        listener.free.set()
        await until(lambda: listener.heard)
        assert listener.heard == [("second", "new")]


async def test_a_new_question_stops_the_one_before_it() -> None:
    async with listening() as listener:
        first = Source("old", held=True)
        listener.question.ask("first", first)
        await asyncio.wait_for(first.began.wait(), 30)
        listener.question.ask("second", Source("new"))
        await until(lambda: listener.heard)
        assert first.was_cancelled
        assert listener.heard == [("second", "new")]


@pytest.mark.parametrize(
    ("raised", "said"),
    [(CouldNotRun("The server is away.", ""), "The server is away."), (KeyError("x"), "Asking broke: KeyError.")],
    ids=["foreseen", "unforeseen"],
)
async def test_whatever_is_raised_is_a_failure_of_the_question(raised: Exception, said: str) -> None:
    async with listening() as listener:
        listener.question.ask("first", Source(raised))
        await until(lambda: listener.heard)
        assert listener.heard == [("first", said)]
        assert listener.question.waits_for is None


@pytest.mark.parametrize("end", ["an answer", "cancelling"])
async def test_a_question_that_takes_long_says_so_and_says_when_that_is_over(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_question, "PATIENCE", 0.01)
    async with listening() as listener:
        source = Source("late", held=True)
        listener.question.ask("first", source)
        await until(lambda: listener.slow)
        if end == "cancelling":
            listener.question.cancel()
        else:
            source.let.set()
        await until(lambda: len(listener.slow) == 2)
        assert listener.slow == [True, False]


async def test_an_answer_that_is_still_being_taken_in_is_not_overtaken_by_the_next() -> None:
    heard: list[str] = []
    taken_in = asyncio.Event()
    async with listening() as listener:

        async def hear(_what: str, answer: str) -> None:
            await taken_in.wait()
            heard.append(answer)

        first: StoreQuestion[str, str] = StoreQuestion(listener, "Asking", answered=hear)
        second: StoreQuestion[str, str] = StoreQuestion(
            listener, "Asking", answered=lambda _what, answer: heard.append(answer)
        )
        first.ask("a", Source("first"))
        await until(lambda: first.waits_for is None)
        second.ask("b", Source("second"))
        await until(lambda: all(worker.is_finished for worker in listener.workers))
        assert heard == []
        taken_in.set()
        await until(lambda: len(heard) == 2)
        assert heard == ["first", "second"]
