"""The key table says which keys hold a row, and which are stale after a change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from soundcheck.stores.keys import (
    KEY_PLAN,
    LOOKUPS,
    NEVER_CACHED,
    cacheable,
    columns_for_keys,
    keys_for_change,
    keys_for_row,
)

SCHEMA = (Path(__file__).parents[2] / "schema.prisma").read_text("utf-8")


def columns_of(table: str) -> set[str]:
    """The column names of a table, out of the Prisma schema."""
    model = next(m for m in re.findall(r"^model \w+ \{.*?^\}", SCHEMA, re.M | re.S) if f'@@map("{table}")' in m)
    return set(re.findall(r"^\s+(\w+)\s+(?:String|Int|Float|Boolean|DateTime|Json|\w+)[\[\]?]*", model, re.M))


@pytest.mark.parametrize(
    ("table", "row", "keys"),
    [
        ("users", {"id": "u1", "email": "a@b.c"}, ("user:u1",)),
        ("user_settings", {"id": "s1", "userId": "u1"}, ("user:u1:settings",)),
        ("libraries", {"id": "l1", "userId": "u1"}, ("user:u1:library",)),
        ("playlists", {"id": "p1", "userId": "u1"}, ("user:u1:playlists", "playlist:p1")),
        ("recently_played", {"id": "r1", "userId": "u1"}, ("user:u1:recent",)),
        ("recent_searches", {"id": "q1", "userId": "u1", "query": "été {1}"}, ("search:été {1}",)),
        ("sessions", {"id": "x1", "sessionCode": "JAM42", "hostId": "u1"}, ("session:JAM42",)),
        ("session_participants", {"id": "y1", "sessionId": "x1", "sessionCode": "JAM42"}, ("session:JAM42",)),
        ("chat_messages", {"id": "m1", "userId": "u1", "sessionId": "x1"}, ()),
        ("recommendations", {"id": "c1", "songId": "s"}, ()),
        ("lyrics", {"id": "y1", "songId": "s"}, ()),
        ("some_other_table", {"id": "1"}, ()),
    ],
)
def test_a_row_of_each_table_has_its_keys(table: str, row: dict[str, str], keys: tuple[str, ...]) -> None:
    assert keys_for_row(table, row) == keys


def test_a_row_without_the_column_has_no_key_and_the_column_is_named() -> None:
    assert keys_for_row("session_participants", {"id": "y1", "sessionId": "x1"}) == ()
    assert columns_for_keys("session_participants") == ("sessionCode",)
    assert LOOKUPS["session_participants"].wanted in columns_for_keys("session_participants")
    assert keys_for_row("users", {"id": None}) == ()


def test_a_playlist_that_changes_hands_is_stale_under_both_users() -> None:
    changed = keys_for_change("playlists", {"id": "p1", "userId": "u1"}, {"id": "p1", "userId": "u2"})
    assert changed == ("user:u1:playlists", "playlist:p1", "user:u2:playlists")


def test_an_insert_drops_the_list_it_belongs_to() -> None:
    assert "user:u1:recent" in keys_for_change("recently_played", None, {"id": "r1", "userId": "u1"})


def test_a_deleted_user_takes_all_its_keys_along() -> None:
    gone = keys_for_change("users", {"id": "u1"}, None)
    assert set(gone) == {
        "user:u1", "user:u1:settings", "user:u1:library", "user:u1:playlists", "user:u1:recent",
    }  # fmt: skip


def test_a_changed_user_keeps_what_did_not_change() -> None:
    assert keys_for_change("users", {"id": "u1", "name": "A"}, {"id": "u1", "name": "B"}) == ("user:u1",)


def test_secrets_never_stand_in_a_cached_value() -> None:
    row = {"id": "u1", "name": "Ada", "password": "h", "refreshToken": "t", "otp": "1", "otpExpiry": "now"}
    assert cacheable("users", row) == {"id": "u1", "name": "Ada"}
    assert cacheable("playlists", {"id": "p", "password": "not a secret here"}) == {
        "id": "p",
        "password": "not a secret here",
    }


def test_every_column_that_the_key_table_names_exists_in_the_schema() -> None:
    for rule in KEY_PLAN:
        for source in rule.sources:
            lookup = LOOKUPS.get(source.table)
            table = lookup.table if lookup is not None else source.table
            assert source.column in columns_of(table), (rule.pattern, source)
    for lookup_table, lookup in LOOKUPS.items():
        assert lookup.column in columns_of(lookup_table)
    for table, columns in NEVER_CACHED.items():
        assert columns <= columns_of(table)


def test_the_times_to_live_are_those_of_the_plan() -> None:
    assert {rule.pattern: rule.ttl for rule in KEY_PLAN} == {
        "user:{id}": 300,
        "user:{id}:settings": 600,
        "user:{id}:library": 300,
        "user:{id}:playlists": 180,
        "playlist:{id}": 180,
        "user:{id}:recent": 120,
        "search:{query}": 600,
        "session:{code}": 3600,
    }
