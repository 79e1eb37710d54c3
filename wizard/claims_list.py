"""The temporary stores of a project: what each is, when it ends, whether somebody claimed it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from checks.services import Services
from stores.cloud.addresses import cloud_addresses
from stores.cloud.exchange import CloudProblem, Exchange
from stores.cloud.made import VENDORS, Half, Made, keep_made, made_stores
from stores.cloud.neon_claimable import fetch_claimable
from stores.cloud.upstash_start import started_state
from stores.credentials import Credentials
from stores.secret import Secret


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
    """Ask the vendors whether any was claimed, and note it; what they could not say, in words."""
    exchange = exchange or Exchange(services.resolver)
    addresses, said = cloud_addresses(services.environ), []
    for half, made in made_stores(services.project).items():
        if made.key is None or made.claimed or made.ended(services.clock.now()):
            continue
        if half is Half.DATABASE:
            answer = await fetch_claimable(exchange, addresses.neon_claimable, made.key)
            if isinstance(answer, CloudProblem):
                said.append(answer.message)
            elif answer.status == "CLAIMED":
                keep_made(services.project, replace(made, claimed=True, credentials=None))
        else:
            state = await started_state(exchange, addresses.upstash_start, made.key)
            if isinstance(state, CloudProblem):
                said.append(state.message)
            elif state.ends is not None and made.answered:
                keep_made(services.project, replace(made, ends=state.ends))
    return said


def _claim(made: Made, credentials: Credentials, now: datetime) -> Claim:
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
