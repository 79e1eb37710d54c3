"""What stands in the cache by prefix, from a bounded sample: entries, bytes, and the time they have left.

The price is known before: the SCANs, and two commands for each key that is looked at closer. Keys come in the order of
the server's own table, which has nothing to do with their names, so a part of them is a fair sample.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from soundcheck.stores.cache.key_rule import KeyRules
from soundcheck.stores.cache.measured.counters import OTHER
from soundcheck.stores.cache.measured.publication import INDEX
from soundcheck.stores.copies.key_scan import COUNT, Scan, scan_on
from soundcheck.stores.keys import KeyRule
from soundcheck.stores.upstash.reply import Reply

if TYPE_CHECKING:
    from soundcheck.stores.upstash.rest import RestClient

SCANS: Final = 10
"""SCAN commands at most: 5,000 keys looked at."""

EACH: Final = 20
"""Keys of a prefix that are looked at closer, at most."""

_MOST_PREFIXES: Final = 24
_OURS: Final = "soundcheck:"
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class PrefixSample:
    """One prefix. `entries` and `octets` are estimates unless the sample `is_whole`; None where nothing was measured.

    `lives` are the seconds that the looked-at keys have left, sorted; `endless` how many of them never expire.
    """

    prefix: str
    found: int
    entries: int
    octets: int | None
    looked_at: int
    lives: tuple[float, ...]
    endless: int

    @property
    def median(self) -> float | None:
        """Seconds left, of those that expire."""
        return statistics.median(self.lives) if self.lives else None


@dataclass(frozen=True, slots=True)
class CacheSample:
    """All prefixes, those with most entries first. `problem` says in words why it ended early."""

    prefixes: tuple[PrefixSample, ...] = ()
    is_whole: bool = False
    keys: int = 0
    total: int | None = None
    commands: int = 0
    problem: str = ""

    def of(self, prefix: str) -> PrefixSample | None:
        """One of them."""
        return next((one for one in self.prefixes if one.prefix == prefix), None)


def price(keys: int | None, plan: Sequence[KeyRule], scans: int = SCANS) -> int:
    """Commands at most, for a cache of so many keys (None: unknown)."""
    steps = scans if keys is None else min(scans, -(-keys // COUNT) + 1)
    closer = EACH * (len(plan) + 1) if keys is None else min(EACH * (len(plan) + 1), keys)
    return 1 + steps + 2 * closer


async def take_sample(client: RestClient, plan: Sequence[KeyRule], *, scans: int = SCANS) -> CacheSample:
    """Scan, then look closer at some keys of each prefix. Never raises; what is over the price is not asked."""
    scan = await scan_on(client, Scan(), scans)
    groups = _grouped(scan.keys, plan)
    chosen = _chosen(groups, price(scan.total, plan, scans) - scan.commands)
    replies: list[Reply] = []
    for start in range(0, len(chosen), _AT_ONCE):
        some = chosen[start : start + _AT_ONCE]
        replies += await client.pipeline([word for key in some for word in (("PTTL", key), ("MEMORY", "USAGE", key))])
    seen = dict(zip(chosen, zip(replies[::2], replies[1::2], strict=True), strict=True))
    part = len(scan.keys) / scan.total if scan.total and not scan.done and scan.keys else 1.0
    found = [_measured(prefix, keys, seen, min(part, 1.0)) for prefix, keys in groups.items()]
    return CacheSample(
        tuple(sorted(found, key=lambda one: (-one.entries, one.prefix))),
        scan.done,
        len(scan.keys),
        scan.total,
        scan.commands + len(replies),
        scan.problem or next((reply.error for reply in replies[::2] if not reply.ok), ""),
    )


def _grouped(keys: Iterable[str], plan: Sequence[KeyRule]) -> dict[str, list[str]]:
    """Keys by the pattern of the key table, else by what stands before their first colon."""
    rules = KeyRules(tuple(plan))
    groups: dict[str, list[str]] = {}
    for key in keys:
        rule = rules.of(key)
        head, colon, _ = key.partition(":")
        prefix = rule.pattern if rule is not None else f"{head}:*" if colon and len(head) <= 40 else OTHER
        if prefix not in groups and rule is None and len(groups) >= _MOST_PREFIXES:
            prefix = OTHER
        groups.setdefault(prefix, []).append(key)
    return groups


def _chosen(groups: dict[str, list[str]], commands: int) -> list[str]:
    """Some of each, as many as the price allows."""
    source = random.Random()  # noqa: S311 - a sample, no secret
    picked = [source.sample(keys, min(EACH, len(keys))) for keys in groups.values()]
    turns = [keys[turn] for turn in range(EACH) for keys in picked if turn < len(keys)]
    return turns[: max(0, commands // 2)]


def _measured(prefix: str, keys: list[str], seen: dict[str, tuple[Reply, Reply]], part: float) -> PrefixSample:
    looked = [seen[key] for key in keys if key in seen]
    lives = [reply.value / 1000 for reply, _ in looked if isinstance(reply.value, int) and reply.value >= 0]
    sizes = [reply.value for _, reply in looked if isinstance(reply.value, int)]
    entries = round(len(keys) / part)
    return PrefixSample(
        prefix,
        len(keys),
        entries,
        round(statistics.fmean(sizes) * entries) if sizes else None,
        len(looked),
        tuple(sorted(lives)),
        sum(1 for reply, _ in looked if reply.value == -1),
    )


def is_ours(prefix: str) -> bool:
    """Whether Soundcheck itself writes such keys: markers of drops, what instances publish."""
    return prefix.startswith((_OURS, INDEX))
