"""`soundcheck cache --watch`: how often it looks, and after the first look only what changed, a line each. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from soundcheck.screens import cache_words as words
from soundcheck.screens.commands.cache_report import MONTH
from soundcheck.stores import amounts
from soundcheck.stores.amounts import number_of
from soundcheck.stores.cache.measured.applications import LISTED_EVERY, Applications, Instance
from soundcheck.stores.cache.measured.prefix_table import PrefixLine
from soundcheck.stores.errors import UsageError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.upstash.statistics import CacheSnapshot, CacheUnavailable

REMOTE_SECONDS: Final = 15.0
"""Between two looks at a cache whose commands cost money."""

LOCAL_SECONDS: Final = 1.0

LEAST_SECONDS: Final = 0.2
MOST_SECONDS: Final = 24 * 3600.0


def seconds_between(given: str | None, *, free: bool) -> float:
    """`--interval` as seconds, or the usual ones. Raises `UsageError` for no number, and for what would cost a lot."""
    if given is None:
        return LOCAL_SECONDS if free else REMOTE_SECONDS
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise UsageError("--interval takes seconds as a number.", "For example: --interval 30")
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        least = f"{LEAST_SECONDS:g}" if free else str(least_remote())
        raise UsageError(
            f"--interval is between {least} and {MOST_SECONDS:,.0f} seconds here.", "For example: --interval 30"
        )
    if not free and (month := looks_cost(seconds)) > words.FREE_MONTH:
        raise UsageError(
            f"Looking every {seconds:g} s would send {month:,} commands a month, more than the {words.FREE_MONTH:,} "
            "of Upstash's free plan.",
            f"Take --interval {least_remote()} or more; on the local stack any interval is free.",
        )
    return seconds


def looks_cost(seconds: float) -> int:
    """Commands in a month: INFO and MGET each time, and now and then the list of the applications that report."""
    return round((2 + seconds / LISTED_EVERY) * MONTH / seconds)


def least_remote() -> int:
    """The shortest interval, in whole seconds, that the free plan bears."""
    return next(seconds for seconds in range(1, 3600) if looks_cost(seconds) <= words.FREE_MONTH)


Figures = Mapping[str, str]
"""What is told of the cache: a name, and its value in words."""


def figures(seen: CacheSnapshot | CacheUnavailable, found: Applications, lines: Sequence[PrefixLine]) -> Figures:
    """What can change. The time of our own call and our own commands are left out: they always do."""
    if isinstance(seen, CacheUnavailable):
        return {"cache": f"does not answer: {visible(seen.reason)}"}
    told = {
        "cache": "answers",
        "hits": _percent(seen.hit_rate),
        "operations a second": _number(seen.operations_per_second),
        "keys": _number(seen.keys),
        "memory": "unknown" if seen.used_memory is None else amounts.size(seen.used_memory),
        "evicted keys": _number(seen.evicted),
        "eviction": words.eviction(seen.policy),
    }
    if found.instances:
        told["requests"] = number_of(found.total.requests, "request")
        told |= {name: _percent(share) for name, share in words.shares(found.total)}
    told |= {f"{visible(one.published.app)} {visible(one.published.instance)}": _state(one) for one in found.instances}
    for line in lines:
        if line.traffic is not None:
            speed = _number(line.traffic.requests_per_second)
            told[visible(line.prefix)] = f"hits {_percent(line.hit_rate)}, {speed} requests a second"
    return told


def changed_lines(before: Figures, now: Figures) -> Iterator[str]:
    """A line for each figure that is not what it was; none where all are."""
    if now.get("cache") != "answers":
        yield from ([f"cache: {now['cache']}"] if before.get("cache") != now["cache"] else [])
        return
    for name, value in now.items():
        if name not in before:
            if before.get("cache") == "answers":
                yield f"{name}: {value}"
        elif before[name] != value:
            yield f"{name}: {value}" + (f", was {before[name]}" if name != "cache" else "")
    if before.get("cache") == "answers":
        yield from (f"{name}: no longer reported" for name in before if name not in now)


def _state(one: Instance) -> str:
    if one.is_silent:
        return "silent"
    return "reports" if one.published.breaker in {"", "closed"} else "leaves Redis alone after faults"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else words.percent(share)


def _number(number: float | None) -> str:
    return "unknown" if number is None else f"{number:,.0f}"
