"""What is not shown whole says so: cells cut on either side, names cut by a sort's arrow, cards and badges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from soundcheck.screens.app.grid.column import GridColumn
from soundcheck.screens.app.grid.cut_cell import cut, headed, shown_part
from soundcheck.screens.app.grid.painter import GridStyles, Painter
from soundcheck.stores.sensitivity import Sensitivity

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
        ("abcdef", -1, ""),
        ("李小龍", 6, "李小龍"),
        ("李小龍", 5, "李小…"),
        ("李小龍", 4, "李…"),
        ("❤️❤️❤️", 4, "❤️…"),
    ],
)
def test_a_text_is_cut_to_the_columns_it_takes_on_screen(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown
    assert cell_len(shown) <= max(width, 0)


@pytest.mark.parametrize(
    ("name", "mark", "width", "shown"),
    [
        ("createdAt", " ▲", 11, "createdAt ▲"),
        ("createdAt", " ▲", 6, "cre… ▲"),
        ("createdAt", " ▼2", 4, "… ▼2"),
        ("createdAt", " ▼2", 3, "▼2"),
        ("createdAt", " ▼12", 3, "▼12"),
        ("createdAt", " ▲", 1, "▲"),
        ("id", "", 3, "id"),
        ("名前名前", " ▲", 5, "名… ▲"),
    ],
)
def test_the_arrow_of_a_sort_never_gives_way_to_the_name(name: str, mark: str, width: int, shown: str) -> None:
    assert headed(name, mark, width) == shown


def test_a_name_scrolled_out_to_the_left_keeps_its_end() -> None:
    assert headed("createdAt", " ▲", 6, from_left=True) == "…dAt ▲"
    assert headed("名前名前", " ▲", 6, from_left=True) == "… 前 ▲"


@pytest.mark.parametrize(
    ("text", "left", "right", "shown"),
    [
        ("abcdef  ", 3, 0, "…ef  "),
        ("abcdef  ", 0, 5, "ab…"),
        ("abcdef  ", 0, 2, "abcdef"),
        ("abcdef  ", 2, 4, "……"),
        ("abc     ", 0, 4, "abc "),
        ("abc     ", 4, 0, "…   "),
        ("   def  ", 2, 0, " def  "),
        ("abcdef  ", 7, 0, " "),
        ("李小龍  ", 1, 0, "…小龍  "),
        ("李小龍  ", 0, 5, "李…"),
        ("李小龍  ", 0, 4, "李 …"),
    ],
)
def test_a_cell_cut_by_the_edge_of_the_view_has_an_ellipsis_on_that_side(
    text: str, left: int, right: int, shown: str
) -> None:
    strip = shown_part([Segment(text)], left, right, gap=2)
    assert strip.text == shown
    assert strip.cell_length == cell_len(text) - left - right


def painter_of(*columns: tuple[str, int, str], still: int = 1) -> Painter:
    ink = Style()
    inks = GridStyles(*[ink] * len(GridStyles.__dataclass_fields__))
    made = [
        GridColumn(name, "text", at, at < still, Sensitivity.OPEN, width, still=at < still, mark=mark)
        for at, (name, width, mark) in enumerate(columns)
    ]
    return Painter(made, inks, ink, NOW, frozenset())


def lines(painter: Painter, row: Sequence[Any], x: int, width: int) -> tuple[str, str]:
    return painter.header(x, width).text, painter.row(row, x, width).text


WIDE = (("id", 4, ""), ("description", 14, " ▼"), ("email", 12, ""))
ROW = ("k1", "the first words of it", "ana@mail.example")


@pytest.mark.parametrize(
    ("x", "width", "header", "row"),
    [
        (0, 40, "id    description ▼   email", "k1    the first wor…  ana@mail.ex…"),
        (0, 30, "id    description ▼   email", "k1    the first wor…  ana@mai…"),
        (0, 14, "id    descr… ▼", "k1    the fir…"),
        (0, 8, "id    ▼", "k1    t…"),
        (6, 40, "id    …ption ▼  email", "k1    …st wor…  ana@mail.ex…"),
        (12, 40, "id    ▼   email", "k1    ……  ana@mail.ex…"),
        (20, 40, "id    …", "k1    …ail.ex…"),
    ],
)
def test_columns_cut_by_the_view_say_so_and_keep_their_arrow(x: int, width: int, header: str, row: str) -> None:
    drawn = lines(painter_of(*WIDE), ROW, x, width)
    assert [len(line) for line in drawn] == [width, width]
    assert [line.rstrip() for line in drawn] == [header, row]


def test_a_card_cuts_its_names_and_values_with_an_ellipsis_and_keeps_the_arrow() -> None:
    painter = painter_of(("a name that is long", 8, " ▲"), ("note", 8, ""))
    first, second = (painter.card(("x" * 40, "short"), line, 3, 30).text.rstrip() for line in (0, 1))
    assert first == "a name th… ▲  xxxxxxxxxxxxxxx…"
    assert second == "note          short"
