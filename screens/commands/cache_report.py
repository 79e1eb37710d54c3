"""What `soundcheck cache` tells beside Redis' own figures: lines for people, and the document `cache`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.checks.cache.vendor_usage import Usage
from soundcheck.screens import cache_words as words
from soundcheck.screens.commands.output import aligned
from soundcheck.stores.cache.measured.applications import Applications, Instance
from soundcheck.stores.cache.measured.counters import PrefixCounts
from soundcheck.stores.cache.measured.monitored import Monitored
from soundcheck.stores.cache.measured.prefix_sample import CacheSample
from soundcheck.stores.cache.measured.prefix_table import TARGET, PrefixLine
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.upstash.statistics import CacheSnapshot, CacheUnavailable

MONTH: Final = 30 * 24 * 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class ReportExtras:
    """What was asked for with an option."""

    sample: CacheSample | None = None
    faster_way: str = ""
    usage: tuple[Usage, ...] | None = None
    monitored: Monitored | None = None


def report(found: Applications, lines: Sequence[PrefixLine], extra: ReportExtras) -> list[str]:
    """Levels, prefixes and the rest, in plain lines."""
    told: list[str] = []
    if found.instances:
        parts = " · ".join(f"{name} {words.percent(share)}" for name, share in words.shares(found.total))
        told += [f"{words.who(found)}: {words.totals(found)}", f"  {parts}"]
    elif not found.problem:
        told += list(words.HOW_TO_REPORT)
    told += [f"! {line}" for line in words.troubles(found)]
    told += words.notes(found)
    if found.instances or extra.sample is not None:
        known = [line for line in lines if line.traffic is not None or line.sample is not None]
        told += aligned(
            words.PREFIX_HEAD,
            list(map(_in_words, words.prefix_rows(known))),
            (False, *[True] * (len(words.PREFIX_HEAD) - 1)),
        )
    if low := words.lowest_words(lines):
        told.append(f"Below {TARGET:.0%}: {low}")
    if missed := words.missed_words(found):
        told.append(f"Missed most: {missed}")
    if (sample := extra.sample) is not None:
        part = "All" if sample.is_whole else f"{sample.keys:,} of {sample.total or 0:,}"
        told.append(f"{part} keys sampled with {sample.commands:,} commands.")
        if sample.problem:
            told.append(f"! {visible(sample.problem)}")
    if extra.faster_way:
        told.append(extra.faster_way)
    if extra.monitored is not None:
        told.append(f"Monitored: {words.monitored_words(extra.monitored)}")
    told += [f"{usage.store}: {visible(usage.words)}" for usage in extra.usage or ()]
    return told


def _in_words(row: Sequence[str]) -> list[str]:
    """The cells of a prefix, for the ear: nothing is `none`, and `!` is a warning."""
    return ["none" if cell == words.DASH else cell.replace(" !", " (warning)") for cell in row]


def cache_document(
    seen: CacheSnapshot | CacheUnavailable,
    found: Applications,
    lines: Sequence[PrefixLine],
    extra: ReportExtras,
    *,
    commands: int,
    per_month: int,
) -> dict[str, Any]:
    """The JSON document `cache`. Rates are of the interval since the last look, null for the first one."""
    head: dict[str, Any] = {"kind": "cache", "schema_version": 1, "available": isinstance(seen, CacheSnapshot)}
    if isinstance(seen, CacheUnavailable):
        return head | {"reason": seen.reason, "latency_ms": seen.latency_ms, "commands_used": commands}
    document = head | {
        "hit_rate": seen.hit_rate,
        "operations_per_second": seen.operations_per_second,
        "interval_s": seen.interval,
        "keys": seen.keys,
        "used_memory_bytes": seen.used_memory,
        "max_memory_bytes": seen.max_memory,
        "evicted": seen.evicted,
        "expired": seen.expired,
        "latency_ms": seen.latency_ms,
        "commands_used": commands,
        "server": seen.server,
        "version": seen.version,
        "eviction_policy": seen.policy or None,
        "applications": _applications(found),
        "prefixes": [_prefix(line) for line in lines],
    }
    if per_month:
        document["commands_per_month"] = per_month
    if extra.sample is not None:
        sample = extra.sample
        document["sample"] = {
            "whole": sample.is_whole,
            "keys": sample.keys,
            "commands": sample.commands,
            "problem": sample.problem or None,
        }
    if extra.faster_way:
        document["faster_way"] = extra.faster_way
    if (seen_by := extra.monitored) is not None:
        document["monitor"] = {
            "seconds": seen_by.seconds,
            "commands": seen_by.commands,
            "by_command": [{"name": name, "times": times} for name, times in seen_by.by_command],
            "by_prefix": [{"name": name, "times": times} for name, times in seen_by.by_prefix],
            "keys": [{"name": name, "times": times} for name, times in seen_by.keys],
            "cut": seen_by.is_cut,
            "problem": seen_by.problem or None,
        }
    if extra.usage is not None:
        document["usage"] = [_usage(usage) for usage in extra.usage]
    return document


def _applications(found: Applications) -> dict[str, Any]:
    total = found.total
    return {
        "instances": [_instance(one) for one in found.instances],
        "since": None if not found.instances else "start" if found.is_lifetime else "interval",
        **_counts(total),
        "requests_per_second": None if found.is_lifetime or not found.windows else found.requests_per_second,
        "missed": [{"key": key, "times": times} for key, times in found.missed],
        "problem": found.problem or None,
    }


def _instance(one: Instance) -> dict[str, Any]:
    published = one.published
    return {
        "app": published.app,
        "instance": published.instance,
        "age_s": one.age,
        "silent": one.is_silent,
        "interval_s": published.interval,
        "window_s": one.window.seconds if one.window is not None else None,
        "l1_entries": published.l1_entries,
        "l2": published.l2_name or None,
        "breaker": published.breaker or None,
        "note": published.note or None,
    }


def _counts(counts: PrefixCounts) -> dict[str, Any]:
    shares = {f"{name.lower()}_share": share for name, share in words.shares(counts)}
    return {"requests": counts.requests, "hit_rate": counts.hit_rate, **shares}


def _prefix(line: PrefixLine) -> dict[str, Any]:
    traffic, sample = line.traffic, line.sample
    return {
        "prefix": line.prefix,
        "plan_ttl_s": line.ttl,
        **_counts(traffic.counts if traffic is not None else PrefixCounts("")),
        "requests_per_second": traffic.requests_per_second if traffic is not None else None,
        "keys_asked_for": traffic.keys or None if traffic is not None else None,
        "predicted_hit_rate": line.predicted,
        "entries": sample.entries if sample is not None else None,
        "bytes": sample.octets if sample is not None else None,
        "ttl_left_s": {"least": sample.lives[0], "median": sample.median, "most": sample.lives[-1]}
        if sample is not None and sample.lives
        else None,
        "never_expire": sample.endless if sample is not None else None,
        "outlives_plan": line.outlives_plan,
    }


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "store": usage.store,
        "source": usage.source or None,
        "figures": [
            {"name": one.name, "used": one.used, "of": one.of, "unit": {"B": "bytes", "s": "seconds"}.get(one.unit)}
            for one in usage.figures
        ],
        "problem": " ".join(part for part in (usage.problem, usage.hint) if part) or None,
    }
