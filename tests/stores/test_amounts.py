"""Numbers as people read them."""

from __future__ import annotations

import pytest

from soundcheck.stores import amounts


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (14_759, ("row",), "14,759 rows"),
        (1, ("box", "boxes"), "1 box"),
        (2, ("box", "boxes"), "2 boxes"),
    ],
)
def test_a_number_agrees_with_what_it_counts(number: int, words: tuple[str, ...], text: str) -> None:
    assert amounts.number_of(number, *words) == text


def test_sizes_are_short() -> None:
    assert [amounts.size(n) for n in (0, 999, 1000, 9_960, 1_234_567, 999_600, 10**12)] == [
        "0 B", "999 B", "1.0 kB", "10 kB", "1.2 MB", "1.0 MB", "1.0 TB",
    ]  # fmt: skip
