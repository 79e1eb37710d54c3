"""Done: the plan's nine success criteria, each ticked by its checks.

What set-up makes of temporary stores: which are still to be made, and what Done says of those in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Status
from soundcheck.stores.cloud.made import Half, known_stores
from soundcheck.stores.credentials import DATABASE_URL, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.services import Services
from soundcheck.wizard.cache_test_key import left_untested
from soundcheck.wizard.cloud.claims_list import Claim, ClaimState, claims_of
from soundcheck.wizard.discover import FoundCredentials, Source


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the nine. `account` is the store whose account it asks for; one that is elsewhere needs none."""

    text: str
    checks: tuple[str, ...]
    account: Half | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A criterion judged, with the reason in words: met, not met, or (`asked` is False) not for set-up to meet."""

    criterion: Criterion
    met: bool
    note: str = ""
    asked: bool = True

    @property
    def mark(self) -> str:
        """The sign in front of it: a tick stands for a check that passed, and for nothing else."""
        if not self.asked:
            return "–"
        return "✓" if self.met else "✗"


@dataclass(frozen=True, slots=True)
class Browsed:
    """What the browser's own reading gave just now: the number of tables, or the problem in words."""

    tables: int = 0
    problem: str = ""


CRITERIA: Final = (
    Criterion("A Neon account with a database", ("database.query",), Half.DATABASE),
    Criterion("An Upstash account with a Redis database", ("cache.ping",), Half.CACHE),
    Criterion("DATABASE_URL in the env file", ("files.values", "database.url")),
    Criterion("UPSTASH_REDIS_REST_URL and _TOKEN in the env file", ("files.values", "cache.url")),
    Criterion("prisma generate runs", ("prisma.client",)),
    Criterion("prisma db push creates the tables", ("database.tables",)),
    Criterion("The connection test passes", ("database.query", "database.tables")),
    Criterion("The cache test passes", ("cache.write",)),
    Criterion("The browser shows the tables", ("database.tables",)),
)

_OF_FILE: Final = {
    2: ((DATABASE_URL,), "DATABASE_URL"),
    3: ((REST_URL, REST_TOKEN), "UPSTASH_REDIS_REST_URL and _TOKEN"),
}
"""The criteria that speak of the env file, by their place, and the variables that each is about."""

_CLIENT, _BROWSER = 4, 8
"""The places of those about the generated client and about the browser."""

_WORDS: Final = {
    Source.FILE: "in the env file",
    Source.ENVIRONMENT: "from the environment",
    Source.MOUNT: "from a mounted secret",
    Source.GIVEN: "as given, written nowhere",
}

CRITERIA_CHECKS: Final = tuple(dict.fromkeys(check for criterion in CRITERIA for check in criterion.checks))


def sources_in_use(found: FoundCredentials, given: Credentials) -> Mapping[str, Source]:
    """Where each value in use comes from; what an option gave comes before what was found."""
    return {**found.sources, **dict.fromkeys(given.as_env(), Source.GIVEN)}


def places_of(credentials: Credentials, local: frozenset[Half]) -> dict[Half, str]:
    """Of the stores that are neither the vendors' nor the local stack's: what they are, in the account's place."""
    url, rest = credentials.database_url, credentials.rest_url
    found = {}
    if Half.DATABASE not in local and url is not None and not url.is_neon:
        found[Half.DATABASE] = f"A PostgreSQL database at {url.endpoint}"
    if Half.CACHE not in local and rest is not None and not rest.host.endswith(".upstash.io"):
        found[Half.CACHE] = f"A Redis database at {rest.host}"
    return found


def tick(
    outcomes: Mapping[str, Outcome],
    *,
    local: frozenset[Half],
    places: Mapping[Half, str],
    browsed: Browsed,
    unwritten: Mapping[str, Source] | None = None,
) -> tuple[Tick, ...]:
    """Judge all nine from the outcomes of `CRITERIA_CHECKS`, by id. What is `local`, or in `places`, needs no account.

    `unwritten` are the sources of the values where no env file was written: then the criteria about it are about
    them, and what a check of the file skips stands in nobody's way. `browsed` is what the browser reads.
    """
    no_file = unwritten is not None
    ticks = []
    for place, criterion in enumerate(CRITERIA):
        if unwritten is not None and place in _OF_FILE:
            names, said = _OF_FILE[place]
            sources = dict.fromkeys(_WORDS[unwritten.get(name, Source.GIVEN)] for name in names)
            criterion = replace(criterion, text=f"{said} {', '.join(sources)}")
        if criterion.account is not None and criterion.account in places:
            criterion = replace(criterion, text=places[criterion.account], account=None)
        if place == _CLIENT and (other := _client_of_others(outcomes)) is not None:
            ticks.append(replace(other, criterion=criterion))
            continue
        if place == _BROWSER and browsed.problem:
            ticks.append(Tick(criterion, False, browsed.problem))
            continue
        failed = next(
            (o for name in criterion.checks if (o := outcomes.get(name)) is None or not _passes(o, no_file)), False
        )
        if failed is False:
            left = next((o for name in criterion.checks if left_untested(o := outcomes[name])), None)
            note = "not needed: local" if criterion.account in local else ""
            ticks.append(Tick(criterion, True, left.finding.summary if left is not None else note))
        else:
            note = failed.finding.summary if isinstance(failed, Outcome) else "not checked"
            ticks.append(Tick(criterion, False, note))
    return tuple(ticks)


def _client_of_others(outcomes: Mapping[str, Outcome]) -> Tick | None:
    """Where the schema asks for no Python client, generating is not ours: the Node backend's own check tells of it."""
    client, node = outcomes.get("prisma.client"), outcomes.get("backend.prisma")
    if client is None or client.evidence.get("state") != "not_wanted":
        return None
    if node is not None and node.finding.status is Status.OK:
        return Tick(CRITERIA[_CLIENT], True, "by your own Prisma")
    if node is None or node.finding.status is Status.SKIP:
        return Tick(CRITERIA[_CLIENT], False, "the schema asks for no Python client", asked=False)
    return Tick(CRITERIA[_CLIENT], False, f"yours to do: {node.finding.summary}", asked=False)


def _passes(outcome: Outcome, no_file: bool) -> bool:
    if left_untested(outcome):
        return True
    if outcome.finding.status is Status.SKIP:
        return no_file and outcome.check.id.startswith("files.")
    return outcome.finding.passes


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
    return tuple(
        replace(tick, note="not needed yet: temporary") if tick.met and tick.criterion.account in temporary else tick
        for tick in ticks
    )


def claims_said(claims: Sequence[Claim]) -> list[str]:
    """A line for each, then the command that shows the links."""
    lines = [
        f"The {claim.half} at {claim.vendor} is gone after {claim.ends:%d %b %Y %H:%M} UTC, unless you claim it."
        for claim in claims
    ]
    return [*lines, "The links that keep it: `soundcheck claims --show-links`"] if lines else []
