"""What an instance of an application publishes of its cache: one small JSON document. Pure; described in docs/cache.md.

Documents come from outside, so everything in them is bounded and nothing is taken for granted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from soundcheck.stores.cache.measured.counters import OTHER, PrefixCounts, summed
from soundcheck.stores.cache.measured.latency import NO_LATENCY, Latency

INDEX: Final = "soundcheck:stats"
"""A sorted set of `{app}:{instance}`, scored by the seconds (Unix time) of the instance's last sign of life."""

MOST_PREFIXES: Final = 24
MOST_MISSED: Final = 10
MOST_BYTES: Final = 16_000
"""A document longer than this is not read; ours stay below 8 kB."""

_MOST_NUMBER: Final = 2**53
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
_FIELDS: Final = (
    ("l1", "l1_hits"), ("l2", "l2_hits"), ("loads", "loads"), ("coalesced", "coalesced"),
    ("stale", "stale"), ("failed", "failed"), ("drops", "drops"), ("keys", "keys"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Publication:
    """One instance at one moment. Numbers count since `started`, but for `missed`: those of `missed_seconds`.

    `interval` is seconds between two publications. `l1_capacity` 0 and `l2_name` "" mean: not told. `note` is one
    sentence of the application's own, as which way to Redis is the faster one.
    """

    app: str
    instance: str
    at: datetime
    started: datetime
    interval: float
    prefixes: tuple[PrefixCounts, ...]
    l1_entries: int = 0
    l1_capacity: int = 0
    l1_evicted: int = 0
    l2_name: str = ""
    breaker: str = ""
    l2_commands: int = 0
    l2_faults: int = 0
    l2_latency: Latency = NO_LATENCY
    missed: tuple[tuple[str, int], ...] = ()
    missed_seconds: float = 0.0
    note: str = ""

    @property
    def total(self) -> PrefixCounts:
        """All prefixes together."""
        return summed(self.prefixes)


def is_name(text: str) -> bool:
    """Whether it can name an application or an instance: up to 40 letters, digits and `. _ -` each."""
    return _NAME.fullmatch(text) is not None


def stats_key(app: str, instance: str) -> str:
    """Where the document stands."""
    return f"{INDEX}:{app}:{instance}"


def member_of(text: object) -> tuple[str, str] | None:
    """Application and instance out of a member of the index; None for what others wrote there."""
    app, _, instance = text.partition(":") if isinstance(text, str) else ("", "", "")
    return (app, instance) if is_name(app) and is_name(instance) else None


def folded(prefixes: Sequence[PrefixCounts], named: Sequence[str]) -> tuple[PrefixCounts, ...]:
    """The named prefixes, and all others as one: a document stays small however many there are."""
    kept = [one for one in prefixes if one.prefix in named and one.prefix != OTHER]
    rest = [one for one in prefixes if one.prefix not in named or one.prefix == OTHER]
    if not rest:
        return tuple(kept)
    together = PrefixCounts(OTHER)
    for one in rest:
        together = together.plus(one)
    return (*kept, together)


def write_publication(one: Publication) -> str:
    """The document."""
    document: dict[str, Any] = {
        "v": 1,
        "app": one.app,
        "instance": one.instance,
        "at": _time(one.at),
        "started": _time(one.started),
        "interval": one.interval,
        "prefixes": {
            counts.prefix: {name: getattr(counts, field) for name, field in _FIELDS if getattr(counts, field)}
            for counts in one.prefixes
        },
        "l1": {"entries": one.l1_entries, "capacity": one.l1_capacity, "evicted": one.l1_evicted},
        "l2": {
            "over": one.l2_name,
            "state": one.breaker,
            "commands": one.l2_commands,
            "faults": one.l2_faults,
            "latency": [list(bucket) for bucket in one.l2_latency.buckets],
        },
        "missed": {"seconds": round(one.missed_seconds, 1), "keys": [list(key) for key in one.missed]},
    }
    if one.note:
        document["note"] = one.note[:200]
    return json.dumps(document, separators=(",", ":"))


def read_publication(text: object) -> Publication | None:
    """What stands in a document; None for one that is none, of another version, or too large."""
    if not isinstance(text, str) or len(text) > MOST_BYTES:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("v") != 1:
        return None
    member = member_of(f"{document.get('app')}:{document.get('instance')}")
    at, started = _moment(document.get("at")), _moment(document.get("started"))
    prefixes = document.get("prefixes")
    if member is None or at is None or started is None or not isinstance(prefixes, dict):
        return None
    l1, l2, missed = (_mapping(document.get(name)) for name in ("l1", "l2", "missed"))
    return Publication(
        *member,
        at=at,
        started=min(started, at),
        interval=min(max(_number(document.get("interval")), 1.0), 3600.0),
        prefixes=_prefixes(prefixes),
        l1_entries=_count(l1.get("entries")),
        l1_capacity=_count(l1.get("capacity")),
        l1_evicted=_count(l1.get("evicted")),
        l2_name=_text(l2.get("over"), 10),
        breaker=_text(l2.get("state"), 10),
        l2_commands=_count(l2.get("commands")),
        l2_faults=_count(l2.get("faults")),
        l2_latency=Latency(tuple(_pairs(l2.get("latency"), 250))),
        missed=tuple(_missed(missed.get("keys"))),
        missed_seconds=_number(missed.get("seconds")),
        note=_text(document.get("note"), 200),
    )


def _prefixes(found: Mapping[Any, Any]) -> tuple[PrefixCounts, ...]:
    """The first of them; a name that is too long is cut."""
    counted: dict[str, PrefixCounts] = {}
    for name, value in list(found.items())[: MOST_PREFIXES + 1]:
        numbers = _mapping(value)
        prefix = _text(name, 80)
        counts = PrefixCounts(prefix, **{field: _count(numbers.get(short)) for short, field in _FIELDS})  # type: ignore[arg-type]
        counted[prefix] = counted[prefix].plus(counts) if prefix in counted else counts
    return tuple(counted[prefix] for prefix in sorted(counted))


def _missed(found: object) -> list[tuple[str, int]]:
    items = found[:MOST_MISSED] if isinstance(found, list) else []
    return [
        (_text(item[0], 200), _count(item[1]))
        for item in items
        if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)
    ]


def _pairs(found: object, most: int) -> list[tuple[int, int]]:
    items = found[:most] if isinstance(found, list) else []
    pairs = {_count(item[0]): _count(item[1]) for item in items if isinstance(item, list) and len(item) == 2}
    return sorted((bucket, count) for bucket, count in pairs.items() if bucket < 256 and count)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_NUMBER else 0


def _number(value: object) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MOST_NUMBER
    return float(value) if good else 0.0  # type: ignore[arg-type]


def _text(value: object, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) < 40 else None
        return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
