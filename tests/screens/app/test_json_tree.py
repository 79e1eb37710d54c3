"""A JSON value as a tree: exact, lazy, and never markup."""

from __future__ import annotations

import pytest

from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.json_parts import (
    MOST_CHILDREN,
    Members,
    Number,
    children,
    json_text,
    read_json,
    size_of,
)
from soundcheck.screens.app.record.screen import RecordScreen
from soundcheck.screens.app.record.tree_screen import JsonTree, TreeScreen, label
from soundcheck.screens.app.record.value_screen import ValueView
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, opened, screen_text, until


def test_numbers_stay_as_they_were_written_and_keys_in_their_order() -> None:
    text = '{"b": 2.50, "a": 12345678901234567890123, "b": [1e400, null, "x"]}'
    document = read_json(text)
    assert isinstance(document, Members)
    assert [key for key, _ in document.pairs] == ["b", "a", "b"]
    assert document.pairs[0][1] == Number("2.50")
    assert json_text(document) == text


def test_a_plain_value_an_empty_one_and_a_broken_one_have_no_tree() -> None:
    for text in ("3", '"x"', "null", "{}", "[]", '{"a": ', "[" * 100_000):
        assert read_json(text) is None, text[:10]


def test_a_long_list_shows_its_first_parts() -> None:
    document = read_json(str(list(range(MOST_CHILDREN + 5))))
    assert size_of(document) == MOST_CHILDREN + 5
    assert len(list(children(document))) == MOST_CHILDREN


def test_a_label_is_the_text_itself() -> None:
    assert label("[/foo]", "[b]\x1b[31m").plain.startswith("[/foo]: ")
    assert "\x1b" not in label("[/foo]", "[b]\x1b[31m").plain


async def test_enter_on_a_json_column_opens_its_tree_branch_by_branch(services: Services) -> None:
    app = app_over(services, table="hostile")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, focus=False)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, FieldRow))
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: isinstance(app.focused, JsonTree) and "mood" in screen_text(app))
        assert isinstance(app.screen, TreeScreen)
        tree = app.focused
        assert "calm" not in [str(node.label) for node in tree.root.children]  # type: ignore[union-attr]
        await pilot.press("down", "right", "down", "right")
        await until(pilot, lambda: "1: null" in screen_text(app))
        await pilot.press("c")
        await until(pilot, lambda: app.clipboard == "[1, null]")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.focused, ValueView))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen))


@pytest.mark.drawn
async def test_one_click_selects_a_part_of_the_tree_and_a_second_one_opens_it(services: Services) -> None:
    app = app_over(services, table="hostile")
    async with app.run_test(size=(80, 24)) as pilot:
        tree = JsonTree("meta", read_json('{"mood": {"calm": [1, null]}, "other": {"a": 1}}'))
        await until(pilot, lambda: app.screen.query("#body"), "the screen")
        await app.screen.query_one("#body").mount(tree)
        await until(pilot, lambda: tree.region.height and tree.last_line == 2, "the branches")
        first, second = tree.root.children
        await pilot.click(tree, offset=_label_of(tree, 2))
        assert (tree.cursor_node, second.is_expanded) == (second, False)
        await pilot.click(tree, offset=_label_of(tree, 1))
        assert (tree.cursor_node, first.is_expanded) == (first, False)
        await pilot.click(tree, offset=_label_of(tree, 1))
        await until(pilot, lambda: first.is_expanded, "the branch")


def _label_of(tree: JsonTree, line: int) -> tuple[int, int]:
    x, y = tree.content_region.offset - tree.region.offset
    return x + 6, y + line - int(tree.scroll_y)
