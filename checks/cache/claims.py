"""Temporary stores, made without an account: about to end, ended, or taken over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.layers import database_probe
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, fail, flag, number, ok, skip, text, warn
from soundcheck.stores.envfile.reading import MAX_BYTES
from soundcheck.stores.plain_file import read_plain_text
from soundcheck.stores.probe.layer import LayerName
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.project.claim_note import ClaimNote, cache_note, database_note

SOON: Final = 24 * 3600
"""Seconds. The vendors give 72 hours in all."""

_MOVE: Final = {
    "database": "soundcheck move --to local --only database",
    "cache": "soundcheck move --to local --only cache",
}
"""What takes a temporary store away from its end, by what it is."""

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
    async def collect(context: Context) -> Evidence:
        project = context.services.project
        note = read(_text(project.env_file))
        if note is None:
            return {"noted": False}
        now = context.services.clock.now()
        evidence: dict[str, Json] = {
            "noted": True,
            "what": "database" if group is Group.DATABASE else "cache",
            "file": project.shown(project.env_file),
            "line": note.line,
            "ends": note.ends.isoformat(),
            "left_seconds": round((note.ends - now).total_seconds()),
            "has_link": note.has_link,
            "by_command": note.by_command,
        }
        if note.ends <= now:
            evidence["refusal"] = await refusal(context)
        return evidence

    return Check(name, group, title, collect, judge_claim, (), seconds)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            return ""
        return read_plain_text(path)
    except (OSError, UnicodeDecodeError):
        return ""


def judge_claim(evidence: Evidence) -> Finding:
    """`database.claim` and `cache.claim`: nothing noted is nothing known, and skipped."""
    if not flag(evidence, "noted"):
        return skip("Not needed here.", "nothing says that it is a temporary one")
    what, file = text(evidence, "what"), text(evidence, "file")
    line, hours = int(number(evidence, "line") or 0), round((number(evidence, "left_seconds") or 0) / 3600)
    place = f"{file}, line {line}"
    when = f"{datetime.fromisoformat(text(evidence, 'ends')):%d %b %Y %H:%M} UTC"
    left = number(evidence, "left_seconds") or 0
    claim = f"Open the claim link that stands in {file}" if flag(evidence, "has_link") else "Open its claim link"
    if flag(evidence, "by_command"):
        claim = "Open the link that `soundcheck claims --show-links` shows"
    if left > SOON:
        return ok(f"The {what} is a temporary one and stays until {when}. Claim it before that to keep it.")
    if left > 0:
        return warn(
            f"The {what} ends in {hours} h: it is a temporary one.",
            cause=f"{place} says that it ends at {when}; then it is deleted with everything in it.",
            blame=Blame.YOU,
            hint=f"{claim} and log in; it then belongs to your account and stays. "
            f"Or take it elsewhere: `{_MOVE[what]}`.",
        )
    if text(evidence, "refusal") == "ok":
        return warn(
            f"The {what} outlived the date in {place}.",
            cause=f"It was to end at {when} and still answers, so it was claimed, or is about to go.",
            blame=Blame.YOU,
            hint=f"If it stands in your account, delete line {line}; else claim it now.",
        )
    if text(evidence, "refusal") in _GONE:
        return fail(
            f"The {what} expired, unclaimed: it was a temporary one, and its time ended at {when}.",
            cause=f"{place} says so, and it does not let anyone in any more. What was in it is gone.",
            blame=Blame.YOU,
            hint="Run `soundcheck setup` and make a lasting one; with no account yet, `soundcheck setup --local` "
            "or `soundcheck setup --instant`.",
        )
    return warn(
        f"The {what} was a temporary one, and its time ended at {when}.",
        cause=f"{place} says so; whether it is still there cannot be seen from here.",
        blame=Blame.YOU,
        hint="See the failed check first; if the network is fine, run `soundcheck setup` and make a lasting one.",
    )
