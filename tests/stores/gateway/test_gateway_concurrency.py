"""Many callers at once on one connection: each gets its own answer, and transactions stay whole."""

from __future__ import annotations

import asyncio
import random
import socket
from typing import Any

import httpx
import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.stores.local.gateway.info import upstash_info
from soundcheck.stores.local.gateway.request import Call, Malformed, RequestShape, read_call
from soundcheck.stores.upstash.statistics import read_info

TOKEN = "full-token-A7s"


async def many(gateway: Any, requests: list[tuple[str, Any]]) -> list[Any]:
    """POST all at once; the answers in order."""
    limits = httpx.Limits(max_connections=40)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(
        base_url=gateway.url, headers=headers, trust_env=False, verify=False, limits=limits, timeout=60
    ) as client:
        return [r.json() for r in await asyncio.gather(*(client.post(path, json=body) for path, body in requests))]


async def test_two_hundred_mixed_requests_each_get_their_own_answer(gateway: Any, keys: redis.Redis) -> None:
    requests: list[tuple[str, Any]] = []
    expected: list[Any] = []
    for n in range(50):
        text = f"text {n} é" * (1 + n % 7 * 50)
        requests += [
            ("/", ["ECHO", text]),
            ("/pipeline", [["SET", f"k{n}", n], ["GET", f"k{n}"], ["NOPE"], ["LRANGE", "l", 0, -1]]),
            ("/multi-exec", [["SET", f"t{n}", n], ["INCR", f"t{n}"], ["LPUSH", f"t{n}", "x"]]),
            ("/", ["INCR", "s"] if n % 2 else ["GET"]),
        ]
        expected += [
            {"result": text},
            ["OK", str(n), None, ["a", "b"]],
            ["OK", n + 1, None],
            {"error"},
        ]
    order = list(range(len(requests)))
    random.Random(7).shuffle(order)
    answers = await many(gateway, [requests[n] for n in order])
    for n, answer in zip(order, answers, strict=True):
        want = expected[n]
        if isinstance(want, set):
            assert set(answer) == want
        elif isinstance(want, dict):
            assert answer == want
        else:
            assert [item.get("result") for item in answer] == want


async def test_a_transaction_is_never_interleaved(gateway: Any, keys: redis.Redis) -> None:
    transaction = ("/multi-exec", [["INCR", "c"], ["INCR", "c"], ["INCR", "c"]])
    between = ("/pipeline", [["INCR", "c"], ["INCR", "c"]])
    answers = await many(gateway, [transaction, between, ("/", ["INCR", "c"])] * 40)
    seen = []
    for answer in answers:
        numbers = [item["result"] for item in answer] if isinstance(answer, list) else [answer["result"]]
        seen += numbers
        if len(numbers) == 3:
            assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert sorted(seen) == list(range(1, 40 * 6 + 1))


async def test_aborted_transactions_leave_the_connection_usable_for_the_others(gateway: Any, keys: redis.Redis) -> None:
    answers = await many(gateway, [("/multi-exec", [["SET", "x", 1], ["GET"]]), ("/", ["GET", "s"])] * 30)
    assert answers[0::2] == [{"error": "EXECABORT Transaction discarded because of previous errors."}] * 30
    assert answers[1::2] == [{"result": "value"}] * 30


async def test_clients_that_hang_up_take_no_answer_from_others(gateway: Any, keys: redis.Redis) -> None:
    request = (
        b"POST /pipeline HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer full-token-A7s\r\nContent-Length: 18\r\n\r\n"
    )
    for _ in range(30):
        with socket.create_connection(("127.0.0.1", gateway.configuration["port"])) as rude:
            rude.sendall(request + b'[["ECHO","rude!"]]')
    answers = await many(gateway, [("/", ["ECHO", f"polite {n}"]) for n in range(60)])
    assert answers == [{"result": f"polite {n}"} for n in range(60)]


async def test_requests_sent_ahead_on_one_connection_are_answered_in_order(gateway: Any, keys: redis.Redis) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.configuration["port"])
    for n in range(20):
        writer.write(b"GET /echo/%d?_token=full-token-A7s HTTP/1.1\r\nHost: x\r\n\r\n" % n)
    for n in range(20):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        assert await reader.readexactly(length) == b'{"result":"%d"}' % n
    writer.close()
    await writer.wait_closed()


def test_info_has_upstashs_fields_and_valkeys_counts(rest_client: httpx.Client, keys: redis.Redis) -> None:
    rest_client.get("/get/s")
    text = rest_client.get("/info").json()["result"]
    fields = read_info(text)
    assert text.startswith("# Server\r\nupstash_version:")
    assert fields["total_keys"] == "6"
    assert fields["max_data_size"] == "268435456"
    assert fields["max_ops_per_sec"] == "10000"
    assert fields["db0"].startswith("keys=6,expires=0,avg_ttl=0")
    assert int(fields["keyspace_hits"]) >= 1
    assert int(fields["total_reads_processed"]) >= 1
    assert int(fields["total_writes_processed"]) >= 5
    assert int(fields["total_data_size"]) <= int(fields["used_memory"])


@pytest.mark.parametrize(
    ("asked", "headings"),
    [
        ("stats", ["# Stats"]),
        ("KEYSPACE", ["# Keyspace"]),
        ("nonsense", ["# Nonsense"]),
        ("stats/memory", ["# Stats", "# Memory"]),
    ],
)
def test_info_of_a_section_has_that_section_only(rest_client: httpx.Client, asked: str, headings: list[str]) -> None:
    text = rest_client.get(f"/info/{asked}").json()["result"]
    assert [line for line in text.splitlines() if line.startswith("#")] == headings
    everything = {rest_client.get(f"/info/{word}").json()["result"].count("#") for word in ("default", "all")}
    assert everything == {7}


@given(st.binary(max_size=400))
@settings(max_examples=60)
def test_info_of_a_strange_server_is_still_a_text(reply: bytes) -> None:
    assert upstash_info(reply, [], frozenset()).startswith(b"# Server\r\n")


@given(
    st.sampled_from([b"/", b"/pipeline", b"/multi-exec", b"/set/a", b"//pipeline", b"/%", b"/%zz/\xff"]),
    st.binary(max_size=40),
    st.binary(max_size=60) | st.text(alphabet='[]{}",1ae. ', max_size=30).map(str.encode),
)
@settings(max_examples=200)
def test_no_request_makes_the_reader_raise(path: bytes, query: bytes, body: bytes) -> None:
    call = read_call(path, query, body)
    if isinstance(call, Malformed):
        assert call.text.startswith("ERR ")
    else:
        assert all(isinstance(word, bytes) for command in call.commands for word in command)
        assert call.shape is RequestShape.PIPELINE or all(call.commands)


def test_an_empty_first_segment_is_no_command() -> None:
    assert read_call(b"//pipeline", b"", b"") == Malformed("ERR empty command")


def test_parameters_follow_the_body_and_the_token_is_left_out() -> None:
    call = read_call(b"/set/a%20b", b"EX=1%30&_token=secret&NX&GET=", b"the body")
    assert call == Call(RequestShape.SINGLE, [[b"set", b"a b", b"the body", b"EX", b"10", b"NX", b"GET"]])
