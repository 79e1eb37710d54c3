"""Where several schemas have tables, every title says whose table it is; where there is one, none does."""

from __future__ import annotations

import pytest

from soundcheck.screens.app.diagram.screen import DiagramScreen
from soundcheck.screens.app.diagram.view import DiagramView
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.relation.leads_to import LeadRow
from soundcheck.screens.app.structure.screen import StructureScreen
from soundcheck.screens.app.tables.related_screen import RelatedScreen
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    CountingDatabase,
    app_over,
    execute,
    grid_of,
    opened,
    pane_of,
    screen_text,
    to_column,
    until,
)

SCHEMAS = """
CREATE SCHEMA audit;
CREATE TABLE audit.users (id text PRIMARY KEY, "of" text REFERENCES public.users);
INSERT INTO audit.users VALUES ('a1', 'cm000001');
CREATE TABLE audit.customer_orders_of_2023 (id int PRIMARY KEY, "of" text REFERENCES audit.users);
CREATE TABLE audit.customer_orders_of_2024 (id int PRIMARY KEY, "of" text REFERENCES audit.users);
ANALYZE;
"""

at_two_sizes = pytest.mark.parametrize("size", [(80, 24), (120, 40)])


@at_two_sizes
async def test_list_grid_record_structure_and_the_way_say_whose_table_it_is(
    services: Services, database: CountingDatabase, size: tuple[int, int]
) -> None:
    execute(database.url, SCHEMAS)
    app = app_over(services, table="audit.users")
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.focused is grid_of(app), "focus")
        text = screen_text(app)
        assert "public.users" in text, "the list"
        assert str(pane_of(app).border_title).startswith("audit.users · ")
        lines = [line.split("│")[1].strip() for line in text.splitlines() if "customer" in line]
        assert len({line.rsplit(" ", 1)[0].strip() for line in lines}) == 2, "two names in the list look alike"

        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "Columns, 2" in screen_text(app))
        assert "audit.users · structure" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is grid_of(app), "the rows again")

        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and "Leads to" in screen_text(app))
        assert "audit.users › a1" in screen_text(app)
        assert "→ public.users" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is grid_of(app), "the rows again")

        await to_column(pilot, grid_of(app), "of")
        await until(pilot, lambda: pane_of(app).check_action("follow", ()), "the keys")
        await pilot.press("f")
        await until(pilot, lambda: "audit.users › public.users › cm000001" in screen_text(app), "the way here")
        await until(pilot, lambda: "← audit.users" in screen_text(app), "what names the row")
        app.screen.query(LeadRow).last().focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RelatedScreen) and len(grid_of(app).window), "its rows")
        assert " › audit.users · " in str(pane_of(app).border_title)


@at_two_sizes
async def test_the_boxes_of_the_diagram_are_told_apart(
    services: Services, database: CountingDatabase, size: tuple[int, int]
) -> None:
    execute(database.url, SCHEMAS)
    app = app_over(services, table="audit.users")
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.focused is grid_of(app), "focus")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, DiagramScreen) and "neighbours" in screen_text(app))
        assert "audit.users and its neighbours" in screen_text(app)
        view = app.screen.query_one(DiagramView)
        drawing = view._drawing
        titles = [drawing.lines[box.y][box.x + 1 : box.x + box.width - 1].strip("─ ◄") for box in drawing.boxes]
        assert len(titles) == 4
        assert len(set(titles)) == 4, titles


async def test_one_schema_is_not_named(services: Services, database: CountingDatabase) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        assert "public." not in screen_text(app)
        assert str(pane_of(app).border_title).startswith("users · ")
