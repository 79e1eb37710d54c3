"""The layers of the cache: address, name, port, TLS, ping, and one write that is read, timed and deleted again."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from soundcheck.checks.cache import findings
from soundcheck.checks.cache.claims import cache_claim_check
from soundcheck.checks.cache.failures import DNS, FAILURES, LATER, TCP, TLS
from soundcheck.checks.cache.room import room_checks
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.latency import cache_latency_check
from soundcheck.checks.database.layers import name_found, uses_local_cache
from soundcheck.checks.evidence import SPREAD, from_json
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.interception import interceptor
from soundcheck.checks.judging import Judging
from soundcheck.checks.layer_facts import LayerFacts, layer_json, told
from soundcheck.stores.credentials import REST_TOKEN, REST_URL
from soundcheck.stores.envfile import read_env
from soundcheck.stores.password_shape import shape_of
from soundcheck.stores.probe.layer import Layer, LayerEvent, LayerName, LayerNote, LayerStatus
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.probe.rest import RestProbe
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl

TEST_KEY: Final = "soundcheck:check:"
"""How the key of the write test begins; its end is random, so that no two runs meet."""

TEST_SECONDS: Final = 60
"""How long the test key lives at most, should nobody be left to delete it."""

WRITE_NOT_AGREED: Final = "not_agreed"
"""The status of a write test that wrote nothing, because the cache is production and nobody agreed to a key there."""


def cache_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`cache.claim`, the layers from `cache.url` to `cache.write`, then what is measured besides, in order."""
    probed = (
        (LayerName.DNS, "the host name is known", 2 * deadlines.dns + 2, LAYER_DNS),
        (LayerName.TCP, "the port answers", deadlines.tcp + 1, LAYER_TCP),
        (LayerName.TLS, "the connection is encrypted", deadlines.tls + 1, LAYER_TLS),
        (LayerName.PING, "the token is accepted", 2 * deadlines.ping + 2, LAYER_PING),
    )
    checks = [URL.check("cache.url", Group.CACHE, f"{REST_URL} and {REST_TOKEN} are there", _collect_url)]
    for name, title, deadline, judging in probed:
        collect, after = _collector(name, deadlines), (checks[-1].id,)
        checks.append(judging.check(f"cache.{name}", Group.CACHE, title, collect, after, deadline))

    async def collect_write(context: Context) -> WriteEvidence:
        return await _write_test(context, deadlines)

    title, after, whole = "a value is written, read, and expires", (checks[-1].id,), 5 * deadlines.ping + 1
    write = WRITE.check("cache.write", Group.CACHE, title, collect_write, after, whole)

    async def ping_layer(context: Context) -> Layer:
        return await _probe(context, deadlines).layer(LayerName.PING)

    async def refusal(context: Context) -> str:
        credentials = context.services.credentials
        if credentials.rest_url is None or credentials.rest_token is None:
            return ""
        layers = await _probe(context, deadlines).run()
        return next((layer.code for layer in layers if not layer.passed), "ok")

    seconds = sum(check.deadline for check in checks)
    return (
        cache_claim_check(refusal, seconds),
        *checks,
        write,
        cache_latency_check(ping_layer, 1.0),
        *room_checks(_client, deadlines.ping),
    )


def _client(context: Context) -> RestClient:
    """The services' client, else one of the run's own."""
    return context.services.cache or context.share("cache client", lambda: _open_client(context))


def _open_client(context: Context) -> RestClient:
    credentials = context.services.credentials
    assert credentials.rest_url and credentials.rest_token  # noqa: S101, PT018 - cache.url passed
    client = RestClient(credentials.rest_url, credentials.rest_token, resolver=context.services.resolver)
    context.at_end(client.close)
    return client


def _probe(context: Context, deadlines: ProbeDeadlines) -> RestProbe:
    return context.share("cache probe", lambda: _open_probe(context, deadlines))


def _open_probe(context: Context, deadlines: ProbeDeadlines) -> RestProbe:
    services = context.services
    url, token = services.credentials.rest_url, services.credentials.rest_token
    assert url is not None and token is not None  # noqa: S101, PT018 - cache.url passed

    def tell(event: LayerEvent) -> None:
        if isinstance(event, LayerNote):
            context.note(f"cache.{event.name}", event.text)

    client = _client(context)
    probe = RestProbe(
        url, token, services.resolver, client=client, clock=services.clock, deadlines=deadlines, observer=tell
    )
    context.at_end(probe.aclose)
    return probe


@dataclass(frozen=True, slots=True)
class RestAddress:
    """What the judgements need of the REST address."""

    host: str = ""
    endpoint: str = ""
    scheme: str = ""
    loopback: bool = False


def _address(url: RestUrl) -> RestAddress:
    return RestAddress(url.host, f"{url.host}:{url.effective_port}", url.scheme, url.is_loopback)


@dataclass(frozen=True, slots=True)
class CacheLayer:
    """A layer, with what the judgement needs of the address."""

    facts: LayerFacts = field(default_factory=LayerFacts, metadata=SPREAD)
    address: RestAddress = field(default_factory=RestAddress, metadata=SPREAD)
    local: bool = False


def _collector(name: LayerName, deadlines: ProbeDeadlines) -> Callable[[Context], Awaitable[CacheLayer]]:
    async def collect(context: Context) -> CacheLayer:
        probe = _probe(context, deadlines)
        facts = from_json(LayerFacts, layer_json(await probe.layer(name)))
        if name is LayerName.PING:
            facts = replace(facts, shape=shape_of(context.services.credentials.rest_token))
        return CacheLayer(facts, _address(probe.url), uses_local_cache(context))

    return collect


@dataclass(frozen=True, slots=True)
class CacheUrlEvidence:
    """What the two variables hold; `kind` is what else stands where the REST address should."""

    address: RestAddress = field(default_factory=RestAddress, metadata=SPREAD)
    has_url: bool = False
    has_token: bool = False
    env_file: str = ""
    local: bool = False
    kind: str | None = None


async def _collect_url(context: Context) -> CacheUrlEvidence:
    credentials, project = context.services.credentials, context.services.project
    url, has_token = credentials.rest_url, bool(credentials.rest_token)
    shown = project.shown(project.env_file)
    if url is None:
        return CacheUrlEvidence(has_token=has_token, env_file=shown, kind=_kind(context))
    return CacheUrlEvidence(_address(url), True, has_token, shown, uses_local_cache(context))


def _kind(context: Context) -> str:
    """Which other kind of address stands where the REST one should; "" where there is none or it fits nothing."""
    services = context.services
    written = read_env(services.project.env_file).get(REST_URL)
    raw = (written.reveal() if written else services.environ.get(REST_URL, "")).strip().lower()
    if raw.startswith(("redis://", "rediss://")):
        return "tcp"
    if raw.startswith("redis-cli"):
        return "command"
    if "console.upstash.com" in raw:
        return "console"
    if raw.startswith(("postgres", "mongodb")):
        return "database"
    return "unreadable" if raw else ""


def judge_url(evidence: CacheUrlEvidence) -> Judgement:
    """`cache.url`."""
    address = evidence.address
    if evidence.kind in findings.KINDS:
        return said(evidence.kind)
    there = ((REST_URL, evidence.has_url), (REST_TOKEN, evidence.has_token))
    if missing := tuple(name for name, is_there in there if not is_there):
        return said("missing", variables=missing, env_file=evidence.env_file or said("env_file"))
    if address.scheme == "http" and not address.loopback:
        return said("plain_text")
    return said("there", host=address.host)


URL: Final = Judging(CacheUrlEvidence, judge_url, findings.URL)


def _judge_failure(facts: LayerFacts, evidence: object, *, local: bool = False) -> Judgement:
    fields, code = _BLANK | told(evidence), facts.code
    if local and f"local_{code}" in FAILURES:
        return Judgement(f"local_{code}", fields)
    if code == "tls_unknown_ca" and (product := interceptor(facts.issuer or "")):
        return Judgement("tls_intercepted", {**fields, "product": product})
    return Judgement(code if code in FAILURES else "otherwise", fields)


_BLANK: Final = told(CacheLayer())


def _settled(evidence: CacheLayer, passed: Callable[[CacheLayer], Judgement]) -> Judgement:
    facts = evidence.facts
    if facts.status == LayerStatus.SKIPPED:
        return said("skipped", reason=facts.text)
    return passed(evidence) if facts.status == LayerStatus.OK else _judge_failure(facts, evidence, local=evidence.local)


def judge_dns(evidence: CacheLayer) -> Judgement:
    """`cache.dns`."""
    return _settled(evidence, lambda e: name_found(e.address.host, e.facts))


def judge_tcp(evidence: CacheLayer) -> Judgement:
    """`cache.tcp`."""
    return _settled(evidence, lambda e: said("answers", endpoint=e.address.endpoint, elapsed=e.facts.elapsed_ms))


def judge_tls(evidence: CacheLayer) -> Judgement:
    """`cache.tls`: a trusted certificate of a company's proxy is a warning that names it."""
    return _settled(evidence, _judge_encrypted)


def _judge_encrypted(evidence: CacheLayer) -> Judgement:
    issuer = evidence.facts.issuer or ""
    if product := interceptor(issuer):
        return said("intercepted", issuer=issuer, product=product)
    return said("encrypted", tls_version=evidence.facts.tls_version or "", issuer=issuer)


def judge_ping(evidence: CacheLayer) -> Judgement:
    """`cache.ping`."""
    return _settled(evidence, lambda e: said("pong", round_trip=e.facts.round_trip_ms or 0))


def _layer(judge: Callable[[CacheLayer], Judgement], *listed: str) -> Judging[CacheLayer]:
    return Judging(CacheLayer, judge, findings.LAYERS, listed)


LAYER_DNS: Final = _layer(judge_dns, *DNS, "skipped", "found", "number")
LAYER_TCP: Final = _layer(judge_tcp, *TCP, "skipped", "answers")
LAYER_TLS: Final = _layer(judge_tls, *TLS, "skipped", "intercepted", "encrypted")
LAYER_PING: Final = _layer(judge_ping, *LATER, "skipped", "pong")


@dataclass(frozen=True, slots=True)
class WriteEvidence:
    """One key written, read, looked at and deleted: what came back, and how long each took.

    Where a `step` failed, `code` and `text` say how.
    """

    address: RestAddress = field(default_factory=RestAddress, metadata=SPREAD)
    status: str = ""
    key: str = ""
    read: bool = False
    ttl: int | None = None
    delete: int | None = None
    write_ms: float | None = None
    read_ms: float | None = None
    ttl_ms: float | None = None
    delete_ms: float | None = None
    step: str | None = None
    code: str | None = None
    text: str | None = None
    http_status: int | None = None


async def _write_test(context: Context, deadlines: ProbeDeadlines) -> WriteEvidence:
    """SET with an expiry, GET, TTL, DEL under a key of its own. Whatever fails, the key is gone within 60 s.

    Said first where the cache may be production; left out where it is, and nobody agreed to it.
    """
    client = _client(context)
    services = context.services
    kind = ProfileKind.DEV if uses_local_cache(context) else services.project.profile.kind
    if kind is ProfileKind.PRODUCTION and services.tested_cache != client.url.host:
        return WriteEvidence(_address(client.url), WRITE_NOT_AGREED)
    if kind is not ProfileKind.DEV:
        context.note("cache.write", f"writing a test key, {TEST_KEY}…, and deleting it again")
    key, value = TEST_KEY + secrets.token_hex(8), secrets.token_hex(8)
    steps: tuple[tuple[str, tuple[str | int, ...]], ...] = (
        ("write", ("SET", key, value, "EX", TEST_SECONDS)),
        ("read", ("GET", key)),
        ("ttl", ("TTL", key)),
        ("delete", ("DEL", key)),
    )
    found: dict[str, Any] = {}
    for name, command in steps:
        reply = await client.command(*command, deadline=deadlines.ping)
        found[f"{name}_ms"] = round(reply.elapsed_ms, 2)
        if not reply.ok:
            if name not in {"write", "delete"}:
                await client.command("DEL", key, deadline=deadlines.ping)
            found |= {"status": "failed", "step": name, "code": str(reply.failure or reply.code or "other")}
            found |= {"text": reply.error, "http_status": reply.status}
            break
        found[name] = reply.value == value if name == "read" else reply.value
    evidence = from_json(WriteEvidence, {"status": "ok", "key": key, **found})
    return replace(evidence, address=_address(client.url))


def judge_write(evidence: WriteEvidence) -> Judgement:
    """`cache.write`: what was written came back, had an expiry, and is gone."""
    if evidence.status == WRITE_NOT_AGREED:
        return said("production", host=evidence.address.host)
    if evidence.status != "ok":
        return _judge_failure(LayerFacts(code=evidence.code or ""), evidence)
    if not evidence.read:
        return said("read_otherwise")
    if not 0 < (evidence.ttl or 0) <= TEST_SECONDS:
        return said("no_expiry")
    if evidence.delete != 1:
        return said("not_deleted")
    times = (evidence.write_ms, evidence.read_ms, evidence.ttl_ms, evidence.delete_ms)
    return said("kept", total=sum(time or 0 for time in times))


_WRITE: Final = tuple(code for code in findings.WRITE if code not in FAILURES or code in LATER)
WRITE: Final = Judging(WriteEvidence, judge_write, findings.WRITE, _WRITE)
