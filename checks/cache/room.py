"""What the cache lets the application do, how much room is left, what happens when it is full, and its TCP side."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.layers import uses_local_cache
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, fail, flag, number, ok, skip, text, texts, warn
from soundcheck.stores.upstash.error_texts import UpstashError, classify
from soundcheck.stores.upstash.reply import Reply
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.statistics import read_info

FREE_BYTES: Final = 256 * 1024 * 1024
"""What the free plan of Upstash holds (upstash/docs, redis/overall/pricing)."""

_HALF: Final = 0.5
_ALMOST: Final = 0.8
_KEY: Final = "soundcheck:check:"
_RESP_SECONDS: Final = 2.0

Client = Callable[[Context], RestClient]


def room_checks(client: Client, deadline: float) -> tuple[Check, ...]:
    """`cache.commands`, `cache.room` and `cache.resp`. The first two share one request; `deadline` is in seconds."""

    async def commands(context: Context) -> Evidence:
        return _told(await _asked(context, client, deadline), context)

    async def room(context: Context) -> Evidence:
        return _measured(await _asked(context, client, deadline), context)

    async def resp(context: Context) -> Evidence:
        return await _resp(context)

    after = ("cache.write",)
    return (
        Check("cache.commands", Group.CACHE, "the commands are allowed", commands, judge_commands, after, deadline + 1),
        Check("cache.room", Group.CACHE, "there is room left", room, judge_room, after, deadline + 1),
        Check(
            "cache.resp", Group.CACHE, "it answers over TCP too", resp, judge_resp, ("cache.dns",), _RESP_SECONDS + 1
        ),
    )


async def _asked(context: Context, client: Client, deadline: float) -> list[Reply]:
    """One pipeline: INFO, then what the application's cache uses, on a key that does not exist."""
    task = context.share("cache facts", lambda: _ask(context, client(context), deadline))
    return await asyncio.shield(task)


_NEEDED: Final = ("MGET", "PTTL", "SCAN", "UNLINK", "EVAL")
"""Reading many at once, what is left of a key's life, the sweep over patterns, dropping, and one atomic step."""


def _ask(context: Context, client: RestClient, deadline: float) -> asyncio.Task[list[Reply]]:
    key = _KEY + secrets.token_hex(8)
    asked: tuple[tuple[str | int, ...], ...] = (
        ("INFO",),
        ("MGET", key),
        ("PTTL", key),
        ("SCAN", 0, "COUNT", 1),
        ("UNLINK", key),
        ("EVAL", "return 1", 0),
    )
    task = asyncio.create_task(client.pipeline(asked, deadline=deadline), name="cache facts")

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    context.at_end(end)
    return task


def _told(replies: list[Reply], context: Context) -> Evidence:
    refused: dict[str, Json] = {}
    for name, reply in zip(_NEEDED, replies[1:], strict=False):
        if not reply.ok:
            refused[name] = str(reply.failure or reply.code or UpstashError.OTHER)
    return {
        "asked": list(_NEEDED),
        "refused": refused,
        "text": next((reply.error for reply in replies[1:] if not reply.ok), ""),
        "local": uses_local_cache(context),
    }


def judge_commands(evidence: Evidence) -> Finding:
    """`cache.commands`: what a token or a plan refuses is named."""
    value = evidence.get("refused")
    refused = {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}
    if not refused:
        return ok(f"Allowed: {', '.join(texts(evidence, 'asked'))}.")
    names = ", ".join(refused)
    if UpstashError.READ_ONLY in refused.values():
        return fail(
            f"The token may not use {names}.",
            cause="It is the read-only one of the two tokens, or an access list of the database leaves them out.",
            blame=Blame.YOU,
            hint="In the Upstash console switch “Read-Only Token” off and copy the token again."
            if not flag(evidence, "local")
            else "Type: soundcheck setup --local   It shows the right values and writes them.",
            link="" if flag(evidence, "local") else "https://console.upstash.com",
        )
    return warn(
        f"The cache refuses {names}.",
        cause=f"It says: {text(evidence, 'text')}",
        blame=Blame.PROVIDER,
        hint="Writing and reading work. What needs these commands does not: sweeping by pattern, or atomic steps.",
        link="https://upstash.com/docs/redis/overall/rediscompatibility",
    )


def _measured(replies: list[Reply], context: Context) -> Evidence:
    info = replies[0]
    fields = read_info(info.value) if isinstance(info.value, str) else {}
    used = _number(fields, "total_data_size", "used_memory")
    most = _number(fields, "max_data_size", "maxmemory")
    return {
        "told": bool(fields),
        "used_bytes": used,
        "most_bytes": most or None,
        "policy": fields.get("maxmemory_policy", ""),
        "evicted_keys": _number(fields, "evicted_keys"),
        "commands": _number(fields, "total_commands_processed"),
        "upstash": "upstash_version" in fields and "valkey_version" not in fields,
        "local": uses_local_cache(context),
        "code": "" if info.ok else str(info.failure or classify(info.error) or ""),
    }


def _number(fields: dict[str, str], *names: str) -> int | None:
    value = next((fields[name] for name in names if fields.get(name)), "")
    return int(value) if value.isdigit() else None


def judge_room(evidence: Evidence) -> Finding:
    """`cache.room`: with eviction off a full cache refuses every write, so half full is time to look."""
    if flag(evidence, "local"):
        return skip("Not needed here.", "the local cache has what this machine has")
    if not flag(evidence, "told"):
        return skip("Not known.", "the server does not tell how much it holds")
    used = number(evidence, "used_bytes") or 0
    most = number(evidence, "most_bytes") or (FREE_BYTES if flag(evidence, "upstash") else 0)
    policy = text(evidence, "policy")
    evicts = policy not in {"", "noeviction"}
    size = f"{used / 1_000_000:,.1f} MB"
    share = used / most if most else 0.0
    room = f"{size} of {most / 1_000_000:,.0f} MB stored" if most else f"{size} stored"
    if not evicts and share >= _HALF:
        return warn(
            f"{room}, and eviction is off.",
            cause="When it is full, every write is refused; nothing makes room by itself but keys that expire.",
            blame=Blame.YOU,
            hint="Switch Eviction on in the Upstash console: the keys that end soonest then make room.",
            link="https://upstash.com/docs/redis/features/eviction",
        )
    if share >= _ALMOST:
        return warn(
            f"{room}; keys are being evicted.",
            cause="A cache that evicts misses more often, and the database answers instead.",
            blame=Blame.YOU,
            hint="Look which keys are large (`soundcheck cache`), shorten how long they live, or upgrade.",
        )
    off = "eviction is off: when full, writes are refused" if not evicts else f"eviction is on ({policy})"
    return ok(f"{room}; {off}.")


async def _resp(context: Context) -> Evidence:
    from soundcheck.stores.probe.resp import probe_resp
    from soundcheck.stores.upstash.transport import proxy_for

    credentials = context.services.credentials
    assert credentials.rest_url and credentials.rest_token  # noqa: S101, PT018 - cache.url passed
    url = credentials.rest_url
    upstash = url.host.endswith(".upstash.io")
    if not upstash or uses_local_cache(context):
        return {"upstash": False}
    if proxy_for(url) is not None:
        return {"upstash": True, "host": url.host, "code": "proxied"}
    facts = await probe_resp(url.host, credentials.rest_token, context.services.resolver, deadline=_RESP_SECONDS)
    return {"upstash": True, "host": url.host, **facts}


def judge_resp(evidence: Evidence) -> Finding:
    """`cache.resp`: good to have, needed by nothing, so it never fails."""
    if not flag(evidence, "upstash"):
        return skip("Not needed here.", "only Upstash has both ways under one name")
    if flag(evidence, "reached"):
        with_token = "with the same token" if flag(evidence, "accepted") else "with its own password"
        return ok(f"{text(evidence, 'host')}:6379 answers over TCP too, {with_token}.")
    why = {
        "proxied": "requests go through the proxy that the environment names, and TCP does not",
        "timeout": "a firewall swallows what is sent to port 6379",
        "refused": "port 6379 is closed",
        "tls": "the encrypted connection could not be made",
        "cut": "the connection was cut",
        "name": "the name was not found",
    }.get(text(evidence, "code"), "what answers is not Redis")
    return skip("Not reachable over TCP; REST alone is used.", why)
