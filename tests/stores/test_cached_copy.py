"""A row against its cached copy, however the copy was written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from stores.cached_copy import Freshness, compare, same

AT = datetime(2026, 11, 19, 8, 12, 44, 120000, UTC)
ROW = {"id": "u1", "name": "Ana", "password": "hash", "bio": None, "createdAt": AT}


@pytest.mark.parametrize(
    ("value", "cached", "agree"),
    [
        (AT, "2026-11-19T08:12:44.120Z", True),
        (AT, "2026-11-19T09:12:44.12+01:00", True),
        (AT, AT.timestamp() * 1000, True),
        (AT, AT.timestamp(), True),
        (AT.replace(tzinfo=None), "2026-11-19T08:12:44.120Z", True),
        (AT, "2026-11-19T08:12:45Z", False),
        (AT, "yesterday", False),
        (AT, None, False),
        (5, 5.0, True),
        (Decimal("1.10"), 1.1, True),
        (Decimal("1.10"), "1.1", True),
        (5, True, False),
        (1, "one", False),
        (None, None, True),
        (None, "", False),
        (False, 0, False),
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["b", "a"], False),
        (["a"], "a", False),
        ('{"a": 1}', {"a": 1.0}, True),
        ("[1", [1], False),
        ("5", 5, False),
    ],
)
def test_values_are_compared_by_what_they_say(value: object, cached: object, agree: bool) -> None:
    assert same(value, cached) is agree


def test_an_envelope_and_bare_json_are_both_read() -> None:
    data = {"id": "u1", "name": "Ana", "createdAt": "2026-11-19T08:12:44.120Z"}
    assert compare("users", ROW, {"v": 1, "at": "…", "ttl": 300, "data": data}) == (Freshness.FRESH, (), ())
    assert compare("users", ROW, data) == (Freshness.FRESH, (), ())


def test_the_fields_that_differ_and_those_that_must_not_be_there_are_named() -> None:
    copy = {"id": "u1", "name": "Oto", "bio": "", "password": "another"}
    assert compare("users", ROW, copy) == (Freshness.STALE, ("name", "bio"), ("password",))


def test_a_row_is_found_in_a_list_and_a_participant_in_its_session() -> None:
    row = {"id": "p1", "name": "Run"}
    assert compare("playlists", row, [{"id": "p0", "name": "x"}, {"id": "p1", "name": "Gym"}])[1] == ("name",)
    assert compare("playlists", row, [{"id": "p0", "name": "x"}]) == (Freshness.CACHED, (), ())
    session = {"id": "s", "participants": [{"id": "m1", "isOnline": True}]}
    assert compare("session_participants", {"id": "m1", "isOnline": False}, session)[1] == ("isOnline",)


def test_a_value_that_is_no_row_is_only_said_to_be_there() -> None:
    for document in (["id1", "id2"], 5, "text", None, {}, {"other": 1}):
        assert compare("users", ROW, document) == (Freshness.CACHED, (), ())
