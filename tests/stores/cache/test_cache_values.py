"""What a value looks like on its way into the cache and out of it."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.cache.envelope import open_envelope, seal
from soundcheck.stores.cache.levels.invalidation import message, read_message
from soundcheck.stores.cache.uncacheable import NotCacheable, plain
from soundcheck.stores.keys import NEVER_CACHED

NOW = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)

SPELLINGS = (
    "password", "Password", "PASSWORD", "pass_word", "refreshToken", "refresh_token", "REFRESH_TOKEN", "refresh-token",
    "otp", "OTP", "o_t_p", "otpExpiry", "otp_expiry", "otp expiry", "paßword", "refre\u017fhToken", "refreshTo\u212aen",
)  # fmt: skip

texts = st.text(st.characters(exclude_categories=()))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
"""Any JSON value; halves of surrogate pairs too, which UTF-8 cannot hold."""


def wrapped(secret: dict[str, Any]) -> Any:
    """The same mapping at every kind of depth."""
    return st.sampled_from(
        [
            secret,
            [secret],
            ({"a": (secret,)},),
            {"rows": [{"owner": {"owner": secret}}]},
            json.dumps(secret),
            {"raw": json.dumps({"raw": json.dumps(secret)})},
            f"  {json.dumps([secret])}",
        ]
    )


@given(st.sampled_from(SPELLINGS).flatmap(lambda name: wrapped({name: "hunter2", "kept": 1})))
def test_a_secret_column_does_not_get_in_however_it_is_spelled_or_hidden(value: Any) -> None:
    text = seal(plain(value), ttl=300, at=NOW)
    assert "hunter2" not in text
    assert "kept" in text


@given(st.sampled_from(SPELLINGS).flatmap(lambda name: wrapped({name: "hunter2"})), st.booleans())
def test_a_secret_column_that_another_writer_put_into_l2_does_not_get_out(value: Any, bare: bool) -> None:
    text = json.dumps(value if bare else {"v": 1, "at": "", "ttl": 300, "data": value})
    assert "hunter2" not in str(open_envelope(text, now=NOW))


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_is_seen_in_a_text_without_escapes(name: str) -> None:
    opened = open_envelope(json.dumps({name: "secret", "id": 1}, ensure_ascii=False), now=NOW)
    assert opened is not None
    assert opened.data == {"id": 1}


def test_a_name_written_with_escapes_does_not_get_out() -> None:
    opened = open_envelope('{"pass\\u0077ord":"hunter2","id":"7"}', now=NOW)
    assert opened is not None
    assert opened.data == {"id": "7"}


def test_every_column_of_the_key_table_that_is_never_cached_is_stripped() -> None:
    for columns in NEVER_CACHED.values():
        assert plain(dict.fromkeys(columns, 1)) == {}


def test_columns_that_only_sound_alike_are_kept() -> None:
    row = {"isOtpVerified": True, "passwordChangedAt": "x", "tokens": 3, "text": '{"not": "json'}
    assert plain(row) == row


@given(values)
def test_what_goes_in_comes_out(value: Any) -> None:
    kept = plain(value)
    text = seal(kept, ttl=300, at=NOW)
    opened = open_envelope(text.encode().decode(), now=NOW + timedelta(seconds=10))
    assert opened is not None
    assert opened.data == kept
    assert opened.ttl == 300
    assert opened.age == pytest.approx(10, abs=0.001)
    assert opened.left == pytest.approx(290, abs=0.001)


def test_an_envelope_reads_as_the_contract_has_it() -> None:
    assert seal({"name": "Ü"}, ttl=300.0, at=NOW) == (
        '{"v":1,"at":"2026-01-01T12:00:00.123Z","ttl":300.0,"data":{"name":"Ü"}}'
    )


def test_other_types_become_text() -> None:
    class Kind(Enum):
        ALBUM = "album"

    value = {
        "at": NOW,
        "day": date(2026, 1, 2),
        "price": Decimal("9.90"),
        "id": UUID(int=7),
        "kind": Kind.ALBUM,
        1: (1, 2),
    }
    assert plain(value) == {
        "at": "2026-01-01T12:00:00.123456+00:00",
        "day": "2026-01-02",
        "price": "9.90",
        "id": "00000000-0000-0000-0000-000000000007",
        "kind": "album",
        "1": [1, 2],
    }


def test_the_copy_is_not_the_loaders_own_object() -> None:
    value = {"list": [1]}
    kept = plain(value)
    value["list"].append(2)
    assert kept == {"list": [1]}


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


def ring() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, b"x", float("nan"), float("inf"), {b"x": 1}, {None: 1}, {"a": [object()]}, ring()]
)
def test_what_json_cannot_hold_is_refused_without_showing_it(value: Any) -> None:
    with pytest.raises(NotCacheable) as raised:
        plain(value)
    assert "0x" not in str(raised.value)


def test_a_value_nested_too_deeply_is_refused() -> None:
    with pytest.raises(NotCacheable, match="too deeply"):
        plain(deep())


@pytest.mark.parametrize("text", ["", "x", "{", '{"a":1', "NaN", "[Infinity]", "[" * 200_000, "<html>", "9" * 5000])
def test_a_text_that_is_no_json_is_none(text: str) -> None:
    assert open_envelope(text, now=NOW) is None


@pytest.mark.parametrize("version", ["2", '"1"', "null", "1.5", "[1]"])
def test_an_envelope_of_another_version_is_none(version: str) -> None:
    assert open_envelope(f'{{"v":{version},"data":1}}', now=NOW) is None


@pytest.mark.parametrize(
    ("at", "ttl", "left"),
    [
        ('"2026-01-01T12:00:00Z"', "60", 59.876544),
        ('"2026-01-01T12:00:00+01:00"', "7200", 3599.876544),
        ('"2026-01-01T12:00:00"', "60", 59.876544),
        ('"2027-01-01T12:00:00Z"', "60", 60),
        ('"2020-01-01T12:00:00Z"', "60", 0),
        ('"yesterday"', "60", None),
        ("1767268800", "60", None),
        ('"2026-01-01T12:00:00Z"', "true", None),
        ('"2026-01-01T12:00:00Z"', "-1", None),
        ('"2026-01-01T12:00:00Z"', "1e400", None),
        ('"2026-01-01T12:00:00Z"', "null", None),
    ],
)
def test_what_a_value_has_left_is_at_most_its_ttl_and_unknown_where_the_writer_does_not_say(
    at: str, ttl: str, left: float | None
) -> None:
    opened = open_envelope(f'{{"v":1,"at":{at},"ttl":{ttl},"data":1}}', now=NOW)
    assert opened is not None
    assert opened.left == (left if left is None else pytest.approx(left))


def test_bare_json_is_read() -> None:
    for text in ("null", "3", '"x"', "[]", '{"id":1}', '{"v":1}', '{"data":1}'):
        opened = open_envelope(text, now=NOW)
        assert opened is not None
        assert (opened.data, opened.left) == (json.loads(text), None)


def test_a_message_tells_sender_and_keys() -> None:
    assert read_message(message("node", ["user:1", "search:ü\n"])) == ("node", ("user:1", "search:ü\n"))


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", '{"v":2,"node":"a","keys":[]}', '{"v":1,"keys":[]}', '{"v":1,"node":"a","keys":"user:1"}',
     '{"v":1,"node":"a","keys":[1]}', "[" * 200_000],
)  # fmt: skip
def test_any_other_message_is_not_understood(text: str) -> None:
    assert read_message(text) is None
