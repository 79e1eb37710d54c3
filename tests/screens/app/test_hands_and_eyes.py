"""What one needs next is at hand: in the footer, in the palette, behind c, J and R."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.system_commands import SystemCommandsProvider
from textual.widgets import Input

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.palette import ScreenActions
from soundcheck.screens.app.parts.choice import Choice
from soundcheck.screens.app.parts.clicks import Clicks
from soundcheck.screens.app.parts.copy_screen import CopyScreen
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.parts.name_match import best_match
from soundcheck.screens.app.parts.row_copies import copy_choices, masked_words
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.tables.filter_line import FilterLine
from soundcheck.stores.catalog.tables import Certainty, Column, RelationKind, RowCount, Table
from soundcheck.stores.rows.record import Record, RecordField
from soundcheck.stores.rows.spelled.many import RowsForm, masked_columns, rows_as
from soundcheck.stores.services import Services
from tests.screens.app.driving import (
    CountingDatabase,
    app_over,
    execute,
    grid_of,
    opened,
    screen_text,
    until,
)

NAMES = ("id", "name", "email", "isEmailVerified", "created_at", "updatedAt", "at")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("id", "id"),
        ("em", "email"),
        ("EMAIL", "email"),
        ("created", "created_at"),
        ("createdat", "created_at"),
        ("at", "at"),
        ("ver", "isEmailVerified"),
        ("pdat", "updatedAt"),
        ("  ", None),
        ("zzz", None),
    ],
)
def test_the_first_letters_find_the_column_that_is_meant(typed: str, found: str | None) -> None:
    at = best_match(NAMES, typed)
    assert (NAMES[at] if at is not None else None) == found


def a_table(name: str, *columns: str) -> Table:
    made = tuple(Column(one, "text", "text", "text", True, False, number=at) for at, one in enumerate(columns))
    return Table("public", name, RelationKind.TABLE, made, columns[:1], (), RowCount(2, Certainty.EXACT), 0)


def records(table: Table, *rows: Sequence[Any]) -> list[Record]:
    return [Record(table, (str(row[0]),), tuple(map(RecordField, table.columns, row)), 0, "") for row in rows]


PEOPLE = a_table("users", "id", "email", "note")
ROWS = records(PEOPLE, ("1", "ana@mail.example", 'a "b", c|d\ne'), ("2", None, ""))


@pytest.mark.parametrize(
    ("form", "reveal", "text"),
    [
        (RowsForm.CSV, {"email"}, 'id,email,note\n1,ana@mail.example,"a ""b"", c|d\ne"\n2,,""\n'),
        (RowsForm.CSV, set(), 'id,email,note\n1,a•••@mail…,"a ""b"", c|d\ne"\n2,,""\n'),
        (
            RowsForm.MARKDOWN,
            {"email"},
            '| id | email | note |\n| --- | --- | --- |\n| 1 | ana@mail.example | a "b", c\\|d<br>e |\n| 2 |  |  |\n',
        ),
    ],
)
def test_rows_as_text(form: RowsForm, reveal: set[str], text: str) -> None:
    assert rows_as(form, ROWS, frozenset(reveal)) == text


def test_rows_as_json_are_a_list_and_one_row_is_an_object() -> None:
    assert [one["id"] for one in json.loads(rows_as(RowsForm.JSON, ROWS))] == ["1", "2"]
    assert json.loads(rows_as(RowsForm.JSON, ROWS[:1]))["email"] == "a•••@mail…"


def test_an_insert_holds_no_bullet_and_what_is_masked_is_said() -> None:
    text = rows_as(RowsForm.INSERT, ROWS)
    assert text.count("INSERT INTO") == 2
    assert "•" not in text
    assert masked_columns(ROWS) == ("email",)
    assert masked_columns(ROWS, frozenset({"email"})) == ()
    assert "left out of an INSERT" in masked_words(("email",))
    assert masked_words(()) == ""


def test_each_choice_has_a_key_of_its_own_and_says_how_many_rows() -> None:
    choices = copy_choices("email", 3, sql=True)
    assert len({one.key for one in choices}) == len(choices)
    assert [one.label for one in choices] == [
        "Value of email",
        *(f"3 marked rows as {form}" for form in RowsForm),
        "SELECT of these rows as SQL",
    ]
    assert "Row as JSON" in [one.label for one in copy_choices("email", 0, sql=False)]


def test_a_second_click_on_the_same_thing_opens_whenever_it_comes() -> None:
    clicks = Clicks()
    assert [clicks.is_second(one) for one in ("a", "a", "a", "b", "a", "a")] == [False, True, False, False, False, True]
    clicks.is_second("a")
    clicks.forget()
    assert not clicks.is_second("a")


def footer(app: SoundcheckApp) -> str:
    return " ".join(f"{name} {word}" for _key, name, word in app.screen.query_one(KeyLine).keys())  # noqa: SIM118


async def chosen(pilot: Pilot[Any], app: SoundcheckApp, key: str) -> str:
    """Press c, then the key of a choice; what the clipboard has then."""
    app._clipboard = ""
    await pilot.press("c")
    await until(pilot, lambda: isinstance(app.screen, CopyScreen), "the list")
    await pilot.press(key)
    await until(pilot, lambda: app.clipboard, "the copy")
    return app.clipboard


async def test_a_walk_through_filter_marks_copies_columns_and_reveal(
    services: Services, database: CountingDatabase
) -> None:
    execute(database.url, 'ALTER TABLE user_settings ADD FOREIGN KEY ("userId") REFERENCES users')
    app = app_over(services, table="users")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        await until(pilot, lambda: app.focused is grid_of(app), "the grid")
        await until(pilot, lambda: "/ Filter" in footer(app) and "s Sort" in footer(app), footer(app))
        side = app.screen.query_one("#side")
        assert not app.screen.query_one("#cache-panel").display or app.screen.query_one("#cache-panel.-nothing")
        await pilot.press("Z")
        await until(pilot, lambda: not side.display or not side.region.width, "all the room for the rows")
        await pilot.press("Z")
        await until(pilot, lambda: side.region.width, "the list")
        await pilot.press("J", *"plays")
        await until(pilot, lambda: grid_of(app).column.name == "plays", "the column")  # type: ignore[union-attr]
        assert "enter Stay there" in footer(app)
        await pilot.press("escape")
        await until(pilot, lambda: grid_of(app).column.name == "id" and app.focused is grid_of(app), "back")  # type: ignore[union-attr]
        await pilot.press("J", *"em", "enter")
        await until(pilot, lambda: app.focused is grid_of(app), "the grid")
        assert grid_of(app).column.name == "email"  # type: ignore[union-attr]
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.focused, Input), "the filter")
        await until(pilot, lambda: "enter Apply" in footer(app) and "tab Column" in footer(app), footer(app))
        assert "Comparison" in footer(app)
        assert app.screen.query_one("#filter-operator", Choice).chosen == "contains"
        await pilot.press("tab")
        await until(pilot, lambda: isinstance(app.focused, Choice), "a choice")
        await pilot.press(*"plays")
        assert app.screen.query_one("#filter-column", Choice).chosen == "plays"
        await pilot.press("escape", "slash", *"user12@", "enter")
        await until(
            pilot, lambda: len(grid_of(app).window) == 1 and not app.screen.query_one(FilterLine).is_open, "one"
        )
        await until(pilot, lambda: "backspace Clear filter" in footer(app), footer(app))
        await pilot.press("backspace")
        await until(pilot, lambda: len(grid_of(app).window) > 1, "all rows")
        assert await chosen(pilot, app, "c") == "u•••@mail…"
        assert json.loads(await chosen(pilot, app, "j"))["id"] == "cm000001"
        await pilot.press("v", "v")
        await until(pilot, lambda: "2 marked" in screen_text(app), "the marks")
        text = await chosen(pilot, app, "v")
        assert [one.split(",")[0] for one in text.splitlines()] == ["id", "cm000001", "cm000002"]
        assert "user1@mail.example" not in text
        assert "•" not in await chosen(pilot, app, "i")
        await pilot.press("V", "R")
        await until(pilot, lambda: "user1@mail.example" in screen_text(app), "what is personal")
        assert "user3@mail.example" in await chosen(pilot, app, "i")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and "user3@mail.example" in screen_text(app))
        await until(pilot, lambda: "tab Relations" in footer(app), footer(app))
        assert "user3@mail.example" in await chosen(pilot, app, "v")
        await pilot.press("R")
        await until(pilot, lambda: "user3@mail.example" not in screen_text(app), "the mask")


@pytest.mark.parametrize("word", ["json", "sample", "refresh", "reload", "certificate", "develop", "csv", "production"])
async def test_the_palette_finds_what_people_call_it(services: Services, word: str) -> None:
    app = app_over(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.query(KeyLine) and app.focused is not None, "the list")
        found = [hit async for hit in ScreenActions(app.screen).search(word)]
        found += [hit async for hit in SystemCommandsProvider(app.screen).search(word)]
        assert found
