"""While something is read, the time that it has taken runs beside the words that say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from soundcheck.screens.app.parts import timed_text
from soundcheck.screens.app.parts.timed_text import RUNNING, TimedText, with_time

APP = Path(timed_text.__file__).parents[1]


@pytest.mark.parametrize(
    ("words", "seconds", "shown"),
    [
        ("◐ reading…  esc Back", 0, "◐ reading…  esc Back"),
        ("◐ reading…  esc Back", 3, "◐ reading…  esc Back  3 s"),
        ("\n◐ measuring…  esc stops", 70, "\n◐ measuring…  esc stops  70 s"),
    ],
)
def test_the_time_stands_behind_the_words(words: str, seconds: int, shown: str) -> None:
    assert with_time(words, seconds) == shown


class OneText(App[None]):
    def compose(self) -> ComposeResult:
        yield TimedText("◐ connecting…")


async def test_it_runs_while_something_is_read_and_begins_anew_with_other_words() -> None:
    app = OneText()
    async with app.run_test() as pilot:
        text = app.query_one(TimedText)

        async def after(seconds: float) -> str:
            text._since -= seconds
            text._tick()
            await pilot.pause()
            return app.screen._compositor.render_strips()[0].text.rstrip()

        assert await after(2) == "◐ connecting…  2 s"
        text.update(Content.styled("◐ reading tables…", "bold"))
        assert await after(0) == "◐ reading tables…"
        assert await after(5) == "◐ reading tables…  5 s"
        text.update("[b]3 tables")
        assert await after(9) == "[b]3 tables"
        assert text._timer is None


def test_every_text_of_a_screen_that_says_so_runs() -> None:
    """A plain `Static` that says that something runs would stand still."""
    still = [
        f"{path.name}: {line.strip()}"
        for path in APP.rglob("*.py")
        for line in path.read_text().splitlines()
        if "yield Static(" in line and RUNNING in line
    ]
    assert still == []
