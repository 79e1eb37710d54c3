"""The two addresses of one database: the application's goes through the pooler, push goes past it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.layers import database_probe, judge_failure, layer_evidence, uses_local_database
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, fail, flag, ok, skip, text, warn
from soundcheck.checks.fixes import POOL, UNPOOL
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.postgres import PostgresProbe, ProbeDeadlines


def pooling_check(deadlines: ProbeDeadlines) -> Check:
    """`database.pooling`. Where the direct URL is another host, it is probed as well."""

    async def collect(context: Context) -> Evidence:
        return await _pooling(context, deadlines)

    whole = 2 * deadlines.dns + deadlines.tcp + deadlines.tls + deadlines.whole_authentication + deadlines.query + 5
    title = "the app uses the pooler, push goes past it"
    return Check("database.pooling", Group.DATABASE, title, collect, judge_pooling, ("database.url",), 2 * whole)


async def _pooling(context: Context, deadlines: ProbeDeadlines) -> Evidence:
    """How the two URLs stand to each other, and whether the direct one connects where it is another host."""
    credentials = context.services.credentials
    url, direct = credentials.database_url, credentials.direct
    assert url is not None and direct is not None  # noqa: S101, PT018 - database.url passed
    evidence: dict[str, Json] = {
        "local": uses_local_database(context),
        "neon": url.is_neon,
        "pooled": url.is_pooled,
        "direct_pooled": direct.is_pooled,
        "endpoint": url.endpoint,
        "direct_endpoint": direct.endpoint,
        "same_database": url.database == direct.database and url.direct().host == direct.direct().host,
    }
    if not evidence["local"] and direct.endpoint != url.endpoint:
        code, layers = await asyncio.gather(
            _last_code(database_probe(context, deadlines)), _direct_layers(context, direct, deadlines)
        )
        evidence |= {"pooled_code": code, **layers}
    return evidence


async def _last_code(probe: PostgresProbe) -> str:
    return next((layer.code for layer in await probe.run() if not layer.passed), "")


async def _direct_layers(context: Context, url: PostgresUrl, deadlines: ProbeDeadlines) -> dict[str, Json]:
    services = context.services
    async with contextlib.aclosing(
        PostgresProbe(url, services.resolver, clock=services.clock, deadlines=deadlines)
    ) as probe:
        failed = next((layer for layer in await probe.run() if not layer.passed), None)
    return {**layer_evidence(failed, url), "endpoint": url.endpoint} if failed else {"status": "ok"}


def judge_pooling(evidence: Evidence) -> Finding:
    """`database.pooling`: where only one of the two addresses works, this says what still does."""
    if flag(evidence, "local"):
        return skip("Not needed here.", "the local stack has no pooler")
    if flag(evidence, "direct_pooled"):
        return fail(
            "DIRECT_URL goes through the pooler.",
            cause="`prisma db push` needs a session of its own, which a pooler does not give.",
            blame=Blame.YOU,
            hint="Take -pooler out of the host of DIRECT_URL; Setup does it for you (key 1, or `soundcheck setup`).",
            fixes=(UNPOOL,),
        )
    if text(evidence, "status") == "failed":
        if code := text(evidence, "pooled_code"):
            return skip("The direct address fails as well.", f"database.{_layer_of(code)}")
        found = judge_failure(evidence)
        return fail(
            "The application can connect; push cannot: the direct address fails.",
            cause=f"{found.summary} {found.cause}",
            blame=found.blame or Blame.YOU,
            hint=found.hint.replace("DATABASE_URL", "DIRECT_URL"),
            link=found.link,
        )
    if text(evidence, "pooled_code"):
        return warn(
            "The pooled address fails; the direct one works.",
            cause="The application cannot connect, while `prisma db push` still can.",
            blame=Blame.PROVIDER,
            hint="See the failed check of the database; until then the direct address can stand in DATABASE_URL.",
        )
    if not flag(evidence, "same_database"):
        return warn(
            "DATABASE_URL and DIRECT_URL name different databases.",
            cause=f"{text(evidence, 'endpoint')} and {text(evidence, 'direct_endpoint')}: tables would be pushed to one"
            " and looked for in the other.",
            blame=Blame.YOU,
            hint="Take both from the same page of the Neon console.",
        )
    if not flag(evidence, "neon"):
        return skip("Not needed here.", "only Neon's pooler is known by its name")
    if not flag(evidence, "pooled"):
        return warn(
            "DATABASE_URL goes past the pooler.",
            cause="Each connection of the application takes one of the server's, about a hundred on the free plan.",
            blame=Blame.YOU,
            hint="Use the address with -pooler in DATABASE_URL; Setup derives it (key 1, or `soundcheck setup`).",
            fixes=(POOL,),
        )
    return ok("The application uses the pooler, push goes past it.")


_LAYER_CODES: Final = {
    "dns": ("unknown_name", "no_network"),
    "tcp": ("refused", "unreachable", "broken"),
}


def _layer_of(code: str) -> str:
    """The check that reports a failure of the pooled address."""
    named = next((layer for layer, codes in _LAYER_CODES.items() if code in codes), "")
    return named or ("tls" if code.startswith("tls_") else "authentication")
