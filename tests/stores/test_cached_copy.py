"""A value of the cache against the rows that it was made of, however it was written."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from soundcheck.stores.copies.cached_copy import both_sides
from soundcheck.stores.copies.cached_value import exposed_fields, opened, read_value
from soundcheck.stores.copies.copy_verdict import (
    CopyVerdict,
    Freshness,
    judge_list,
    judge_part,
    judge_row,
    judge_session,
)
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.same_value import same

AT = datetime(2026, 11, 19, 8, 12, 44, 120000, UTC)
ROW = {"id": "u1", "name": "Ana", "password": "hash", "bio": None, "createdAt": AT}


@pytest.mark.parametrize(
    ("value", "cached", "agree"),
    [
        (AT, "2026-11-19T08:12:44.120Z", True),
        (AT, "2026-11-19T09:12:44.12+01:00", True),
        (AT, AT.timestamp() * 1000, True),
        (AT, AT.timestamp(), True),
        (AT, "2026-11-19T08:12:44.120", True),
        (AT, "2026-11-19 08:12:44.12+00", True),
        (AT.replace(tzinfo=None), "2026-11-19T08:12:44.120Z", True),
        (AT, "2026-11-19T08:12:45Z", False),
        (AT, "yesterday", False),
        (AT, None, False),
        (date(2026, 1, 2), "2026-01-02", True),
        (date(2026, 1, 2), "2026-01-02T00:00:00.000Z", True),
        (date(2026, 1, 2), "2026-01-03", False),
        (5, 5.0, True),
        (5, "5", True),
        (Decimal("1.10"), 1.1, True),
        (Decimal("1.10"), "1.1", True),
        (9007199254740993, "9007199254740993", True),
        (5, True, False),
        (1, "one", False),
        (None, None, True),
        (None, "", False),
        (False, 0, False),
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["b", "a"], False),
        (["a"], "a", False),
        ('{"a": 1, "b": [2]}', {"b": [2], "a": 1.0}, True),
        ("[1", [1], False),
        ('{a,"b c",NULL}', ["a", "b c", None], True),
        ("{a,b}", ["b", "a"], False),
        ("5", 5, False),
        (b"\xff\x00", "/wA=", True),
        (b"\xff\x00", "\\xff00", True),
        (b"\xff\x00", "text", False),
        (Cut("xx", 4), "xxyy", True),
        (Cut("xx", 4), "xxy", False),
        (Cut("xx", 4), "yyxx", False),
    ],
)
def test_values_are_compared_by_what_they_say(value: object, cached: object, agree: bool) -> None:
    assert same(value, cached) is agree


def judged(row: dict[str, Any] | None, document: Any) -> CopyVerdict:
    return judge_row("users", row, opened(document))


def test_an_envelope_and_bare_json_are_both_read() -> None:
    data = {"id": "u1", "name": "Ana", "createdAt": "2026-11-19T08:12:44.120Z", "bio": None}
    assert judged(ROW, {"v": 1, "at": "…", "ttl": 300, "data": data}) == CopyVerdict(Freshness.FRESH)
    assert judged(ROW, data) == CopyVerdict(Freshness.FRESH)
    value = read_value(json.dumps({"v": 1, "at": "2026-11-19T08:12:44.120Z", "ttl": 300, "data": data}))
    assert value is not None
    assert (value.written, value.ttl) == (AT, 300)


def test_names_of_python_and_of_prisma_are_the_same_field() -> None:
    snake = {"id": "u1", "name": "Ana", "created_at": "2026-11-19T08:12:44.120Z", "refresh_token": "t"}
    verdict = judged(ROW, snake)
    assert (verdict.freshness, verdict.exposed) == (Freshness.FRESH, ("refreshToken",))
    camel = judge_row("t", {"created_at": AT}, opened({"createdAt": "2020-01-01"}))
    assert [one.name for one in camel.differences] == ["created_at"]


def test_the_fields_that_differ_and_those_that_must_not_be_there_are_named() -> None:
    verdict = judged(ROW, {"id": "u1", "name": "Oto", "bio": "", "password": "another"})
    assert verdict.freshness is Freshness.STALE
    assert [(one.name, one.row, one.cache) for one in verdict.differences] == [
        ("name", "Ana", "Oto"),
        ("bio", None, ""),
    ]
    assert verdict.exposed == ("password",)


def test_what_must_not_be_cached_is_found_at_any_depth() -> None:
    assert exposed_fields({"participants": [{"user": {"otp": "1", "otpExpiry": None}}]}) == ("otp",)
    assert exposed_fields([[{"PASSWORD": "x"}]]) == ("password",)


def test_an_older_shape_is_told_of_our_own_envelope_only() -> None:
    assert judged(ROW, {"id": "u1"}).notes == ()
    assert judged(ROW, {"v": 1, "data": {"id": "u1"}}).notes == ("Older shape: without name, bio, createdAt.",)
    assert "version 7" in judged(ROW, {"v": 7, "data": {"id": "u1"}}).notes[0]


def test_a_copy_without_a_row_is_an_orphan_and_a_cached_nothing_is_not() -> None:
    assert judged(None, {"id": "u1"}).freshness is Freshness.ORPHAN
    assert judged(None, {"v": 1, "data": None}).freshness is Freshness.FRESH
    assert judged(ROW, {"v": 1, "data": None}).freshness is Freshness.STALE


LISTS = [{"id": f"p{n}", "name": f"list {n}"} for n in range(3)]


@pytest.mark.parametrize(
    ("items", "freshness", "differing"),
    [
        (LISTS, Freshness.FRESH, []),
        (LISTS[:2], Freshness.FRESH, []),
        (["p0", "p1", "p2"], Freshness.FRESH, []),
        (LISTS[1:], Freshness.STALE, ["p0"]),
        ([LISTS[0], {"id": "p1", "name": "Gym"}, LISTS[2]], Freshness.STALE, ["p1.name"]),
        ([*LISTS, {"id": "p9"}], Freshness.STALE, ["p9"]),
        (LISTS[::-1], Freshness.STALE, []),
        ([], Freshness.STALE, ["p0", "p1", "p2"]),
        ({"total": 3}, Freshness.CACHED, []),
        ([{"title": "no id"}], Freshness.CACHED, []),
    ],
)
def test_a_list_is_held_against_the_newest_rows(items: Any, freshness: Freshness, differing: list[str]) -> None:
    verdict = judge_list("playlists", LISTS, ("id",), opened(items))
    assert verdict.freshness is freshness
    assert [one.name for one in verdict.differences] == differing


def test_a_session_is_held_against_its_participants_in_any_order() -> None:
    row = {"id": "s", "name": "Party"}
    people = [{"id": "m1", "userId": "u1", "isOnline": True}, {"id": "m2", "userId": "u2", "isOnline": False}]
    same_people = opened({"id": "s", "name": "Party", "participants": [people[1], people[0]]})
    assert judge_session(row, people, same_people).freshness is Freshness.FRESH
    left = opened({"id": "s", "participants": [{"userId": "u1", "isOnline": False}]})
    assert [one.name for one in judge_session(row, people, left).differences] == ["u2", "u1.isOnline"]
    assert judge_session(None, None, same_people).freshness is Freshness.ORPHAN


def test_without_a_database_a_row_is_found_in_a_list_and_a_participant_in_its_session() -> None:
    row = {"id": "p1", "name": "Run"}
    other = [{"id": "p0", "name": "x"}, {"id": "p1", "name": "Gym"}]
    assert [one.name for one in judge_part("playlists", row, opened(other)).differences] == ["name"]
    assert judge_part("playlists", row, opened(other[:1])).freshness is Freshness.CACHED
    session = opened({"id": "s", "participants": [{"id": "m1", "isOnline": True}]})
    person = judge_part("session_participants", {"id": "m1", "isOnline": False}, session)
    assert [one.name for one in person.differences] == ["isOnline"]


def test_a_value_that_is_no_row_is_only_said_to_be_there() -> None:
    for document in (["id1", "id2"], 5, "text", {}, {"other": 1}):
        assert judged(ROW, document) == CopyVerdict(Freshness.CACHED)
    assert read_value("{half") is None
    assert read_value("[" * 100_000) is None


def test_both_sides_of_a_difference_are_masked_as_the_field_is() -> None:
    (one,) = judge_row("users", {"email": "ana@mail.example"}, opened({"email": "oto@mail.example"})).differences
    assert both_sides(one, "users") == ("a•••@mail…", "o•••@mail…")
    assert both_sides(one, "users", frozenset({"email"})) == ("ana@mail.example", "oto@mail.example")


def test_what_a_hostile_copy_holds_is_shown_bounded_and_is_json_again() -> None:
    deep: list[Any] = []
    for _ in range(900):
        deep = [deep]
    copy = {"name": deep, "bio": {"password": "hunter2", "n": float("nan")}}
    name, bio = judge_row("users", {"name": "Ana", "bio": "x"}, opened(copy)).differences
    shown = json.dumps(both_sides(name, "users")[1], allow_nan=False)
    assert len(shown) < 200
    assert both_sides(bio, "users")[1] == {"password": "•••••", "n": "nan"}
    assert both_sides(bio, "users", None)[1] == {"password": "hunter2", "n": "nan"}
