"""`--where` conditions as people type them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.errors import UsageError
from soundcheck.stores.rows.filters import NEEDS_NO_VALUE, TAKES_A_LIST, TAKES_A_PAIR, Operator, RowFilter, parse_filter

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
        ("ID=5", RowFilter("id", Operator.EQUAL, "5")),
        ("id<-5", RowFilter("id", Operator.LESS, "-5")),
        ("id = 'it''s'", RowFilter("id", Operator.EQUAL, "it's")),
        ("id = it's", RowFilter("id", Operator.EQUAL, "it's")),
        ('id = "it\'s ""here"""', RowFilter("id", Operator.EQUAL, 'it\'s "here"')),
        ("id = 'both \" and '''", RowFilter("id", Operator.EQUAL, "both \" and '")),
        (r"id = E'it\'s\t\u00e9\x41\101\\'", RowFilter("id", Operator.EQUAL, "it's\t\u00e9AA\\")),
        (r"id = '\n'", RowFilter("id", Operator.EQUAL, r"\n")),
        (r"id = U&'d\0061t\+000061'", RowFilter("id", Operator.EQUAL, "data")),
        ("id = $$it's$$", RowFilter("id", Operator.EQUAL, "it's")),
        ("id = $a$ $$ $a$", RowFilter("id", Operator.EQUAL, " $$ ")),
        ("id = $5.00", RowFilter("id", Operator.EQUAL, "$5.00")),
        ("id = 'one'\n  'two'", RowFilter("id", Operator.EQUAL, "onetwo")),
        ("id = 'NULL'", RowFilter("id", Operator.EQUAL, "NULL")),
        ('id = {a,"b c"}', RowFilter("id", Operator.EQUAL, '{a,"b c"}')),
        ('id contains {"a": "it\'s"}', RowFilter("id", Operator.CONTAINS, '{"a": "it\'s"}')),
        ("""id in ('a, b', "c'd", 'e"f''g', h)""", RowFilter("id", Operator.IN, values=("a, b", "c'd", "e\"f'g", "h"))),
        ("id in a,b", RowFilter("id", Operator.IN, values=("a", "b"))),
        ("id in (a)", RowFilter("id", Operator.IN, values=("a",))),
        ("id in('(a)',  ')')", RowFilter("id", Operator.IN, values=("(a)", ")"))),
        ("id in ((1,2), (3,4))", RowFilter("id", Operator.IN, values=("(1,2)", "(3,4)"))),
        ("id in (1,2),(3,4)", RowFilter("id", Operator.IN, values=("(1,2)", "(3,4)"))),
        ("id in {1,2}, [1,5), {}", RowFilter("id", Operator.IN, values=("{1,2}", "[1,5)", "{}"))),
        ("id in -1, -2", RowFilter("id", Operator.IN, values=("-1", "-2"))),
        ("id NOT IN ('x')", RowFilter("id", Operator.NOT_IN, values=("x",))),
        ("id in ()", RowFilter("id", Operator.IN)),
        ("id between 'a and b' and c", RowFilter("id", Operator.BETWEEN, values=("a and b", "c"))),
        ("id between'a'and'b'", RowFilter("id", Operator.BETWEEN, values=("a", "b"))),
        ("id between -5 and -1", RowFilter("id", Operator.BETWEEN, values=("-5", "-1"))),
        ("id not between a and 'b and c'", RowFilter("id", Operator.NOT_BETWEEN, values=("a", "b and c"))),
        ("id like 'a_%'", RowFilter("id", Operator.LIKE, "a_%")),
        (r"id not ilike '10\%'", RowFilter("id", Operator.NOT_ILIKE, r"10\%")),
        ("id like '10!%!!' escape '!'", RowFilter("id", Operator.LIKE, r"10\%\!")),
        (r"id like 'a\b%' ESCAPE ''", RowFilter("id", Operator.LIKE, r"a\\b%")),
        ("id is distinct from 5", RowFilter("id", Operator.NOT_EQUAL, "5")),
        ("id is not distinct from NULL", RowFilter("id", Operator.IS_NULL)),
        ("id notnull", RowFilter("id", Operator.IS_NOT_NULL)),
        ('"a b"is null', RowFilter("a b", Operator.IS_NULL)),
        ('"id"in(1)', RowFilter("id", Operator.IN, values=("1",))),
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
        ("id = NULL", "NULL finds nothing"),
        ("id in (1, null)", "NULL finds nothing"),
        ("id between 1 and null", "NULL finds nothing"),
        ("id = 'it's'", "do not end where the value ends"),
        ("id = 'open", "do not end where the value ends"),
        ("id = 'a' or 1=1", "do not end where the value ends"),
        ("id = E'it's'", "do not end where the value ends"),
        ("id in ('a' 'b')", "do not end where the value ends"),
        ("id in (a,)", "cannot be read"),
        ("id in (,a)", "cannot be read"),
        ("id in {1,2", "cannot be read"),
        ("id between 1", "takes two values"),
        ("id between a and b and c", "takes two values"),
        (r"id = E'\xff'", "stands for no character"),
        (r"id = E'\ud800'", "stands for no character"),
        (r"id = E'\0'", "stands for no character"),
        ("id like 'a' escape 'xy'", "ESCAPE takes one character"),
        ("", "no column ''"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_filter(text, COLUMNS)
    assert said in caught.value.message
    assert caught.value.hint


WITH_ONE = [one for one in Operator if one not in NEEDS_NO_VALUE | TAKES_A_LIST | TAKES_A_PAIR]
WORDS = (
    st.text()
    | st.text(alphabet="'\"\\,(){}[]$eE&aN \n\t%_!-", max_size=8)
    | st.sampled_from(
        ["NULL", "null", " and ", "a and b", "escape", "is null", "E'x'", "$$", "$a$x$a$", "U&'x'", "", " "]
    )
)
NAMED = st.sampled_from(NAMES)
FILTERS = st.one_of(
    st.builds(RowFilter, NAMED, st.sampled_from(sorted(NEEDS_NO_VALUE))),
    st.builds(RowFilter, NAMED, st.sampled_from(WITH_ONE), WORDS),
    st.builds(RowFilter, NAMED, st.sampled_from(sorted(TAKES_A_LIST)), st.just(""), st.lists(WORDS).map(tuple)),
    st.builds(RowFilter, NAMED, st.sampled_from(sorted(TAKES_A_PAIR)), st.just(""), st.tuples(WORDS, WORDS)),
)


@given(FILTERS)
def test_what_is_written_is_read_as_the_same_condition(row_filter: RowFilter) -> None:
    assume(not any("\x00" in value for value in (row_filter.value, *row_filter.values)))  # PostgreSQL has no such text
    assert parse_filter(str(row_filter), COLUMNS) == row_filter


@given(st.text())
def test_anything_typed_is_a_condition_or_a_usage_error(text: str) -> None:
    try:
        found = parse_filter(text, COLUMNS)
    except UsageError:
        return
    assert found.column in NAMES
