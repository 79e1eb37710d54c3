"""A word on a structure's page: found, walked to with n and N, and refused in words where it is not there."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input

from soundcheck.screens.app.structure.find_line import FoundWord, hits, row_of
from soundcheck.screens.app.structure.screen import StructureScreen
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, opened, screen_text, until


def test_places_in_their_order_whatever_the_capitals() -> None:
    assert hits(["Email, e-mail", "no", "EMAIL"], "email") == (FoundWord(0, 0, 5), FoundWord(2, 0, 5))
    assert hits(["a.b"], "a?b") == ()
    assert hits(["a"], "") == ()


def test_the_row_of_a_place_counts_wrapped_lines() -> None:
    text = Content("one two three\nfour five")
    assert row_of(text, 0, 40) == 0
    assert row_of(text, text.plain.index("five"), 40) == 1
    assert row_of(text, text.plain.index("three"), 7) == 1
    assert row_of(text, text.plain.index("five"), 7) >= 2


async def test_a_word_is_found_and_n_leads_round_its_places(services: Services) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, StructureScreen) and "Columns, 7" in screen_text(app))
        page = app.screen.query_one("#structure", VerticalScroll)
        await pilot.press("slash", *"nowhere", "enter")
        await until(pilot, lambda: "nowhere is not on this page" in screen_text(app))
        assert isinstance(app.focused, Input)
        app.focused.value = ""
        await pilot.press(*"create table", "enter")
        await until(pilot, lambda: app.focused is page and page.scroll_y > 0)
        await until(pilot, lambda: "CREATE TABLE" in screen_text(app))
        assert "create table · 1 of 1" in screen_text(app)
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.focused, Input))
        app.focused.value = "email"  # type: ignore[union-attr]
        await pilot.press("enter")
        await until(pilot, lambda: "email · 1 of" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: "email · 2 of" in screen_text(app))
        await pilot.press("N", "N")
        total = screen_text(app)
        await until(pilot, lambda: "email · 1 of" not in screen_text(app))
        assert "email" in total
        reversed_parts = [
            part
            for part in app.screen.query("#structure Static")
            if any("reverse" in str(span.style) for span in getattr(part.content, "spans", ()))  # type: ignore[attr-defined]
        ]
        assert len(reversed_parts) == 1, "one place is marked at a time"
