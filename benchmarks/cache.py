"""The two-level cache: `python -m benchmarks.cache [--rounds N] [--requests N]`.

L1: the time of one hit, keys in turn, best round of several in which all take turns; beside a plain dict, the same
dict behind one `await` (the least that an async interface can cost), cachetools and cashews where they are installed.
Target: at most 400 ns.

Zipf: requests over 20,000 keys with exponent 0.99, 200 callers at once, a loader of 2 ms, L1 of 1,000 entries and no
L2. "Without single flight" is the same L1 where each caller who misses loads for himself.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import random
import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from itertools import accumulate
from typing import Any, Final, TypeAlias

from soundcheck.cache import CacheSettings, TwoLevelCache

ENTRIES: Final = 1000
KEYS: Final = 20_000
EXPONENT: Final = 0.99
CALLERS: Final = 200
LOAD: Final = 0.002
TARGET: Final = 400.0

Look: TypeAlias = Callable[[Sequence[str]], Awaitable[None]]
"""Read all of the keys once, one after another; each is a hit."""


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below a heading, numbers to the right."""
    widths = [max(len(row[column]) for row in (heading, *rows)) for column in range(len(heading))]
    for row in (heading, *rows):
        cells = [
            cell.ljust(width) if not n else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


async def l1_section(rounds: int) -> None:
    """Nanoseconds for each hit."""
    print("L1 hit: ns (best of the rounds), and as a multiple of a dict behind one await\n")
    keys = [f"user:{number}" for number in range(ENTRIES)]
    looks: dict[str, Look] = {
        "plain dict": _dict(keys),
        "dict behind one await": _awaited_dict(keys),
        "ours: get_or_load": await _ours(keys),
    }
    missing = []
    for name, make in (("cachetools", _cachetools), ("cashews", _cashews)):
        if importlib.util.find_spec(name) is None:
            missing.append(name)
        else:
            looks |= await make(keys)
    best = dict.fromkeys(looks, float("inf"))
    for _ in range(rounds):
        for name, look in looks.items():
            started = time.perf_counter()
            await look(keys)
            best[name] = min(best[name], (time.perf_counter() - started) / len(keys) * 1e9)
    floor = best["dict behind one await"]
    rows = [(name, f"{ns:,.0f}", f"{ns / floor:.1f}") for name, ns in best.items()]
    table(("", "ns", "×"), [*rows, *((name, "not installed", "") for name in missing)])
    met = best["ours: get_or_load"] <= TARGET
    print(f"\ntarget: at most {TARGET:.0f} ns: {'met' if met else 'not met'}\n")


async def zipf_section(requests: int) -> None:
    """How many loads the same trace needs."""
    print(
        f"Zipf {EXPONENT} over {KEYS:,} keys, {requests:,} requests by {CALLERS} callers, loads of {LOAD * 1e3:g} ms\n"
    )
    weights = list(accumulate(1 / rank**EXPONENT for rank in range(1, KEYS + 1)))
    chance = random.Random(7)
    trace = [f"user:{bisect_left(weights, chance.random() * weights[-1])}" for _ in range(requests)]
    loads = 0

    async def load() -> int:
        nonlocal loads
        loads += 1
        await asyncio.sleep(LOAD)
        return loads

    alone: OrderedDict[str, int] = OrderedDict()

    async def each_for_himself(key: str) -> None:
        if key in alone:
            alone.move_to_end(key)
            return
        alone[key] = await load()
        alone.move_to_end(key)
        if len(alone) > ENTRIES:
            alone.popitem(last=False)

    rows = []
    async with TwoLevelCache(None, settings=CacheSettings(l1_entries=ENTRIES)) as cache:
        for name, get in (
            ("without single flight", each_for_himself),
            ("ours", lambda key: cache.get_or_load(key, load)),
        ):
            loads = 0
            await _replay(trace, get)
            total = cache.counters().total
            hits = f"{total.l1_hits / requests:.1%}" if total.requests else f"{1 - loads / requests:.1%}"
            joined = f"{total.coalesced / requests:.1%}" if total.requests else "-"
            kept = f"{1 - loads / requests:.1%}"
            loads = 0
            await asyncio.gather(*(get("user:cold") for _ in range(CALLERS)))
            rows.append((name, hits, joined, kept, f"{loads:,}"))
    table(("", "L1 hits", "coalesced", "kept from the database", f"loads of one cold key, {CALLERS} callers"), rows)
    print()


async def _replay(trace: Sequence[str], get: Callable[[str], Awaitable[Any]]) -> None:
    left = iter(trace)

    async def caller() -> None:
        for key in left:
            await get(key)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


def _dict(keys: Sequence[str]) -> Look:
    values = dict.fromkeys(keys, 1)

    async def look(wanted: Sequence[str]) -> None:
        get = values.get
        for key in wanted:
            get(key)

    return look


def _awaited_dict(keys: Sequence[str]) -> Look:
    values = dict.fromkeys(keys, 1)

    async def get(key: str) -> int | None:
        return values.get(key)

    async def look(wanted: Sequence[str]) -> None:
        for key in wanted:
            await get(key)

    return look


async def _ours(keys: Sequence[str]) -> Look:
    cache = TwoLevelCache(None, settings=CacheSettings(l1_life=3600.0))

    async def load() -> int:
        return 1

    for key in keys:
        await cache.get_or_load(key, load, ttl=3600)

    async def look(wanted: Sequence[str]) -> None:
        get = cache.get_or_load
        for key in wanted:
            await get(key, load)

    return look


async def _cachetools(keys: Sequence[str]) -> dict[str, Look]:
    cachetools: Any = importlib.import_module("cachetools")
    values = cachetools.TTLCache(maxsize=ENTRIES, ttl=3600)
    values.update(dict.fromkeys(keys, 1))

    async def look(wanted: Sequence[str]) -> None:
        get = values.get
        for key in wanted:
            get(key)

    return {"cachetools TTLCache": look}


async def _cashews(keys: Sequence[str]) -> dict[str, Look]:
    cache: Any = importlib.import_module("cashews").Cache()
    cache.setup("mem://", size=ENTRIES)
    for key in keys:
        await cache.set(key, 1, expire=3600)

    async def look(wanted: Sequence[str]) -> None:
        get = cache.get
        for key in wanted:
            await get(key)

    return {"cashews mem://": look}


async def sections(rounds: int, requests: int) -> None:
    """Everything, one section after another; each stands for itself."""
    await l1_section(rounds)
    await zipf_section(requests)


def main() -> None:
    """Print all sections."""
    parser = argparse.ArgumentParser(description="The two-level cache.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--requests", type=int, default=100_000)
    arguments = parser.parse_args()
    asyncio.run(sections(arguments.rounds, arguments.requests))


if __name__ == "__main__":
    main()
