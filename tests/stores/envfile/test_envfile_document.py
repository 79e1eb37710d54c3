"""The env file as a document: what is parsed is given back, and what cannot be read is named by its line."""

from __future__ import annotations

import io

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.stores.envfile import Assignment, parse

PIECES = st.sampled_from(
    [
        "A", "B_2", "DATABASE_URL", "=", " = ", "=", "\n", "\r\n", "\r", "\n\n", "#", " # ", "'", '"', "`", "\\", "\\'",
        "export ", " ", "\t", "value", "x y", "${A}", "$B", "é", "\ufeff", "\u2028", "'q'",
        "postgresql://u:p@h/d?a=b#c",
        '"two\nlines"', "A=1\n", "C='x' # c\r\n", "\u00a0",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=80)

FULL = (
    "\ufeff# a comment\r\n\r\nexport A=1 # one\r\n  B = two words\r\nC='single \\' quote'\r\n"
    'D="first\r\nsecond" # tail\r\nEMPTY=\r\nBARE\r\nURL=postgresql://u:p%23@h/d?x=1#frag\r\nA=3'
)


def test_a_file_with_everything_in_it_is_given_back_byte_for_byte() -> None:
    assert parse(FULL).render() == FULL


def test_the_pieces_of_a_line_are_known() -> None:
    document = parse(FULL)
    first = next(document.assignments("A"))
    assert (first.export, first.raw, first.tail, first.end, first.line) == ("export ", "1", " # one", "\r\n", 3)
    assert [a.name for a in document.assignments()] == ["A", "B", "C", "D", "EMPTY", "BARE", "URL", "A"]
    last = document.last("A")
    assert last is not None
    assert (last.value, last.line) == ("3", 11)
    several = document.last("D")
    assert several is not None
    assert several.value == "first\r\nsecond"
    assert document.newline == "\r\n"


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_any_text_is_given_back(text: str) -> None:
    assert parse(text).render() == text


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_python_dotenv_sees_the_same_names_and_values(text: str) -> None:
    document = parse(text)
    seen = {a.name: a.value for a in document.assignments()}
    stream = io.StringIO(text, newline="")
    assert seen == dict(dotenv_values(stream=stream, interpolate=False))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_statement_commented_out_is_no_statement_any_more(text: str) -> None:
    document = parse(text)
    if document.problems:
        return
    for statement in document.statements:
        if isinstance(statement, Assignment):
            again = parse(statement.commented_out().render())
            assert not list(again.assignments())
            assert not again.problems


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('A=1\nB="never closed\nC=3\n', 2),
        ("A=1\r\n\r\nB='never closed\r\n", 3),
        ("A='x' y\n", 1),
        ("A=1\nplain words here\n", 2),
        ("=value\n", 1),
        ("A=1\nB=x\0y\n", 2),
        ("# ok\n\n\n'open=1\n", 4),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line_and_not_echoed(text: str, line: int) -> None:
    problems = parse(text).problems
    assert problems[0].line == line
    assert problems[0].reason
    assert "never closed" not in problems[0].reason


def test_no_value_shows_in_a_repr() -> None:
    assert "s3cret" not in repr(parse("A=s3cret # s3cret\n# s3cret\nB='s3cret'"))
