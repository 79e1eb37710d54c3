"""The screens around the one that is seen are drawn while nothing else is to do."""

from __future__ import annotations

from typing import Any

import pytest

from soundcheck.screens.app.grid.drawn_rows import LINES_KEPT
from soundcheck.screens.app.grid.painter import Painter
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, opened, screen_text, until

pytestmark = pytest.mark.drawn


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The first value of each row that was drawn."""
    rows: list[Any] = []
    draw = Painter.row

    def counted(self: Painter, row: Any, *rest: Any, **more: Any) -> Any:
        rows.append(row[0])
        return draw(self, row, *rest, **more)

    monkeypatch.setattr(Painter, "row", counted)
    return rows


BELOW = "cm000045"
"""A row of the first page that the first screen, of 30 rows, does not show."""


async def test_a_page_finds_its_rows_drawn(services: Services, drawn: list[Any]) -> None:
    app = app_over(services, table="users")
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.focused is grid)
        assert BELOW not in screen_text(app)
        await until(pilot, lambda: BELOW in drawn, "drawn ahead")
        await pilot.press("pagedown")  # here times become dates, since their ages read alike, and stay so
        await until(pilot, lambda: BELOW in screen_text(app))
        await pilot.press("home")
        await until(pilot, lambda: BELOW not in screen_text(app))
        del drawn[:]
        await pilot.press("pagedown")
        await until(pilot, lambda: BELOW in screen_text(app))
        assert "cm000031" in drawn, "the line under the cursor is never kept"
        assert BELOW not in drawn


async def test_what_was_drawn_ahead_is_drawn_anew_when_the_columns_change(services: Services, drawn: list[Any]) -> None:
    app = app_over(services, table="users")
    async with app.run_test(size=(120, 40)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.focused is grid)
        await until(pilot, lambda: BELOW in drawn, "drawn ahead")
        del drawn[:]
        await pilot.press("right", "greater_than_sign")
        await until(pilot, lambda: BELOW in drawn, "with the column's new width")


async def test_a_screen_taller_than_a_page_is_filled(services: Services, drawn: list[Any]) -> None:
    app = app_over(services, table="users")
    async with app.run_test(size=(100, LINES_KEPT // 3 + 20)) as pilot:
        grid = await opened(pilot, app, focus=False)
        await until(pilot, lambda: grid.visible_rows[1] > LINES_KEPT // 3)
        assert "cm000140" in screen_text(app)
        await until(pilot, lambda: len(grid.window) > grid.visible_rows[1])
        del drawn[:]
        grid._lines.clear()
        grid._draw_ahead()
        assert not drawn, "with more lines than are kept nothing is drawn ahead"
