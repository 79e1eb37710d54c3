"""The eight steps of set-up, as data. Each has a screen and a plain function; both run the same thing.

Which step of set-up a check belongs to. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from soundcheck.checks.check import Registry


class StepId(StrEnum):
    """The steps in their order."""

    WELCOME = "welcome"
    ACCOUNTS = "accounts"
    CREDENTIALS = "credentials"
    ENV = "env"
    DATABASE = "database"
    CONNECTION = "connection"
    CACHE = "cache"
    DONE = "done"


class SetupPath(StrEnum):
    """The five answers of Welcome."""

    CREDENTIALS = "credentials"
    LOCAL = "local"
    INSTANT = "instant"
    GUIDE = "guide"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: it is complete exactly when its `checks` pass; a step without checks is complete once answered."""

    id: StepId
    title: str
    checks: tuple[str, ...] = ()


STEPS: Final = (
    Step(StepId.WELCOME, "Welcome"),
    Step(StepId.ACCOUNTS, "Accounts"),
    Step(StepId.CREDENTIALS, "Credentials", ("database.query", "cache.ping")),
    Step(StepId.ENV, ".env", ("files.env", "files.values", "files.ignored")),
    Step(StepId.DATABASE, "Database", ("prisma.client", "database.tables")),
    Step(StepId.CONNECTION, "Connection test", ("database.query", "database.tables")),
    Step(StepId.CACHE, "Cache test", ("cache.write",)),
    Step(StepId.DONE, "Done"),
)


def checks_of(step: StepId) -> tuple[str, ...]:
    """What has to pass for a step to be complete; the registry adds the layers below."""
    return next(one.checks for one in STEPS if one.id is step)


def step_of(check_id: str, registry: Registry) -> Step | None:
    """The first step that is complete only when this check passes, itself or as what another one rests on."""
    for step in STEPS:
        if check_id in step.checks:
            return step
    for step in STEPS:
        known = [name for name in step.checks if name in registry]
        if known and any(check.id == check_id for check in registry.select(known)):
            return step
    return None
