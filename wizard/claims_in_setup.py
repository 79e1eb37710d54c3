"""What set-up makes of temporary stores: which are still to be made, and what Done says of those in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from checks.services import Services
from stores.cloud.made import Half, known_stores
from stores.credentials import Credentials
from stores.errors import CouldNotRun
from wizard.claims_list import Claim, ClaimState, claims_of
from wizard.criteria import CRITERIA, Tick

BOTH = frozenset(Half)


def has(half: Half, credentials: Credentials) -> bool:
    """Whether credentials hold one of the two stores."""
    return credentials.has_database if half is Half.DATABASE else credentials.has_cache


def missing_halves(
    services: Services, known: Credentials, wanted: frozenset[Half] = BOTH, *, replace_all: bool = False
) -> frozenset[Half]:
    """Those of `wanted` that are to be made: what is here is kept unless all are to be replaced.

    One of ours whose time is over is not here any more.
    """
    now = services.clock.now()
    gone = {half for half, made in known_stores(services.project).items() if made.is_of(known) and made.ended(now)}
    return frozenset(half for half in wanted if replace_all or half in gone or not has(half, known))


def temporary_in_use(services: Services) -> list[Claim]:
    """The stores in use that end unless somebody claims them; none where the note cannot be read."""
    try:
        claims = claims_of(services)
    except CouldNotRun:
        return []
    return [claim for claim in claims if claim.in_use and claim.state is ClaimState.UNCLAIMED]


def with_claims(ticks: Sequence[Tick], claims: Sequence[Claim]) -> tuple[Tick, ...]:
    """The criteria that ask for an account, met by a temporary store, say that there is none yet."""
    temporary = {claim.half for claim in claims}
    account = dict(zip((one for one in CRITERIA if one.needs_account), Half, strict=True))
    return tuple(
        replace(tick, note="not needed yet: temporary")
        if tick.met and account.get(tick.criterion) in temporary
        else tick
        for tick in ticks
    )


def claims_said(claims: Sequence[Claim]) -> list[str]:
    """A line for each, then the command that shows the links."""
    lines = [
        f"The {claim.half} at {claim.vendor} is gone after {claim.ends:%d %b %Y %H:%M} UTC, unless you claim it."
        for claim in claims
    ]
    return [*lines, "The links that keep it: `soundcheck claims --show-links`"] if lines else []
