"""Neon's claimable Postgres: a database without an account, gone after 72 hours unless somebody claims it.

`POST https://neon.new/api/v1/database` with `{"ref": …}`; the answer is JSON. No idempotency key is documented, so a
second request makes a second database (neon.com/docs/reference/claimable-postgres, neondatabase/agent-skills).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.cloud.exchange import CloudProblem, CloudReply, Exchange, unusable
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

VENDOR: Final = "Neon"
REFERRER: Final = "soundcheck"
LIVES: Final = timedelta(hours=72)
NOT_MADE: Final = frozenset({"Missing referrer", "Failed to create the database."})
"""The two documented refusals of a creation: after either, nothing was made."""

_PATH: Final = "/api/v1/database"
_ID: Final = re.compile(r"^[A-Za-z0-9-]{8,64}$")


@dataclass(frozen=True, slots=True)
class Claimable:
    """A claimable database as Neon tells it. `url` is pooled, and None once it was claimed."""

    id: Secret
    url: PostgresUrl | None
    claim_url: Secret
    ends: datetime
    status: str
    """`UNCLAIMED`, `CLAIMING` or `CLAIMED`."""


@dataclass(frozen=True, slots=True)
class HalfAnswer:
    """An answer that lacks something, with the id by which the rest can be asked for."""

    id: Secret
    problem: CloudProblem


async def create_claimable(exchange: Exchange, address: RestUrl) -> Claimable | HalfAnswer | CloudProblem:
    """Ask for a new one, once. After a problem with `maybe_done` one may exist that nobody can reach."""
    answer = await exchange.ask(VENDOR, "POST", address, _PATH, content={"ref": REFERRER})
    if isinstance(answer, CloudProblem):
        if any(text in answer.message for text in NOT_MADE):
            return CloudProblem(answer.code, answer.message, answer.hint, False, answer.status, answer.retry_after)
        return answer
    return _read(answer, created=True)


async def fetch_claimable(exchange: Exchange, address: RestUrl, known: Secret) -> Claimable | CloudProblem:
    """The present state of one, by its id; `code` "gone" where Neon knows it no more."""
    answer = await exchange.ask(VENDOR, "GET", address, f"{_PATH}/{known.reveal()}")
    if isinstance(answer, CloudProblem):
        if answer.status in {400, 404}:
            return CloudProblem("gone", "Neon does not know this database any more.", "Its time has ended.", status=400)
        return answer
    read = _read(answer, created=False)
    return read.problem if isinstance(read, HalfAnswer) else read


def _read(reply: CloudReply, *, created: bool) -> Claimable | HalfAnswer | CloudProblem:
    body = reply.json()
    if not isinstance(body, dict):
        return unusable(VENDOR, reply, "something that is not JSON", maybe_done=created)
    known, link = _text(body, "id"), _text(body, "claim_url")
    ends = _instant(_text(body, "expires_at")) or _later(_instant(_text(body, "created_at")))
    status = _text(body, "status") or "UNCLAIMED"
    text = _text(body, "connection_string")
    url = _url(text)
    usable_id = bool(_ID.match(known))
    if usable_id and ends is not None and is_link(link) and (url is not None or (not text and status == "CLAIMED")):
        return Claimable(Secret(known), url, Secret(link), ends, status)
    problem = unusable(VENDOR, reply, "half an answer", maybe_done=created)
    return HalfAnswer(Secret(known), problem) if usable_id else problem


def is_link(text: str) -> bool:
    """Whether a text is a web address that may be shown to be opened: one word, https, or this machine in a test."""
    if not text.isprintable() or len(text) > 500 or any(c.isspace() or c in "\"'<>`\\" for c in text):
        return False
    try:
        parts = RestUrl.parse(text)
    except UrlProblem:
        return False
    return parts.scheme == "https" or parts.is_loopback


def _url(text: str) -> PostgresUrl | None:
    try:
        url = PostgresUrl.parse(text)
    except UrlProblem:
        return None
    return url if url.user and url.password and url.database else None


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    return value.strip() if isinstance(value, str) else ""


def _instant(text: str) -> datetime | None:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _later(created: datetime | None) -> datetime | None:
    return created + LIVES if created is not None else None
