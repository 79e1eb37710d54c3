"""What the instances of applications published, as shares of the last interval: found by one command, read by one.

A look costs one MGET, and once a minute one ZRANGE to find new instances. Of an instance that was seen twice the
interval lies between its last two documents; one that began again since counts from its start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from soundcheck.stores.cache.measured.counters import PrefixCounts, summed
from soundcheck.stores.cache.measured.latency import NO_LATENCY, Latency
from soundcheck.stores.cache.measured.publication import INDEX, Publication, member_of, read_publication, stats_key
from soundcheck.stores.clock import Clock
from soundcheck.stores.upstash.reply import Reply
from soundcheck.stores.upstash.rest import Argument

MOST_INSTANCES: Final = 100
LISTED_EVERY: Final = 60.0
"""Seconds between two questions for new instances; where commands cost nothing it is asked at every look."""

_SILENT: Final = 2.0
"""Intervals without a new document after which an instance counts as silent."""

_LONGEST: Final = 5.0
"""Intervals between two documents beyond which what lies between is no present any more, as after a pause of ours."""


class CommandClient(Protocol):
    """What the meter needs of a client."""

    async def command(self, *arguments: Argument) -> Reply:
        """Run one command; never raises for an expected failure."""
        ...


@dataclass(frozen=True, slots=True)
class MeasuredSpan:
    """What one instance did between two documents, or since it began again; `seconds` is above 0."""

    seconds: float
    prefixes: tuple[PrefixCounts, ...]
    l2_commands: int
    l2_faults: int
    l2_latency: Latency


@dataclass(frozen=True, slots=True)
class Instance:
    """The last document of one instance, the interval before it (None at first sight), and its age in seconds."""

    published: Publication
    window: MeasuredSpan | None
    age: float

    @property
    def is_silent(self) -> bool:
        """Whether documents that were due did not come."""
        return self.age > self.published.interval * _SILENT


@dataclass(frozen=True, slots=True)
class PrefixTraffic:
    """One prefix over all instances. `counts` is of the interval, or since the start where `is_lifetime`.

    Rates are a second. `keys` is about how many different keys were asked for, 0 where nobody told.
    """

    prefix: str
    counts: PrefixCounts
    requests_per_second: float
    drops_per_second: float
    keys: int


@dataclass(frozen=True, slots=True)
class Applications:
    """All that report, by name. `problem` says why nothing could be read; `unreadable` counts documents of no use.

    `listed` is how many instances the index names; those without a document have ended.
    """

    instances: tuple[Instance, ...] = ()
    listed: int = 0
    unreadable: int = 0
    problem: str = ""

    @property
    def windows(self) -> tuple[MeasuredSpan, ...]:
        """The intervals of all instances that were seen twice and are not silent."""
        return tuple(one.window for one in self.instances if one.window is not None and not one.is_silent)

    @property
    def is_lifetime(self) -> bool:
        """Whether nothing but numbers since the instances' start is known yet."""
        return bool(self.instances) and not any(one.window is not None for one in self.instances)

    @property
    def traffic(self) -> tuple[PrefixTraffic, ...]:
        """By prefix, those with most requests first."""
        spans = self._spans()
        rates: dict[str, list[float]] = {}
        counts: dict[str, PrefixCounts] = {}
        for seconds, prefixes in spans:
            for one in prefixes:
                counts[one.prefix] = counts[one.prefix].plus(one) if one.prefix in counts else one
                rate = rates.setdefault(one.prefix, [0.0, 0.0])
                rate[0] += one.requests / seconds
                rate[1] += one.drops / seconds
        found = [PrefixTraffic(name, one, rates[name][0], rates[name][1], one.keys) for name, one in counts.items()]
        return tuple(sorted(found, key=lambda one: (-one.counts.requests, one.prefix)))

    @property
    def total(self) -> PrefixCounts:
        """All prefixes of all instances together, of the interval or since the start."""
        return summed(one for _, prefixes in self._spans() for one in prefixes)

    @property
    def requests_per_second(self) -> float:
        """Of all instances together."""
        return sum(one.requests_per_second for one in self.traffic)

    @property
    def l2_latency(self) -> Latency:
        """The applications' own calls of Redis, of the interval or since the start."""
        found = NO_LATENCY
        for part in self._latencies():
            found = found.plus(part)
        return found

    @property
    def missed(self) -> tuple[tuple[str, int], ...]:
        """The keys that went to the loader most often, as the instances told last, most first."""
        counted: dict[str, int] = {}
        for one in self.instances:
            for key, times in one.published.missed if not one.is_silent else ():
                counted[key] = counted.get(key, 0) + times
        return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    def _spans(self) -> list[tuple[float, tuple[PrefixCounts, ...]]]:
        if not self.is_lifetime:
            return [(one.seconds, one.prefixes) for one in self.windows]
        documents = [one.published for one in self.instances]
        return [(max((one.at - one.started).total_seconds(), 1.0), one.prefixes) for one in documents]

    def _latencies(self) -> Iterable[Latency]:
        if self.is_lifetime:
            return [one.published.l2_latency for one in self.instances]
        return [one.l2_latency for one in self.windows]


class ApplicationMeter:
    """Looks at what was published, and remembers each instance's last document."""

    def __init__(self, client: CommandClient, clock: Clock, *, listed_every: float = LISTED_EVERY) -> None:
        self._client = client
        self._clock = clock
        self._listed_every = listed_every
        self._listed_at: float | None = None
        self._members: tuple[tuple[str, str], ...] = ()
        self._seen: dict[tuple[str, str], Instance] = {}

    async def read(self) -> Applications:
        """One look: one command, and one more where new instances are looked for. Never raises."""
        now = self._clock.monotonic()
        if self._listed_at is None or now - self._listed_at >= self._listed_every:
            reply = await self._client.command("ZRANGE", INDEX, 0, MOST_INSTANCES - 1, "REV")
            if not reply.ok or not isinstance(reply.value, list):
                return Applications(problem=reply.error or "what stands at soundcheck:stats is no index")
            members = dict.fromkeys(member for item in reply.value if (member := member_of(item)) is not None)
            self._members, self._listed_at = tuple(members), now
        if not self._members:
            return Applications()
        reply = await self._client.command("MGET", *(stats_key(*member) for member in self._members))
        if not reply.ok or not isinstance(reply.value, list) or len(reply.value) != len(self._members):
            return Applications(listed=len(self._members), problem=reply.error or "it did not answer MGET")
        return self._look(reply.value)

    def _look(self, texts: Sequence[object]) -> Applications:
        wall = self._clock.now()
        unreadable = 0
        seen: dict[tuple[str, str], Instance] = {}
        for member, text in zip(self._members, texts, strict=True):
            if text is None:
                continue
            found = read_publication(text)
            if found is None or (found.app, found.instance) != member:
                unreadable += 1
                continue
            seen[member] = observed(found, self._seen.get(member), wall)
        self._seen = seen
        return Applications(tuple(seen[member] for member in sorted(seen)), len(self._members), unreadable)


def observed(now: Publication, before: Instance | None, wall: datetime) -> Instance:
    """The instance with its newest interval. Pure.

    The writer's clock may differ from ours: the age is never below 0.
    """
    age = max(0.0, (wall - now.at).total_seconds())
    if before is None:
        return Instance(now, None, age)
    last = before.published
    if now.at == last.at:
        return replace(before, age=age)
    began_again = now.started != last.started or now.total.requests < last.total.requests or now.at < last.at
    since = now.started if began_again else last.at
    seconds = (now.at - since).total_seconds()
    if not 0 < seconds <= max(now.interval * _LONGEST, LISTED_EVERY):
        return Instance(now, None, age)
    if began_again:
        window = MeasuredSpan(seconds, now.prefixes, now.l2_commands, now.l2_faults, now.l2_latency)
        return Instance(now, window if now.started > last.at else None, age)
    earlier = {one.prefix: one for one in last.prefixes}
    prefixes = tuple(one.since(earlier[one.prefix]) if one.prefix in earlier else one for one in now.prefixes)
    window = MeasuredSpan(
        seconds,
        prefixes,
        max(0, now.l2_commands - last.l2_commands),
        max(0, now.l2_faults - last.l2_faults),
        now.l2_latency.since(last.l2_latency),
    )
    return Instance(now, window, age)
