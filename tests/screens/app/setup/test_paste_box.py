"""The paste box: any way of putting text in, and never the text itself on the screen."""

from __future__ import annotations

import secrets

import pytest
from textual import on
from textual.app import App, ComposeResult

from soundcheck.screens.app.parts.paste_box import LONGEST_DOTS, MOST_CHARACTERS, PasteBox, paste_rows
from soundcheck.screens.app.theme import use_themes
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.recogniser import recognise
from tests.screens.app.setup.conftest import everything_shown, paste, until


class BoxApp(App[None]):
    """The box, and what a pane does with it."""

    def __init__(self) -> None:
        super().__init__()
        use_themes(self, {})
        self.texts: list[Secret] = []

    def compose(self) -> ComposeResult:
        yield PasteBox("paste here")

    @on(PasteBox.Changed)
    def read(self, event: PasteBox.Changed) -> None:
        self.texts.append(event.text)
        event.box.recognition = recognise(event.text.reveal()) if event.text else None


@pytest.fixture
def password() -> str:
    return "npg_" + secrets.token_hex(12)


@pytest.fixture
def address(password: str) -> str:
    return f"postgresql://app:{password}@ep-cool-darkness-a1b2c3d4-pooler.us-east-2.aws.neon.tech/neondb"


async def test_a_paste_is_recognised_and_only_its_mask_is_drawn(address: str, password: str) -> None:
    app = BoxApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await paste(pilot, f"psql '{address}'")
        await pilot.pause()
        assert app.texts[-1].reveal() == f"psql '{address}'"
        shown = everything_shown(app)
        assert "DATABASE_URL" in shown
        assert password not in shown
        assert password not in repr(app.texts)


async def test_typed_keys_make_the_same_text_and_show_no_letter_of_it(password: str) -> None:
    app = BoxApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*(f"REST_TOKEN={password}?1".replace("_", "_")))
        await pilot.press("enter", "x", "backspace")
        await pilot.pause()
        assert app.texts[-1].reveal() == f"REST_TOKEN={password}?1\n"
        assert password not in everything_shown(app)


async def test_line_ends_of_every_kind_become_one_and_control_characters_go(address: str) -> None:
    app = BoxApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await paste(pilot, f"A=1\r\nB=2\rDATABASE_URL={address}\x1b[31m\x00\n")
        await pilot.pause()
        assert app.texts[-1].reveal() == f"A=1\nB=2\nDATABASE_URL={address}[31m\n"


async def test_text_that_looks_like_markup_neither_crashes_nor_colours() -> None:
    app = BoxApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await paste(pilot, "[/foo] [b + [red]x[/]\nDATABASE_URL=[/foo]")
        await pilot.pause()
        assert app.is_running
        assert app.texts


async def test_ctrl_u_forgets_everything(address: str) -> None:
    app = BoxApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await paste(pilot, address)
        await pilot.press("ctrl+u")
        await pilot.pause()
        assert app.query_one(PasteBox).is_empty
        assert not app.texts[-1]
        assert "paste&#160;here" in app.export_screenshot()


async def test_a_pasted_file_of_any_size_is_cut_and_stays_usable() -> None:
    app = BoxApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await paste(pilot, "x = 1\n" * 100_000)
        await pilot.pause()
        assert len(app.texts[-1].reveal()) == MOST_CHARACTERS
        assert app.query_one(PasteBox).size.height <= 10


def test_the_dots_of_an_unrecognised_line_do_not_tell_its_length() -> None:
    rows = paste_rows([64], None, cursor=False)
    assert rows[0].plain.count("•") == LONGEST_DOTS


def test_lines_that_gave_nothing_take_one_row_together() -> None:
    text = "# one\n# two\n# three\nREST_URL=https://fit-mole-12345.upstash.io\n"
    rows = paste_rows([len(line) for line in text.split("\n")], recognise(text), cursor=False)
    assert [row.plain for row in rows] == [
        " 1 3 lines not used",
        " 4 UPSTASH_REDIS_REST_URL  https://fit-mole-12345.upstash.io",
    ]


async def test_a_second_paste_begins_a_line_unless_the_first_asks_for_more(address: str) -> None:
    app = BoxApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await paste(pilot, "psql 'one'")
        await paste(pilot, "DATABASE_URL=")
        await paste(pilot, address)
        await pilot.press("x")
        await paste(pilot, "yz")
        await until(pilot, lambda: app.texts and app.texts[-1].reveal().endswith("yz"), "the last paste")
        assert app.texts[-1].reveal() == f"psql 'one'\nDATABASE_URL={address}xyz"


def test_only_the_rows_that_are_seen_are_made() -> None:
    text = "# one\n" * 90 + "REST_URL=https://fit-mole-12345.upstash.io\n" + "ab\n" * 40
    lengths = [len(line) for line in text.split("\n")]
    for cursor in (False, True):
        everything = paste_rows(lengths, recognise(text), cursor=cursor)
        assert paste_rows(lengths, recognise(text), cursor=cursor, most=8) == everything[-8:]
        assert paste_rows(lengths, None, cursor=cursor, most=8) == paste_rows(lengths, None, cursor=cursor)[-8:]
