"""A hit in L2 over REST and over RESP, next to the official client and to redis-py doing the same reads.

`python -m benchmarks.cache_transports [--seconds S]`; `rows` gives the same to another table. Closed loop, all callers
share one client, as an application does. Callers and servers share the machine's cores: compare rows, not machines.
The official client is measured where it is installed (`pip install upstash-redis`).
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.gateway import KEYS, VALUE, Call, Connect, Measure, a_get, measure, resp
from soundcheck.stores.cache.levels.resp_address import RespAddress
from soundcheck.stores.cache.levels.resp_level import RespLevel
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.levels.shared_level import Found, SharedLevel
from soundcheck.stores.cache.settings import CacheSettings
from soundcheck.stores.cache.two_level import TwoLevelCache
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.status import LocalStatus

CALLERS = (1, 32)
ALWAYS_L2 = CacheSettings(l1_life=1e-9, grace=0.0, refresh_at=1.0, l2_hard=5.0, load_hard=5.0, channel="")
"""L1 forgets at once, so that every read is a hit in L2."""

TARGETS = "Targets, p50 of a two-level hit: REST 2.5 ms at 1 caller, 15 ms at 32; RESP 0.3 ms at 1."


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: one cell for each of `CALLERS`, empty where a peer is not installed."""

    name: str
    cells: tuple[Measure, ...]


def two_level(make: Callable[[], SharedLevel]) -> Connect:
    """Through the class that an application imports."""
    return _shared(lambda: TwoLevelCache(make(), settings=ALWAYS_L2), _through_class)


def alone(make: Callable[[], SharedLevel]) -> Connect:
    """The level itself, without the class around it."""
    return _shared(make, _through_level)


def redis_py(status: LocalStatus) -> Connect:
    """redis-py as it is commonly used, with its retries off."""

    def make() -> Any:
        from redis.asyncio import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        assert status.redis.url is not None
        return Redis.from_url(status.redis.url.reveal(), decode_responses=True, retry=Retry(NoBackoff(), 0))

    return _shared(make, _through_get, "aclose")


def official(status: LocalStatus) -> Connect | None:
    """`upstash-redis` as its documentation shows it; None where it is not installed."""
    try:
        client = importlib.import_module("upstash_redis.asyncio").Redis
    except ImportError:
        return None
    assert status.rest.url is not None
    assert status.rest.token is not None
    url, token = str(status.rest.url), status.rest.token.reveal()
    return _shared(lambda: client(url, token, allow_telemetry=False), _through_get)


async def rows(status: LocalStatus, seconds: float) -> list[Row]:
    """Measure each way on a stack that is up."""
    url, token, redis_url = status.rest.url, status.rest.token, status.redis.url
    assert url is not None
    assert token is not None
    assert redis_url is not None
    address = RespAddress.parse(redis_url.reveal())
    assert address is not None
    await _fill(RespLevel(address))

    def rest() -> SharedLevel:
        return RestLevel(url, token)

    def resp_level() -> SharedLevel:
        return RespLevel(address)

    ways: list[tuple[str, Callable[[], Connect | None]]] = [
        ("two-level hit, REST", lambda: two_level(rest)),
        ("  L2 alone, REST", lambda: alone(rest)),
        ("  upstash-redis", lambda: official(status)),
        ("two-level hit, RESP", lambda: two_level(resp_level)),
        ("  L2 alone, RESP", lambda: alone(resp_level)),
        ("  redis-py", lambda: redis_py(status)),
        ("  floor: GET, raw RESP", lambda: resp(status, a_get)),
    ]
    table: list[Row] = []
    for name, way in ways:
        if way() is None:
            table.append(Row(f"{name} (not installed)", ()))
        else:
            table.append(Row(name, tuple([await measure(way() or _nothing, n, seconds) for n in CALLERS])))
    return table


def lines(table: list[Row]) -> list[str]:
    """The table as text."""
    heading = f"{'':32}" + "".join(f"{f'{n} callers':>26}" for n in CALLERS)
    units = f"{'':32}" + f"{'req/s   p50 ms   p99 ms':>26}" * len(CALLERS)
    body = [
        f"{row.name:32}" + "".join(f"{c.per_second:>9,.0f} {c.p50:>8.2f} {c.p99:>7.2f} " for c in row.cells)
        for row in table
    ]
    return [heading, units, *body, "", TARGETS]


async def _nothing(_: AsyncExitStack) -> Call:
    raise RuntimeError("nothing to measure")


async def _fill(level: SharedLevel) -> None:
    cache = TwoLevelCache(level, settings=ALWAYS_L2)
    for number in range(KEYS):
        if not await cache.set(f"bench:{number}", VALUE, ttl=3600):
            raise RuntimeError("L2 did not take the values")
    await cache.close()


def _shared(make: Callable[[], Any], read: Callable[[Any, int], Awaitable[None]], close: str = "close") -> Connect:
    """One client for all callers, made by the first of them and closed after the last."""
    clients: list[Any] = []

    async def connect(stack: AsyncExitStack) -> Call:
        if not clients:
            clients.append(make())
            stack.push_async_callback(getattr(clients[0], close))
        return lambda number: read(clients[0], number)

    return connect


async def _through_class(cache: TwoLevelCache, number: int) -> None:
    if await cache.get_or_load(f"bench:{number}", _never) != VALUE:
        raise RuntimeError("not what was written")


async def _through_level(level: SharedLevel, number: int) -> None:
    answer = await level.read((f"bench:{number}",), deadline=5.0)
    if not isinstance(answer, Found) or answer.values[0] is None:
        raise RuntimeError(str(answer))


async def _through_get(client: Any, number: int) -> None:
    if await client.get(f"bench:{number}") is None:
        raise RuntimeError("no value")


async def _never() -> object:
    raise RuntimeError("not a hit in L2")


async def _run(seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="soundcheck-bench-") as folder:
        stack = LocalStack(Path(folder))
        status = await stack.up()
        try:
            load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
            print(f"L2 on loopback, {os.cpu_count()} cores, load before {load}, {seconds:g} s each\n")
            print("\n".join(lines(await rows(status, seconds))))
        finally:
            await stack.down()


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cache_transports", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--seconds", type=float, default=0.7, help="for each cell (default: %(default)s)")
    asyncio.run(_run(parser.parse_args(arguments).seconds))


if __name__ == "__main__":
    main()
