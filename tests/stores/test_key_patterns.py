"""Key patterns of other applications, the way back from a key to its rule, and keys as they may leave the screen."""

from __future__ import annotations

import pytest

from soundcheck.stores.catalog.tables import Certainty, Column, Index, IndexColumn, RelationKind, RowCount, Table
from soundcheck.stores.copies.key_leaving import key_leaving
from soundcheck.stores.copies.key_source import settled
from soundcheck.stores.errors import UsageError
from soundcheck.stores.keys import KEY_PLAN, Shape, key_plan, keys_about_row, keys_for_row, known_key


def test_the_keys_of_another_app_replace_the_plan() -> None:
    plan = key_plan({"acct/{id}": "accounts", "acct/{id}/orders": "orders.account_id 90"})
    assert keys_for_row("accounts", {"id": 7}, plan) == ("acct/7",)
    assert keys_for_row("orders", {"id": 1, "account_id": 7}, plan) == ("acct/7/orders",)
    assert keys_for_row("users", {"id": 7}, plan) == ()
    assert [rule.ttl for rule in plan] == [300, 90]
    assert key_plan({}) is KEY_PLAN


def test_a_pattern_of_the_plan_keeps_its_meaning() -> None:
    (rule,) = key_plan({"user:{id}:playlists": "playlists"})
    assert (rule.shape, rule.sources[0].column, rule.ttl) == (Shape.LIST, "userId", 180)


@pytest.mark.parametrize("target", ["", "a b c", "a ten", 5, None])
def test_a_pattern_that_cannot_be_read_is_named(target: object) -> None:
    with pytest.raises(UsageError, match=r"'k:\{id\}'"):
        key_plan({"k:{id}": target})


@pytest.mark.parametrize("pattern", ["k", "k:{a}:{b}", "k:{}"])
def test_a_pattern_has_one_pair_of_braces(pattern: str) -> None:
    with pytest.raises(UsageError):
        key_plan({pattern: "users"})


@pytest.mark.parametrize(
    ("key", "pattern", "value"),
    [
        ("user:u1", "user:{id}", "u1"),
        ("user:u1:settings", "user:{id}:settings", "u1"),
        ("user:a:b", "user:{id}", "a:b"),
        ("search:a:recent", "search:{query}", "a:recent"),
        ("session:JAM", "session:{code}", "JAM"),
    ],
)
def test_a_key_leads_back_to_its_rule(key: str, pattern: str, value: str) -> None:
    found = known_key(key)
    assert found is not None
    assert (found.rule.pattern, found.value) == (pattern, value)
    assert found.rule.key(found.value) == key


def test_a_key_of_others_has_no_rule() -> None:
    assert known_key("user:") is None
    assert known_key("jobs:1") is None


def test_a_user_stands_in_the_keys_below_its_own_as_well() -> None:
    assert keys_about_row("users", {"id": "u1"}) == (
        "user:u1", "user:u1:settings", "user:u1:library", "user:u1:playlists", "user:u1:recent",
    )  # fmt: skip
    assert keys_about_row("playlists", {"id": "p", "userId": "u1"}) == ("user:u1:playlists", "playlist:p")


def column(name: str, type_name: str = "text") -> Column:
    return Column(name, type_name, type_name, type_name, False, False)


def test_a_pattern_over_a_column_that_is_not_unique_is_a_list() -> None:
    key = Index("pk", (IndexColumn("id", False, False),), True)
    along = Index("a", (IndexColumn("account_id", False, False), IndexColumn("at", True, True)), False)
    columns = (column("id"), column("account_id"), column("at", "timestamptz"))
    orders = Table(
        "public", "orders", RelationKind.TABLE, columns, ("id",), (key, along), RowCount(0, Certainty.EXACT), 0
    )
    one, many = key_plan({"o:{id}": "orders", "a:{account_id}": "orders"})
    assert settled(one, orders).shape is Shape.ROW
    assert (settled(many, orders).shape, settled(many, orders).newest_by) == (Shape.LIST, "at")


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("search:love songs", "search:#"),
        ("session:JAM42", "session:#"),
        ("sess:abc:data", "sess:#"),
        ("app:otp:ana", "app:otp:#"),
        ("reset-token:abc", "reset-token:#"),
        ("login/ana@mail.example", "login/#"),
    ],
)
def test_search_terms_codes_and_the_like_are_hashed_where_a_key_leaves(key: str, kept: str) -> None:
    left = key_leaving(key)
    assert left.startswith(kept)
    assert len(left) == len(kept) + 8
    assert left == key_leaving(key)
    assert left != key


def test_ids_stay_and_another_run_hashes_otherwise() -> None:
    for key in ("user:u1", "user:u1:recent", "playlist:p1", "jobs:7", "search:"):
        assert key_leaving(key) == key
    assert key_leaving("search:a", salt=b"one") != key_leaving("search:a", salt=b"two")


def test_a_column_that_is_personal_makes_a_private_key() -> None:
    plan = key_plan({"by-mail:{email}": "users"})
    assert key_leaving("by-mail:ana@mail.example", plan).startswith("by-mail:#")
