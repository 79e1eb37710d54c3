"""Requests a second and latency of the local REST gateway, next to the same commands over raw RESP.

`python -m benchmarks.gateway [--seconds S]`. Closed loop: each caller has a connection of its own and sends the next
request when the answer is there. Callers and servers share the machine's cores, so compare rows, not machines.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.status import LocalStatus
from soundcheck.stores.upstash.rest import RestClient

CALLERS = (1, 16, 32)
VALUE = "x" * 200
KEYS = 1000
COMMANDS_IN_PIPELINE = 100

Call: TypeAlias = Callable[[int], Awaitable[None]]
Connect: TypeAlias = Callable[[AsyncExitStack], Awaitable[Call]]


@dataclass(frozen=True, slots=True)
class Measure:
    """One cell of the table; latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float


async def measure(connect: Connect, callers: int, seconds: float) -> Measure:
    """Let so many callers run for so long, after a tenth of it as warm-up."""
    latencies: list[float] = []
    async with AsyncExitStack() as stack:
        calls = [await connect(stack) for _ in range(callers)]
        measured_from = time.perf_counter() + seconds / 10
        end = measured_from + seconds

        async def caller(call: Call, first: int) -> None:
            number = first
            while (started := time.perf_counter()) < end:
                await call(number % KEYS)
                number += 1
                if started >= measured_from:
                    latencies.append(time.perf_counter() - started)

        await asyncio.gather(*(caller(call, 37 * index) for index, call in enumerate(calls)))
    latencies.sort()
    count = len(latencies)
    return Measure(count / seconds, 1000 * latencies[count // 2], 1000 * latencies[min(count - 1, count * 99 // 100)])


def resp(status: LocalStatus, words: Callable[[int], list[str]]) -> Connect:
    """The floor: one RESP connection a caller."""
    url = status.redis.url
    assert url is not None
    address, password = (url.host, url.port), url.password.reveal()

    async def connect(stack: AsyncExitStack) -> Call:
        reader, writer = await asyncio.open_connection(*address)
        stack.callback(writer.close)

        async def send(data: bytes) -> None:
            writer.write(data)
            line = await reader.readline()
            if line.startswith(b"$") and not line.startswith(b"$-1"):
                await reader.readexactly(int(line[1:]) + 2)
            elif line.startswith(b"-"):
                raise RuntimeError(line.decode())

        await send(_packed(["AUTH", password]))
        return lambda number: send(_packed(words(number)))

    return connect


def rest(status: LocalStatus, words: Callable[[int], list[str]], times: int = 1) -> Connect:
    """One HTTP/1.1 connection a caller, with as little of a client as there can be; a pipeline where `times` > 1."""
    url, token = status.rest.url, status.rest.token
    assert url is not None
    assert token is not None
    address = (url.host, url.effective_port)
    path = "/" if times == 1 else "/pipeline"
    head = f"POST {path} HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer {token.reveal()}\r\nContent-Length: "

    async def connect(stack: AsyncExitStack) -> Call:
        reader, writer = await asyncio.open_connection(*address)
        stack.callback(writer.close)

        async def call(number: int) -> None:
            body = json.dumps(words(number) if times == 1 else [words(number)] * times)
            writer.write(f"{head}{len(body)}\r\n\r\n{body}".encode())
            header = await reader.readuntil(b"\r\n\r\n")
            if not header.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(header.partition(b"\r\n")[0].decode())
            start = header.index(b"content-length: ") + 16
            await reader.readexactly(int(header[start : header.index(b"\r\n", start)]))

        return call

    return connect


def rest_client(status: LocalStatus, words: Callable[[int], list[str]]) -> Connect:
    """Our own client, one shared by all callers, as the program uses it."""
    url, token = status.rest.url, status.rest.token
    assert url is not None
    assert token is not None
    shared = RestClient(url, token)

    async def connect(stack: AsyncExitStack) -> Call:
        stack.push_async_callback(shared.close)

        async def call(number: int) -> None:
            reply = await shared.command(*words(number))
            if not reply.ok:
                raise RuntimeError(reply.error)

        return call

    return connect


def a_set(number: int) -> list[str]:
    """A write."""
    return ["SET", f"bench:{number}", VALUE]


def a_get(number: int) -> list[str]:
    """A read of what the writes left."""
    return ["GET", f"bench:{number}"]


async def run(seconds: float) -> None:
    """Start a stack of its own, measure, print, and leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="soundcheck-bench-") as folder:
        stack = LocalStack(Path(folder))
        status = await stack.up()
        try:
            await _print_table(status, seconds)
        finally:
            await stack.down()


async def _print_table(status: LocalStatus, seconds: float) -> None:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"Local gateway, {os.cpu_count()} cores, load before {load}, value {len(VALUE)} bytes, {seconds:g} s each\n")
    print(f"{'':34}" + "".join(f"{f'{callers} callers':>26}" for callers in CALLERS))
    print(f"{'':34}" + f"{'req/s   p50 ms   p99 ms':>26}" * len(CALLERS))
    rows: list[tuple[str, Callable[[], Connect]]] = [
        ("floor: SET, raw RESP", lambda: resp(status, a_set)),
        ("SET, REST", lambda: rest(status, a_set)),
        ("floor: GET, raw RESP", lambda: resp(status, a_get)),
        ("GET, REST", lambda: rest(status, a_get)),
        (f"{COMMANDS_IN_PIPELINE} GET in /pipeline, REST", lambda: rest(status, a_get, COMMANDS_IN_PIPELINE)),
        ("GET, our RestClient", lambda: rest_client(status, a_get)),
    ]
    for name, connect in rows:
        cells = [await measure(connect(), callers, seconds) for callers in CALLERS]
        print(f"{name:34}" + "".join(f"{c.per_second:>9,.0f} {c.p50:>8.2f} {c.p99:>7.2f} " for c in cells))


def _packed(words: list[str]) -> bytes:
    return b"".join(
        [b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)]
    )


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed, so that the caller's side costs as little as it can."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gateway", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--seconds", type=float, default=0.7, help="for each of the 18 cells (default: %(default)s)")
    _run(run(parser.parse_args(arguments).seconds))


if __name__ == "__main__":
    main()
