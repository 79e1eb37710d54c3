"""Amounts, ages and whole values as text: pure, and safe to print."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.screens.app.parts.ages import TimeForm, age, form_for, time_words
from soundcheck.screens.app.parts.curves import curve, spark
from soundcheck.screens.app.parts.thin_scroll_bar import ThinScrollBar, thumb_of
from soundcheck.screens.app.record.value_screen import broken
from soundcheck.screens.app.record.value_text import SHORT_CHARACTERS, SHORT_LINES, indented, short, whole
from soundcheck.stores import amounts
from soundcheck.stores.catalog.tables import Certainty, RowCount
from soundcheck.stores.rows.paging import Cut
from tests.screens.app.driving import NOW


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0 k"), (41_200, "41 k"), (999_999, "1.0 M"), (4_800_000, "4.8 M")],
)
def test_a_count_has_three_digits_at_most(number: int, text: str) -> None:
    assert amounts.count(number) == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (RowCount(12, Certainty.EXACT), "12"),
        (RowCount(1_200_000, Certainty.ESTIMATE), "~1.2 M"),
        (RowCount(10_000, Certainty.AT_LEAST), "10 k+"),
        (RowCount(0, Certainty.UNKNOWN), "?"),
    ],
)
def test_a_number_of_rows_says_how_it_is_known(rows: RowCount, text: str) -> None:
    assert amounts.row_count(rows) == text


def test_times_and_sizes_carry_their_units() -> None:
    assert [amounts.milliseconds(value) for value in (0.42, 9.1, 1234)] == ["0.4 ms", "9 ms", "1.2 s"]
    assert [amounts.size(value) for value in (512, 12_300_000)] == ["512 B", "12 MB"]
    assert [amounts.span(value) for value in (42, 192, 3723)] == ["0:42", "3:12", "1:02:03"]


def test_a_curve_stands_on_zero_and_its_newest_value_on_the_right() -> None:
    assert curve([0, 10], 4, 2) == "   ▆\n  ▁█"
    assert curve([], 3, 2) == "   \n   "
    assert spark([0, 5, 10], 2) == "▄▇"


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(days=3, hours=5), "3 d ago"),
        (timedelta(days=800), "2 y ago"),
        (timedelta(hours=-2), "in 2 h"),
    ],
)
def test_a_time_is_shown_as_its_age(ago: timedelta, text: str) -> None:
    assert age(NOW - ago, NOW) == text
    assert age((NOW - ago).replace(tzinfo=None), NOW) == text, "a time without a zone is UTC"


def moments(*ago: timedelta) -> list[datetime]:
    return [NOW - one for one in ago]


@pytest.mark.parametrize(
    ("times", "form", "first"),
    [
        (moments(timedelta(days=400)), TimeForm.AGE, "1 y ago"),
        (moments(timedelta(days=400), timedelta(days=400)), TimeForm.AGE, "1 y ago"),
        (moments(timedelta(days=400), timedelta(days=900)), TimeForm.AGE, "1 y ago"),
        (moments(*(timedelta(days=400 + day) for day in range(50))), TimeForm.DATE, "2025-10-18"),
        (moments(*(timedelta(days=400, hours=hour) for hour in range(50))), TimeForm.MINUTE, "2025-10-18 12:00"),
        (
            moments(*(timedelta(days=400, seconds=second) for second in range(9))),
            TimeForm.SECOND,
            "2025-10-18 12:00:00",
        ),
        (moments(*map(timedelta, (0, 0), (0, 0), (7000, 9000))), TimeForm.EXACT, "2026-11-22 11:59:59.993+00"),
        (moments(*(timedelta(hours=hour) for hour in range(24, 48))), TimeForm.MINUTE, "2026-11-21 12:00"),
        (moments(*(timedelta(hours=hour) for hour in range(1, 30))), TimeForm.AGE, "1 h ago"),
        ([datetime(2020, 1, day) for day in (1, 2)], TimeForm.DATE, "2020-01-01"),
        ([], TimeForm.AGE, ""),
    ],
)
def test_times_whose_ages_read_alike_are_shown_so_that_they_differ(
    times: list[datetime], form: TimeForm, first: str
) -> None:
    assert form_for(times, NOW) is form
    shown = [time_words(one, form, NOW) for one in times]
    assert shown[:1] == [first][: len(times)]
    if form is not TimeForm.AGE:
        assert len(set(shown)) == len(set(times))


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
        max_leaves=12,
    )
)
def test_indented_json_is_the_same_json(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, separators=(",", ":"))):
        assert json.loads(indented(text)) == value


def test_indenting_changes_no_number() -> None:
    assert indented('{"n":1.500000000000000000001}') == '{\n  "n": 1.500000000000000000001\n}'


@settings(max_examples=150, deadline=None)
@given(st.text() | st.binary() | st.integers() | st.none())
def test_no_value_ever_sends_a_control_character(value: object) -> None:
    for text in (whole(value, "text", NOW), short(value, "text", NOW)):
        assert all(ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0 for line in text.lines for c in line)
        assert not any(
            c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for line in text.lines for c in line
        )


def test_a_long_value_is_shortened_and_says_so() -> None:
    text = short("x" * 1_000_000, "text", NOW)
    assert sum(map(len, text.lines)) <= SHORT_CHARACTERS
    assert "1,000,000 characters" in text.more
    assert len(short("\n".join(map(str, range(500))), "text", NOW).lines) <= SHORT_LINES
    assert short("short", "text", NOW).more == ""


def test_what_the_server_cut_is_told_with_its_size() -> None:
    assert "2,000,000 bytes" in whole(Cut("head", 2_000_000), "text", NOW).more


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab李👩é", max_size=60), st.integers(4, 20))
def test_a_broken_line_loses_nothing_and_fits(line: str, width: int) -> None:
    from rich.cells import cell_len

    pieces = broken(line, width)
    assert "".join(pieces) == line
    assert all(cell_len(piece) <= width for piece in pieces)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 60), st.integers(0, 10**9), st.integers(0, 60), st.floats(0, 1))
def test_the_thumb_stays_inside_its_bar_and_is_always_seen(size: int, virtual: int, window: int, share: float) -> None:
    before, thumb = thumb_of(size, virtual, window, share * max(virtual - window, 0))
    assert before >= 0
    assert before + thumb <= size
    assert thumb >= 1 or not (size and window and virtual > window)


def test_a_bar_two_columns_wide_keeps_a_blank_one_beside_the_text() -> None:
    cells = ThinScrollBar.render_bar(size=4, virtual_size=8, window_size=4, position=0, thickness=2).segments
    assert [cell.text for cell in cells] == [" ┃", " ┃", "  ", "  "]
