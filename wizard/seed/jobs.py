"""Filling and taking out as jobs: what they take is said first, and the guard stands before both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial

from soundcheck.stores.errors import Refused
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Action, Intent
from soundcheck.wizard.job import Job, LeftByStop
from soundcheck.wizard.seed.fill import Forecast, SeedResult, fill, forecast, remove
from soundcheck.wizard.seed.plan import FREE_TIER, USERS, SeedPlan
from soundcheck.wizard.target import Target


@dataclass(frozen=True, slots=True)
class Filling:
    """What will be written, how much that is, and both jobs."""

    plan: SeedPlan
    said: Forecast
    fill: Job[SeedResult]
    undo: Job[SeedResult]


async def look_at_filling(services: Services, database: Database, plan: SeedPlan) -> Filling:
    """Predict it, and prepare it. Writes nothing. Raises `DatabaseProblem`, and `Refused` where it is too much."""
    said = await forecast(database, plan)
    refuse_what_is_too_much(said, database, plan.users)
    writing = await seed_intent(services, database, Action.SEED)
    removing = await seed_intent(services, database, Action.REMOVE)
    return Filling(plan, said, filling_job(database, plan, writing), removal_job(database, removing))


async def seed_intent(services: Services, database: Database, action: Action) -> Intent:
    """The write as the guard wants it, under the name that the server itself gives the database."""
    url = database.url
    return Intent(
        action=action,
        target=Target.of_database(url, str((await database.fetch("SELECT current_database()")).rows[0][0])),
        kind=services.project.profile.kind,
        profile=services.project.profile.name,
        is_local=LocalStack(services.project.local).owns(url),
        only_adds=action is Action.SEED,
    )


def filling_job(database: Database, plan: SeedPlan, intent: Intent) -> Job[SeedResult]:
    """Fill all eleven tables."""
    return Job("Filling the tables", intent, partial(fill, database, plan), LeftByStop.NOTHING)


def removal_job(database: Database, intent: Intent) -> Job[SeedResult]:
    """Take the sample data out again."""
    return Job("Taking out the sample data", intent, partial(remove, database), LeftByStop.NOTHING)


def refuse_what_is_too_much(said: Forecast, database: Database, users: int) -> None:
    """Raise `Refused` where the database would outgrow Neon's free tier."""
    if database.url.is_neon and not said.fits_free_tier:
        room = max(0, FREE_TIER - said.present_bytes) * users // max(1, said.added_bytes)
        raise Refused(
            f"{said.sentence}.", f"Add --users {max(1, room * 9 // 10)}, or --beyond-free-tier if your plan has room."
        )


def plan_of_today(now: datetime) -> SeedPlan:
    """The usual amount, up to last midnight: runs on one day give the same data."""
    return SeedPlan.of(USERS, 1, datetime.combine(now.astimezone(UTC).date(), time(), UTC))
