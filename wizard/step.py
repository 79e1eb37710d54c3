"""The eight steps of set-up, as data. Each has a screen and a plain function; both run the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


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


class Path(StrEnum):
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
