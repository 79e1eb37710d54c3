"""What the cache lets the application do, how much room is left, what happens when it is full, and its TCP side."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from soundcheck.checks.cache import findings
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.layers import uses_local_cache
from soundcheck.checks.evidence import from_json
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
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

    async def commands(context: Context) -> CommandsEvidence:
        return _told(await _asked(context, client, deadline), context)

    async def room(context: Context) -> RoomEvidence:
        return _measured(await _asked(context, client, deadline), context)

    group, after = Group.CACHE, ("cache.write",)
    return (
        COMMANDS.check("cache.commands", group, "the commands are allowed", commands, after, deadline + 1),
        ROOM.check("cache.room", group, "there is room left", room, after, deadline + 1),
        RESP.check("cache.resp", group, "it answers over TCP too", _resp, ("cache.dns",), _RESP_SECONDS + 1),
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


@dataclass(frozen=True, slots=True)
class CommandsEvidence:
    """The commands that were tried, and those that were refused, with the code; `text` is the first refusal."""

    asked: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    local: bool = False


def _told(replies: list[Reply], context: Context) -> CommandsEvidence:
    refused = {
        name: str(reply.failure or reply.code or UpstashError.OTHER)
        for name, reply in zip(_NEEDED, replies[1:], strict=False)
        if not reply.ok
    }
    text = next((reply.error for reply in replies[1:] if not reply.ok), "")
    return CommandsEvidence(_NEEDED, refused, text, uses_local_cache(context))


def judge_commands(evidence: CommandsEvidence) -> Judgement:
    """`cache.commands`: what a token or a plan refuses is named."""
    refused = evidence.refused
    if not refused:
        return said("allowed", commands=evidence.asked)
    if UpstashError.READ_ONLY in refused.values():
        return said("local_read_only" if evidence.local else "read_only", commands=tuple(refused))
    return said("refused", commands=tuple(refused), text=evidence.text)


COMMANDS: Final = Judging(CommandsEvidence, judge_commands, findings.COMMANDS)


@dataclass(frozen=True, slots=True)
class RoomEvidence:
    """What INFO tells: how much is stored of how much, and what happens when it is full. `told` is false without it."""

    told: bool = False
    used_bytes: int | None = None
    most_bytes: int | None = None
    policy: str = ""
    evicted_keys: int | None = None
    commands: int | None = None
    upstash: bool = False
    local: bool = False
    code: str = ""


def _measured(replies: list[Reply], context: Context) -> RoomEvidence:
    info = replies[0]
    fields = read_info(info.value) if isinstance(info.value, str) else {}
    return RoomEvidence(
        told=bool(fields),
        used_bytes=_number(fields, "total_data_size", "used_memory"),
        most_bytes=_number(fields, "max_data_size", "maxmemory") or None,
        policy=fields.get("maxmemory_policy", ""),
        evicted_keys=_number(fields, "evicted_keys"),
        commands=_number(fields, "total_commands_processed"),
        upstash="upstash_version" in fields and "valkey_version" not in fields,
        local=uses_local_cache(context),
        code="" if info.ok else str(info.failure or classify(info.error) or ""),
    )


def _number(fields: dict[str, str], *names: str) -> int | None:
    value = next((fields[name] for name in names if fields.get(name)), "")
    return int(value) if value.isdigit() else None


def judge_room(evidence: RoomEvidence) -> Judgement:
    """`cache.room`: with eviction off a full cache refuses every write, so half full is time to look."""
    if evidence.local:
        return said("local")
    if not evidence.told:
        return said("not_told")
    used, most = evidence.used_bytes or 0, evidence.most_bytes or (FREE_BYTES if evidence.upstash else 0)
    evicts = evidence.policy not in {"", "noeviction"}
    share = used / most if most else 0.0
    room = said("stored_of" if most else "stored", used=used / 1_000_000, most=most / 1_000_000)
    if not evicts and share >= _HALF:
        return said("half_full", room=room)
    if share >= _ALMOST:
        return said("evicting", room=room)
    return said("room_evicts" if evicts else "room", room=room, policy=evidence.policy)


ROOM: Final = Judging(RoomEvidence, judge_room, findings.ROOM)


@dataclass(frozen=True, slots=True)
class RespEvidence:
    """Whether Upstash's port for TCP was reached and took the token; `code` says why not."""

    upstash: bool = False
    host: str | None = None
    reached: bool | None = None
    accepted: bool | None = None
    code: str | None = None
    elapsed_ms: float | None = None


async def _resp(context: Context) -> RespEvidence:
    from soundcheck.stores.probe.resp import probe_resp
    from soundcheck.stores.upstash.transport import proxy_for

    credentials = context.services.credentials
    assert credentials.rest_url and credentials.rest_token  # noqa: S101, PT018 - cache.url passed
    url = credentials.rest_url
    if not url.host.endswith(".upstash.io") or uses_local_cache(context):
        return RespEvidence()
    if proxy_for(url) is not None:
        return RespEvidence(True, url.host, code="proxied")
    facts = await probe_resp(url.host, credentials.rest_token, context.services.resolver, deadline=_RESP_SECONDS)
    return replace(from_json(RespEvidence, facts), upstash=True, host=url.host)


def judge_resp(evidence: RespEvidence) -> Judgement:
    """`cache.resp`: good to have, needed by nothing, so it never fails."""
    if not evidence.upstash:
        return said("not_upstash")
    if evidence.reached:
        return said("same_token" if evidence.accepted else "own_password", host=evidence.host or "")
    return said(evidence.code if evidence.code in _UNREACHED else "not_redis")


_UNREACHED: Final = ("proxied", "timeout", "refused", "tls", "cut", "name")

RESP: Final = Judging(RespEvidence, judge_resp, findings.RESP)
