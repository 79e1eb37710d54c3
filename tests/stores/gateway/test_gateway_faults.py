"""What the gateway does when a request is too large, Valkey is gone, or its own start is wrong."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import redis

from soundcheck.stores.local.gateway.answer import ErrorReply
from soundcheck.stores.local.gateway.app import Gateway
from soundcheck.stores.local.gateway.bounds import Bounds
from soundcheck.stores.local.gateway.configuration import GatewayConfiguration
from soundcheck.stores.local.gateway.http_exchange import MAX_REQUEST, read_body
from soundcheck.stores.local.gateway.policy import Forward
from soundcheck.stores.local.gateway.request import RawCommand, RequestShape
from soundcheck.stores.local.gateway.valkey import ValkeyDown, ValkeyLink
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.error_texts import UpstashError, classify
from tests.stores.gateway.conftest import PASSWORD, Valkey

TOO_LARGE = {"error": "ERR max request size exceeded"}


def test_ten_megabytes_are_taken_and_one_byte_more_is_not(rest_client: httpx.Client, keys: redis.Redis) -> None:
    assert rest_client.post("/set/large", content=b"x" * MAX_REQUEST).json() == {"result": "OK"}
    assert keys.strlen("large") == MAX_REQUEST
    refused = rest_client.post("/set/larger", content=b"x" * (MAX_REQUEST + 1))
    assert (refused.status_code, refused.json()) == (400, TOO_LARGE)
    assert rest_client.get("/get/s").json() == {"result": "value"}


def test_the_limit_holds_for_a_body_without_a_length(rest_client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(11):
            yield b"x" * 2**20

    refused = rest_client.post("/set/larger", content=chunks())
    assert (refused.status_code, refused.json()) == (400, TOO_LARGE)


async def test_no_more_than_the_limit_is_ever_held() -> None:
    given = 0

    async def receive() -> dict[str, Any]:
        nonlocal given
        given += 2**20
        return {"type": "http.request", "body": b"x" * 2**20, "more_body": True}

    assert await read_body(receive, 0) is None
    assert given == MAX_REQUEST + 2**20
    given = 0
    assert await read_body(receive, MAX_REQUEST + 1) is None
    assert given == 0


def test_a_killed_valkey_is_told_and_found_again_without_a_restart(valkey_of_its_own: Any, its_gateway: Any) -> None:
    with its_gateway.client() as client:
        assert client.get("/set/k/v").json() == {"result": "OK"}
        valkey_of_its_own.kill()
        for path, body in (("/get/k", b""), ("/pipeline", b'[["GET","k"]]'), ("/multi-exec", b'[["GET","k"]]')):
            down = client.post(path, content=body)
            assert down.status_code == 503
            assert classify(down.json()["error"]) is UpstashError.STORE_DOWN
        assert client.get("/_soundcheck/version").status_code == 200
        valkey_of_its_own.start()
        assert client.get("/get/k").json() == {"result": "v"}


def test_a_request_that_waits_when_valkey_dies_gets_an_answer(valkey_of_its_own: Any, its_gateway: Any) -> None:
    process = psutil.Process(valkey_of_its_own.process.pid)
    with its_gateway.client() as client:
        client.get("/ping")
    process.suspend()
    with socket.create_connection(("127.0.0.1", its_gateway.configuration["port"])) as waiting:
        waiting.sendall(b"GET /get/k?_token=full-token-A7s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        valkey_of_its_own.kill()
        answer = b"".join(iter(lambda: waiting.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 503 ")
    valkey_of_its_own.start()


def test_a_wrong_valkey_password_is_not_blamed_on_the_rest_token(valkey_of_its_own: Any, start_gateway: Any) -> None:
    gateway = start_gateway(valkey_of_its_own.port, redis_password="wrong-password")
    with gateway.client() as client:
        response = client.get("/get/k")
    assert response.status_code == 503
    assert classify(response.json()["error"]) is UpstashError.STORE_DOWN
    assert "wrong-password" not in response.text


async def test_a_valkey_that_falls_silent_is_given_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        row = b"*10\r\n$3\r\nget\r\n:2\r\n*0\r\n:1\r\n:1\r\n:1\r\n*1\r\n$5\r\n@read\r\n*0\r\n*0\r\n*0\r\n"
        await reader.readuntil(b"COMMAND\r\n")
        writer.write(b"*1\r\n" + row)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        link = ValkeyLink("127.0.0.1", port, Secret(""), silence_limit=1.0)  # holds for the greeting too
        assert (await link.table()).readable == {b"GET"}
        with pytest.raises(ValkeyDown, match="no answer within"):
            await link.ask([[b"GET", b"k"]])
        link.close()


@pytest.fixture
def busy_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """One that says soon that it is busy with a script."""
    server = Valkey(tmp_path)
    server.start()
    with server.direct() as direct:
        direct.config_set("busy-reply-threshold", 50)
    yield server
    server.kill()


ENDLESS: RawCommand = [b"EVAL", b"while true do end", b"0"]


async def test_a_script_without_end_is_ended_once_nothing_has_come_for_long(busy_valkey: Valkey) -> None:
    """Valkey answers everybody with BUSY from then on, and lets it run."""
    secret = Secret(PASSWORD)
    link = ValkeyLink("127.0.0.1", busy_valkey.port, secret, silence_limit=0.5)
    other = ValkeyLink("127.0.0.1", busy_valkey.port, secret)
    assert await other.ask([[b"ECHO", b"x"]]) == [b"x"]
    with pytest.raises(ValkeyDown, match="no answer within"):
        await link.ask([ENDLESS])
    assert await link.ask([[b"ECHO", b"x"]]) == [b"x"]
    assert await other.ask([[b"ECHO", b"y"]]) == [b"y"]
    with pytest.raises(ValkeyDown, match="no answer within"):
        await link.ask([[b"EVAL", b"redis.call('SET', 'k', 'v') while true do end", b"0"]])
    with pytest.raises(ValkeyDown, match="soundcheck local down"):  # half of its work would be left
        await link.ask([[b"ECHO", b"x"]])
    link.close()
    other.close()


async def test_one_on_a_connection_of_its_own_is_ended_too(busy_valkey: Valkey) -> None:
    bounds = Bounds(silence_seconds=0.5)
    gateway = Gateway(
        GatewayConfiguration(
            "127.0.0.1", 1, "127.0.0.1", busy_valkey.port, Secret(PASSWORD), Secret("t"), None, "v", bounds=bounds
        )
    )
    with pytest.raises(ValkeyDown, match="no answer within"):
        await gateway._raw([Forward(ENDLESS)], RequestShape.SINGLE)
    assert await gateway._run([Forward([b"ECHO", b"x"])]) == [b"x"]
    gateway.close()


@pytest.mark.parametrize("noise", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+OK\r\n+OK\r\n+OK\r\n", b"", b"*0\r\n"])
async def test_something_else_on_valkeys_port_is_a_plain_failure(noise: bytes) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(noise)
        writer.close()

    async with await asyncio.start_server(other, "127.0.0.1", 0) as server:
        link = ValkeyLink("127.0.0.1", server.sockets[0].getsockname()[1], Secret(""))
        with pytest.raises(ValkeyDown):
            await link.ask([[b"PING"]])


async def test_many_callers_open_one_connection(gateway_valkey: Any) -> None:
    link = ValkeyLink("127.0.0.1", gateway_valkey.port, Secret('pass "word" é'))
    before = _connections(gateway_valkey)
    answers = await asyncio.gather(*(link.ask([[b"ECHO", b"%d" % n]]) for n in range(100)))
    assert answers == [[b"%d" % n] for n in range(100)]
    assert _connections(gateway_valkey) - before == 2  # ours, and the one that counts
    link.close()


async def test_a_caller_that_goes_away_does_not_shift_the_others_answers(gateway_valkey: Any) -> None:
    link = ValkeyLink("127.0.0.1", gateway_valkey.port, Secret('pass "word" é'))
    await link.table()
    calls = [asyncio.create_task(link.ask([[b"ECHO", b"%d" % n], [b"NOPE"]])) for n in range(50)]
    await asyncio.sleep(0)
    for call in calls[::3]:
        call.cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for n, answer in enumerate(answers):
        if n % 3 == 0:
            assert isinstance(answer, asyncio.CancelledError)
        else:
            assert isinstance(answer, list)
            assert answer[0] == b"%d" % n
            assert isinstance(answer[1], ErrorReply)
    link.close()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"host": "0.0.0.0"}, "host"),
        ({"host": "192.168.1.1"}, "host"),
        ({"redis_host": "example.com"}, "redis_host"),
        ({"port": 0}, "port"),
        ({"port": "8080"}, "port"),
        ({"token": ""}, "token"),
        ({"token": None}, "token"),
        ({"readonly_token": "full-token-A7s"}, "read-only token"),
        ({"version": 3}, "version"),
    ],
)
def test_a_wrong_configuration_ends_the_start_in_one_line(launch: Any, change: dict[str, Any], named: str) -> None:
    code, out, err = _run(launch, {**_settings(), **change})
    assert (code, out) == (2, b"")
    assert named in err.decode()
    assert err.count(b"\n") == 1
    assert b"full-token" not in err
    assert b"word" not in err


def test_what_is_no_json_ends_the_start_without_being_repeated(launch: Any) -> None:
    code, out, err = _run(launch, '{"token": "full-token-A7s",')
    assert (code, out) == (2, b"")
    assert b"full-token" not in err


def test_a_taken_port_is_told(launch: Any) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        code, out, err = _run(launch, {**_settings(), "port": port})
    assert (code, out) == (4, b"")
    assert str(port) in err.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_zero_and_nothing_was_logged(
    gateway_valkey: Any, start_gateway: Any, number: signal.Signals
) -> None:
    gateway = start_gateway(gateway_valkey.port)
    with gateway.client() as client:
        client.get("/get/s?_token=full-token-A7s")
        client.get("/get/s", headers={"Authorization": "Bearer wrong-token"})
        client.post("/", content=b"no json")
        gateway.process.send_signal(number)
        out, err = gateway.process.communicate(timeout=10)
    assert (gateway.process.returncode, out, err) == (0, b"", b"")


def test_it_listens_on_its_own_address_only(gateway: Any) -> None:
    process = psutil.Process(gateway.process.pid)
    listening = [c.laddr for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", gateway.configuration["port"])]


def test_no_secret_is_on_its_command_line_or_in_its_environment(gateway: Any) -> None:
    process = psutil.Process(gateway.process.pid)
    seen = " ".join(process.cmdline()) + json.dumps(process.environ())
    assert not re.search(r"full-token|read-token|word", seen.replace("PASSWORD", ""))


def _settings() -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": 1024,
        "redis_host": "127.0.0.1",
        "redis_port": 1,
        "redis_password": 'pass "word" é',
        "token": "full-token-A7s",
        "readonly_token": "",
        "version": "v",
    }


def _run(launch: Any, settings: dict[str, Any] | str) -> tuple[int, bytes, bytes]:
    process = launch(settings)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def _connections(valkey: Any) -> int:
    with valkey.direct() as client:
        return int(client.info("stats")["total_connections_received"])
