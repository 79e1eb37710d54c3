"""Everything that a widget asks to run later is dropped once the widget, or the app, has begun to close."""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.css.query import NoMatches
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.signal import Signal
from textual.widget import Widget

from soundcheck.screens.app.parts import later


class Asking(Widget):
    """The widget that asks."""


class House(Widget):
    """Closes together with the widget in it."""

    def compose(self) -> ComposeResult:
        yield Asking()


class Dialog(ModalScreen[bool]):
    """On top of it."""


class Neighbours(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.rung: Signal[str] = Signal(self, "rung")

    def compose(self) -> ComposeResult:
        yield House()


Call = Callable[[], None]


async def by_timer(app: Neighbours, node: Asking, call: Call, close: Call) -> None:
    timer = later.after(node, 60, call)
    assert timer is not None
    timer._callback()  # it is due: Textual calls after the message that is being handled
    close()


async def by_interval(app: Neighbours, node: Asking, call: Call, close: Call) -> None:
    timer = later.every(node, 60, call)
    assert timer is not None
    close()
    timer._callback()  # it is due: Textual calls at once


async def soon(app: Neighbours, node: Asking, call: Call, close: Call) -> None:
    later.soon(node, call)
    close()


async def once_drawn(app: Neighbours, node: Asking, call: Call, close: Call) -> None:
    later.once_drawn(node, call)
    close()


async def in_a_worker(app: Neighbours, node: Asking, call: Call, close: Call) -> None:
    async def work() -> None:
        call()

    later.run(node, work, "Working")
    close()


async def at_a_signal(app: Neighbours, node: Asking, call: Call, close: Call) -> None:
    later.on_signal(node, app.rung, lambda _: call())
    app.rung.publish("now")
    close()


async def by_a_dialog(app: Neighbours, node: Asking, call: Call, close: Call) -> None:
    dialog = Dialog()
    with node._context():
        later.ask(node, dialog, lambda _: call())
    while not dialog.is_mounted or app.screen is not dialog:
        await asyncio.sleep(0)
    with dialog._context():
        dialog.dismiss(True)
    close()


each_way = pytest.mark.parametrize(
    "way",
    [by_timer, by_interval, soon, once_drawn, in_a_worker, at_a_signal, by_a_dialog],
    ids=lambda way: way.__name__,
)
Way = Callable[[Neighbours, Asking, Call, Call], Any]


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.001)


@each_way
async def test_it_runs_while_its_widget_is_open(way: Way) -> None:
    app, heard = Neighbours(), []
    async with app.run_test():
        with app._context():
            await way(app, app.query_one(Asking), lambda: heard.append("run"), lambda: None)
            await until(lambda: heard)


@each_way
async def test_it_is_dropped_where_something_above_its_widget_closes(way: Way) -> None:
    app, heard = Neighbours(), []
    async with app.run_test() as pilot:
        house, node = app.query_one(House), app.query_one(Asking)
        with app._context():
            await way(app, node, lambda: heard.append("run"), lambda: house.remove() and None)
            await until(lambda: not node.is_running)
        await pilot.pause()
        assert heard == []


@each_way
async def test_it_is_dropped_where_the_app_is_left(way: Way) -> None:
    app, heard = Neighbours(), []
    async with app.run_test():
        with app._context():
            await way(app, app.query_one(Asking), lambda: heard.append("run"), app.exit)
    assert heard == []


async def test_a_timer_fires_on_a_machine_that_holds_up_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds pass between two lines of Textual's timer, which it takes for a time that was missed."""
    app, fired = Neighbours(), []
    async with app.run_test():
        seconds = itertools.chain(range(1, 9), itertools.repeat(8))
        monkeypatch.setattr("textual.timer._time.get_time", lambda: time.monotonic() + next(seconds))
        with app._context():
            later.after(app.query_one(Asking), 0.005, lambda: fired.append(True))
        await until(lambda: fired)


async def test_nothing_begins_for_a_widget_that_is_closing() -> None:
    app, heard = Neighbours(), []

    async def work() -> None:
        heard.append("worked")

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        async with app.run_test() as pilot:
            house, node = app.query_one(House), app.query_one(Asking)
            with app._context():
                house.remove()
                assert later.after(node, 0.001, lambda: heard.append("timer")) is None
                assert later.every(node, 0.001, lambda: heard.append("interval")) is None
                assert later.run(node, work, "Working") is None
                assert not later.soon(node, lambda: heard.append("soon"))
                later.ask(node, Dialog(), lambda _: heard.append("dialog"))
            await _gone(pilot, node)
            assert len(app.screen_stack) == 1
        gc.collect()
    assert heard == []
    assert [str(one.message) for one in told] == []


async def test_a_worker_cancelled_before_its_first_step_leaves_no_coroutine_unawaited() -> None:
    app = Neighbours()

    async def work() -> None:
        await asyncio.sleep(60)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        async with app.run_test():
            with app._context():
                worker = later.run(app.query_one(Asking), work, "Working")
                assert worker is not None
                worker.cancel()
        gc.collect()
    assert [str(one.message) for one in told] == []


async def test_a_widget_that_is_missing_is_an_error_only_while_the_one_that_looks_is_open() -> None:
    app = Neighbours()
    async with app.run_test() as pilot:
        house, node = app.query_one(House), app.query_one(Asking)
        with node._context():
            assert not later.is_of_closing(NoMatches("Grid"))
            house.remove()
            assert later.is_of_closing(NoMatches("Grid"))
            assert not later.is_of_closing(ValueError("ours"))
        await _gone(pilot, node)


async def _gone(pilot: Pilot[Any], node: Widget) -> None:
    await until(lambda: not node.is_running)
    await pilot.pause()
