"""How far away the two stores are: the measured round trip, the region in the host name, and the two clocks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.facts import server_state
from soundcheck.checks.database.layers import database_probe, judge_failure
from soundcheck.checks.finding import Blame, Evidence, Finding, flag, number, ok, skip, text, warn
from soundcheck.stores.cloud.addresses import region_in_words, region_of
from soundcheck.stores.probe.layer import Layer, LayerName
from soundcheck.stores.probe.postgres import ProbeDeadlines

PLANNED_MS: Final = 20.0
"""What the plan wants of a database query; within it no more than one round trip fits."""

FAR_MS: Final = 100.0
"""Beyond this even a cached page is felt to wait."""

KM_PER_MS: Final = 100
"""Light in glass goes 200 km in a millisecond, and the way is gone twice."""

APART: Final = 30.0
"""Seconds two clocks may differ before tokens, one-time codes and expiry times go wrong."""


def database_latency_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`database.latency` and `database.clock`. Neither asks the server anything of its own."""

    async def distance(context: Context) -> Evidence:
        probe = database_probe(context, deadlines)
        evidence = distance_evidence(await probe.layer(LayerName.QUERY), probe.url.host)
        return {**evidence, "loopback": probe.url.is_loopback}

    async def clocks(context: Context) -> Evidence:
        state = await server_state(context, deadlines)
        state.pop("tables", None)
        return state

    after = ("database.query",)
    return (
        Check(
            "database.latency",
            Group.DATABASE,
            "the database is near",
            distance,
            judge_latency,
            after,
            2 * deadlines.query + 1,
        ),
        Check(
            "database.clock",
            Group.DATABASE,
            "this machine's clock is right",
            clocks,
            judge_clock,
            after,
            deadlines.query + 1,
        ),
    )


def cache_latency_check(measured: Callable[[Context], Awaitable[Layer]], deadline: float) -> Check:
    """`cache.latency`, over the ping that `measured` gives."""

    async def collect(context: Context) -> Evidence:
        url = context.services.credentials.rest_url
        assert url is not None  # noqa: S101 - cache.url passed
        return {**distance_evidence(await measured(context), url.host), "loopback": url.is_loopback}

    return Check("cache.latency", Group.CACHE, "the cache is near", collect, judge_latency, ("cache.ping",), deadline)


def distance_evidence(layer: Layer, host: str) -> dict[str, str | float | int | bool | None]:
    """A layer's round trip (ms) with the region that the host name says."""
    return {"host": host, "region": region_of(host), "round_trip_ms": layer.facts.get("round_trip_ms")}


def judge_latency(evidence: Evidence) -> Finding:
    """`database.latency` and `cache.latency`: over 100 ms is a warning, over the plan's 20 ms is said.

    This machine's own name is no excuse: a tunnel to a server far away has it too.
    """
    trip = number(evidence, "round_trip_ms")
    if trip is None:
        return skip("Not measured.", "no round trip was measured")
    region = region_in_words(text(evidence, "region"))
    place = f" to {region}" if region else ""
    summary = f"A round trip{place} takes {trip:.1f} ms."
    if trip <= PLANNED_MS:
        return ok(summary)
    farthest = f"{trip * KM_PER_MS:,.0f} km"
    if trip <= FAR_MS:
        return ok(f"{summary} That is over the plan's {PLANNED_MS:.0f} ms, which hold where the backend runs nearby.")
    return warn(
        summary,
        cause=f"The plan wants queries under {PLANNED_MS:.0f} ms. The way may be up to {farthest} long, or the network"
        " is slow.",
        blame=Blame.NETWORK,
        hint=f"Measure it from where the backend runs; let it run {'in or near ' + region if region else 'near it'},"
        " or choose a nearer region in the console.",
    )


def judge_clock(evidence: Evidence) -> Finding:
    """`database.clock`: over 30 s apart is a warning."""
    if text(evidence, "status") != "ok":
        return judge_failure(evidence)
    if flag(evidence, "local"):
        return skip("Not needed here.", "the database is on this machine")
    theirs, ours = number(evidence, "server_time"), number(evidence, "our_time")
    if theirs is None or ours is None:
        return skip("Not measured.", "the server told no time")
    apart = theirs - ours
    doubt = (number(evidence, "took_ms") or 0) / 2000
    if abs(apart) - doubt <= APART:
        return ok(f"This machine's clock and the database's agree within {max(abs(apart), doubt, 0.1):.1f} s.")
    way = "behind" if apart > 0 else "ahead of"
    return warn(
        f"This machine's clock is {_span(abs(apart))} {way} the database's.",
        cause="Sessions and one-time codes end at the wrong time, and certificates seem expired or not yet valid.",
        blame=Blame.YOU,
        hint="Switch automatic time on in the system's settings (Linux: timedatectl set-ntp true).",
    )


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
