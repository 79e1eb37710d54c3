"""The layers of the cache: address, name, port, TLS, ping, and one write that is read, timed and deleted again."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from soundcheck.checks.cache.claims import cache_claim_check
from soundcheck.checks.cache.failures import FAILURES, LOCAL_FAILURES, OTHERWISE
from soundcheck.checks.cache.room import room_checks
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.latency import cache_latency_check
from soundcheck.checks.database.layers import uses_local_cache
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
from soundcheck.checks.fixes import LOCAL_UP
from soundcheck.checks.interception import interceptor
from soundcheck.stores.credentials import REST_TOKEN, REST_URL
from soundcheck.stores.envfile import read_env
from soundcheck.stores.probe.layer import Layer, LayerEvent, LayerName, LayerNote, LayerStatus
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.probe.rest import RestProbe
from soundcheck.stores.upstash.reply import Reply
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl

TEST_KEY: Final = "soundcheck:check:"
"""How the key of the write test begins; its end is random, so that no two runs meet."""

_KINDS: Final = {
    "tcp": "the address for TCP (redis://), not the one for REST",
    "command": "a redis-cli command, not an address",
    "console": "the console's own web page, not the database's address",
    "database": "another database's address",
    "unreadable": "no address that can be read",
}

TEST_SECONDS: Final = 60
"""How long the test key lives at most, should nobody be left to delete it."""


def cache_checks(deadlines: ProbeDeadlines) -> tuple[Check, ...]:
    """`cache.claim`, the layers from `cache.url` to `cache.write`, then what is measured besides, in order."""
    probed = (
        (LayerName.DNS, "the host name is known", 2 * deadlines.dns + 2, judge_dns),
        (LayerName.TCP, "the port answers", deadlines.tcp + 1, judge_tcp),
        (LayerName.TLS, "the connection is encrypted", deadlines.tls + 1, judge_tls),
        (LayerName.PING, "the token is accepted", 2 * deadlines.ping + 2, judge_ping),
    )
    checks = [Check("cache.url", Group.CACHE, f"{REST_URL} and {REST_TOKEN} are there", _collect_url, judge_url)]
    for name, title, deadline, judge in probed:
        collect = _collector(name, deadlines)
        checks.append(Check(f"cache.{name}", Group.CACHE, title, collect, judge, (checks[-1].id,), deadline))

    async def collect_write(context: Context) -> Evidence:
        return await _write_test(context, deadlines)

    write = Check(
        "cache.write",
        Group.CACHE,
        "a value is written, read, and expires",
        collect_write,
        judge_write,
        (checks[-1].id,),
        5 * deadlines.ping + 1,
    )

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


def _common(url: RestUrl) -> dict[str, Json]:
    return {
        "host": url.host,
        "endpoint": f"{url.host}:{url.effective_port}",
        "scheme": url.scheme,
        "loopback": url.is_loopback,
    }


def _collector(name: LayerName, deadlines: ProbeDeadlines) -> Callable[[Context], Awaitable[Evidence]]:
    async def collect(context: Context) -> Evidence:
        probe = _probe(context, deadlines)
        layer = await probe.layer(name)
        return {
            **_common(probe.url),
            "local": uses_local_cache(context),
            "status": layer.status.value,
            "code": layer.code,
            "text": layer.text,
            "elapsed_ms": layer.elapsed_ms,
            **layer.facts,
        }

    return collect


async def _collect_url(context: Context) -> Evidence:
    credentials = context.services.credentials
    url = credentials.rest_url
    project = context.services.project
    evidence: dict[str, Json] = {
        "has_url": url is not None,
        "has_token": bool(credentials.rest_token),
        "env_file": project.shown(project.env_file),
    }
    if url is not None:
        return {**evidence, **_common(url), "local": uses_local_cache(context)}
    return {**evidence, "kind": _kind(context)}


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


def judge_url(evidence: Evidence) -> Finding:
    """`cache.url`."""
    if kind := _KINDS.get(text(evidence, "kind")):
        return fail(
            f"{REST_URL} is {kind}.",
            cause="Upstash shows two addresses, one for REST and one for TCP; the backend asks over REST.",
            blame=Blame.YOU,
            hint="In the Upstash console open REST and copy UPSTASH_REDIS_REST_URL (https://NAME.upstash.io); or paste"
            " what you have into Setup (key 1, or `soundcheck setup`), which derives it.",
            link="https://upstash.com/docs/redis/features/restapi",
        )
    missing = [n for n, there in ((REST_URL, "has_url"), (REST_TOKEN, "has_token")) if not flag(evidence, there)]
    if missing:
        return fail(
            f"There is no {' and no '.join(missing)}.",
            cause=f"Neither {text(evidence, 'env_file') or 'the env file'} nor the environment has a usable one.",
            blame=Blame.YOU,
            hint="Run `soundcheck setup`; with no account yet, `soundcheck setup --local`.",
        )
    if text(evidence, "scheme") == "http" and not flag(evidence, "loopback"):
        return warn(
            f"{REST_URL} starts with http://.",
            cause="The token crosses the network in plain text.",
            blame=Blame.YOU,
            hint="Write https:// instead; Upstash always offers it.",
        )
    return ok(f"{REST_URL} points to {text(evidence, 'host')}.")


def _settled(evidence: Evidence, passed: Callable[[Evidence], Finding]) -> Finding:
    status = text(evidence, "status")
    if status == LayerStatus.SKIPPED:
        return skip("Not needed here.", text(evidence, "text"))
    return passed(evidence) if status == LayerStatus.OK else _judge_failure(evidence)


def _judge_failure(evidence: Evidence) -> Finding:
    code = text(evidence, "code")
    if flag(evidence, "local") and code in LOCAL_FAILURES:
        fixes = (LOCAL_UP,) if code == "refused" else ()
        return replace(explain(LOCAL_FAILURES, code, evidence, OTHERWISE), fixes=fixes)
    found = explain(FAILURES, code, evidence, OTHERWISE)
    if code == "tls_unknown_ca" and (product := interceptor(text(evidence, "issuer"))):
        return replace(found, cause=f"That is {product}. {found.cause}")
    return found


def judge_dns(evidence: Evidence) -> Finding:
    """`cache.dns`."""
    return _settled(evidence, lambda e: ok(name_found(text(e, "host"), text(e, "address"))))


def judge_tcp(evidence: Evidence) -> Finding:
    """`cache.tcp`."""
    return _settled(evidence, lambda e: ok(f"{text(e, 'endpoint')} answers in {number(e, 'elapsed_ms') or 0:.0f} ms."))


def judge_tls(evidence: Evidence) -> Finding:
    """`cache.tls`: a trusted certificate of a company's proxy is a warning that names it."""
    return _settled(evidence, _judge_encrypted)


def _judge_encrypted(evidence: Evidence) -> Finding:
    issuer = text(evidence, "issuer")
    if product := interceptor(issuer):
        return warn(
            f"Someone stands between this machine and the cache: the certificate is issued by {issuer}.",
            cause=f"That is {product}: it opens the encrypted connection and reads along, the token included.",
            blame=Blame.NETWORK,
            hint="Ask who runs this network whether that is intended, or use another network.",
        )
    return ok(f"{text(evidence, 'tls_version')}, certificate by {issuer}.")


def judge_ping(evidence: Evidence) -> Finding:
    """`cache.ping`."""
    return _settled(evidence, lambda e: ok(f"The cache answers in {number(e, 'round_trip_ms') or 0:.1f} ms."))


async def _write_test(context: Context, deadlines: ProbeDeadlines) -> Evidence:
    """SET with an expiry, GET, TTL, DEL under a key of its own. Whatever fails, the key is gone within 60 s."""
    client = _client(context)
    key, value = TEST_KEY + secrets.token_hex(8), secrets.token_hex(8)
    steps: tuple[tuple[str, tuple[str | int, ...]], ...] = (
        ("write", ("SET", key, value, "EX", TEST_SECONDS)),
        ("read", ("GET", key)),
        ("ttl", ("TTL", key)),
        ("delete", ("DEL", key)),
    )
    evidence: dict[str, Json] = {**_common(client.url), "key": key}
    for name, command in steps:
        reply = await client.command(*command, deadline=deadlines.ping)
        evidence[f"{name}_ms"] = round(reply.elapsed_ms, 2)
        if not reply.ok:
            if name not in {"write", "delete"}:
                await client.command("DEL", key, deadline=deadlines.ping)
            return {**evidence, "status": "failed", "step": name, **_failure(reply)}
        evidence[name] = reply.value == value if name == "read" else reply.value if isinstance(reply.value, int) else ""
    return {**evidence, "status": "ok"}


def _failure(reply: Reply) -> dict[str, Json]:
    return {"code": str(reply.failure or reply.code or "other"), "text": reply.error, "http_status": reply.status}


def judge_write(evidence: Evidence) -> Finding:
    """`cache.write`: what was written came back, had an expiry, and is gone."""
    if text(evidence, "status") != "ok":
        return _judge_failure(evidence)
    if not flag(evidence, "read"):
        return _odd("what was read is not what was written")
    if not 0 < (number(evidence, "ttl") or 0) <= TEST_SECONDS:
        return _odd("the key has no expiry")
    if number(evidence, "delete") != 1:
        return _odd("the key could not be deleted, or something else deleted it first")
    total = sum(number(evidence, f"{name}_ms") or 0 for name in ("write", "read", "ttl", "delete"))
    return ok(f"Written, read, expiring and deleted in {total:.0f} ms.")


def _odd(what: str) -> Finding:
    return fail(
        f"The cache does not keep what it is given: {what}.",
        cause="Another program empties this database, or the address leads to something that is not Redis.",
        blame=Blame.PROVIDER,
        hint="Run `soundcheck doctor --only cache` again; where it stays so, look at status.upstash.com.",
    )
