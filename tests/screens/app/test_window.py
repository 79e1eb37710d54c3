"""The window over a long table: what is at hand, where it stands, and how little is kept."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.screens.app.grid.window import Chunk, Window


def chunk(start: int, count: int) -> Chunk[int, int] | None:
    return Chunk(range(start, start + count), start, start + count - 1) if count else None


def test_the_first_page_stands_at_zero_and_the_estimate_gives_the_length() -> None:
    window: Window[int, int] = Window()
    window.estimate = 1_000
    window.start_with(chunk(0, 50), more=True)
    assert (window.base, window.end, window.total) == (0, 50, 1_000)
    assert window.row(49) == 49
    assert window.row(50) is None


def test_an_estimate_below_what_is_seen_still_leaves_room_for_more() -> None:
    window: Window[int, int] = Window()
    window.estimate = 3
    window.start_with(chunk(0, 50), more=True)
    assert window.total == 51


def test_an_empty_table_has_nothing_and_ends_at_once() -> None:
    window: Window[int, int] = Window()
    window.estimate = 500
    window.start_with(None, more=False)
    assert (len(window), window.total, window.at_start, window.at_end) == (0, 0, True, True)


def test_rows_far_behind_are_let_go_and_can_be_read_again() -> None:
    window: Window[int, int] = Window(most_rows=100)
    window.start_with(chunk(0, 50), more=True)
    for page in range(1, 40):
        window.append(chunk(page * 50, 50), more=True)
    assert len(window) == 100
    assert (window.base, window.first, window.at_start) == (1900, 1900, False)
    shift = window.prepend(chunk(1850, 50), more=True)
    assert shift == 0
    assert (window.base, window.row(1850), window.at_end) == (1850, 1850, False)


def test_from_the_end_the_index_is_an_estimate_until_the_start_is_reached() -> None:
    window: Window[int, int] = Window()
    window.estimate = 1_000
    window.end_with(chunk(70, 50), more=True)
    assert (window.base, window.total, window.base_is_exact) == (950, 1_000, False)
    shift = window.prepend(chunk(20, 50), more=True)
    assert shift == 0
    shift = window.prepend(chunk(0, 20), more=False)
    assert (window.base, shift, window.base_is_exact, window.total) == (0, -880, True, 120)
    assert window.row(0) == 0


def test_a_table_longer_than_its_estimate_never_gets_a_negative_index() -> None:
    window: Window[int, int] = Window()
    window.estimate = 60
    window.end_with(chunk(150, 50), more=True)
    assert window.base == 10
    shift = window.prepend(chunk(100, 50), more=True)
    assert (window.base, shift) == (1, 41)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 400), st.integers(0, 600), st.lists(st.sampled_from("<>[]"), max_size=40), st.integers(1, 60))
def test_any_walk_shows_the_tables_own_rows_in_order(length: int, estimate: int, walk: list[str], page: int) -> None:
    window: Window[int, int] = Window(most_rows=120)
    window.estimate = estimate

    def read(start: int, stop: int) -> Chunk[int, int] | None:
        start, stop = max(start, 0), min(stop, length)
        return chunk(start, max(stop - start, 0))

    window.start_with(read(0, page), more=length > page)
    for step in walk:
        if step == "[":
            window.start_with(read(0, page), more=length > page)
        elif step == "]":
            window.end_with(read(length - page, length), more=length > page)
        elif step == ">" and not window.at_end and window.last is not None:
            window.append(read(window.last + 1, window.last + 1 + page), more=window.last + 1 + page < length)
        elif step == "<" and not window.at_start and window.first is not None:
            window.prepend(read(window.first - page, window.first), more=window.first - page > 0)
        shown = [window.row(index) for index in range(window.base, window.end)]
        assert None not in shown
        assert shown == list(range(shown[0], shown[0] + len(shown))) if shown else length == 0  # type: ignore[arg-type]
        assert len(window) <= max(120, page)
        assert window.total >= window.end >= window.base >= 0
        if window.base_is_exact and shown:
            assert shown[0] == window.base
        if window.at_start and shown:
            assert shown[0] == 0
        if window.at_end and shown:
            assert shown[-1] == length - 1
