"""The layers of the database: address, name, port, TLS, log-in, query. One probe, a check for each layer.

Whether the stores in use are the local stack's. Only `stores/local` decides that; it is asked once a run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database import findings
from soundcheck.checks.database.failures import DNS, FAILURES, LATER, TCP, TLS
from soundcheck.checks.evidence import SPREAD, from_json
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.interception import interceptor
from soundcheck.checks.judging import Judging
from soundcheck.checks.layer_facts import LayerFacts, layer_json, told
from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL
from soundcheck.stores.password_shape import shape_of
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


def database_layer_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`database.url` to `database.query`, in order."""
    probed = (
        (LayerName.DNS, "the host name is known", 2 * deadlines.dns + 2, LAYER_DNS),
        (LayerName.TCP, "the port answers", deadlines.tcp + 1, LAYER_TCP),
        (LayerName.TLS, "the connection is encrypted", deadlines.tls + 1, LAYER_TLS),
        (LayerName.AUTHENTICATION, "the log-in is accepted", deadlines.whole_authentication + 1, LAYER_AUTHENTICATION),
        (LayerName.QUERY, "a query is answered", 2 * deadlines.query + 1, LAYER_QUERY),
    )
    checks = [URL.check("database.url", Group.DATABASE, f"{DATABASE_URL} is there and can be read", _collect_url)]
    for name, title, deadline, judging in probed:
        collect, after = _collector(name, deadlines), (checks[-1].id,)
        checks.append(judging.check(f"database.{name}", Group.DATABASE, title, collect, after, deadline))
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


@dataclass(frozen=True, slots=True)
class DatabaseLayer:
    """A layer, with what the judgement needs of the address; `now` is when a certificate was looked at."""

    facts: LayerFacts = field(default_factory=LayerFacts, metadata=SPREAD)
    endpoint: str = ""
    host: str = ""
    user: str = ""
    database: str = ""
    sslmode: str = ""
    neon: bool = False
    loopback: bool = False
    local: bool = False
    now: str | None = None


def layer_evidence(layer: Layer, url: PostgresUrl, *, local: bool = False) -> DatabaseLayer:
    """A layer as evidence."""
    mode = ssl_mode(url)
    address: dict[str, Any] = {
        "endpoint": url.endpoint,
        "host": url.host,
        "user": url.user,
        "database": url.database,
        "sslmode": mode.value if mode else "",
        "neon": url.is_neon,
        "loopback": url.is_loopback,
        "local": local,
    }
    return from_json(DatabaseLayer, {**address, **layer_json(layer)})


def _collector(name: LayerName, deadlines: ProbeDeadlines) -> Callable[[Context], Awaitable[DatabaseLayer]]:
    async def collect(context: Context) -> DatabaseLayer:
        probe = database_probe(context, deadlines)
        evidence = layer_evidence(await probe.layer(name), probe.url, local=uses_local_database(context))
        if name is LayerName.AUTHENTICATION:
            return replace(evidence, facts=replace(evidence.facts, shape=shape_of(probe.url.password)))
        if name is LayerName.TLS:
            return replace(evidence, now=context.services.clock.now().isoformat())
        return evidence

    return collect


@dataclass(frozen=True, slots=True)
class DatabaseUrlEvidence:
    """What DATABASE_URL says, or why there is none: `problem` and `message` are of a value that gave no URL."""

    present: bool = False
    endpoint: str = ""
    host: str = ""
    database: str = ""
    loopback: bool = False
    local: bool = False
    env_file: str = ""
    problem: str | None = None
    message: str | None = None


async def _collect_url(context: Context) -> DatabaseUrlEvidence:
    services = context.services
    url = services.credentials.database_url
    if url is None:
        shown = services.project.shown(services.project.env_file)
        problem = _raw_problem(context)
        if problem is None:
            return DatabaseUrlEvidence(env_file=shown)
        return DatabaseUrlEvidence(env_file=shown, problem=problem.code, message=problem.message)
    return DatabaseUrlEvidence(
        present=True,
        endpoint=url.endpoint,
        host=url.host,
        database=url.database,
        loopback=url.is_loopback,
        local=uses_local_database(context),
    )


def _raw_problem(context: Context) -> UrlProblem | None:
    """Why a value that is there gave no URL, in words that hold nothing of it."""
    from soundcheck.stores.envfile import read_env

    services = context.services
    value = read_env(services.project.env_file).get(DATABASE_URL)
    raw = value.reveal() if value else services.environ.get(DATABASE_URL, "")
    try:
        if raw:
            PostgresUrl.parse(raw)
    except UrlProblem as problem:
        return problem
    return None


def judge_url(evidence: DatabaseUrlEvidence) -> Judgement:
    """`database.url`."""
    if evidence.present:
        is_theirs = evidence.loopback and not evidence.local
        return said("local" if is_theirs else "there", endpoint=evidence.endpoint)
    if evidence.message:
        return said("unreadable", message=evidence.message)
    return said("missing", env_file=evidence.env_file or said("env_file"))


URL: Final = Judging(DatabaseUrlEvidence, judge_url, findings.URL)

_BLANK: Final = told(DatabaseLayer())


def judge_failure(
    code: str, evidence: object, *, neon: bool = False, local: bool = False, issuer: str = ""
) -> Judgement:
    """A layer that failed, explained by its code. The templates name fields of the evidence; "?" for one it lacks."""
    fields = _BLANK | told(evidence)
    if code == "password" and (neon or local):
        return Judgement("neon_password" if neon else "local_password", fields)
    if code == "refused" and local:
        return Judgement("local_down", fields)
    if code == "tls_unknown_ca" and (product := interceptor(issuer)):
        return Judgement("tls_intercepted", {**fields, "product": product})
    return Judgement(code if code in FAILURES else "otherwise", fields)


def failed_layer(evidence: DatabaseLayer) -> Judgement:
    """The failure of this layer."""
    facts = evidence.facts
    issuer = facts.issuer or ""
    return judge_failure(facts.code, evidence, neon=evidence.neon, local=evidence.local, issuer=issuer)


def _settled(evidence: DatabaseLayer, passed: Callable[[DatabaseLayer], Judgement]) -> Judgement:
    if evidence.facts.status == LayerStatus.SKIPPED:
        return said("skipped", reason=evidence.facts.text)
    return passed(evidence) if evidence.facts.status == LayerStatus.OK else failed_layer(evidence)


def judge_dns(evidence: DatabaseLayer) -> Judgement:
    """`database.dns`."""
    return _settled(evidence, lambda e: name_found(e.host, e.facts))


def name_found(host: str, facts: LayerFacts) -> Judgement:
    """A lookup that succeeded; a number needs none."""
    address = facts.address or ""
    return said("number" if host == address else "found", host=host, address=address)


def judge_tcp(evidence: DatabaseLayer) -> Judgement:
    """`database.tcp`."""
    return _settled(evidence, lambda e: said("answers", endpoint=e.endpoint, elapsed=e.facts.elapsed_ms))


def judge_tls(evidence: DatabaseLayer) -> Judgement:
    """`database.tls`: plain text outside this machine, a stranger's certificate at Neon and a near end are warnings."""
    if evidence.facts.status == LayerStatus.SKIPPED and not evidence.loopback:
        return said("plain_text", sslmode=evidence.sslmode)
    return _settled(evidence, _judge_encrypted)


def _judge_encrypted(evidence: DatabaseLayer) -> Judgement:
    facts = evidence.facts
    issuer, ends = facts.issuer or "", facts.not_after
    if not facts.encrypted:
        return said("plain_here") if evidence.loopback else said("plain_text", sslmode=evidence.sslmode)
    if product := interceptor(issuer):
        return said("intercepted", issuer=issuer, product=product)
    if evidence.neon and facts.trusted is False:
        return said("untrusted", issuer=issuer)
    if facts.trusted and ends and evidence.now:
        left = (datetime.fromisoformat(ends) - datetime.fromisoformat(evidence.now).astimezone(UTC)).days
        if left < _SOON_DAYS:
            return said("ends_soon", days=left, not_after=ends)
    return said("encrypted", tls_version=facts.tls_version or "", issuer=issuer or said("unnamed"))


def judge_authentication(evidence: DatabaseLayer) -> Judgement:
    """`database.authentication`."""
    return _settled(evidence, lambda e: said("logged_in", user=e.user, database=e.database, elapsed=e.facts.elapsed_ms))


def judge_query(evidence: DatabaseLayer) -> Judgement:
    """`database.query`."""
    return _settled(evidence, _judge_answered)


def _judge_answered(evidence: DatabaseLayer) -> Judgement:
    version = evidence.facts.server_version or ""
    major = version.partition(".")[0].partition(" ")[0]
    is_old = major.isdigit() and int(major) < findings.OLDEST_SERVER
    return said("old" if is_old else "answered", version=version, round_trip=evidence.facts.round_trip_ms or 0.0)


def _layer(judge: Callable[[DatabaseLayer], Judgement], *listed: str) -> Judging[DatabaseLayer]:
    return Judging(DatabaseLayer, judge, findings.LAYERS, listed)


LAYER_DNS: Final = _layer(judge_dns, *DNS, "skipped", "found", "number")
LAYER_TCP: Final = _layer(judge_tcp, *TCP, "skipped", "answers")
LAYER_TLS: Final = _layer(
    judge_tls, *TLS, "skipped", "plain_text", "plain_here", "intercepted", "untrusted", "ends_soon", "encrypted"
)
LAYER_AUTHENTICATION: Final = _layer(judge_authentication, *LATER, "skipped", "logged_in")
LAYER_QUERY: Final = _layer(judge_query, *LATER, "skipped", "old", "answered")
