"""A command that would wait holds up no other caller, however it is spelled, and one that only looks so is served."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.stores.local.gateway.policy import CommandTable, Settled, decide
from soundcheck.stores.local.gateway.stream_reads import may_wait
from soundcheck.stores.upstash.error_texts import UpstashError, classify

BLOCKING = [
    "XREADGROUP GROUP STREAMS c BLOCK 0 STREAMS q >",
    "XREADGROUP GROUP BLOCK STREAMS BLOCK 0 STREAMS q >",
    "XREADGROUP GROUP STREAMS STREAMS COUNT 1 NOACK BLOCK 0 STREAMS q >",
    "XREADGROUP COUNT 1 GROUP STREAMS c block 0 STREAMS q >",
    "XREADGROUP BLOCK 0 GROUP STREAMS c STREAMS q >",
    "xreadgroup group g c Block 0 streams q >",
    "XREAD BLOCK 0 STREAMS q $",
    "XREAD COUNT 1 BLOCK 0 STREAMS q $",
    "XREAD COUNT STREAMS BLOCK 0 STREAMS q $",
    "xRead bLoCk 0 sTreams q $",
    "BLPOP q 0",
    "blpop q 0",
    "BRPOP q 0",
    "BRPOPLPUSH q r 0",
    "BLMOVE q r LEFT LEFT 0",
    "BLMPOP 0 1 q LEFT",
    "BZPOPMIN q 0",
    "BZPOPMAX q 0",
    "BZMPOP 0 1 q MIN",
    "WAIT 1 0",
    "WAITAOF 0 1 0",
    "SUBSCRIBE c",
    "MONITOR",
    "CLIENT PAUSE 100000",
    "DEBUG SLEEP 100",
]
STREAMED = {"SUBSCRIBE c", "MONITOR"}
"""Whose path is a stream of its own."""

SHAPES = [("/", "body"), ("/pipeline", "pipeline"), ("/multi-exec", "pipeline"), ("", "path")]
OPTIONS = [
    *("GROUP g c", "GROUP STREAMS c", "GROUP BLOCK STREAMS", "GROUP g BLOCK", "GROUP COUNT NOACK", "GROUP g"),
    *("BLOCK 0", "block 0", "BLOCK STREAMS", "COUNT 1", "COUNT BLOCK", "COUNT STREAMS", "NOACK", "CLAIM 1", "x"),
]
HARMLESS = [
    "XREADGROUP GROUP STREAMS c STREAMS q >",
    "XREADGROUP GROUP STREAMS BLOCK STREAMS q >",
    "XREADGROUP GROUP BLOCK STREAMS NOACK COUNT 1 STREAMS q >",
    "XREAD STREAMS BLOCK 0",
    "XREAD COUNT 1 STREAMS BLOCK STREAMS 0 0",
]


@pytest.fixture
def queue(keys: redis.Redis) -> None:
    """A stream with groups of difficult names, all read."""
    for name in ("q", "BLOCK", "STREAMS"):
        for group in ("STREAMS", "BLOCK", "g"):
            keys.xgroup_create(name, group, "$", mkstream=True)


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize(
    ("words", "path", "form"),
    [(words, *shape) for words in BLOCKING for shape in SHAPES if shape[0] or words not in STREAMED],
)
def test_a_command_that_would_wait_is_refused_and_others_are_answered(
    gateway: Any, rest_client: httpx.Client, words: str, path: str, form: str
) -> None:
    command = words.split()
    target = path if form != "path" else "/" + "/".join(word.replace("$", "%24") for word in command)
    body = {"body": json.dumps(command), "pipeline": json.dumps([["GET", "s"], command]), "path": ""}[form].encode()
    with socket.create_connection(("127.0.0.1", gateway.configuration["port"])) as waiting:
        head = f"POST {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer full-token-A7s\r\nConnection: close\r\n"
        waiting.sendall(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert rest_client.get("/get/s").json() == {"result": "value"}
        said = json.loads(b"".join(iter(lambda: waiting.recv(65536), b"")).partition(b"\r\n\r\n")[2])
    refused = said[1] if path == "/pipeline" else said
    assert classify(refused["error"]) in {UpstashError.NOT_OVER_REST, UpstashError.COMMAND_UNAVAILABLE}


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("words", HARMLESS)
def test_names_that_look_like_options_are_no_options(rest_client: httpx.Client, words: str) -> None:
    assert rest_client.post("/", json=words.split()).json() == {"result": None}
    assert rest_client.post("/multi-exec", json=[words.split()]).json() == [{"result": None}]
    assert rest_client.post("/", json=words.split(), headers={"Upstash-Response-Format": "resp2"}).status_code == 200


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("XREAD", "ERR wrong number of arguments for 'xread' command"),
        ("XREAD BLOCK 0", "ERR wrong number of arguments for 'xread' command"),
        ("XREAD FOREVER 0 STREAMS q $", "ERR syntax error"),
        ("XREADGROUP GROUP g c CLAIM 1 BLOCK 0 STREAMS q >", "ERR syntax error"),
        ("XREADGROUP GROUP g c COUNT 1 STREAMS", "ERR syntax error"),
    ],
)
def test_what_is_no_read_of_streams_is_told_in_valkeys_words(rest_client: httpx.Client, words: str, error: str) -> None:
    assert rest_client.post("/", json=words.split()).json() == {"error": error}


@pytest.mark.usefixtures("queue")
@given(
    st.sampled_from(["XREAD", "XREADGROUP"]),
    st.lists(st.sampled_from(OPTIONS), max_size=4),
    st.sampled_from(["STREAMS q >", "STREAMS q $", "STREAMS BLOCK q 0 >", "streams q 1"]),
)
@settings(max_examples=300, deadline=None)
def test_nothing_that_is_let_through_makes_valkey_wait(
    gateway_valkey: Any, name: str, options: list[str], streams: str
) -> None:
    command = " ".join([name, *options, streams]).split()
    if may_wait([word.encode() for word in command]) is not False:
        return
    with gateway_valkey.direct() as client:
        try:
            client.execute_command(*command)  # with a deadline of 10 s, which would be raised as a TimeoutError
        except redis.ResponseError:
            pass


def test_whatever_valkey_calls_blocking_is_refused() -> None:
    row = [b"bfuturepop", 3, [b"write", b"blocking"], 1, 1, 1, [b"@write", b"@blocking"], [], [], []]
    decision = decide([b"BFuturePop", b"q", b"0"], CommandTable.read([row]), read_only=False)
    assert isinstance(decision, Settled)
    assert "not allowed in REST" in str(decision.answer)
