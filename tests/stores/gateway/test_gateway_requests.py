"""The conformance table: a request on the left, Upstash's status and body on the right."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
import redis

DOCS = "See https://upstash.com/docs/redis/overall/rediscompatibility for details"


def result(value: Any) -> dict[str, Any]:
    return {"result": value}


def error(text: str) -> dict[str, Any]:
    return {"error": text}


def special(name: str) -> dict[str, Any]:
    return error(f'ERR Command "{name}" is not allowed in REST or it has a special context path')


def unavailable(name: str) -> dict[str, Any]:
    return error(f"ERR Command is not available: '{name}'. {DOCS}")


WRONG_TYPE = error("WRONGTYPE Operation against a key holding the wrong kind of value")

PATH_FORM = [
    ("GET", "/get/s", b"", 200, result("value")),
    ("GET", "/GET/s", b"", 200, result("value")),
    ("POST", "/get/s", b"", 200, result("value")),
    ("PUT", "/get/s", b"", 200, result("value")),
    ("GET", "/get/missing", b"", 200, result(None)),
    ("GET", "/get/bin", b"", 200, result("�\x00�")),
    ("GET", "/incr/n", b"", 200, result(6)),
    ("GET", "/lrange/l/0/-1", b"", 200, result(["a", "b"])),
    ("GET", "/hgetall/h", b"", 200, result(["f", "1"])),
    ("GET", "/zscore/z/a", b"", 200, result("1.5")),
    ("GET", "/mget/s/missing/n", b"", 200, result(["value", None, "5"])),
    ("GET", "/ping", b"", 200, result("PONG")),
    ("GET", "/dbsize", b"", 200, result(6)),
    ("GET", "/echo/a%2Fb%20c%3F", b"", 200, result("a/b c?")),
    ("GET", "/echo/a+b", b"", 200, result("a+b")),
    ("GET", "/echo/%C3%A9", b"", 200, result("é")),
    ("GET", "/echo/%FF", b"", 200, result("�")),
    ("GET", "/echo/", b"", 200, result("")),
    ("POST", "/echo", b'{"a": "b"}', 200, result('{"a": "b"}')),
    ("POST", "/set/s?EX=100", b"body", 200, result("OK")),
    ("GET", "/set/s/x?NX", b"", 200, result(None)),
    ("GET", "/set/s/x?NX=", b"", 200, result(None)),
    ("GET", "/echo?a+b%21", b"", 200, result("a b!")),
    ("GET", "/get", b"", 400, error("ERR wrong number of arguments for 'get' command")),
    ("GET", "/incr/l", b"", 400, WRONG_TYPE),
    ("GET", "/incr/s", b"", 400, error("ERR value is not an integer or out of range")),
    ("GET", "/nonsense/1", b"", 400, unavailable("NONSENSE")),
]

BODY_FORM = [
    ("POST", "/", b'["GET", "s"]', 200, result("value")),
    ("PUT", "/", b'["get", "s"]', 200, result("value")),
    ("POST", "/", b'["ECHO", 7]', 200, result("7")),
    ("POST", "/", b'["ECHO", 7.50]', 200, result("7.50")),
    ("POST", "/", b'["ECHO", 1e21]', 200, result("1e21")),
    ("POST", "/", b'["ECHO", 123456789012345678901234567890]', 200, result("123456789012345678901234567890")),
    ("POST", "/", b'["ECHO", true]', 200, result("true")),
    ("POST", "/", b'["ECHO", null]', 200, result("null")),
    ("POST", "/", b'["ECHO", {"a": [1, 2.5, "\xc3\xa9"]}]', 200, result('{"a":[1,2.5,"é"]}')),
    ("POST", "/", b'["ECHO", "\\ud800!"]', 200, result("�!")),
    ("POST", "/", b'["ECHO", "\\ud83d\\ude00"]', 200, result("😀")),
    ("POST", "/", b'["ECHO", "\\u0000\\n\\""]', 200, result('\x00\n"')),
    ("POST", "/", b"", 400, error("ERR failed to parse command")),
    ("GET", "/", b"", 400, error("ERR failed to parse command")),
    ("POST", "/", b'{"a": 1}', 400, error("ERR failed to parse command")),
    ("POST", "/", b'"GET"', 400, error("ERR failed to parse command")),
    ("POST", "/", b'["GET", "s"', 400, error("ERR failed to parse command")),
    ("POST", "/", b'["ECHO", NaN]', 400, error("ERR failed to parse command")),
    ("POST", "/", b'["ECHO", "\xff"]', 400, error("ERR failed to parse command")),
    ("POST", "/", b"[" * 100_000, 400, error("ERR failed to parse command")),
    ("POST", "/", b"[]", 400, error("ERR empty command")),
]

BATCHES = [
    (
        "POST", "/pipeline", b'[["SET","a",1],["INCR","a"],["LPUSH","a","x"],["GET"],["NOPE"],[],["GET","a"]]', 200,
        [
            result("OK"), result(2), WRONG_TYPE, error("ERR wrong number of arguments for 'get' command"),
            unavailable("NOPE"), error("ERR empty pipeline command"), result("2"),
        ],
    ),
    ("POST", "/pipeline/", b'[["PING"]]', 200, [result("PONG")]),
    ("POST", "/pipeline", b"[]", 400, error("ERR empty pipeline request")),
    ("POST", "/pipeline", b"", 400, error("ERR failed to parse pipeline request")),
    ("POST", "/pipeline", b'["GET", "s"]', 400, error("ERR failed to parse pipeline request")),
    (
        "POST", "/multi-exec", b'[["SET","a",1],["INCR","a"],["LPUSH","a","x"],["GET","a"]]', 200,
        [result("OK"), result(2), WRONG_TYPE, result("2")],
    ),
    ("POST", "/multi-exec", b'[["COMMAND"],["GET","s"],["SELECT",0]]', 200,
     [result([]), result("value"), result("OK")]),
    ("POST", "/multi-exec", b'[["COMMAND"]]', 200, [result([])]),
    ("POST", "/multi-exec", b"[]", 400, error("ERR empty transaction request")),
    ("POST", "/multi-exec", b"[[]]", 400, error("ERR empty transaction command")),
    ("POST", "/multi-exec", b"{}", 400, error("ERR failed to parse transaction request")),
    ("POST", "/multi-exec", b'[["SET","a",1],["GET"]]', 400,
     error("EXECABORT Transaction discarded because of previous errors.")),
    ("POST", "/multi-exec", b'[["SET","a",1],["NOPE"]]', 400, unavailable("NOPE")),
]  # fmt: skip

REFUSED = [
    *[
        ("POST", "/", json.dumps([name]).encode(), 400, special(name))
        for name in (
            "AUTH", "HELLO", "QUIT", "RESET", "CLIENT", "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "SUBSCRIBE",
            "PSUBSCRIBE", "UNSUBSCRIBE", "MONITOR", "BLPOP", "BRPOP", "BLMOVE", "BZPOPMIN", "WAIT",
        )
    ],
    ("POST", "/", b'["XREAD","COUNT",1,"BLOCK",0,"STREAMS","x","$"]', 400, special("XREAD")),
    ("POST", "/", b'["XREAD","COUNT",1,"STREAMS","block","0"]', 200, result(None)),
    *[
        ("POST", "/", json.dumps([name, "X"]).encode(), 400, unavailable(name))
        for name in ("SLOWLOG", "DEBUG", "SHUTDOWN", "OBJECT", "LATENCY", "ACL", "REPLICAOF", "SAVE", "MODULE", "SYNC")
    ],
    ("POST", "/", b'["MEMORY","STATS"]', 400, unavailable("MEMORY STATS")),
    ("POST", "/", b'["MEMORY"]', 400, unavailable("MEMORY")),
    ("POST", "/", b'["SCRIPT","DEBUG","YES"]', 400, unavailable("SCRIPT DEBUG")),
    ("POST", "/", b'["FUNCTION","KILL"]', 400, unavailable("FUNCTION KILL")),
    ("POST", "/", b'["CONFIG","SET","maxmemory","1"]', 400, unavailable("CONFIG SET")),
    ("POST", "/", b'["CONFIG","REWRITE"]', 400, unavailable("CONFIG REWRITE")),
    ("POST", "/", b'["CONFIG","GET","requirepass"]', 200, result([])),
    ("POST", "/", b'["CONFIG","GET","*"]', 200, result([])),
    ("POST", "/", b'["CONFIG","GET","notify-keyspace-events"]', 200, result(["notify-keyspace-events", ""])),
    ("POST", "/", b'["CONFIG","SET","notify-keyspace-events","KEA"]', 200, result("OK")),
    ("POST", "/", b'["COMMAND"]', 200, result([])),
    ("POST", "/", b'["SELECT", 0]', 200, result("OK")),
    ("POST", "/", b'["SELECT", 1]', 400, error("ERR DB index is out of range")),
]  # fmt: skip

NEAR_STREAMS = [
    ("GET", "/monitoring", b"", 400, unavailable("MONITORING")),
    ("GET", "/monitor/x", b"", 400, error("ERR wrong number of arguments for 'monitor' command")),
    ("POST", "/subscribe", b"chat", 400, error("ERR wrong number of arguments for 'subscribe' command")),
    ("POST", "/ssubscribe/chat", b"", 400, special("SSUBSCRIBE")),
    ("POST", "/publish/chat/hello", b"", 200, result(0)),
]

TABLE = PATH_FORM + BODY_FORM + BATCHES + REFUSED + NEAR_STREAMS


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "answer"),
    TABLE,
    ids=[f"{m} {p} {b[:32]!r}" for m, p, b, _, _ in TABLE],
)
def test_the_answer_is_upstashs(
    rest_client: httpx.Client, method: str, path: str, body: bytes, status: int, answer: Any
) -> None:
    response = rest_client.request(method, path, content=body)
    assert (response.status_code, response.json()) == (status, answer)
    assert response.headers["content-type"] == "application/json"


def test_the_body_comes_before_the_query(rest_client: httpx.Client, keys: redis.Redis) -> None:
    rest_client.post("/set/k?EX=100&_token=ignored&GET", content=b"raw \xff\x00 body")
    assert keys.get("k") == b"raw \xff\x00 body"
    assert 0 < int(keys.ttl("k")) <= 100


def test_an_aborted_transaction_changes_nothing(rest_client: httpx.Client, keys: redis.Redis) -> None:
    for last in ('["GET"]', '["NOPE"]', '["SUBSCRIBE","x"]', "[]"):
        rest_client.post("/multi-exec", content=f'[["SET","t","1"],{last}]'.encode())
        assert keys.get("t") is None


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/get/s", "/pipeline", "/_soundcheck/version"])
def test_other_methods_are_not_allowed(rest_client: httpx.Client, method: str, path: str) -> None:
    response = rest_client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST, PUT"


def test_head_runs_the_command_and_has_no_body(rest_client: httpx.Client, keys: redis.Redis) -> None:
    response = rest_client.head("/incr/n")
    assert (response.status_code, response.content) == (200, b"")
    assert keys.get("n") == b"6"


@pytest.mark.parametrize("path", ["/set/all", "/pipeline"])
def test_any_byte_survives_the_way_there_and_back(rest_client: httpx.Client, keys: redis.Redis, path: str) -> None:
    every = bytes(range(256))
    keys.set("all", every)
    headers = {"Upstash-Encoding": "base64"}
    if path == "/set/all":
        keys.delete("all")
        assert rest_client.post(path, content=every, headers=headers).json() == result("OK")
        answer = rest_client.get("/get/all", headers=headers).json()
    else:
        (answer,) = rest_client.post(path, content=b'[["GET","all"]]', headers=headers).json()
    assert base64.b64decode(answer["result"]) == every


def test_base64_covers_every_string_but_ok_and_never_errors(rest_client: httpx.Client, keys: redis.Redis) -> None:
    keys.set("fine", "OK")
    rows = [["LRANGE", "l", 0, -1], ["GET", "fine"], ["PING"], ["INCR", "s"], ["GET", "missing"], ["DBSIZE"]]
    response = rest_client.post("/pipeline", json=rows, headers={"upstash-encoding": "Base64"})
    assert response.json() == [
        result(["YQ==", "Yg=="]),
        result("OK"),
        result("UE9ORw=="),
        error("ERR value is not an integer or out of range"),
        result(None),
        result(7),
    ]


def test_an_error_that_is_no_utf8_arrives_readable(rest_client: httpx.Client) -> None:
    response = rest_client.post("/eval/return%20%7Berr%3D'ERR%20'..string.char(255)%7D/0")
    assert (response.status_code, response.json()) == (400, error("ERR �"))


def test_unknown_headers_and_any_content_type_are_tolerated(rest_client: httpx.Client) -> None:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Upstash-Telemetry-Sdk": "x",
        "Upstash-Sync-Token": "",
        "Upstash-Something-New": "1",
        "Upstash-Encoding": "unheard-of",
        "Upstash-Response-Format": "json",
    }
    assert rest_client.post("/", content=b'["GET","s"]', headers=headers).json() == result("value")


def test_every_response_has_a_sync_token_that_grows(rest_client: httpx.Client) -> None:
    paths = ("/get/s", "/nonsense", "/pipeline", "/_soundcheck/version", "/get/s?_token=wrong")
    tokens = [int(rest_client.get(path).headers["upstash-sync-token"]) for path in paths]
    assert tokens == sorted(set(tokens))
