"""The REST client: results for whatever the network and the service do, and never an exception."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.error_texts import UpstashError
from soundcheck.stores.upstash.rest import Reply, RestClient, TransportFailure
from soundcheck.stores.upstash.rest_url import RestUrl

TOKEN = Secret("the-token-9q")
QUOTA = "ERR max requests limit exceeded. Limit: 500000, Usage: 500006. See https://upstash.com/docs for details"


async def ask(url: RestUrl, *, deadline: float = 5.0, **options: Any) -> Reply:
    """One GET."""
    client = RestClient(url, TOKEN, deadline=deadline, **options)
    try:
        return await client.command("GET", "k")
    finally:
        await client.close()


# What the real gateway answers


async def test_a_command_and_its_value(rest: Any) -> None:
    client = RestClient(rest.url, rest.token)
    assert (await client.command("SET", "k", "été \x00 😀", "EX", 60)).value == "OK"
    reply = await client.command("GET", "k")
    assert (reply.value, reply.ok, reply.code, reply.status) == ("été \x00 😀", True, None, 200)
    assert reply.elapsed_ms > 0
    assert (await client.command("GET", "missing")).value is None
    assert (await client.command("INCRBYFLOAT", "f", 1.5)).value == "1.5"
    await client.close()


async def test_an_error_is_a_result_with_its_code(rest: Any) -> None:
    client = RestClient(rest.url, rest.token)
    await client.command("SET", "k", "v")
    reply = await client.command("LPUSH", "k", "x")
    assert (reply.ok, reply.code, reply.status, reply.failure) == (False, UpstashError.WRONG_TYPE, 400, None)
    await client.close()


async def test_a_wrong_token_and_a_read_only_token_are_told_apart(rest: Any) -> None:
    wrong = RestClient(rest.url, Secret("wrong"))
    reader = RestClient(rest.url, rest.readonly_token)
    assert (await wrong.command("PING")).code is UpstashError.BAD_TOKEN
    assert [reply.code for reply in await wrong.pipeline([["PING"], ["PING"]])] == [UpstashError.BAD_TOKEN] * 2
    assert (await reader.command("SET", "k", "v")).code is UpstashError.READ_ONLY
    assert (await reader.command("PING")).ok
    assert wrong.commands_used == 0
    await wrong.close()
    await reader.close()


async def test_a_pipeline_keeps_the_error_of_each_item_and_counts_each_command(rest: Any) -> None:
    client = RestClient(rest.url, rest.token)
    replies = await client.pipeline([["SET", "k", 1], ["LPUSH", "k", "x"], ["INCR", "k"], ["NOPE"]])
    assert [(reply.value, reply.code) for reply in replies] == [
        ("OK", None),
        (None, UpstashError.WRONG_TYPE),
        (2, None),
        (None, UpstashError.COMMAND_UNAVAILABLE),
    ]
    assert client.commands_used == 4
    assert await client.pipeline([]) == []
    await client.command("PING")
    assert client.commands_used == 5
    await client.close()


async def test_a_hundred_callers_share_four_connections(serve: Any, reply_json: Any) -> None:
    server = await serve(reply_json({"result": "v"}))
    client = RestClient(server.url, TOKEN)
    replies = await asyncio.gather(*(client.command("GET", str(n)) for n in range(100)))
    assert all(reply.value == "v" for reply in replies)
    assert server.connections <= 4
    assert client.commands_used == 100
    await client.close()


# What no Upstash would answer


@pytest.mark.parametrize(
    ("body", "status", "kind", "failure"),
    [
        ("<html>Sign in to the Wi-Fi</html>", "200 OK", "text/html; charset=utf-8", TransportFailure.NOT_JSON),
        ("<h1>502 Bad Gateway</h1>", "502 Bad Gateway", "text/html", TransportFailure.NOT_JSON),
        ("", "204 No Content", "text/plain", TransportFailure.NOT_JSON),
        ('{"result": "trunc', "200 OK", "application/json", TransportFailure.NOT_JSON),
        (b"\xff\xfe\x00", "200 OK", "application/json", TransportFailure.NOT_JSON),
        ("[" * 100_000, "200 OK", "application/json", TransportFailure.NOT_JSON),
        ('{"message": "hello"}', "200 OK", "application/json", TransportFailure.NOT_UPSTASH),
        ('{"message": "no such route"}', "404 Not Found", "application/json", TransportFailure.NOT_UPSTASH),
        ('{"result": "v"}', "500 Oops", "application/json", TransportFailure.NOT_UPSTASH),
        ("[]", "200 OK", "application/json", TransportFailure.NOT_UPSTASH),
        ("7", "200 OK", "application/json", TransportFailure.NOT_UPSTASH),
        ('{"error": 7}', "400 Bad Request", "application/json", TransportFailure.NOT_UPSTASH),
    ],
)
async def test_an_answer_of_another_kind_is_named(
    serve: Any, reply_with: Any, body: str | bytes, status: str, kind: str, failure: TransportFailure
) -> None:
    server = await serve(reply_with(body, status, kind))
    client = RestClient(server.url, TOKEN)
    reply = await client.command("GET", "k")
    assert (reply.failure, reply.ok, reply.value, reply.code) == (failure, False, None, None)
    assert reply.status == int(status[:3])
    assert reply.error
    assert [item.failure for item in await client.pipeline([["GET", "a"], ["GET", "b"]])] == [failure] * 2
    await client.close()


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "401 Unauthorized", "429 Too Many", "500 Oops"])
async def test_the_text_decides_and_not_the_status(serve: Any, reply_json: Any, status: str) -> None:
    server = await serve(reply_json({"error": QUOTA}, status))
    reply = await ask(server.url)
    assert (reply.code, reply.status) == (UpstashError.MONTHLY_LIMIT, int(status[:3]))


async def test_a_used_up_quota_inside_a_pipeline_answered_with_200(serve: Any, reply_json: Any) -> None:
    server = await serve(reply_json([{"result": "OK"}, {"error": QUOTA}]))
    client = RestClient(server.url, TOKEN)
    first, second = await client.pipeline([["SET", "a", 1], ["GET", "a"]])
    assert (first.ok, second.code, second.status) == (True, UpstashError.MONTHLY_LIMIT, 200)
    await client.close()


@pytest.mark.parametrize("body", [[{"result": 1}], [{"result": 1}] * 3, {"result": 1}, [1, 2]])
async def test_a_pipeline_with_the_wrong_number_of_answers_is_no_answer(
    serve: Any, reply_json: Any, body: object
) -> None:
    server = await serve(reply_json(body))
    client = RestClient(server.url, TOKEN)
    replies = await client.pipeline([["GET", "a"], ["GET", "b"]])
    assert [reply.failure for reply in replies] == [TransportFailure.NOT_UPSTASH] * 2
    await client.close()


async def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(
    serve: Any, reply_with: Any, reply_json: Any
) -> None:
    other = await serve(reply_json({"result": "stolen"}))
    server = await serve(reply_with("", "307 Temporary Redirect", "text/plain", Location=f"{other.url}/"))
    reply = await ask(server.url)
    assert (reply.failure, reply.status) == (TransportFailure.REDIRECT, 307)
    assert other.connections == 0


async def test_an_answer_that_is_too_large_is_not_read(serve: Any, reply_json: Any) -> None:
    server = await serve(reply_json({"result": "x" * 5000}))
    assert (await ask(server.url, max_answer=4000)).failure is TransportFailure.TOO_LARGE
    assert (await ask(server.url, max_answer=6000)).ok


async def test_an_answer_compressed_unasked_is_not_unpacked(serve: Any, reply_with: Any) -> None:
    import gzip

    server = await serve(reply_with(gzip.compress(b'{"result": 1}'), Content_Encoding="gzip"))
    assert (await ask(server.url)).failure is TransportFailure.NOT_JSON
    assert b"accept-encoding: identity" in server.requests[0].lower()
