"""What programs print in the Database step: a line that is cut says so, and nothing in it is obeyed."""

from __future__ import annotations

from textual.app import App, ComposeResult

from soundcheck.screens.app.setup.database_pane import OutputLog
from tests.screens.app.setup.conftest import screen_text, until


class LogApp(App[None]):
    """The log alone."""

    def compose(self) -> ComposeResult:
        yield OutputLog()


def drawn(app: LogApp) -> list[str]:
    """What is seen of the lines: the scroll bar's column is empty here."""
    return [row.rstrip() for row in screen_text(app).splitlines()[: app.query_one(OutputLog).line_count]]


async def test_a_line_that_is_cut_ends_in_an_ellipsis_at_every_width() -> None:
    app = LogApp()
    async with app.run_test(size=(30, 10)) as pilot:
        log = app.query_one(OutputLog)
        await until(pilot, lambda: 20 < log.scrollable_content_region.width < 30, "the column of the scroll bar")
        width = log.scrollable_content_region.width
        long = "Prisma schema engine with Node 20.20.1 is ready"
        for line in ("fits", "x" * width, "y" * (width + 1), long, "李" * 40):
            log.say(line)
        cut = ["fits", "x" * width, "y" * (width - 1) + "…", long[: width - 1] + "…"]
        await until(pilot, lambda: drawn(app)[:4] == cut and drawn(app)[4].endswith("…"), "the marks")
        await pilot.resize_terminal(60, 10)
        await until(pilot, lambda: drawn(app)[3:4] == [long], "all of it in a wider window")


async def test_a_line_of_a_program_is_text() -> None:
    app = LogApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.query_one(OutputLog).say("[/foo] \x1b[31mred\ttab")
        await until(pilot, lambda: drawn(app) == ["[/foo]  [31mred tab"], "the line as it is")
