"""`--where` conditions as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.errors import UsageError
from soundcheck.stores.rows.filters import Operator, RowFilter, parse_filter

NAMES = ["id", "idle", "is null", "a b", "contains", 'we"ird', "größe", "a=b"]
COLUMNS = [Column(name, "text", "text", "text", nullable=True, fixed_width=False) for name in NAMES]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id = 5", RowFilter("id", Operator.EQUAL, "5")),
        ("id=5", RowFilter("id", Operator.EQUAL, "5")),
        ("id == 5", RowFilter("id", Operator.EQUAL, "5")),
        ("idle<>x", RowFilter("idle", Operator.NOT_EQUAL, "x")),
        ("id <= 5", RowFilter("id", Operator.LESS_OR_EQUAL, "5")),
        ("id>5", RowFilter("id", Operator.GREATER, "5")),
        ("id contains two words ", RowFilter("id", Operator.CONTAINS, "two words")),
        ("id CONTAINS x", RowFilter("id", Operator.CONTAINS, "x")),
        ("id is null", RowFilter("id", Operator.IS_NULL)),
        ("id IS  NOT null", RowFilter("id", Operator.IS_NOT_NULL)),
        ("is null is null", RowFilter("is null", Operator.IS_NULL)),
        ("contains contains contains", RowFilter("contains", Operator.CONTAINS, "contains")),
        ("a b = 1", RowFilter("a b", Operator.EQUAL, "1")),
        ('"we""ird" = 1', RowFilter('we"ird', Operator.EQUAL, "1")),
        ("a=b = 1", RowFilter("a=b", Operator.EQUAL, "1")),
        ("größe = ' x '", RowFilter("größe", Operator.EQUAL, " x ")),
        ('id = ""', RowFilter("id", Operator.EQUAL, "")),
        ("id = a = b", RowFilter("id", Operator.EQUAL, "a = b")),
    ],
)
def test_a_condition_is_read_as_it_is_meant(text: str, expected: RowFilter) -> None:
    assert parse_filter(text, COLUMNS) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope = 1", "no column 'nope'"),
        ('"not here" = 1', "no column 'not here'"),
        ("id", "no comparison after id"),
        ("id ~ 5", "no comparison after id"),
        ("id =", "No value follows ="),
        ("id is null 5", "Nothing can follow is null"),
        ("", "no column ''"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_filter(text, COLUMNS)
    assert said in caught.value.message
    assert caught.value.hint


@given(st.text())
def test_anything_typed_is_a_condition_or_a_usage_error(text: str) -> None:
    try:
        found = parse_filter(text, COLUMNS)
    except UsageError:
        return
    assert found.column in NAMES
