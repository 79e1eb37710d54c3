"""One question at a time: what a screen hears of the one that was taken back, and of the one after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.widget import Widget

from soundcheck.screens.app.parts.question import Asker
from soundcheck.stores.errors import CouldNotRun


class Listener(Widget):
    """Hears the answers, and is busy while `free` is not set."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Any] = []
        self.free = asyncio.Event()
        self.free.set()

    def compose(self) -> ComposeResult:
        yield Asker("Asking")

    @on(Asker.Slow)
    async def _be_busy(self) -> None:
        await self.free.wait()

    @on(Asker.Answered)
    def _hear(self, event: Asker.Answered) -> None:
        self.heard.append(event.answer)

    @on(Asker.Failed)
    def _hear_failure(self, event: Asker.Failed) -> None:
        self.heard.append(event.problem)


class Listening(App[None]):
    def compose(self) -> ComposeResult:
        yield Listener()


async def answered(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


async def kept_busy(app: Listening) -> tuple[Listener, Asker]:
    listener = app.query_one(Listener)
    listener.free.clear()
    asker = listener.query_one(Asker)
    asker.post_message(Asker.Slow(asker))
    return listener, asker


async def until(holds: Callable[[], object]) -> None:
    """Not the pilot's way of waiting: that waits for a busy widget as well."""
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0)


@pytest.mark.parametrize("first", ["late", CouldNotRun("late", "")], ids=["answer", "failure"])
async def test_an_answer_on_its_way_up_reaches_nobody_once_its_question_is_taken_back(first: Any) -> None:
    app = Listening()
    async with app.run_test():
        listener, asker = await kept_busy(app)
        asker.ask("first", lambda: answered(first))
        await until(lambda: asker.waits_for is None)
        asker.cancel()
        listener.free.set()
        asker.ask("second", lambda: answered("new"))
        await until(lambda: "new" in listener.heard)
        assert listener.heard == ["new"]


async def test_a_new_question_takes_the_older_one_and_its_answer_back() -> None:
    app = Listening()
    async with app.run_test():
        listener, asker = await kept_busy(app)
        asker.ask("first", lambda: answered("old"))
        await until(lambda: asker.waits_for is None)
        asker.ask("second", lambda: answered("new"))
        listener.free.set()
        await until(lambda: "new" in listener.heard)
        assert listener.heard == ["new"]
