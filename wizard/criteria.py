"""Done: the plan's nine success criteria, each ticked by its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from checks.check import Outcome
from checks.finding import Status


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

CRITERIA_CHECKS: Final = tuple(dict.fromkeys(check for criterion in CRITERIA for check in criterion.checks))


def tick(outcomes: Mapping[str, Outcome], *, local: bool, no_file: bool = False) -> tuple[Tick, ...]:
    """Judge all nine from the outcomes of `CRITERIA_CHECKS`, by id."""
    ticks = []
    for criterion in CRITERIA:
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
