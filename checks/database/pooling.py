"""The two addresses of one database: the application's goes through the pooler, push goes past it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database import findings
from soundcheck.checks.database.failures import FAILURES
from soundcheck.checks.database.layers import (
    DatabaseLayer,
    database_probe,
    failed_layer,
    layer_evidence,
    uses_local_database,
)
from soundcheck.checks.evidence import SPREAD
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.checks.layer_facts import LayerFacts
from soundcheck.stores.postgres.settings import ssl_mode
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.postgres import PostgresProbe, ProbeDeadlines


def pooling_check(deadlines: ProbeDeadlines) -> Check:
    """`database.pooling`. Where the direct URL is another one, it is probed as well."""

    async def collect(context: Context) -> PoolingEvidence:
        return await _pooling(context, deadlines)

    whole = 2 * deadlines.dns + deadlines.tcp + deadlines.tls + deadlines.whole_authentication + deadlines.query + 5
    title = "the app uses the pooler, push goes past it"
    return POOLING.check("database.pooling", Group.DATABASE, title, collect, ("database.url",), 2 * whole)


@dataclass(frozen=True, slots=True)
class PoolingEvidence:
    """How the two URLs stand to each other.

    `layer` is of the application's URL, and where the direct one failed, the layer at which it did; `pooled_code` is
    what the application's own ended with, "" where it connects.
    """

    layer: DatabaseLayer = field(default_factory=DatabaseLayer, metadata=SPREAD)
    pooled: bool = False
    direct_pooled: bool = False
    direct_endpoint: str = ""
    same_database: bool = False
    pooled_code: str = ""


async def _pooling(context: Context, deadlines: ProbeDeadlines) -> PoolingEvidence:
    """How the two URLs stand to each other, and whether the direct one connects where it is another host."""
    credentials = context.services.credentials
    url, direct = credentials.database_url, credentials.direct
    assert url is not None and direct is not None  # noqa: S101, PT018 - database.url passed
    is_local = uses_local_database(context)
    evidence = PoolingEvidence(
        DatabaseLayer(endpoint=url.endpoint, neon=url.is_neon, local=is_local),
        pooled=url.is_pooled,
        direct_pooled=direct.is_pooled,
        direct_endpoint=direct.endpoint,
        same_database=url.database == direct.database and url.direct().host == direct.direct().host,
    )
    if is_same_line(direct, url):
        return evidence
    code, failed = await asyncio.gather(
        _last_code(database_probe(context, deadlines)),
        _failed_layer(context, direct, deadlines, is_local=is_local and direct.endpoint == url.endpoint),
    )
    if failed is None:
        connected = replace(evidence.layer, facts=LayerFacts(status="ok"))
        return replace(evidence, layer=connected, pooled_code=code)
    return replace(evidence, layer=failed, pooled_code=code)


def is_same_line(direct: PostgresUrl, url: PostgresUrl) -> bool:
    """Whether a second connection would be the first one over again."""
    return (direct.endpoint, direct.user, direct.password, direct.database, ssl_mode(direct)) == (
        url.endpoint, url.user, url.password, url.database, ssl_mode(url),
    )  # fmt: skip


async def _last_code(probe: PostgresProbe) -> str:
    return next((layer.code for layer in await probe.run() if not layer.passed), "")


async def _failed_layer(
    context: Context, url: PostgresUrl, deadlines: ProbeDeadlines, *, is_local: bool
) -> DatabaseLayer | None:
    services = context.services
    async with contextlib.aclosing(
        PostgresProbe(url, services.resolver, is_local=is_local, clock=services.clock, deadlines=deadlines)
    ) as probe:
        failed = next((layer for layer in await probe.run() if not layer.passed), None)
    return layer_evidence(failed, url, local=is_local) if failed else None


def judge_pooling(evidence: PoolingEvidence) -> Judgement:
    """`database.pooling`: where only one of the two addresses works, this says what still does."""
    layer, pooled_code = evidence.layer, evidence.pooled_code
    if layer.local and layer.facts.status != "failed":
        return said("local")
    if evidence.direct_pooled:
        return said("direct_is_pooled")
    if layer.facts.status == "failed":
        if pooled_code:
            return said("both_fail", check=f"database.{_layer_of(pooled_code)}")
        return said("direct_fails", failure=failed_layer(layer))
    if pooled_code:
        return said("pooled_fails")
    if not evidence.same_database:
        return said("two_databases", pooled=layer.endpoint, direct=evidence.direct_endpoint)
    if not layer.neon:
        return said("not_neon")
    return said("right" if evidence.pooled else "not_pooled")


_LAYER_CODES: Final = {
    "dns": ("unknown_name", "no_network"),
    "tcp": ("refused", "unreachable", "broken"),
}


def _layer_of(code: str) -> str:
    """The check that reports a failure of the pooled address."""
    named = next((layer for layer, codes in _LAYER_CODES.items() if code in codes), "")
    return named or ("tls" if code.startswith("tls_") else "authentication")


_OWN: Final = tuple(code for code in findings.POOLING if code not in FAILURES)

POOLING: Final = Judging(PoolingEvidence, judge_pooling, findings.POOLING, _OWN)
