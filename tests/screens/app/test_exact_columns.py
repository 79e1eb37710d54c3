"""Flags, joined emoji and letters with marks never move what stands beside them, in any terminal."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from rich.cells import cell_len

from soundcheck.screens.app.exact_columns import anchored, is_agreed
from soundcheck.stores.services import Services
from tests.screens.app.driving import CountingDatabase, app_over, execute, opened

TEXTS = {
    "CJK": "李小龍 ひらがな 한국어",
    "Thai": "ภาษาไทยที่น้ำ",
    "Devanagari": "हिन्दी क्षत्रिय",
    "combining": "e\u0301a\u0308 Z\u0351\u036b\u0343a\u0323",
    "ZWJ": "👩‍🎤👨‍👩‍👧‍👦 x",
    "flags": "🇩🇪🇫🇷🇯 x",
    "skin": "👍🏽 ok",
    "variation": "❤️ ⚠️ 1️⃣",
    "tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "RTL": "محمد שלום",
    "private": "\ue0b0 \uf8ff",
    "jamo": "\u1112\u1161\u11ab",
}
MOVE = re.compile(r"\x1b\[(?:(\d+);)?(\d+)([HG])|\x1b\[[0-9;]*m|\n|(.)", re.DOTALL)


def drawn(frame: str, measure: Callable[[str], int]) -> dict[int, str]:
    """The cells of a terminal that gives each character the width it believes in, without joining anything."""
    cells: dict[int, str] = {}
    column = 1
    for found in MOVE.finditer(frame):
        if found[3]:
            column = int(found[2])
        elif character := found[4]:
            width = measure(character)
            for at in range(column, column + width):
                cells[at] = character if at == column else ""
            column += width
    return cells


STUBBORN: dict[str, Callable[[str], int]] = {
    "one column for everything": lambda _character: 1,
    "two columns for marks and emoji": lambda character: 1 if cell_len(character) == 1 and character < "🀀" else 2,
    "no joining": lambda character: cell_len(character),
}


@pytest.mark.parametrize("terminal", STUBBORN)
@pytest.mark.parametrize("script", [name for name in TEXTS if name not in {"CJK", "RTL"}])
def test_a_border_keeps_its_column_in_any_terminal(script: str, terminal: str) -> None:
    text = TEXTS[script]
    frame = f"\x1b[3;5H\x1b[31m│ {text}{' ' * 9}│\x1b[0m"
    cells = drawn(anchored(frame), STUBBORN[terminal])
    assert cells[5] == "│"
    assert cells[5 + 2 + cell_len(text) + 9] == "│"
    assert [at for at, character in cells.items() if character == "│"] == [5, 5 + 2 + cell_len(text) + 9]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_nothing_of_the_text_is_lost_and_each_part_stands_where_the_app_counts_it(text: str) -> None:
    written = anchored(f"\x1b[1;1H{text}\x1b[0m")
    assert re.sub(r" *\x1b\[\d+G|\x1b\[[0-9;]*[Hm]| ", "", written) == text.replace(" ", "")


def test_what_all_terminals_agree_on_is_written_as_it_is() -> None:
    frame = "\x1b[2;1H│ Zoë ✓ createdAt ▲ 李小龍 かな … ⏎ │\n\x1b[3;1H\x1b]8;;x\x07ok\x1b[0m"
    assert is_agreed(frame)
    assert anchored(frame) == frame


def test_such_words_are_written_over_blanks_and_the_next_text_begins_in_its_column() -> None:
    assert anchored("\x1b[7;11Ha👩‍🎤  b") == "\x1b[7;11H     \x1b[11Ga👩‍🎤\x1b[16Gb"
    assert anchored("\x1b[11Hword 🇩🇪 \x1b[0m│") == "\x1b[11Hword    \x1b[15G 🇩🇪\x1b[19G\x1b[0m│"
    assert anchored("👩‍🎤 before the cursor is put anywhere") == "👩‍🎤 before the cursor is put anywhere"


def test_what_a_terminal_draws_wider_runs_into_the_padding_and_loses_nothing() -> None:
    cells = drawn(anchored(f"\x1b[1;1H{TEXTS['ZWJ']}{' ' * 20}│"), STUBBORN["no joining"])
    assert [one for one in cells.values() if one.strip("\u200d ")] == [*"👩🎤👨👩👧👦x│"]


async def test_rows_in_any_script_keep_the_border_and_their_old_times_differ(
    services: Services, database: CountingDatabase
) -> None:
    execute(database.url, 'CREATE TABLE scripts (id int PRIMARY KEY, "at" timestamp, words text, more text)')
    for number, text in enumerate(TEXTS.values()):
        words = text.replace("'", "''")
        execute(
            database.url,
            f"INSERT INTO scripts VALUES ({number}, timestamp '2025-06-01' + {number} * interval '1 hour',"
            f" '{words}', '{words} {words} {words} {words}')",
        )
    app = app_over(services, table="scripts")
    async with app.run_test(size=(80, 24)) as pilot:
        grid = await opened(pilot, app, focus=False)
        lines = app.screen._compositor.render_strips()
        pane = grid.parent.region  # type: ignore[union-attr]
        borders = [line.crop(pane.right - 1, pane.right).text for line in lines[pane.y + 1 : pane.bottom - 1]]
        assert set(borders) == {"│"}
        times = [line.text.split("2025-06-01 ")[1][:5] for line in lines if "2025-06-01" in line.text]
        assert len(set(times[: len(TEXTS)])) == len(TEXTS)
