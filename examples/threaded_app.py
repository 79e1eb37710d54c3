"""A synchronous application over the two-level cache: threads that share one cache, as a WSGI server's workers do.

    python examples/threaded_app.py --requests 2000

It needs the distribution soundcheck-cache, and reads UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN. Its rows are
made up, and it sends no more than `--requests`.
"""

# ruff: noqa: S311, T201

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypedDict

from soundcheck.cache import RestLevel, RestUrl, Secret, SyncTwoLevelCache


class User(TypedDict):
    """A row as it is cached: plain JSON values."""

    id: str
    name: str


def load_user(number: str) -> User:
    """A row that nobody stored, after the time that a database takes."""
    time.sleep(0.002)
    return {"id": number, "name": f"user {number}"}


def request(cache: SyncTwoLevelCache, number: str, *, writes: bool) -> User:
    """What one request does: read a user, and sometimes change it."""
    user = cache.get_or_load(f"user:{number}", partial(load_user, number))
    if writes:
        # Here the change is committed to the database; then the key is dropped.
        cache.drop(f"user:{number}")
    return user


def main(words: Sequence[str]) -> None:
    """Work in threads, publish, and say what the cache did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--app", default="music-web", help="the name in the console")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(words)

    url, token = RestUrl.parse(os.environ["UPSTASH_REDIS_REST_URL"]), Secret(os.environ["UPSTASH_REDIS_REST_TOKEN"])
    chance = random.Random(args.seed)
    wishes = [(str(chance.randrange(200)), chance.random() < 0.05) for _ in range(args.requests)]

    with SyncTwoLevelCache(RestLevel(url, token)) as cache, ThreadPoolExecutor(args.threads) as workers:
        cache.publish_as(args.app, local=url.is_loopback)
        users = list(workers.map(lambda wish: request(cache, wish[0], writes=wish[1]), wishes))
        total = cache.counters().total
    print(f"{len(users)} requests: {total.l1_hits} from L1, {total.l2_hits} from L2, {total.loads} loaded.")


if __name__ == "__main__":
    main(sys.argv[1:])
