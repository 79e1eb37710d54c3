"""What a caller may send, and hold: heads, bodies, connections. Others are served meanwhile."""

from __future__ import annotations

import json
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psutil
import pytest
import redis

from soundcheck.stores.local.gateway.bounds import Bounds, Callers
from soundcheck.stores.local.gateway.http_connection import (
    HEAD_TOO_LARGE,
    NOT_HTTP,
    TOO_MANY_CONNECTIONS,
    TOO_SLOW,
)
from soundcheck.stores.upstash.error_texts import UpstashError, classify

AUTHORIZED = b"Authorization: Bearer full-token-A7s\r\n"
HEAD = b"POST /set/half HTTP/1.1\r\nHost: x\r\n" + AUTHORIZED
PING = b"GET /ping HTTP/1.1\r\nHost: x\r\n" + AUTHORIZED + b"\r\n"


def connected(gateway: Any, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", gateway.configuration["port"]), 60, (source, 0))


def told(line: socket.socket) -> tuple[int, str]:
    """Status and error text of the last answer; it returns when the other side has closed."""
    said = b""
    with suppress(ConnectionResetError):
        while some := line.recv(65536):
            said += some
    head, _, body = said.rpartition(b"HTTP/1.1 ")[2].partition(b"\r\n\r\n")
    return int(head[:3]), str(json.loads(body)["error"])


def until(condition: Callable[[], bool]) -> None:
    """Wait for the thing itself."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def knows(gateway: Any, line: socket.socket) -> bool:
    """Whether the gateway still has the other end of the connection."""
    port = line.getsockname()[1]
    process = psutil.Process(gateway.process.pid)
    return any(c.raddr and c.raddr.port == port for c in process.net_connections("tcp4"))


@pytest.fixture
def impatient(gateway_valkey: Any, start_gateway: Any) -> Any:
    """A gateway that waits for a head or a body for half a second, and for nothing at all for one."""
    return start_gateway(gateway_valkey.port, bounds={"head_seconds": 0.5, "body_seconds": 0.5, "idle_seconds": 1})


@pytest.mark.parametrize(
    "begun",
    [
        b"G",
        HEAD[:-10],
        HEAD + b"X-Long: aaaa",
        PING + HEAD,
        HEAD + b"Content-Length: 100\r\n\r\nhalf a value",
        HEAD + b"Content-Length: 100\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nTrailer: 1",
    ],
)
def test_a_request_that_never_ends_is_refused_while_others_are_served(
    impatient: Any, keys: redis.Redis, begun: bytes
) -> None:
    with connected(impatient) as slow, impatient.client() as other:
        slow.sendall(begun)
        assert other.get("/get/s").json() == {"result": "value"}
        assert told(slow) == (408, TOO_SLOW)
    assert keys.get("half") is None


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nX-Drip: ", HEAD + b"Content-Length: 1000000\r\n\r\n"])
def test_a_byte_now_and_then_does_not_prolong_it(impatient: Any, keys: redis.Redis, begun: bytes) -> None:
    with connected(impatient) as slow:
        slow.sendall(begun)
        slow.settimeout(0.01)
        said = b""
        with suppress(OSError):
            while not said:
                slow.sendall(b"a")
                with suppress(TimeoutError):
                    said = slow.recv(65536)
        assert said.startswith(b"HTTP/1.1 408 ")
    assert keys.get("half") is None


def test_a_body_that_nobody_wanted_must_end_as_well(impatient: Any) -> None:
    with connected(impatient) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nno token")
        assert told(slow)[0] == 401
        until(lambda: not knows(impatient, slow))


def test_half_a_value_of_a_caller_that_hangs_up_is_not_written(gateway: Any, keys: redis.Redis) -> None:
    for framing in (b"Content-Length: 100\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"):
        with connected(gateway) as rude:
            rude.sendall(HEAD + framing)
            until(lambda rude=rude: knows(gateway, rude))  # type: ignore[misc]
            rude.shutdown(socket.SHUT_RDWR)
            until(lambda rude=rude: not knows(gateway, rude))  # type: ignore[misc]
        assert keys.get("half") is None


MEGABYTES = 10 * 2**20


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([b"GET / HTTP/1.1\r\n", b"X-Long: " + b"a" * MEGABYTES], id="one header of 10 MB"),
        pytest.param([b"GET / HTTP/1.1\r\n", b"X-Many: aaaaaaa\r\n" * (MEGABYTES // 17)], id="10 MB of headers"),
        pytest.param([b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1000 + b"\r\n"], id="1,000 headers"),
        pytest.param([b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n"], id="one header too many"),
        pytest.param([b"GET / HTTP/1.1\r\nX: ", b"a" * 2**16 + b"\r\n\r\n"], id="one byte too many"),
        pytest.param([b"GET /get/" + b"a" * MEGABYTES], id="a path of 10 MB"),
        pytest.param([b"GET /get/k?" + b"a" * 2**17 + b" HTTP/1.1\r\n\r\n"], id="a query of 128 KB"),
        pytest.param([b"G" * MEGABYTES], id="a method of 10 MB"),
        pytest.param([PING, b"GET / HTTP/1.1\r\nX-Long: " + b"a" * MEGABYTES], id="the second head"),
        pytest.param(
            [HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * MEGABYTES], id="an extension of a chunk of 10 MB"
        ),
        pytest.param(
            [HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n" + b"X: y\r\n" * 10**6], id="trailers of 6 MB"
        ),
    ],
)
def test_a_head_that_is_too_large_is_refused_before_it_is_held(
    gateway_valkey: Any, start_gateway: Any, keys: redis.Redis, sent: list[bytes]
) -> None:
    gateway = start_gateway(gateway_valkey.port)
    with connected(gateway) as large, gateway.client() as other:
        before = psutil.Process(gateway.process.pid).memory_info().rss
        with suppress(ConnectionResetError, BrokenPipeError):
            for part in sent:
                large.sendall(part)
                if part == PING:
                    assert large.recv(65536).startswith(b"HTTP/1.1 200 ")
        status, text = told(large)
        assert (status, text) == ((400, NOT_HTTP) if sent[0].startswith(b"GG") else (431, HEAD_TOO_LARGE))
        assert psutil.Process(gateway.process.pid).memory_info().rss - before < MEGABYTES // 2
        assert other.get("/get/s").json() == {"result": "value"}
    assert keys.get("half") is None


def test_a_head_within_the_bounds_is_taken(rest_client: Any, keys: redis.Redis) -> None:
    value = "v" * 60_000
    many = {f"X-{n}": "y" for n in range(90)}
    assert rest_client.get(f"/set/long/{value}", headers=many).json() == {"result": "OK"}
    assert keys.strlen("long") == 60_000


def test_a_body_in_ten_thousand_chunks_is_taken(rest_client: Any, keys: redis.Redis) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(10_000):
            yield b"0123456789"

    assert rest_client.post("/set/large", content=chunks()).json() == {"result": "OK"}
    assert keys.strlen("large") == 100_000


def test_one_caller_cannot_take_every_connection(gateway_valkey: Any, start_gateway: Any) -> None:
    gateway = start_gateway(gateway_valkey.port, bounds={"connections": 5, "connections_of_one": 3})
    held = [connected(gateway) for _ in range(3)]
    try:
        for line in held:
            line.sendall(PING)
            assert line.recv(65536).startswith(b"HTTP/1.1 200 ")
        with connected(gateway) as fourth:
            status, text = told(fourth)
            assert (status, text) == (503, TOO_MANY_CONNECTIONS)
            assert classify(text) is UpstashError.TOO_MANY_CONNECTIONS
        others = [connected(gateway, "127.0.0.2") for _ in range(2)]
        held += others
        for line in others:
            line.sendall(PING)
            assert line.recv(65536).startswith(b"HTTP/1.1 200 ")
        with connected(gateway, "127.0.0.3") as sixth:
            assert told(sixth) == (503, TOO_MANY_CONNECTIONS)
        held.pop(0).close()

        def is_served() -> bool:
            with connected(gateway) as again:
                again.sendall(PING)
                return again.recv(65536).startswith(b"HTTP/1.1 200 ")

        until(is_served)
    finally:
        for line in held:
            line.close()


def test_two_hundred_silent_connections_keep_nobody_out(gateway: Any, rest_client: Any) -> None:
    held = [connected(gateway) for _ in range(200)]
    try:
        assert rest_client.get("/get/s").json() == {"result": "value"}
    finally:
        for line in held:
            line.close()


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n", PING, PING + b"\r\n"])
def test_a_connection_on_which_nothing_happens_ends(impatient: Any, sent: bytes) -> None:
    with connected(impatient) as idle:
        idle.sendall(sent)
        while idle.recv(65536):
            pass


def test_a_caller_that_never_reads_its_answer_is_dropped(impatient: Any, keys: redis.Redis) -> None:
    keys.set("large", b"x" * 2**23)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", impatient.configuration["port"]))
        deaf.sendall(b"GET /get/large HTTP/1.1\r\nHost: x\r\n" + AUTHORIZED + b"\r\n")
        assert deaf.recv(1) == b"H"
        until(lambda: not knows(impatient, deaf))


def test_the_gateway_may_open_as_many_files_as_it_takes_connections(gateway: Any) -> None:
    soft, hard = psutil.Process(gateway.process.pid).rlimit(psutil.RLIMIT_NOFILE)
    assert soft >= min(2 * Bounds().connections, hard if hard >= 0 else 2**20)


def test_it_takes_no_more_connections_than_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1064))
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: wanted.append(pair))
    assert Bounds().fitted().connections == 500
    assert wanted == [(1064, 1064)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, resource.RLIM_INFINITY))
    assert Bounds().fitted() == Bounds()
    assert wanted[1:] == [(2064, resource.RLIM_INFINITY)]


def test_connections_are_counted_by_address_and_in_all() -> None:
    callers = Callers(Bounds(connections=3, connections_of_one=2))
    assert [callers.enter(peer) for peer in "aaabb"] == [True, True, False, True, False]
    callers.leave("a")
    assert [callers.enter(peer) for peer in "ba"] == [True, False]


@pytest.mark.parametrize("bounds", [[], 3, {"nonsense": 1}])
def test_bounds_that_are_none_end_the_start(launch: Any, bounds: Any) -> None:
    settings = {"host": "127.0.0.1", "port": 1024, "redis_host": "127.0.0.1", "redis_port": 1, "token": "t"}
    process = launch({**settings, "version": "v", "bounds": bounds})
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, b"")
    assert b"bounds" in err
