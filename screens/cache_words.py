"""The cache's figures as words: the same in the app and in plain lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from soundcheck.stores import amounts
from soundcheck.stores.amounts import number_of
from soundcheck.stores.cache.measured.applications import Applications
from soundcheck.stores.cache.measured.counters import PrefixCounts
from soundcheck.stores.cache.measured.monitored import Monitored
from soundcheck.stores.cache.measured.prefix_table import PrefixLine, lowest
from soundcheck.stores.hidden_characters import visible

FREE_MONTH: Final = 500_000
"""Commands of Upstash's free plan (upstash/docs, redis/overall/pricing)."""

DASH: Final = "–"

HOW_TO_REPORT: Final = (
    "No application reports yet. Levels and prefixes are what they publish:",
    "Python: a Publisher beside the TwoLevelCache, as examples/publishing_app.py",
    "Any language: a JSON key soundcheck:stats:{app}:{instance}; docs/cache.md",
    "has 20 lines of JavaScript. What Redis says of itself stands here meanwhile.",
)

NOT_OFFERED: Final = "Upstash has no SLOWLOG and names no hot keys; what applications missed most stands here instead."

LEVELS: Final = (
    ("L1", "l1_hits"), ("L2", "l2_hits"), ("loads", "loads"),
    ("coalesced", "coalesced"), ("stale", "stale"), ("failed", "failed"),
)  # fmt: skip
"""How a request ends, and the counter of each."""


def percent(share: float | None) -> str:
    """`84 %`; a dash where nothing was asked, `<1 %` for what is not nothing."""
    if share is None:
        return DASH
    if 0 < share < 0.005:
        return "<1 %"
    return f"{share * 100:.0f} %"


def shares(total: PrefixCounts) -> list[tuple[str, float | None]]:
    """Each way in which requests ended, as a part of all of them."""
    requests = total.requests
    return [(name, getattr(total, field) / requests if requests else None) for name, field in LEVELS]


def rate(per_second: float | None) -> str:
    """`0.4`, `12`, `1,204`."""
    if per_second is None:
        return DASH
    return f"{per_second:.1f}" if 0 < per_second < 10 else f"{per_second:,.0f}"


def duration(seconds: float | None) -> str:
    """`42 s`, `4:12`, `1:02:03`."""
    if seconds is None:
        return DASH
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def octets(number: int | None) -> str:
    """`812 B`, `1.4 kB`, `12 MB`; a kilobyte is 1000 bytes."""
    if number is None:
        return DASH
    return amounts.size(number)


def who(found: Applications) -> str:
    """`music-api ×2, worker`: the applications and how many instances of each report."""
    counted: dict[str, int] = {}
    for one in found.instances:
        counted[one.published.app] = counted.get(one.published.app, 0) + 1
    return ", ".join(f"{visible(app)} ×{number}" if number > 1 else visible(app) for app, number in counted.items())


def when(found: Applications) -> str:
    """Of what time the figures are, in words that leave no doubt."""
    if found.is_lifetime:
        longest = max((one.published.at - one.published.started).total_seconds() for one in found.instances)
        return f"since their start, {duration(longest)} ago; the interval comes with their next report"
    spans = [one.seconds for one in found.windows]
    if not spans:
        return "no report in time"
    return f"in the last {duration(max(spans))}"


def totals(found: Applications) -> str:
    """`1,204 requests in the last 30 s, 40 a second`."""
    total = found.total
    speed = "" if found.is_lifetime or not found.windows else f", {rate(found.requests_per_second)} a second"
    return f"{number_of(total.requests, 'request')} {when(found)}{speed}"


def troubles(found: Applications) -> list[str]:
    """What is not as it should be with those that report."""
    lines = []
    for one in found.instances:
        name = f"{visible(one.published.app)} {visible(one.published.instance)}"
        if one.is_silent:
            lines.append(f"{name} has been silent for {duration(one.age)}; it is left out")
        elif one.published.breaker not in {"", "closed"}:
            lines.append(f"{name} leaves Redis alone after faults (breaker {visible(one.published.breaker)})")
        elif one.window is not None and one.window.l2_faults:
            lines.append(f"{name} had {one.window.l2_faults:,} failed calls of Redis")
    if found.unreadable:
        lines.append(f"{found.unreadable} of what stands at soundcheck:stats cannot be read: see docs/cache.md")
    if found.problem:
        lines.append(f"What applications publish could not be read: {visible(found.problem)}")
    return lines


def notes(found: Applications) -> list[str]:
    """What the instances tell of themselves."""
    return [
        f"{visible(one.published.app)} {visible(one.published.instance)}: {visible(one.published.note)}"
        for one in found.instances
        if one.published.note
    ]


PREFIX_HEAD: Final = ("prefix", "TTL", "req/s", "hits", "could be", "L1", "L2", "loads", "entries", "size", "left")


def prefix_rows(lines: Sequence[PrefixLine]) -> list[tuple[str, ...]]:
    """One row a prefix, in the order of `PREFIX_HEAD`."""
    rows: list[tuple[str, ...]] = []
    for line in lines:
        counts = line.traffic.counts if line.traffic is not None else None
        levels = dict(shares(counts)) if counts is not None else {}
        sample = line.sample
        rows.append(
            (
                visible(line.prefix),
                duration(line.ttl) if line.ttl is not None else DASH,
                rate(line.traffic.requests_per_second) if line.traffic is not None else DASH,
                percent(line.hit_rate),
                percent(line.predicted),
                percent(levels.get("L1")),
                percent(levels.get("L2")),
                percent(levels.get("loads")),
                f"{sample.entries:,}" if sample is not None else DASH,
                octets(sample.octets) if sample is not None else DASH,
                _left(line),
            )
        )
    return rows


def _left(line: PrefixLine) -> str:
    """The spread of what is left to live; `!` where a key has more than the plan gives it."""
    sample = line.sample
    if sample is None or not sample.looked_at:
        return DASH
    if not sample.lives:
        return "never ends !" if sample.endless else DASH
    span = "–".join(dict.fromkeys((duration(sample.lives[0]), duration(sample.lives[-1]))))
    return f"{span} !" if line.outlives_plan else span


def lowest_words(lines: Sequence[PrefixLine]) -> str:
    """`user:{id}:recent 41 %`; "" where none is below the plan's 80 %."""
    return ", ".join(f"{visible(line.prefix)} {percent(line.hit_rate)}" for line in lowest(lines))


def missed_words(found: Applications, most: int = 5) -> str:
    """The keys that were loaded most often lately."""
    return ", ".join(f"{visible(key)} {times:,}×" for key, times in found.missed[:most])


def eviction(policy: str) -> str:
    """What happens when the cache is full."""
    if not policy:
        return "not told"
    return "off: when full, writes are refused" if policy == "noeviction" else f"on ({visible(policy)})"


def monitored_words(seen: Monitored) -> str:
    """What passed by, in one sentence; private parts of keys are hashed."""
    if seen.problem:
        return f"MONITOR brought nothing: {visible(seen.problem)}"
    if not seen.commands:
        return f"not one command in {seen.seconds:.0f} s"
    names = ", ".join(f"{visible(name)} {times:,}" for name, times in seen.by_command)
    prefixes = ", ".join(f"{visible(name)} {times:,}" for name, times in seen.by_prefix)
    keys = ", ".join(f"{visible(key)} {times:,}×" for key, times in seen.keys)
    cut = "; that was enough, it ended early" if seen.is_cut else ""
    told = f"{seen.commands:,} commands in {seen.seconds:.1f} s{cut}: {names}"
    return f"{told}. Prefixes: {prefixes}. Hottest keys: {keys}" if prefixes else told


def month_words(used: int, per_month: int, *, free: bool) -> str:
    """What looking costs: used so far, and in a month if nobody ever stopped."""
    words = f"{used:,} commands sent"
    if not per_month or free:
        return f"{words}; they cost nothing here" if free else words
    return f"{words}; looking all month: {per_month:,}, {per_month / FREE_MONTH:.0%} of Upstash's free {FREE_MONTH:,}"
