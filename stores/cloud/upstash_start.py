"""Upstash's start-redis: a Redis without an account, gone after three days unless somebody claims it.

`POST https://upstash.com/start-redis`; the UUIDv4 in `Idempotency-Key` becomes the database's id, and the same one
brings the same database again (upstash.com/docs/devops/developer-api/start-redis/create). So the id is a secret too.
The answer is a text for people, of which only the labelled lines are read.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.cloud.exchange import CloudProblem, CloudReply, Exchange, unusable
from soundcheck.stores.cloud.neon_claimable import is_link
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

VENDOR: Final = "Upstash"
LIVES: Final = timedelta(days=3)

_PATH: Final = "/start-redis"
_MARKS: Final = "*`~ \t"
"""What Markdown puts around a value. Not `_`: a token may begin or end with it."""
_LABELLED: Final = re.compile(r"^[\s>*_`#-]*([A-Za-z][A-Za-z ]{1,30}?)[*_`]*\s*[:=](?:[*`]+|_+(?=\s))?\s*(.*)$")
_LINK: Final = re.compile(r"https?://[^\s)>\]\"'`]+")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?")
_TOKEN: Final = re.compile(r"^[A-Za-z0-9_=+/.-]{8,400}$")


@dataclass(frozen=True, slots=True)
class StartedRedis:
    """A temporary Redis. `key` is its id and brings it again."""

    key: Secret
    rest_url: RestUrl
    rest_token: Secret
    claim_url: Secret
    ends: datetime


@dataclass(frozen=True, slots=True)
class StartedState:
    """What the metrics say of one: when it ends, and how many commands it took; None where they do not say."""

    ends: datetime | None
    commands: int | None


def new_key() -> Secret:
    """A fresh Idempotency-Key; only version 4 is accepted."""
    return Secret(str(uuid.uuid4()))


async def start_redis(
    exchange: Exchange, address: RestUrl, key: Secret, asked_at: datetime
) -> StartedRedis | CloudProblem:
    """Make the database of this key, or get it once more. `asked_at` is when it was first asked for."""
    answer = await exchange.ask(VENDOR, "POST", address, _PATH, headers={"Idempotency-Key": key.reveal()})
    return answer if isinstance(answer, CloudProblem) else read_started(answer, key, asked_at)


async def started_state(exchange: Exchange, address: RestUrl, key: Secret) -> StartedState | CloudProblem:
    """When it ends, from its metrics; `code` "gone" where Upstash knows it no more."""
    answer = await exchange.ask(VENDOR, "GET", address, f"{_PATH}/metrics/{key.reveal()}")
    if isinstance(answer, CloudProblem):
        if answer.status == 404:
            return CloudProblem(
                "gone", "Upstash does not know this database any more.", "Its time has ended.", status=404
            )
        return answer
    body = answer.json()
    if not isinstance(body, dict):
        return unusable(VENDOR, answer, "something that is not JSON", maybe_done=False)
    commands = body.get("commands_total")
    return StartedState(_ends(str(body.get("expires_at", "")), None), commands if isinstance(commands, int) else None)


def read_started(reply: CloudReply, key: Secret, asked_at: datetime) -> StartedRedis | CloudProblem:
    """The labelled lines of the answer; the first of each label counts, as a quickstart with examples follows."""
    labels: dict[str, str] = {}
    for line in reply.text.splitlines():
        if found := _LABELLED.match(line):
            labels.setdefault(found[1].strip().lower(), found[2].strip(_MARKS))
    url = _rest_url(_first(labels, "endpoint", "rest url", "url", "upstash redis rest url"))
    token = _first(labels, "token", "rest token", "upstash redis rest token").partition(" ")[0].strip(_MARKS)
    link = next((one for one in _LINK.findall(reply.text) if "/console/" in one and is_link(one)), "")
    ends = _ends(_first(labels, "expires", "expires at", "expiry"), asked_at) or asked_at + LIVES
    if url is None or not _TOKEN.match(token) or not link:
        return unusable(VENDOR, reply, "half an answer", maybe_done=True)
    return StartedRedis(key, url, Secret(token), Secret(link.rstrip(".,")), ends)


def _first(labels: dict[str, str], *names: str) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")


def _rest_url(text: str) -> RestUrl | None:
    found = _LINK.search(text)
    if found is None and "." in text:
        text = f"https://{text.partition(' ')[0]}"
    try:
        url = RestUrl.parse(found[0] if found else text)
    except UrlProblem:
        return None
    return url if url.scheme == "https" or url.is_loopback else None


def _ends(text: str, asked_at: datetime | None) -> datetime | None:
    """When it ends. A bare date is the day of the third day's hour, else the beginning of that day, to be careful."""
    found = _DATE.search(text)
    if found is None:
        return None
    try:
        value = datetime.fromisoformat(found[0].replace(" Z", "Z"))
    except ValueError:
        return None
    if len(found[0]) > 10:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    expected = asked_at + LIVES if asked_at is not None else None
    if expected is not None and expected.date() == value.date():
        return expected
    return datetime.combine(value.date(), time(), UTC)
