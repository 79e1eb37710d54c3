"""Server-sent events in any pieces: the messages of the channel, whatever else comes between."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.cache.levels import event_stream
from soundcheck.stores.cache.levels.event_stream import EventReader
from soundcheck.stores.cache.levels.reconnecting import LineLost

STREAM = (
    b"data: subscribe,c,1\n\n: keep-alive\n\ndata: message,c,a,b\n\ndata:message,c,two\ndata: lines\n\nevent: x\n\n"
)


def in_pieces(data: bytes, *cuts: int) -> list[str]:
    reader = EventReader("c")
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)]
    messages = [message for piece in pieces for message in reader.feed(piece)]
    assert reader.is_subscribed
    return messages


@given(st.lists(st.integers(min_value=0, max_value=500), max_size=12))
def test_pieces_make_no_difference(cuts: list[int]) -> None:
    assert in_pieces(STREAM, *cuts) == ["a,b", "two\nlines"]


@given(st.lists(st.integers(min_value=0, max_value=500), max_size=12))
def test_events_without_empty_lines_are_read_line_by_line(cuts: list[int]) -> None:
    assert in_pieces(b"data: subscribe,c,1\r\ndata: message,c,one\r\ndata: message,c,two\r\n", *cuts) == ["one", "two"]


def test_another_channel_and_other_words_are_no_message() -> None:
    assert in_pieces(b"data: subscribe,c,1\n\ndata: message,cc,x\n\ndata: pmessage,c,c,x\n\ndata: hello\n\n") == []


def test_what_is_no_utf_8_is_shown_as_such() -> None:
    assert in_pieces(b"data: subscribe,c,1\n\ndata: message,c,\xff\n\n") == ["\ufffd"]


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(data: bytes) -> None:
    EventReader("c").feed(data)


def test_an_endless_line_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "_MOST_LINE", 1000)
    reader = EventReader("c")
    reader.feed(b"x" * 900)
    with pytest.raises(LineLost, match="too long"):
        reader.feed(b"x" * 200)
