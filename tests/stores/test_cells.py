"""Values as one line that a terminal can show."""

from __future__ import annotations

import sys
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.cells import CellKind, cell_text, display_width, fit

JOINERS = {"\u200c", "\u200d"}  # parts of emoji and of Indic and Persian words

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(st.characters())
    | st.binary(max_size=40)
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.uuids()
    | st.builds(Cut, st.text(max_size=40) | st.binary(max_size=40), st.integers(0, 10**13)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["", "text", "json", "jsonb", "text[]", "int4", "numeric", "timestamptz", "bytea", "hstore"])


@given(value=VALUES, type_name=TYPES, width=st.none() | st.integers(-1, 30))
def test_no_value_of_any_type_raises_moves_the_cursor_or_is_too_wide(
    value: object, type_name: str, width: int | None
) -> None:
    cell = cell_text(value, type_name, width=width)
    assert not {c for c in cell.text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - JOINERS - PREPENDED
    cell.text.encode()
    if width is not None:
        assert display_width(cell.text) <= max(0, width)


PREPENDED = {chr(c) for c in (*range(0x600, 0x606), 0x6DD, 0x890, 0x891, 0x8E2)}
"""Signs of Arabic numbers: format characters by their category, but they have a shape."""


def test_every_character_that_controls_or_hides_is_shown_instead() -> None:
    hidden = {
        chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    }
    sent = {c for c in hidden if visible(c) == c}
    assert sent == JOINERS | (PREPENDED & hidden)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "␛[31mred␇"),
        ("a\r\nb\nc\td", "a␍⏎b⏎c⇥d"),
        ("\x9b2J\x7f", "\\x9b2J␡"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("👩\u200d🎤 李小龍 é", "👩\u200d🎤 李小龍 é"),
    ],
)
def test_what_would_act_is_shown_and_what_is_text_stays(text: str, shown: str) -> None:
    assert cell_text(text).text == shown


def test_null_the_empty_text_blanks_and_the_word_null_never_look_alike() -> None:
    cells = [cell_text(value, "text") for value in (None, "", "NULL", '""', " ", "\u00a0")]
    assert len({(cell.text, cell.kind) for cell in cells[:5]}) == 5
    assert [cell.kind for cell in cells] == [
        CellKind.NULL, CellKind.EMPTY, CellKind.TEXT, CellKind.TEXT, CellKind.BLANK, CellKind.BLANK,
    ]  # fmt: skip


HALF_PAST = datetime(2026, 1, 9, 8, tzinfo=timezone(timedelta(hours=5.5)))


@pytest.mark.parametrize(
    ("value", "type_name", "text", "kind"),
    [
        (Decimal("1E-10"), "numeric", "0.0000000001", CellKind.NUMBER),
        (Decimal("12345678901234567890.10"), "numeric", "12345678901234567890.10", CellKind.NUMBER),
        (Decimal("NaN"), "numeric", "NaN", CellKind.NUMBER),
        (0.1, "float8", "0.1", CellKind.NUMBER),
        (float("-inf"), "float8", "-Infinity", CellKind.NUMBER),
        (True, "bool", "true", CellKind.BOOLEAN),
        (datetime(2026, 11, 19, 8, 12, 44, 120000, UTC), "timestamptz", "2026-11-19 08:12:44.12+00", CellKind.TIME),
        (HALF_PAST, "", "2026-01-09 08:00:00+05:30", CellKind.TIME),
        (datetime(2026, 11, 19, 8, 12, 40), "timestamp", "2026-11-19 08:12:40", CellKind.TIME),
        (date(2020, 10, 10), "date", "2020-10-10", CellKind.TIME),
        (time(10, 0, 0, 500), "time", "10:00:00.0005", CellKind.TIME),
        ("infinity", "timestamptz", "infinity", CellKind.TIME),
        ('{"a" : [1.10,\n  "x  y\\" "]}', "json", '{"a":[1.10,"x  y\\" "]}', CellKind.JSON),
        ('{"cut off in a "stri', "jsonb", '{"cut off in a "stri', CellKind.JSON),
        (["a b", None, "NULL", 'q"', ["x"]], "text[]", '{"a b",NULL,"NULL","q\\"",{x}}', CellKind.ARRAY),
        ("{a,b}", "text[]", "{a,b}", CellKind.ARRAY),
        (b"\x00\xff", "bytea", "2 B  \\x00ff", CellKind.BYTES),
        ("[1,5)", "int4range", "[1,5)", CellKind.OTHER),
    ],
)  # fmt: skip
def test_values_read_as_postgresql_writes_them(value: object, type_name: str, text: str, kind: CellKind) -> None:
    cell = cell_text(value, type_name)
    assert (cell.text, cell.kind, cell.cut) == (text, kind, False)


def test_a_cut_value_says_so_and_how_large_it_is() -> None:
    assert cell_text(Cut("abc", 10**6), "text") == cell_text(Cut("abc", 10**6), "text", width=4)
    assert cell_text(Cut("abc", 10**6), "text").text == "abc…"
    assert cell_text(Cut(b"abc", 1_234_567), "bytea").text == "1.2 MB  \\x616263…"
    assert cell_text(Cut("abc", 10**6)).cut


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("李小龍", 6, "李小龍"), ("李小龍", 5, "李小…"), ("李小龍", 4, "李…"),
        ("abc", 1, "…"), ("abc", 0, ""), ("é" * 3, 3, "é" * 3), ("e\u0301e\u0301", 2, "e\u0301e\u0301"),
    ],
)  # fmt: skip
def test_text_is_cut_by_the_columns_it_takes(text: str, width: int, fitted: str) -> None:
    assert fit(text, width) == fitted
