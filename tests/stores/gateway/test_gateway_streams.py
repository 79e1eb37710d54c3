"""Subscriptions and MONITOR as server-sent events: what is sent, who may, and how they end."""

from __future__ import annotations

import asyncio
import itertools
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, cast

import httpx
import pytest
import redis

from soundcheck.stores.local.gateway import streams
from soundcheck.stores.upstash.error_texts import UpstashError, classify


@contextmanager
def streaming(client: httpx.Client, path: str, **more: Any) -> Iterator[Iterator[str]]:
    """The events of a stream, without their empty lines."""
    with client.stream("POST", path, headers={"Accept": "text/event-stream"}, **more) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["upstash-sync-token"].isdigit()
        yield _events(response)


def _events(response: httpx.Response) -> Iterator[str]:
    rest = b""
    for chunk in response.iter_raw():
        *events, rest = (rest + chunk).split(b"\n\n")
        yield from (event.decode() for event in events if not event.startswith(b":"))


def until(condition: Any) -> None:
    """Wait for the thing itself."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_subscriber_gets_what_is_published_in_order(rest_client: httpx.Client, gateway: Any) -> None:
    with gateway.client() as publisher, streaming(rest_client, "/subscribe/chat") as events:
        assert next(events) == "data: subscribe,chat,1"
        for text in ("hello", "how are you, today?", "", "é😀"):
            assert publisher.post("/", json=["PUBLISH", "chat", text]).json() == {"result": 1}
        assert publisher.post("/publish/chat/by%20path").json() == {"result": 1}
        assert [next(events) for _ in range(5)] == [
            "data: message,chat,hello",
            "data: message,chat,how are you, today?",
            "data: message,chat,",
            "data: message,chat,é😀",
            "data: message,chat,by path",
        ]


def test_a_pattern_brings_the_pattern_and_the_channel(rest_client: httpx.Client, keys: redis.Redis) -> None:
    with streaming(rest_client, "/PSUBSCRIBE/ch%2A") as events:
        assert next(events) == "data: psubscribe,ch*,1"
        keys.publish("chat", "x")
        assert next(events) == "data: pmessage,ch*,chat,x"


def test_several_channels_share_one_stream(rest_client: httpx.Client, keys: redis.Redis) -> None:
    with streaming(rest_client, "/subscribe/a%2Fb/c/") as events:
        assert [next(events) for _ in range(2)] == ["data: subscribe,a/b,1", "data: subscribe,c,2"]
        keys.publish("c", "1")
        keys.publish("a/b", "2")
        assert [next(events) for _ in range(2)] == ["data: message,c,1", "data: message,a/b,2"]


def test_line_breaks_stay_inside_their_event_and_broken_text_is_shown(
    rest_client: httpx.Client, keys: redis.Redis
) -> None:
    with streaming(rest_client, "/subscribe/c") as events:
        next(events)
        keys.publish("c", b"one\ntwo\r\nthree\rfour \xff")
        assert next(events) == "data: message,c,one\ndata: two\ndata: three\ndata: four \ufffd"


def test_the_body_of_a_subscription_is_no_channel(rest_client: httpx.Client) -> None:
    with streaming(rest_client, "/subscribe/c", content=b"[]") as events:
        assert next(events) == "data: subscribe,c,1"


def test_monitor_tells_the_commands_of_everyone(rest_client: httpx.Client, gateway: Any) -> None:
    with gateway.client() as other, streaming(rest_client, "/monitor") as events:
        assert next(events) == 'data: "OK"'
        other.get("/get/s")
        told = re.compile(r'data: \d+\.\d+ \[0 0\.0\.0\.0:0\] "get" "s"')
        assert any(told.fullmatch(event) for event in itertools.islice(events, 20))  # its first request signs in first


@pytest.mark.parametrize("path", ["/subscribe/c", "/psubscribe/c", "/monitor"])
def test_the_read_only_token_may_not_listen(read_client: httpx.Client, path: str) -> None:
    response = read_client.post(path)
    assert response.status_code == 400
    assert classify(response.json()["error"]) is UpstashError.READ_ONLY


@pytest.mark.parametrize("path", ["/subscribe", "/psubscribe/", "/monitor/x"])
def test_a_stream_with_the_wrong_arguments_is_refused(rest_client: httpx.Client, path: str) -> None:
    response = rest_client.post(path)
    assert response.status_code == 400
    assert classify(response.json()["error"]) is UpstashError.WRONG_ARGUMENTS


def test_head_of_a_stream_ends(rest_client: httpx.Client) -> None:
    response = rest_client.head("/subscribe/c")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream")


def test_a_client_that_goes_ends_its_subscription(gateway: Any, keys: redis.Redis) -> None:
    with gateway.client() as client, streaming(client, "/subscribe/left") as events:
        next(events)
        assert keys.pubsub_numsub("left") == [(b"left", 1)]
    until(lambda: keys.pubsub_numsub("left") == [(b"left", 0)])


def test_fifty_subscribers_each_get_the_message(gateway: Any, keys: redis.Redis) -> None:
    clients = [gateway.client() for _ in range(50)]
    streams = [streaming(client, "/subscribe/crowd") for client in clients]
    try:
        all_events = [stream.__enter__() for stream in streams]
        assert {next(events) for events in all_events} == {"data: subscribe,crowd,1"}
        assert keys.publish("crowd", "x") == 50
        assert {next(events) for events in all_events} == {"data: message,crowd,x"}
    finally:
        for stream in streams:
            stream.__exit__(None, None, None)
        for client in clients:
            client.close()


def test_a_gateway_with_subscribers_stops_at_once_and_in_silence(gateway_valkey: Any, start_gateway: Any) -> None:
    gateway = start_gateway(gateway_valkey.port)
    with gateway.client() as client, streaming(client, "/subscribe/c") as events:
        next(events)
        gateway.process.send_signal(signal.SIGTERM)
        assert list(events) == []
    assert gateway.stop() == (0, b"", b"")


def test_a_killed_valkey_ends_the_stream_and_the_next_is_refused(valkey_of_its_own: Any, its_gateway: Any) -> None:
    with its_gateway.client() as client, streaming(client, "/subscribe/c") as events:
        next(events)
        valkey_of_its_own.kill()
        assert list(events) == []
    with its_gateway.client() as client:
        response = client.post("/subscribe/c")
        assert response.status_code == 503
        assert classify(response.json()["error"]) is UpstashError.STORE_DOWN
    valkey_of_its_own.start()


class OneEvent:
    """A stream with one event, and then silence."""

    async def events(self) -> AsyncIterator[bytes]:
        yield b"data: x\n\n"
        await asyncio.Event().wait()


async def _stays(*_: Any) -> Any:
    return await asyncio.Event().wait()


async def test_a_client_that_never_reads_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SEND_DEADLINE", 0.01)
    monkeypatch.setattr(streams, "GOODBYE", 0.01)
    async with asyncio.timeout(30):
        await streams.send_events(cast("streams.ServerSentStream", OneEvent()), _stays, _stays, asyncio.Event())


async def test_a_silent_stream_is_kept_alive_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "KEEP_ALIVE", 0.01)
    stopping, sent = asyncio.Event(), []

    async def send(message: streams.Message) -> None:
        sent.append(message["body"])
        if len(sent) == 3:
            stopping.set()

    async with asyncio.timeout(30):
        await streams.send_events(cast("streams.ServerSentStream", OneEvent()), _stays, send, stopping)
    assert (sent[:3], sent[-1]) == ([b"data: x\n\n", b": keep-alive\n\n", b": keep-alive\n\n"], b"")


def test_a_gateway_stops_though_a_subscriber_does_not_read(
    gateway_valkey: Any, start_gateway: Any, keys: redis.Redis
) -> None:
    gateway = start_gateway(gateway_valkey.port)
    with socket.create_connection(("127.0.0.1", gateway.configuration["port"])) as stuck:
        stuck.sendall(b"POST /subscribe/flood?_token=full-token-A7s HTTP/1.1\r\nHost: x\r\n\r\n")
        until(lambda: keys.pubsub_numsub("flood") == [(b"flood", 1)])
        for _ in range(100):
            keys.publish("flood", "x" * 200_000)
        assert gateway.stop()[0] == 0


RESP2 = [
    ("/set/k/v", b"", 200, b"+OK\r\n"),
    ("/get/s", b"", 200, b"$5\r\nvalue\r\n"),
    ("/get/ok", b"", 200, b"$2\r\nOK\r\n"),
    ("/get/missing", b"", 200, b"$-1\r\n"),
    ("/get/bin", b"", 200, b"$3\r\n\xff\x00\xfe\r\n"),
    ("/incr/n", b"", 200, b":6\r\n"),
    ("/hgetall/h", b"", 200, b"*2\r\n$1\r\nf\r\n$1\r\n1\r\n"),
    ("/command", b"", 200, b"*0\r\n"),
    ("/incr/s", b"", 400, b"-ERR value is not an integer or out of range\r\n"),
    ("/auth/x", b"", 400, b'-ERR Command "AUTH" is not allowed in REST or it has a special context path\r\n'),
    ("/pipeline", b'[["PING"],["COMMAND"],["INCR","s"],["MGET","s","x"]]', 200,
     b"+PONG\r\n*0\r\n-ERR value is not an integer or out of range\r\n*2\r\n$5\r\nvalue\r\n$-1\r\n"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "status", "answer"), RESP2, ids=[row[0] for row in RESP2])
def test_resp2_is_what_redis_itself_says(
    rest_client: httpx.Client, keys: redis.Redis, path: str, body: bytes, status: int, answer: bytes
) -> None:
    keys.set("ok", "OK")
    response = rest_client.post(path, content=body, headers={"Upstash-Response-Format": "resp2"})
    assert (response.status_code, response.content) == (status, answer)
    assert response.headers["content-type"] == "application/octet-stream"


def test_resp2_rewrites_info_as_json_does(rest_client: httpx.Client) -> None:
    answer = rest_client.get("/info/server", headers={"Upstash-Response-Format": "resp2"}).content
    assert re.match(rb"\$\d+\r\n# Server\r\nupstash_version:", answer)


def test_a_transaction_answers_in_json_whatever_format_is_asked_for(rest_client: httpx.Client) -> None:
    response = rest_client.post("/multi-exec", json=[["GET", "s"]], headers={"Upstash-Response-Format": "resp2"})
    assert response.json() == [{"result": "value"}]


@pytest.mark.parametrize(
    "headers",
    [
        {"Upstash-Response-Format": "xml"},
        {"Upstash-Response-Format": "resp2", "Upstash-Encoding": "base64"},
    ],
)
def test_a_format_that_cannot_be_is_refused_in_json(rest_client: httpx.Client, headers: dict[str, str]) -> None:
    response = rest_client.get("/get/s", headers=headers)
    assert response.status_code == 400
    assert set(response.json()) == {"error"}


@pytest.mark.parametrize(
    ("kind", "code"), [("requests", UpstashError.MONTHLY_LIMIT), ("daily", UpstashError.DAILY_LIMIT)]
)
def test_a_plan_can_be_made_to_run_out(
    gateway_valkey: Any, keys: redis.Redis, start_gateway: Any, kind: str, code: UpstashError
) -> None:
    gateway = start_gateway(gateway_valkey.port, limit={"kind": kind, "after": 3})
    with gateway.client() as client:
        answers = client.post("/pipeline", json=[["GET", "s"]] * 4).json()
        assert answers[:3] == [{"result": "value"}] * 3
        assert classify(answers[3]["error"]) is code
        assert "Limit: 3, Usage: 4" in answers[3]["error"]
        for path, body in (("/get/s", b""), ("/multi-exec", b'[["GET","s"]]'), ("/subscribe/c", b"")):
            response = client.post(path, content=body)
            assert response.status_code == 400
            assert classify(response.json()["error"]) is code


def test_a_full_store_refuses_what_needs_room_and_nothing_else(
    gateway_valkey: Any, keys: redis.Redis, start_gateway: Any
) -> None:
    gateway = start_gateway(gateway_valkey.port, limit={"kind": "storage"})
    with gateway.client() as client:
        rows = [["SET", "s", "x"], ["EVAL", "return 1", 0], ["GET", "s"], ["DEL", "s"]]
        rows.append(["XTRIM", "x", "MAXLEN", "~", 5])  # which is a script by the time that Valkey sees it
        replies = client.post("/pipeline", json=rows).json()
    assert [classify(reply.get("error", "")) for reply in replies[:2]] == [UpstashError.STORAGE_FULL] * 2
    assert replies[2:] == [{"result": "value"}, {"result": 1}, {"result": 0}]
