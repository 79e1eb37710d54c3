"""How far away the two stores are: the measured round trip, the region in the host name, and the two clocks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database import findings
from soundcheck.checks.database.facts import ServerFacts, server_state, state_endings
from soundcheck.checks.database.findings import PLANNED_MS
from soundcheck.checks.database.layers import database_probe
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.stores.cloud.addresses import region_in_words, region_of
from soundcheck.stores.probe.layer import Layer, LayerName
from soundcheck.stores.probe.postgres import ProbeDeadlines

FAR_MS: Final = 100.0
"""Beyond this even a cached page is felt to wait."""

KM_PER_MS: Final = 100
"""Light in glass goes 200 km in a millisecond, and the way is gone twice."""

APART: Final = 30.0
"""Seconds two clocks may differ before tokens, one-time codes and expiry times go wrong."""


def database_latency_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`database.latency` and `database.clock`. Neither asks the server anything of its own."""

    async def distance(context: Context) -> Distance:
        probe = database_probe(context, deadlines)
        return distance_of(await probe.layer(LayerName.QUERY), probe.url.host, loopback=probe.url.is_loopback)

    async def clocks(context: Context) -> ServerFacts:
        return (await server_state(context, deadlines)).state

    group, seconds, after = Group.DATABASE, deadlines.query, ("database.query",)
    return (
        LATENCY.check("database.latency", group, "the database is near", distance, after, 2 * seconds + 1),
        CLOCK.check("database.clock", group, "this machine's clock is right", clocks, after, seconds + 1),
    )


def cache_latency_check(measured: Callable[[Context], Awaitable[Layer]], deadline: float) -> Check:
    """`cache.latency`, over the ping that `measured` gives."""

    async def collect(context: Context) -> Distance:
        url = context.services.credentials.rest_url
        assert url is not None  # noqa: S101 - cache.url passed
        return distance_of(await measured(context), url.host, loopback=url.is_loopback)

    return LATENCY.check("cache.latency", Group.CACHE, "the cache is near", collect, ("cache.ping",), deadline)


@dataclass(frozen=True, slots=True)
class Distance:
    """A layer's round trip (ms) with the region that the host name says."""

    host: str = ""
    region: str = ""
    round_trip_ms: float | None = None
    loopback: bool = False


def distance_of(layer: Layer, host: str, *, loopback: bool) -> Distance:
    """That of a layer."""
    trip = layer.facts.get("round_trip_ms")
    return Distance(host, region_of(host), float(trip) if isinstance(trip, int | float) else None, loopback)


def judge_latency(evidence: Distance) -> Judgement:
    """`database.latency` and `cache.latency`: over 100 ms is a warning, over the plan's 20 ms is said.

    This machine's own name is no excuse: a tunnel to a server far away has it too.
    """
    trip, region = evidence.round_trip_ms, region_in_words(evidence.region)
    if trip is None:
        return said("not_measured")
    towards = said("to_region", region=region) if region else ""
    if trip <= FAR_MS:
        return said("near" if trip <= PLANNED_MS else "over_plan", towards=towards, trip=trip)
    nearer = said("in_region", region=region) if region else said("near_it")
    return said("far", towards=towards, trip=trip, kilometres=trip * KM_PER_MS, nearer=nearer)


LATENCY: Final = Judging(Distance, judge_latency, findings.LATENCY)


def judge_clock(evidence: ServerFacts) -> Judgement:
    """`database.clock`: over 30 s apart is a warning."""
    if evidence.failed:
        return evidence.failed
    if evidence.local:
        return said("local")
    theirs, ours = evidence.server_time, evidence.our_time
    if theirs is None or ours is None:
        return said("not_told")
    apart = theirs - ours
    doubt = (evidence.took_ms or 0) / 2000
    if abs(apart) - doubt <= APART:
        return said("agree", seconds=max(abs(apart), doubt, 0.1))
    return said("apart", apart=_span(abs(apart)), way=said("behind" if apart > 0 else "ahead"))


def _span(seconds: float) -> Judgement:
    if seconds < 120:
        return said("seconds", amount=seconds)
    return said("minutes", amount=seconds / 60) if seconds < 7200 else said("hours", amount=seconds / 3600)


CLOCK: Final = Judging(ServerFacts, judge_clock, findings.CLOCK, state_endings(findings.CLOCK))
