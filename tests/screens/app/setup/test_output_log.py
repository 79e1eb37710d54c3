"""What programs print in the Database step: a line that is cut says so, and nothing in it is obeyed."""

from __future__ import annotations

from textual.app import App, ComposeResult

from screens.app.setup.output_log import OutputLog
from tests.screens.app.setup.conftest import until


class LogApp(App[None]):
    """The log alone."""

    def compose(self) -> ComposeResult:
        yield OutputLog()


def drawn(app: LogApp) -> list[str]:
    log = app.query_one(OutputLog)
    return [log.render_line(y).text.rstrip() for y in range(log.line_count)]


async def test_a_line_that_is_cut_ends_in_an_ellipsis_at_every_width() -> None:
    app = LogApp()
    async with app.run_test(size=(30, 10)) as pilot:
        log = app.query_one(OutputLog)
        long = "Prisma schema engine with Node 20.20.1 is ready"
        for line in ("fits", "x" * log.size.width, long, "李" * 40):
            log.say(line)
        await until(pilot, lambda: log.line_count == 4, "the lines")
        width = log.size.width
        assert drawn(app)[:3] == ["fits", "x" * width, long[: width - 1] + "…"]
        assert drawn(app)[3].endswith("…")
        assert all(log.render_line(y).cell_length == width for y in range(log.line_count))
        await pilot.resize_terminal(60, 10)
        await until(pilot, lambda: log.size.width > len(long), "the wider window")
        assert drawn(app)[2] == long


async def test_a_line_of_a_program_is_text() -> None:
    app = LogApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.query_one(OutputLog).say("[/foo] \x1b[31mred\ttab")
        await until(pilot, lambda: app.query_one(OutputLog).line_count == 1, "the line")
        assert drawn(app) == ["[/foo]  [31mred tab"]
