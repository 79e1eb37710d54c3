"""Commands that Valkey answers differently are answered as Upstash does.

The numbers are those of the tests of Upstash's own clients; `docs/gateway.md` tells which.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from soundcheck.stores.local.gateway.lacking import COMMANDS, FAMILIES, OPERATIONS
from soundcheck.stores.upstash.error_texts import UpstashError, classify

ROOT = Path(__file__).parents[3]
WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"


def pipeline(client: httpx.Client, rows: list[list[Any]]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = client.post("/pipeline", json=rows).json()
    return answers


def result(client: httpx.Client, *words: Any) -> Any:
    return client.post("/", json=words).json()["result"]


def text(client: httpx.Client, *words: Any) -> str:
    return str(client.post("/", json=words).json()["error"])


@pytest.mark.parametrize("options", [[], ["MATCH", "key:*"], ["TYPE", "hash"], ["match", "count", "type", "hash"]])
def test_a_scan_without_count_hands_a_small_keyspace_over_at_once(
    rest_client: httpx.Client, keys: redis.Redis, options: list[str]
) -> None:
    pipeline(rest_client, [["MSET", *[word for n in range(30) for word in (f"key:{n}", n)]], ["HSET", "count", "f", 1]])
    wanted = {
        "": {*[f"key:{n}" for n in range(30)], "count", "s", "n", "bin", "l", "h", "z"},
        "MATCH": {f"key:{n}" for n in range(30)},
        "TYPE": {"h", "count"},
        "match": {"count"},
    }[options[0] if options else ""]
    cursor, found = result(rest_client, "SCAN", 0, *options)
    assert (cursor, set(found)) == ("0", wanted)


def test_a_count_that_is_given_is_valkeys_business(rest_client: httpx.Client, keys: redis.Redis) -> None:
    pipeline(rest_client, [["MSET", *[word for n in range(300) for word in (f"key:{n}", n)]]])
    for options in (["COUNT", 10], ["MATCH", "*", "count", 10], []):
        found, cursor, rounds = set(), "0", 0
        while rounds == 0 or cursor != "0":
            cursor, some = result(rest_client, "SCAN", cursor, *options)
            found.update(some)
            rounds += 1
        assert len(found) == 306
        assert rounds >= (10 if options else 2)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["SCAN"], "ERR wrong number of arguments for 'scan' command"),
        (["SCAN", "x"], "ERR invalid cursor"),
        (["SCAN", 0, "MATCH"], "ERR syntax error"),
        (["SCAN", 0, "COUNT", 0], "ERR syntax error"),
        (["XTRIM", "s", "MAXLEN", "~", 5], WRONG_TYPE),
        (["XTRIM", "x", "MAXLEN", "~", "x"], "ERR value is not an integer or out of range"),
        (["XTRIM", "x", "MAXLEN", "~", -1], "ERR The MAXLEN argument must be >= 0."),
        (["XTRIM", "x", "MAXLEN", "~"], "ERR value is not an integer or out of range"),
        (["ZRANGESTORE", "d", "z"], "ERR wrong number of arguments for 'zrangestore' command"),
        (["ZRANGESTORE", "d", "s", 0, 1, "LIMIT", 0, 1], WRONG_TYPE),
        (["ZRANGESTORE", "d", "z", 0, 1, "LIMIT", 0], "ERR syntax error"),
        (["HEXPIRETIME", "h"], "ERR wrong number of arguments for 'hexpiretime' command"),
        (["HEXPIRETIME", "s", "FIELDS", 1, "f"], WRONG_TYPE),
    ],
)  # fmt: skip
def test_errors_are_those_of_the_command_that_was_sent(rest_client: httpx.Client, words: list[Any], error: str) -> None:
    assert text(rest_client, *words) == error


@pytest.mark.parametrize(
    ("entries", "most", "left"), [(130, 5, 5), (120, 30, 120), (1000, 30, 30), (105, 5, 5), (104, 5, 104), (99, 0, 99)]
)
def test_an_approximate_trim_is_exact_or_nothing(
    rest_client: httpx.Client, keys: redis.Redis, entries: int, most: int, left: int
) -> None:
    pipeline(rest_client, [["XADD", "x", "*", f"field{n}", "value" * 4] for n in range(entries)])
    answers = pipeline(rest_client, [["XTRIM", "x", "maxlen", "~", most], ["XLEN", "x"]])
    assert answers == [{"result": entries - left}, {"result": left}]


def test_a_trim_with_limit_takes_no_more_and_one_of_nothing_takes_nothing(rest_client: httpx.Client) -> None:
    pipeline(rest_client, [["XADD", "x", "*", "n", n] for n in range(100)])
    result(rest_client, "XTRIM", "x", "MAXLEN", "~", 50, "LIMIT", 10)
    assert result(rest_client, "XLEN", "x") > 50
    assert result(rest_client, "XTRIM", "missing", "MAXLEN", "~", 5) == 0
    assert result(rest_client, "EXISTS", "missing") == 0


def test_trims_work_in_transactions_and_in_resp2(rest_client: httpx.Client) -> None:
    rows = [*[["XADD", "x", "*", "n", n] for n in range(200)], ["XTRIM", "x", "MAXLEN", "~", 1], ["XLEN", "x"]]
    assert rest_client.post("/multi-exec", json=rows).json()[-2:] == [{"result": 199}, {"result": 1}]
    headers = {"Upstash-Response-Format": "resp2"}
    for words, reply in (
        (["XTRIM", "x", "MAXLEN", "~", 1], b":0\r\n"),
        (["HPEXPIREAT", "h", 4102444800999, "FIELDS", 1, "f"], b"*1\r\n:1\r\n"),
        (["HEXPIRETIME", "h", "FIELDS", 1, "f"], b"*1\r\n:4102444800\r\n"),
    ):
        assert rest_client.post("/", json=words, headers=headers).content == reply


@pytest.mark.parametrize("reverse", [False, True])
def test_a_range_of_ranks_may_be_limited_when_it_is_stored(
    rest_client: httpx.Client, keys: redis.Redis, reverse: bool
) -> None:
    """With scores that are the ranks, a range of scores says what a range of ranks must give."""
    members = [f"m{n}" for n in range(5)]
    keys.zadd("ranks", {name: (4 - n if reverse else n) for n, name in enumerate(members)})
    keys.zadd("scores", {name: n for n, name in enumerate(members)})
    rows: list[list[Any]] = []
    for start, stop, offset, count in product(range(7), range(-1, 7), range(4), range(-1, 4)):
        limit = ["LIMIT", offset, count]
        options = [[*limit, "REV"], ["REV", *limit]][count % 2] if reverse else limit
        rows += [["ZRANGESTORE", "d", "ranks", start, stop, *options], ["ZRANGE", "d", 0, -1]]
        last = stop if stop >= 0 else "+inf"
        rows += [["ZRANGESTORE", "d", "scores", start, last, "BYSCORE", *limit], ["ZRANGE", "d", 0, -1]]
    answers = pipeline(rest_client, rows)
    for at in range(0, len(answers), 4):
        stored, got, as_many, wanted = (answer["result"] for answer in answers[at : at + 4])
        assert (stored, sorted(got)) == (as_many, sorted(wanted)), rows[at]


def test_where_the_number_of_members_would_matter_limit_stays_refused(rest_client: httpx.Client) -> None:
    refused = "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
    for start, stop, offset, count in ((-2, -1, 0, 1), (0, -2, 0, 1), (0, 2, -1, 1)):
        assert text(rest_client, "ZRANGESTORE", "d", "z", start, stop, "LIMIT", offset, count) == refused
    assert text(rest_client, "ZRANGE", "z", 0, 2, "LIMIT", 0, 1) == refused


def test_the_second_of_a_fields_end_is_cut_off_not_rounded(rest_client: httpx.Client, keys: redis.Redis) -> None:
    keys.hset("h", mapping={"late": "1", "early": "1", "never": "1"})
    for field, end in (("late", 4102444800999), ("early", 4102444800001)):
        assert result(rest_client, "HPEXPIREAT", "h", end, "FIELDS", 1, field) == [1]
    fields = ["late", "early", "never", "missing"]
    assert result(rest_client, "HEXPIRETIME", "h", "FIELDS", 4, *fields) == [4102444800, 4102444800, -1, -2]


def test_a_group_that_is_not_there_has_no_consumers(rest_client: httpx.Client) -> None:
    result(rest_client, "XADD", "x", "*", "f", "v")
    assert result(rest_client, "XINFO", "CONSUMERS", "x", "none") == []
    assert text(rest_client, "XINFO", "CONSUMERS", "s", "none").startswith("WRONGTYPE")


def test_a_key_copied_onto_itself_is_a_copy_that_was_not_made(rest_client: httpx.Client) -> None:
    assert [result(rest_client, "COPY", "s", other) for other in ("s", "t", "t")] == [0, 1, 0]
    assert result(rest_client, "COPY", "missing", "missing") == 0
    assert text(rest_client, "COPY", "s") == "ERR wrong number of arguments for 'copy' command"


@pytest.mark.parametrize("name", ["EVALSHA", "evalsha_ro"])
def test_a_script_that_is_not_known_is_told_in_redis_words(rest_client: httpx.Client, name: str) -> None:
    refused = "NOSCRIPT No matching script. Please use EVAL."
    assert text(rest_client, name, "0" * 40, 0) == refused
    assert rest_client.post("/multi-exec", json=[[name, "wrong", 0]]).json() == [{"error": refused}]
    known = result(rest_client, "SCRIPT", "LOAD", "return 7")
    assert result(rest_client, name, known, 0) == 7


KINDS = {
    "s": "string",
    "n": "string",
    "bin": "string",
    "l": "list",
    "h": "hash",
    "z": "zset",
    "t": "set",
    "x": "stream",
}


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["WITHTYPE"], set(KINDS)),
        (["withtype"], set(KINDS)),
        (["MATCH", "[slh]", "WITHTYPE"], set("slh")),
        (["WITHTYPE", "MATCH", "[slh]"], set("slh")),
        (["COUNT", 1000, "WITHTYPE"], set(KINDS)),
        (["WITHTYPE", "COUNT", 1000, "TYPE", "string"], {"s", "n", "bin"}),
        (["MATCH", "withtype", "WITHTYPE"], set()),
    ],
)
def test_a_scan_tells_the_types_where_they_are_asked_for(
    rest_client: httpx.Client, keys: redis.Redis, options: list[Any], wanted: set[str]
) -> None:
    keys.sadd("t", "a")
    keys.xadd("x", {"f": "v"})
    for answer in (
        rest_client.post("/", json=["SCAN", 0, *options]).json(),
        rest_client.post("/multi-exec", json=[["SCAN", 0, *options]]).json()[0],
    ):
        cursor, flat = answer["result"]
        assert cursor == "0"
        assert dict(zip(flat[::2], flat[1::2], strict=True)) == {key: KINDS[key] for key in wanted}


def test_every_page_of_a_scan_tells_the_types(rest_client: httpx.Client, keys: redis.Redis) -> None:
    keys.mset({f"key:{n}": n for n in range(300)})
    found, cursor = {}, "0"
    while True:
        cursor, flat = result(rest_client, "SCAN", cursor, "MATCH", "key:*", "WITHTYPE")
        found |= dict(zip(flat[::2], flat[1::2], strict=True))
        if cursor == "0":
            break
    assert found == {f"key:{n}": "string" for n in range(300)}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["SCAN", "x", "WITHTYPE"], "ERR invalid cursor"),
        (["SCAN", 0, "WITHTYPE", "MATCH"], "ERR syntax error"),
        (["SCAN", 0, "WITHTYPE", "COUNT", 0], "ERR syntax error"),
    ],
)
def test_a_scan_with_types_fails_as_a_scan_does(rest_client: httpx.Client, words: list[Any], error: str) -> None:
    assert text(rest_client, *words) == error


def test_reading_with_noack_leaves_no_consumer(rest_client: httpx.Client, keys: redis.Redis) -> None:
    for name in ("x", "y"):
        keys.xadd(name, {"f": "v"}, "1-1")
        keys.xgroup_create(name, "g", "0")
    keys.xreadgroup("g", "before", {"y": ">"})
    read = ["XREADGROUP", "GROUP", "g", "c", "COUNT", 9, "noack", "STREAMS", "x", "y", ">", ">"]
    assert result(rest_client, *read) == [["x", [["1-1", ["f", "v"]]]]]
    assert result(rest_client, *read) is None
    assert rest_client.post("/multi-exec", json=[read]).json() == [{"result": None}]
    assert keys.xinfo_consumers("x", "g") == []
    assert [one["name"] for one in keys.xinfo_consumers("y", "g")] == [b"before"]
    assert result(rest_client, "XPENDING", "x", "g") == [0, None, None, None]


def test_a_consumer_that_was_there_stays_with_what_is_due_to_it(rest_client: httpx.Client, keys: redis.Redis) -> None:
    keys.xadd("x", {"f": "v"}, "1-1")
    keys.xgroup_create("x", "g", "0")
    keys.xreadgroup("g", "c", {"x": ">"})
    keys.xadd("x", {"f": "w"}, "2-1")
    read = result(rest_client, "XREADGROUP", "GROUP", "g", "c", "NOACK", "STREAMS", "x", ">")
    assert read == [["x", [["2-1", ["f", "w"]]]]]
    assert keys.xpending("x", "g")["pending"] == 1
    assert text(rest_client, "XREADGROUP", "GROUP", "none", "c", "NOACK", "STREAMS", "x", ">").startswith("NOGROUP")


FUNCTIONS = """#!lua name=mine
server.register_function('get', function(keys) return server.call('GET', keys[1]) end)
server.register_function('set', function(keys, args) return server.call('SET', keys[1], args[1]) end)
server.register_function('tell', function(keys, args) return server.call('PUBLISH', keys[1], args[1]) end)
server.register_function{function_name='declared', callback=function(keys, args)
  return server.call('SET', keys[1], args[1]) end, flags={'no-writes'}}"""


@pytest.fixture
def functions(keys: redis.Redis) -> Iterator[None]:
    """A library of functions, of which one is declared to write nothing."""
    keys.function_load(FUNCTIONS, replace=True)
    yield
    keys.function_flush()


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize("name", ["FCALL_RO", "fcall_ro"])
def test_a_function_that_was_not_declared_to_write_nothing_may_be_called_to_read(
    rest_client: httpx.Client, keys: redis.Redis, name: str
) -> None:
    assert result(rest_client, name, "get", 1, "s") == "value"
    for function in ("set", "tell", "declared"):
        refused = text(rest_client, name, function, 1, "s", "other")
        assert refused.startswith("ERR Write commands are not allowed from read-only scripts.")
        assert "soundcheck" not in refused
    assert keys.get("s") == b"value"
    assert result(rest_client, "FCALL", "set", 1, "s", "other") == "OK"
    assert text(rest_client, name, "none", 0) == "ERR Function not found"
    assert text(rest_client, name) == "ERR wrong number of arguments for 'fcall' command"


@pytest.mark.usefixtures("functions")
def test_a_pipeline_keeps_its_order_around_a_function(rest_client: httpx.Client, keys: redis.Redis) -> None:
    rows = [["SET", "k", 1], ["FCALL_RO", "get", 1, "k"], ["SET", "k", 2], ["FCALL_RO", "get", 1, "k"], ["NOPE"]]
    assert [item.get("result") for item in pipeline(rest_client, rows)] == ["OK", "1", "OK", "2", None]
    raw = rest_client.post("/pipeline", json=rows[:4], headers={"Upstash-Response-Format": "resp2"})
    assert raw.content == b"+OK\r\n$1\r\n1\r\n+OK\r\n$1\r\n2\r\n"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["JSON.SET", "k", "$", "1"], "JSON.SET"),
        (["json.get", "k"], "JSON.GET"),
        (["SEARCH.CREATE", "i"], "SEARCH.CREATE"),
        (["VECTOR.ADD", "i"], "VECTOR.ADD"),
        (["XDELEX", "x", "IDS", "1", "1-1"], "XDELEX"),
        (["XACKDEL", "x", "g", "IDS", "1", "1-1"], "XACKDEL"),
        (["ARSET", "k", 0, 1], "ARSET"),
        *[(["BITOP", form, "d", "s", "n"], f"BITOP {form.upper()}") for form in ("DIFF", "diff1", "ANDOR", "one")],
    ],
)
def test_what_valkey_lacks_is_blamed_on_the_local_stack(
    rest_client: httpx.Client, read_client: httpx.Client, words: list[Any], named: str
) -> None:
    for client in (rest_client, read_client):
        refused = text(client, *words)
        assert named in refused
        assert "local stack" in refused
        assert "docs/gateway.md" in refused
        assert "https" not in refused
        assert classify(refused) is UpstashError.LOCALLY_LACKING
    assert rest_client.post("/multi-exec", json=[words]).json() == {"error": refused}


@pytest.mark.parametrize("name", ["NONSENSE", "XINFO|STREAM", "json", "JSONSET"])
def test_what_nobody_has_is_refused_in_the_vendors_words(rest_client: httpx.Client, name: str) -> None:
    assert text(rest_client, name, "k").startswith(
        f"ERR Command is not available: '{name.upper()}'. See https://upstash"
    )


def test_every_command_that_is_said_to_be_lacking_is_listed() -> None:
    listed = (ROOT / "docs" / "gateway.md").read_text("utf-8")
    for name in (*FAMILIES, *COMMANDS, *OPERATIONS):
        assert name.decode() in listed, name
