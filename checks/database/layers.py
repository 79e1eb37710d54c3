"""The layers of the database: address, name, port, TLS, log-in, query. One probe, a check for each layer.

Whether the stores in use are the local stack's. Only `stores/local` decides that; it is asked once a run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.failures import FAILURES, LOCAL_DOWN, LOCAL_PASSWORD, OTHERWISE, WRONG_PASSWORD_NEON
from soundcheck.checks.explanation import explain
from soundcheck.checks.finding import (
    Blame,
    Evidence,
    Finding,
    Json,
    fail,
    flag,
    name_found,
    number,
    ok,
    skip,
    text,
    warn,
)
from soundcheck.checks.fixes import LOCAL_UP, SSLMODE
from soundcheck.checks.interception import interceptor
from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL
from soundcheck.stores.postgres.settings import ssl_mode
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.layer import Layer, LayerEvent, LayerName, LayerNote, LayerStatus
from soundcheck.stores.probe.postgres import PostgresProbe, ProbeDeadlines


def uses_local_database(context: Context) -> bool:
    """Whether DATABASE_URL is the local stack's: then billing, TLS, pooler and localhost matters are left out."""
    return context.share("local database", lambda: _owns_database(context))


def uses_local_cache(context: Context) -> bool:
    """Whether the REST endpoint is the local stack's."""
    return context.share("local cache", lambda: _owns_cache(context))


def _owns_database(context: Context) -> bool:
    from soundcheck.stores.local.stack import LocalStack

    url = context.services.credentials.database_url
    return url is not None and url.is_loopback and LocalStack(context.services.project.local).owns(url)


def _owns_cache(context: Context) -> bool:
    from soundcheck.stores.local.stack import LocalStack

    url = context.services.credentials.rest_url
    return url is not None and url.is_loopback and LocalStack(context.services.project.local).owns_rest(url)


_SOON_DAYS: Final = 7

OLDEST_SERVER: Final = 15
"""The oldest major version of PostgreSQL with which everything was tried."""


def database_layer_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`database.url` to `database.query`, in order."""
    probed = (
        (LayerName.DNS, "the host name is known", 2 * deadlines.dns + 2, judge_dns),
        (LayerName.TCP, "the port answers", deadlines.tcp + 1, judge_tcp),
        (LayerName.TLS, "the connection is encrypted", deadlines.tls + 1, judge_tls),
        (LayerName.AUTHENTICATION, "the log-in is accepted", deadlines.whole_authentication + 1, judge_authentication),
        (LayerName.QUERY, "a query is answered", 2 * deadlines.query + 1, judge_query),
    )
    checks = [
        Check("database.url", Group.DATABASE, f"{DATABASE_URL} is there and can be read", _collect_url, judge_url)
    ]
    for name, title, deadline, judge in probed:
        collect = _collector(name, deadlines)
        checks.append(Check(f"database.{name}", Group.DATABASE, title, collect, judge, (checks[-1].id,), deadline))
    return tuple(checks)


def database_probe(context: Context, deadlines: ProbeDeadlines) -> PostgresProbe:
    """The run's one probe of DATABASE_URL; closed when the run ends."""
    return context.share("database probe", lambda: _open_probe(context, deadlines))


def _open_probe(context: Context, deadlines: ProbeDeadlines) -> PostgresProbe:
    services = context.services
    url = services.credentials.database_url
    assert url is not None  # noqa: S101 - database.url passed

    def tell(event: LayerEvent) -> None:
        if isinstance(event, LayerNote):
            context.note(f"database.{event.name}", event.text)

    probe = PostgresProbe(
        url,
        services.resolver,
        is_local=uses_local_database(context),
        clock=services.clock,
        deadlines=deadlines,
        observer=tell,
    )
    context.at_end(probe.aclose)
    return probe


def layer_evidence(layer: Layer, url: PostgresUrl) -> dict[str, Json]:
    """A layer as evidence, with what the judgement needs of the URL."""
    mode = ssl_mode(url)
    return {
        "endpoint": url.endpoint,
        "host": url.host,
        "user": url.user,
        "database": url.database,
        "sslmode": mode.value if mode else "",
        "neon": url.is_neon,
        "loopback": url.is_loopback,
        "status": layer.status.value,
        "code": layer.code,
        "text": layer.text,
        "elapsed_ms": layer.elapsed_ms,
        **layer.facts,
    }


def _collector(name: LayerName, deadlines: ProbeDeadlines) -> Callable[[Context], Awaitable[Evidence]]:
    async def collect(context: Context) -> Evidence:
        probe = database_probe(context, deadlines)
        layer = await probe.layer(name)
        evidence = layer_evidence(layer, probe.url) | {"local": uses_local_database(context)}
        if name is LayerName.TLS:
            evidence["now"] = context.services.clock.now().isoformat()
        return evidence

    return collect


async def _collect_url(context: Context) -> Evidence:
    services = context.services
    url = services.credentials.database_url
    if url is None:
        return {
            "present": False,
            "env_file": services.project.shown(services.project.env_file),
            **_raw_problem(context),
        }
    return {
        "present": True,
        "endpoint": url.endpoint,
        "host": url.host,
        "database": url.database,
        "loopback": url.is_loopback,
        "local": uses_local_database(context),
    }


def _raw_problem(context: Context) -> dict[str, Json]:
    """Why a value that is there gave no URL, in words that hold nothing of it."""
    from soundcheck.stores.envfile import read_env

    services = context.services
    value = read_env(services.project.env_file).get(DATABASE_URL)
    raw = value.reveal() if value else services.environ.get(DATABASE_URL, "")
    if not raw:
        return {}
    try:
        PostgresUrl.parse(raw)
    except UrlProblem as problem:
        return {"problem": problem.code, "message": problem.message}
    return {}


def judge_url(evidence: Evidence) -> Finding:
    """`database.url`."""
    if flag(evidence, "present"):
        if flag(evidence, "loopback") and not flag(evidence, "local"):
            return ok(f"{DATABASE_URL} points to this machine ({text(evidence, 'endpoint')}): for development.")
        return ok(f"{DATABASE_URL} points to {text(evidence, 'endpoint')}.")
    if message := text(evidence, "message"):
        return fail(
            f"{DATABASE_URL} cannot be read: {message}.",
            cause="Special characters of a password must be percent-encoded, and nothing may stand around the address.",
            blame=Blame.YOU,
            hint="Open Setup (key 1, or `soundcheck setup`) and paste the connection string; it is repaired there.",
        )
    return fail(
        f"There is no {DATABASE_URL}.",
        cause=f"Neither {text(evidence, 'env_file') or 'the env file'} nor the environment has one.",
        blame=Blame.YOU,
        hint="Run `soundcheck setup`; with no account yet, `soundcheck setup --local`.",
    )


def judge_failure(evidence: Evidence) -> Finding:
    """A layer that failed, explained by its code."""
    code = text(evidence, "code")
    if code == "password" and flag(evidence, "neon"):
        return explain({}, code, evidence, WRONG_PASSWORD_NEON)
    if code == "password" and flag(evidence, "local"):
        return explain({}, code, evidence, LOCAL_PASSWORD)
    if code == "refused" and flag(evidence, "local"):
        return replace(explain({}, code, evidence, LOCAL_DOWN), fixes=(LOCAL_UP,))
    found = explain(FAILURES, code, evidence, OTHERWISE)
    if code in {"insecure", "no_encryption"}:
        return replace(found, fixes=(SSLMODE,))
    if code == "tls_unknown_ca" and (product := interceptor(text(evidence, "issuer"))):
        return replace(found, cause=f"That is {product}. {found.cause}")
    return found


def _settled(evidence: Evidence, passed: Callable[[Evidence], Finding]) -> Finding:
    status = text(evidence, "status")
    if status == LayerStatus.SKIPPED:
        return skip("Not needed here.", text(evidence, "text"))
    return passed(evidence) if status == LayerStatus.OK else judge_failure(evidence)


def judge_dns(evidence: Evidence) -> Finding:
    """`database.dns`."""
    return _settled(evidence, lambda e: ok(name_found(text(e, "host"), text(e, "address"))))


def judge_tcp(evidence: Evidence) -> Finding:
    """`database.tcp`."""
    return _settled(evidence, lambda e: ok(f"{text(e, 'endpoint')} answers in {_ms(e)}."))


def judge_tls(evidence: Evidence) -> Finding:
    """`database.tls`: plain text outside this machine, a stranger's certificate at Neon and a near end are warnings."""
    if text(evidence, "status") == LayerStatus.SKIPPED and not flag(evidence, "loopback"):
        return _plain_text(evidence)
    return _settled(evidence, _judge_encrypted)


def _judge_encrypted(evidence: Evidence) -> Finding:
    if not flag(evidence, "encrypted"):
        if flag(evidence, "loopback"):
            return ok("Not encrypted, and it stays on this machine.")
        return _plain_text(evidence)
    issuer = text(evidence, "issuer")
    product = interceptor(issuer)
    if product or (flag(evidence, "neon") and evidence.get("trusted") is False):
        return warn(
            f"Someone stands between this machine and the server: the certificate is issued by {issuer}.",
            cause=f"That is {product}: it opens the encrypted connection and reads along."
            if product
            else "Neon's own certificate is trusted everywhere; this one is not, so a proxy opens the connection.",
            blame=Blame.NETWORK,
            hint="Ask who runs this network whether that is intended, or use another network.",
        )
    ends, now = text(evidence, "not_after"), text(evidence, "now")
    if flag(evidence, "trusted") and ends and now:
        left = (datetime.fromisoformat(ends) - datetime.fromisoformat(now).astimezone(UTC)).days
        if left < _SOON_DAYS:
            return warn(
                f"The server's certificate ends in {left} days.",
                cause=f"It is valid until {ends}.",
                blame=Blame.PROVIDER,
                hint="Whoever runs the server has to renew it; Neon does that by itself.",
            )
    return ok(f"{text(evidence, 'tls_version')}, certificate by {issuer or 'an unnamed issuer'}.")


def _plain_text(evidence: Evidence) -> Finding:
    return warn(
        "The connection is not encrypted.",
        cause=f"sslmode={text(evidence, 'sslmode')}: password and rows cross the network in plain text.",
        blame=Blame.YOU,
        hint=f"Put sslmode=require into {DATABASE_URL} unless the network is yours alone.",
        fixes=(SSLMODE,),
    )


def judge_authentication(evidence: Evidence) -> Finding:
    """`database.authentication`."""
    return _settled(evidence, lambda e: ok(f"{text(e, 'user')} is logged in to {text(e, 'database')} in {_ms(e)}."))


def judge_query(evidence: Evidence) -> Finding:
    """`database.query`."""
    return _settled(evidence, _judge_answered)


def _judge_answered(evidence: Evidence) -> Finding:
    trip, version = number(evidence, "round_trip_ms") or 0.0, text(evidence, "server_version")
    summary = f"PostgreSQL {version} answers a query in {trip:.1f} ms."
    major = version.partition(".")[0].partition(" ")[0]
    if major.isdigit() and int(major) < OLDEST_SERVER:
        return warn(
            summary,
            cause=f"Push and these checks were tried from PostgreSQL {OLDEST_SERVER} on; older ones get no security"
            " updates, or soon will not.",
            blame=Blame.YOU,
            hint="Make a project with a newer version (Neon: New project, Postgres version) and move the data over.",
            link="https://www.postgresql.org/support/versioning/",
        )
    return ok(summary)


def _ms(evidence: Evidence) -> str:
    return f"{number(evidence, 'elapsed_ms') or 0:.0f} ms"
