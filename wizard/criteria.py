"""Done: the plan's nine success criteria, each ticked by its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from checks.check import Outcome
from checks.finding import Status
from stores.credentials import DATABASE_URL, REST_TOKEN, REST_URL, Credentials
from wizard.discover import Found, Source


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the nine. `local` says that the local stack makes it unnecessary: there is no account to have."""

    text: str
    checks: tuple[str, ...]
    needs_account: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A criterion judged: met, not met, or not needed, with the reason in words."""

    criterion: Criterion
    met: bool
    note: str = ""


CRITERIA: Final = (
    Criterion("A Neon account with a database", ("database.query",), needs_account=True),
    Criterion("An Upstash account with a Redis database", ("cache.ping",), needs_account=True),
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

_WORDS: Final = {
    Source.FILE: "in the env file",
    Source.ENVIRONMENT: "from the environment",
    Source.MOUNT: "from a mounted secret",
    Source.GIVEN: "as given, written nowhere",
}

CRITERIA_CHECKS: Final = tuple(dict.fromkeys(check for criterion in CRITERIA for check in criterion.checks))


def sources_in_use(found: Found, given: Credentials) -> Mapping[str, Source]:
    """Where each value in use comes from; what an option gave comes before what was found."""
    return {**found.sources, **dict.fromkeys(given.as_env(), Source.GIVEN)}


def tick(
    outcomes: Mapping[str, Outcome], *, local: bool, unwritten: Mapping[str, Source] | None = None
) -> tuple[Tick, ...]:
    """Judge all nine from the outcomes of `CRITERIA_CHECKS`, by id.

    `unwritten` are the sources of the values where no env file was written: then the criteria about it are about
    them, and what a check of the file skips stands in nobody's way.
    """
    no_file = unwritten is not None
    ticks = []
    for place, criterion in enumerate(CRITERIA):
        if unwritten is not None and place in _OF_FILE:
            names, said = _OF_FILE[place]
            sources = dict.fromkeys(_WORDS[unwritten.get(name, Source.GIVEN)] for name in names)
            criterion = replace(criterion, text=f"{said} {', '.join(sources)}")
        if local and criterion.needs_account:
            ticks.append(Tick(criterion, True, "not needed: local"))
            continue
        failed = next(
            (o for name in criterion.checks if (o := outcomes.get(name)) is None or not _passes(o, no_file)), False
        )
        if failed is False:
            ticks.append(Tick(criterion, True))
        else:
            note = failed.finding.summary if isinstance(failed, Outcome) else "not checked"
            ticks.append(Tick(criterion, False, note))
    return tuple(ticks)


def _passes(outcome: Outcome, no_file: bool) -> bool:
    status = outcome.finding.status
    if status is Status.SKIP:
        return no_file and outcome.check.id.startswith("files.")
    return status in {Status.OK, Status.WARN}
