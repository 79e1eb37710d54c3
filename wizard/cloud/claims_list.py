"""The temporary stores of a project: what each is, when it ends, whether somebody claimed it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from soundcheck.stores.cloud.addresses import cloud_addresses
from soundcheck.stores.cloud.exchange import CloudProblem, Exchange
from soundcheck.stores.cloud.made import VENDORS, Half, MadeStore, keep_made, made_stores
from soundcheck.stores.cloud.neon_claimable import fetch_claimable
from soundcheck.stores.cloud.upstash_start import started_state
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest import RestClient

UPSTASH_CONSOLE: Final = "https://console.upstash.com/redis"

DELETED_BY: Final = timedelta(days=1)
"""After its end: by then one that nobody claimed is taken for deleted. Upstash says the day, not the hour."""

PING_DEADLINE: Final = 10.0
"""Seconds."""


class ClaimState(StrEnum):
    """How one stands. `lost` means that it was asked for and no answer came."""

    UNCLAIMED = "unclaimed"
    CLAIMED = "claimed"
    ENDED = "ended"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Claim:
    """One temporary store. `link` is a secret: whoever opens it can take the store. `in_use`: the env file means it."""

    half: Half
    vendor: str
    state: ClaimState
    ends: datetime | None
    left_seconds: int | None
    in_use: bool
    link: Secret | None


def claims_of(services: Services) -> list[Claim]:
    """What is noted; nobody is asked. Raises `CouldNotRun` where the note cannot be read."""
    now, credentials = services.clock.now(), services.credentials
    stores = made_stores(services.project)
    return [_claim(stores[half], credentials, now) for half in Half if half in stores]


async def check_claims(services: Services, exchange: Exchange | None = None) -> list[str]:
    """Ask the vendors whether any was claimed, and note it; what they could not say, in words.

    Neon tells it. Upstash documents nothing that does: there it follows from a cache that outlives its end.
    """
    exchange = exchange or Exchange(services.resolver)
    said = []
    for half, made in made_stores(services.project).items():
        if made.key is None or made.claimed:
            continue
        ask = _ask_neon if half is Half.DATABASE else _ask_upstash
        words = await ask(services, exchange, made, made.key)
        said += [words] if words else []
    return said


async def _ask_neon(services: Services, exchange: Exchange, made: MadeStore, key: Secret) -> str:
    """What is not known, "" where all is; one that ended unclaimed is known no more."""
    answer = await fetch_claimable(exchange, cloud_addresses(services.environ).neon_claimable, key)
    if isinstance(answer, CloudProblem):
        return "" if answer.code == "gone" and made.ended(services.clock.now()) else answer.message
    if answer.status == "CLAIMED":
        keep_made(services.project, replace(made, claimed=True, credentials=None))
    return ""


async def _ask_upstash(services: Services, exchange: Exchange, made: MadeStore, key: Secret) -> str:
    """What is not known, "" where all is.

    `GET /start-redis/metrics/{id}` has no word on claims (upstash.com/docs/devops/developer-api/start-redis/metrics),
    but a database is deleted after three days unless it is claimed: one that answers later was.
    """
    if made.ends is not None and made.ended(services.clock.now()):
        return await _outlived(services, made, made.ends)
    state = await started_state(exchange, cloud_addresses(services.environ).upstash_start, key)
    if isinstance(state, CloudProblem):
        if state.code == "gone":
            return (
                f"Upstash knows no temporary cache of this id any more; if you claimed it, it is at {UPSTASH_CONSOLE}."
            )
        return state.message
    if state.ends is not None and made.answered:
        made = replace(made, ends=state.ends)
        keep_made(services.project, made)
    shows = f"from {made.ends + DELETED_BY:%d %b %H:%M} UTC on, this command sees it" if made.ends else "later it shows"
    return f"Upstash does not tell whether a cache was claimed. If it was, it is listed at {UPSTASH_CONSOLE}; {shows}."


async def _outlived(services: Services, made: MadeStore, ends: datetime) -> str:
    """Whether the cache still answers; one that does a day after its end was claimed, and that is noted."""
    url, token = services.credentials.rest_url, services.credentials.rest_token
    if url is None or token is None or not made.is_of(services.credentials):
        return f"Whether the cache was claimed cannot be seen: the env file names another. See {UPSTASH_CONSOLE}."
    client = RestClient(url, token, resolver=services.resolver)
    try:
        reply = await client.command("PING", deadline=PING_DEADLINE)
    finally:
        await client.close()
    if reply.failure is not None:
        return "The cache cannot be reached any more: it is gone, or this machine is offline."
    if not reply.ok:
        return ""
    if ends + DELETED_BY > services.clock.now():
        return "The cache still answers after its end: it was claimed, or is about to go."
    keep_made(services.project, replace(made, claimed=True, credentials=None))
    return ""


def _claim(made: MadeStore, credentials: Credentials, now: datetime) -> Claim:
    if made.claimed:
        state = ClaimState.CLAIMED
    elif not made.answered:
        state = ClaimState.LOST
    else:
        state = ClaimState.ENDED if made.ended(now) else ClaimState.UNCLAIMED
    open_link = made.claim_url if state is ClaimState.UNCLAIMED else None
    left = round((made.ends - now).total_seconds()) if made.ends is not None and not made.claimed else None
    ends = None if made.claimed else made.ends
    return Claim(made.half, VENDORS[made.half], state, ends, left, made.is_of(credentials), open_link)
