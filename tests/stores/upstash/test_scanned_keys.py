"""Keys of a real cache: found step by step, read whole whatever they are, and looked through for what is wrong."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator

import pytest
import redis

from soundcheck.stores.cache.versioned_writes import drop_command
from soundcheck.stores.copies.cached_value import opened
from soundcheck.stores.copies.key_audit import audit_keys, is_older, price_of
from soundcheck.stores.copies.key_entry import MOST_BYTES, read_entry
from soundcheck.stores.copies.key_scan import Branch, Scan, below, in_reading_order, matching, scan_on
from soundcheck.stores.copies.masked_value import key_is_secret, masked_value, text_is_secret
from soundcheck.stores.upstash.rest import RestClient
from tests.conftest import Rest


@pytest.fixture
def server(rest: Rest) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(rest.redis_url.reveal()) as client:
        yield client


@pytest.fixture
async def client(rest: Rest) -> AsyncIterator[RestClient]:
    made = RestClient(rest.url, rest.token)
    yield made
    await made.close()


@pytest.fixture
async def reader(rest: Rest) -> AsyncIterator[RestClient]:
    made = RestClient(rest.url, rest.readonly_token)
    yield made
    await made.close()


async def test_a_scan_stops_where_it_was_told_and_goes_on_from_there(client: RestClient, server: redis.Redis) -> None:
    server.mset({f"user:u{n}": "{}" for n in range(3000)} | {"other": "1"})
    first = await scan_on(client, Scan("user:"), 2)
    assert (first.steps, first.commands, first.total, first.done) == (2, 3, 3001, False)
    assert 0 < len(first.keys) < 3000
    assert first.steps_left >= 1
    rest_of_it = await scan_on(client, first, 100)
    assert rest_of_it.done
    assert len(rest_of_it.keys) == 3000
    assert rest_of_it.commands == client.commands_used
    assert (await scan_on(client, rest_of_it, 5)).commands == rest_of_it.commands


async def test_signs_of_a_pattern_in_a_prefix_stand_for_themselves(client: RestClient, server: redis.Redis) -> None:
    server.mset({"a[b]*:1": "x", "ab:1": "x", "a\\*:1": "x"})
    assert (await scan_on(client, Scan("a[b]*"), 5)).keys == ("a[b]*:1",)
    assert matching("a\\?") == "a\\\\\\?*"


async def test_the_marks_of_drops_are_no_keys_of_the_application(client: RestClient, server: redis.Redis) -> None:
    await client.command(*drop_command(["user:1"], "mark"))
    server.set("user:2", "x")
    assert (await scan_on(client, Scan(), 5)).keys == ("user:2",)
    assert (await scan_on(client, Scan("soundcheck:drop:"), 5)).keys == ("soundcheck:drop:user:1",)


async def test_a_read_only_token_is_told_what_it_cannot_do(reader: RestClient) -> None:
    scan = await scan_on(reader, Scan(), 3)
    assert "may only read and cannot list keys" in scan.problem
    assert not scan.keys


def test_keys_stand_below_their_prefixes_and_a_branch_of_one_is_the_key() -> None:
    keys = sorted(["a", "user:1", "user:1:recent", "user:1:settings", "user:2:recent", "x:y:z"])
    assert below(keys, "") == ([Branch("user:", 4)], ["a", "x:y:z"])
    assert below(keys, "user:") == ([Branch("user:1:", 2)], ["user:1", "user:2:recent"])
    assert below(keys, "nothing") == ([], [])


async def test_every_kind_is_read_bounded_and_by_a_read_only_token(reader: RestClient, server: redis.Redis) -> None:
    server.set("s", '{"v":1,"data":{"id":"u"}}', ex=60)
    server.set("big", "x" * (MOST_BYTES + 5))
    server.hset("h", mapping={"email": "a@b.c", "n": "1"})
    server.rpush("l", *range(250))
    server.sadd("set", "one", "[/foo]")
    server.zadd("z", {"song": 2.5})
    server.xadd("x", {"field": "value"})
    string = await read_entry(reader, "s")
    assert (string.kind, string.length, string.commands) == ("string", 25, 5)
    assert string.ttl is not None
    assert string.content is not None
    assert string.content.data == {"id": "u"}
    assert string.memory
    big = await read_entry(reader, "big")
    assert (len(big.text), big.length, big.is_cut, big.content, big.ttl) == (
        MOST_BYTES,
        MOST_BYTES + 5,
        True,
        None,
        None,
    )
    assert (await read_entry(reader, "h")).pairs == (("email", "a@b.c"), ("n", "1"))
    items = await read_entry(reader, "l")
    assert (items.length, len(items.pairs), items.pairs[1], items.is_cut) == (250, 100, ("1", "1"), True)
    assert {item for _, item in (await read_entry(reader, "set")).pairs} == {"one", "[/foo]"}
    assert (await read_entry(reader, "z")).pairs == (("2.5", "song"),)
    ((_, fields),) = (await read_entry(reader, "x")).pairs
    assert fields == {"field": "value"}
    gone = await read_entry(reader, "nothing")
    assert (gone.is_there, gone.commands) == (False, 3)


async def test_keys_without_an_end_of_an_older_shape_and_with_secrets_are_found(
    client: RestClient, server: redis.Redis
) -> None:
    server.set("user:1", json.dumps({"v": 0, "data": {}}), ex=60)
    server.set("user:2", json.dumps({"user": {"password": "x"}}))
    server.set("user:3", "{half", ex=60)
    server.rpush("list", "a")
    found = await audit_keys(client, ["user:1", "user:2", "user:3", "list", "gone"])
    assert (found.no_ttl, found.older, found.exposed) == (("user:2", "list"), ("user:1",), ("user:2",))
    assert found.orphans == ()
    assert (found.looked_at, found.commands, price_of(5)) == (5, 10, 10)


def test_a_value_without_an_envelope_promises_no_shape() -> None:
    assert not is_older(opened({"id": 1}), None, None)
    assert is_older(opened({"v": 2, "data": {}}), None, None)


def test_fields_of_a_value_are_masked_by_their_names_at_any_depth() -> None:
    value = {"email": "ana@mail.example", "x": [{"apiKey": "k", "tokens": ["t"], "name": "Ana"}], "password": None}
    assert masked_value(value) == {
        "email": "a•••@mail…", "x": [{"apiKey": "•••••", "tokens": ["•••••"], "name": "Ana"}], "password": None,
    }  # fmt: skip
    assert key_is_secret("app:otp:ana")
    assert not key_is_secret("user:otp")
    assert text_is_secret('{"name": "Ana", "api_key": "k')
    assert text_is_secret("a=1&token=x")
    assert not text_is_secret("a song: a tale of pins")


def test_digits_in_names_are_read_as_numbers() -> None:
    names = ["user:103:", "user:10:", "user:9:", "user:1:", "user:", "user:٣:", "user:a:", "user:" + "9" * 5000 + ":"]
    assert sorted(names, key=in_reading_order)[:5] == ["user:", "user:1:", "user:9:", "user:10:", "user:103:"]
