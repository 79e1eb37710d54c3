"""Temporary stores, made without an account: about to end, ended, or taken over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from soundcheck.checks.cache import findings
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.layers import database_probe
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.stores.plain_file import ENV_FILE_LIMIT, read_plain_text
from soundcheck.stores.probe.layer import LayerName
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.project.claim_note import ClaimNote, cache_note, database_note

SOON: Final = 24 * 3600
"""Seconds. The vendors give 72 hours in all."""

_GONE: Final = frozenset(
    {
        "password", "endpoint_not_found", "endpoint_disabled", "endpoint_unavailable", "database_missing",
        "unknown_role", "unknown_name", "bad_token", "dns", "unauthorized",
    }
)  # fmt: skip
"""Refusals that fit a store that was deleted."""

Refusal = Callable[[Context], Awaitable[str]]


def database_claim_check(deadlines: ProbeDeadlines) -> Check:
    """`database.claim`. It stands before the layers, because an ended database makes all of them fail."""

    async def refusal(context: Context) -> str:
        if context.services.credentials.database_url is None:
            return ""
        layers = database_probe(context, deadlines)
        for name in (LayerName.DNS, LayerName.TCP, LayerName.TLS, LayerName.AUTHENTICATION):
            layer = await layers.layer(name)
            if not layer.passed:
                return layer.code
        return "ok"

    seconds = 2 * deadlines.dns + deadlines.tcp + deadlines.tls + deadlines.whole_authentication + 5
    return _check("database.claim", Group.DATABASE, "the database is there to stay", database_note, refusal, seconds)


def cache_claim_check(refusal: Refusal, seconds: float) -> Check:
    """`cache.claim`; `refusal` gives the code with which the cache refused, "ok" where it did not."""
    return _check("cache.claim", Group.CACHE, "the cache is there to stay", cache_note, refusal, seconds)


def _check(
    name: str, group: Group, title: str, read: Callable[[str], ClaimNote | None], refusal: Refusal, seconds: float
) -> Check:
    async def collect(context: Context) -> ClaimEvidence:
        project = context.services.project
        note = read(_text(project.env_file))
        if note is None:
            return ClaimEvidence()
        now = context.services.clock.now()
        return ClaimEvidence(
            noted=True,
            what="database" if group is Group.DATABASE else "cache",
            file=project.shown(project.env_file),
            line=note.line,
            ends=note.ends.isoformat(),
            left_seconds=round((note.ends - now).total_seconds()),
            has_link=note.has_link,
            by_command=note.by_command,
            refusal=await refusal(context) if note.ends <= now else None,
        )

    return CLAIM.check(name, group, title, collect, (), seconds)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > ENV_FILE_LIMIT:
            return ""
        return read_plain_text(path)
    except (OSError, UnicodeDecodeError):
        return ""


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """What the env file notes of a temporary store (`what` it is, where, until when), and how that refused us.

    `refusal` is "ok" where it did not; nobody asked before its end.
    """

    noted: bool = False
    what: str = ""
    file: str = ""
    line: int = 0
    ends: str = ""
    left_seconds: float = 0
    has_link: bool = False
    by_command: bool = False
    refusal: str | None = None


def judge_claim(evidence: ClaimEvidence) -> Judgement:
    """`database.claim` and `cache.claim`: nothing noted is nothing known, and skipped."""
    if not evidence.noted:
        return said("not_noted")
    store, file, line, left = evidence.what, evidence.file, evidence.line, evidence.left_seconds
    ends = f"{datetime.fromisoformat(evidence.ends):{_ENDS}}"
    if left > SOON:
        return said("stays", store=store, ends=ends)
    if left > 0:
        code = "ends_soon_with_link" if evidence.has_link else "ends_soon"
        code = "ends_soon_by_command" if evidence.by_command else code
        return said(code, store=store, hours=round(left / 3600), file=file, line=line, ends=ends)
    if evidence.refusal == "ok":
        return said("outlived", store=store, file=file, line=line, ends=ends)
    return said("expired" if evidence.refusal in _GONE else "ended", store=store, file=file, line=line, ends=ends)


_ENDS: Final = "%d %b %Y %H:%M UTC"

CLAIM: Final = Judging(ClaimEvidence, judge_claim, findings.CLAIM)
