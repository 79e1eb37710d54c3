"""Our lines out of a file that has changed since."""

from __future__ import annotations

import pytest

from soundcheck.stores.project.written_lines import hunks_between, swapped_lines, take_out

BEFORE = b"# mine\r\nPORT=3000\r\nDATABASE_URL=old\r\n"
AFTER = b'# mine\r\nPORT=3000\r\nDATABASE_URL="new"\r\n\r\n# Soundcheck: x\r\nTOKEN="t"\r\nURL="u"\r\n'


def out(current: bytes, before: bytes = BEFORE, after: bytes = AFTER, **more: bool) -> tuple[bytes, tuple[str, ...]]:
    taken = take_out(current, before, hunks_between(before, after), **more)
    return taken.content, taken.edited


def test_what_is_as_it_was_written_comes_out_to_the_byte() -> None:
    assert out(AFTER) == (BEFORE, ())


def test_lines_that_somebody_added_stay_wherever_they_stand() -> None:
    current = b"FIRST=1\r\n" + AFTER.replace(b'TOKEN="t"', b'TOKEN="t"\r\nBETWEEN=2') + b"LAST=3\r\n"
    assert out(current) == (b"FIRST=1\r\n" + BEFORE + b"BETWEEN=2\r\nLAST=3\r\n", ())


def test_a_line_that_was_edited_stays_and_is_named() -> None:
    content, edited = out(AFTER.replace(b'"t"', b'"mine"').replace(b'"new"', b'"newer"'))
    assert edited == ("DATABASE_URL", "TOKEN")
    assert content == b'# mine\r\nPORT=3000\r\nDATABASE_URL="newer"\r\nTOKEN="mine"\r\n'


def test_an_edited_line_goes_where_that_is_asked_for() -> None:
    current = AFTER.replace(b'"t"', b'"mine"').replace(b'"new"', b'"newer"')
    assert out(current, edited_too=True) == (BEFORE, ())


def test_a_line_that_is_gone_already_is_no_edit() -> None:
    assert out(AFTER.replace(b'TOKEN="t"\r\n', b"")) == (BEFORE, ())


def test_a_blank_line_of_somebody_s_own_stays() -> None:
    current = AFTER.replace(b"PORT=3000\r\n", b"\r\nPORT=3000\r\n") + b"\r\nX=1\r\n"
    assert out(current)[0] == BEFORE.replace(b"PORT", b"\r\nPORT") + b"\r\nX=1\r\n"


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_a_file_that_was_converted_since_still_has_its_lines(ending: bytes) -> None:
    content, edited = out(AFTER.replace(b"\r\n", ending))
    assert edited == ()
    assert content.split() == BEFORE.split()
    assert b"Soundcheck" not in content


def test_a_line_without_an_end_before() -> None:
    before, after = b"node_modules\n*.log", b"node_modules\n*.log\n.env\n"
    assert out(after + b"dist\n", before, after) == (b"node_modules\n*.log\ndist\n", ())


def test_a_credential_that_was_replaced_twice_is_still_our_line() -> None:
    second, third = AFTER.replace(b'"t"', b'"two"'), AFTER.replace(b'"t"', b'"three"')
    swapped = swapped_lines(AFTER, second) | swapped_lines(second, third)
    taken = take_out(third, BEFORE, hunks_between(BEFORE, AFTER), swapped=swapped)
    assert (taken.content, taken.edited) == (BEFORE, ())


def test_noted_lines_hold_no_value() -> None:
    assert "new" not in repr(hunks_between(BEFORE, AFTER))
    assert "DATABASE_URL" in repr(hunks_between(BEFORE, AFTER))
