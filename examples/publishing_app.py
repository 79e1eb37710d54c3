"""A small application over the two-level cache, with traffic of its own, that publishes what its cache counted.

    python examples/publishing_app.py --requests 2000

It needs the distribution soundcheck-cache, and psycopg where users come from PostgreSQL. It reads
UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, REDIS_URL where Redis' own protocol may be used, and DATABASE_URL
where users come from PostgreSQL; without it rows are made up. What it sends is bounded, by requests and by seconds.
"""

# ruff: noqa: S311, T201

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from soundcheck.cache import CacheSettings, Publisher, RespAddress, RestUrl, Secret, TwoLevelCache, fastest, ways

Load = Callable[[str], Awaitable[Any]]

MIX = (("user:{}", 40), ("user:{}:playlists", 20), ("user:{}:recent", 20), ("playlist:{}", 12), ("search:{}", 8))
"""Keys and their share of the requests."""


class Traffic:
    """Who is asked for: few often, most seldom (Zipf), always the same with the same seed."""

    def __init__(self, users: int, skew: float, seed: int) -> None:
        self._random = random.Random(seed)
        self._ids = [str(number) for number in range(users)]
        self._weights = list(accumulate((rank + 1) ** -skew for rank in range(users)))

    def key(self) -> str:
        """The next key."""
        pattern = self._random.choices([name for name, _ in MIX], [share for _, share in MIX])[0]
        return pattern.format(self._random.choices(self._ids, cum_weights=self._weights)[0])

    def is_write(self) -> bool:
        """Whether this request changes something: one in twenty."""
        return self._random.random() < 0.05


async def made_up(key: str) -> Any:
    """A row that nobody stored, after the time that a database takes."""
    await asyncio.sleep(0.002)
    return {"key": key}


def as_libpq_reads_it(url: str) -> str:
    """A DATABASE_URL without the parameters that are Prisma's own, which libpq refuses."""
    parts = urlsplit(url)
    prismas = {"schema", "pgbouncer", "connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size"}
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in prismas]
    return parts._replace(query=urlencode(kept)).geturl()


def from_postgres(url: str) -> Load:
    """Users by id out of PostgreSQL; other keys are made up."""
    import psycopg
    from psycopg.rows import dict_row

    address = as_libpq_reads_it(url)

    async def load(key: str) -> Any:
        head, _, user = key.partition(":")
        if head != "user" or ":" in user:
            return await made_up(key)
        async with await psycopg.AsyncConnection.connect(address, row_factory=dict_row) as line:
            found = await line.execute("SELECT id, name FROM users WHERE id = %s", (user,))
            return await found.fetchone()

    return load


async def work(cache: TwoLevelCache, load: Load, traffic: Traffic, requests: int, rate: float, seconds: float) -> int:
    """So many requests, at most `rate` a second, until the time is over; how many were made."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    for number in range(requests):
        if (late := started + number / rate - loop.time()) > 0:
            await asyncio.sleep(late)
        if loop.time() - started > seconds:
            return number
        key = traffic.key()
        await cache.get_or_load(key, partial(load, key))
        if traffic.is_write():
            await cache.drop(key)
    return requests


async def main(words: Sequence[str]) -> None:
    """Measure the ways to Redis, take the faster one, work, and publish."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--app", default="music-api", help="the name in the console")
    parser.add_argument("--instance", default="", help="the name of this process; a random one by default")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second at most")
    parser.add_argument("--seconds", type=float, default=60.0, help="the end, whatever was done by then")
    parser.add_argument("--interval", type=float, default=30.0, help="seconds between two publications")
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(words)

    url, token = RestUrl.parse(os.environ["UPSTASH_REDIS_REST_URL"]), Secret(os.environ["UPSTASH_REDIS_REST_TOKEN"])
    address = RespAddress.parse(os.environ.get("REDIS_URL", ""))
    level, choice = await fastest(ways(url, token, address))
    print(choice.reason, f"It took {choice.commands} commands.")
    database = os.environ.get("DATABASE_URL")
    load = from_postgres(database) if database else made_up
    traffic = Traffic(args.users, 0.8, args.seed)

    async with TwoLevelCache(level, settings=CacheSettings()) as cache:
        publisher = Publisher(
            cache,
            level,
            args.app,
            instance=args.instance,
            interval=args.interval,
            local=url.is_loopback,
            note=choice.reason,
        )
        if not url.is_loopback:
            print(f"Publishing every {args.interval:g} s is {publisher.monthly:,} commands a month.")
        async with publisher:
            done = await work(cache, load, traffic, args.requests, args.rate, args.seconds)
            await publisher.publish()
        total = cache.counters().total
        print(f"{done} requests: {total.l1_hits} from L1, {total.l2_hits} from L2, {total.loads} loaded.")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
