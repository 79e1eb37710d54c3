"""The pane with the focus stands out, and moving the focus styles nothing else again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

from soundcheck.screens.app.tables.grid_pane import GridPane
from soundcheck.screens.app.tables.table_list import TableList
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, grid_of, opened, until


async def test_the_pane_around_the_focus_is_lit_and_what_it_holds_is_not_styled_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: list[DOMNode] = []
    update = Stylesheet.update_nodes

    def noting(sheet: Stylesheet, nodes: Iterable[DOMNode], **options: Any) -> None:
        nodes = list(nodes)
        styled.extend(nodes)
        update(sheet, nodes, **options)

    app = app_over(services)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        rows, tables = app.screen.query_one(GridPane), app.screen.query_one("#list-pane")
        unlit = tables.styles.border_top[1]

        def lit() -> list[DOMNode]:
            return [pane for pane in (tables, rows) if pane.styles.border_top[1] != unlit]

        assert lit() == [rows]
        monkeypatch.setattr(Stylesheet, "update_nodes", noting)
        app.screen.query_one(TableList).focus()
        await until(pilot, lambda: lit() == [tables], "the list")
        grid_of(app).focus()
        await until(pilot, lambda: lit() == [rows], "the rows")
        await pilot.pause()
        assert {node.id for node in styled} <= {"list-pane", "list", "rows", "grid"}
        assert {tables, rows} <= set(styled)
        app.screen.set_focus(None)
        assert lit() == []
