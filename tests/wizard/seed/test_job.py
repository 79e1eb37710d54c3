"""A long write: the guard before it, its tally, and what is said and left where it is stopped."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest

from soundcheck.stores.errors import Refused
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.project.project import ProfileKind
from soundcheck.wizard.guard import Action, Consent, Intent
from soundcheck.wizard.job import TOLD_EVERY, Job, JobTally, LeftByStop, run_job
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.seed.fill import fill
from soundcheck.wizard.seed.plan import SeedPlan
from soundcheck.wizard.target import Target


def intent(kind: ProfileKind = ProfileKind.DEV) -> Intent:
    return Intent(Action.SEED, Target("here:5432/music", "music"), kind)


async def test_the_guard_stands_before_the_first_step() -> None:
    begun: list[str] = []

    async def work(report: Reporter) -> int:
        begun.append("work")
        return 7

    async def earlier() -> str:
        begun.append("look")
        return "4 of 11 tables are there already"

    said: list[Progress] = []
    job = Job("Copying", intent(ProfileKind.PRODUCTION), work, LeftByStop.ITS_BEGINNING, earlier)
    with pytest.raises(Refused, match="music"):
        await run_job(job, Consent(), said.append)
    assert not begun
    assert await run_job(job, Consent(production="music"), said.append) == 7
    assert begun == ["look", "work"]
    assert [one.text for one in said] == ["4 of 11 tables are there already"]


@pytest.mark.parametrize("left", LeftByStop)
async def test_a_stop_says_what_is_left_and_is_a_stop(left: LeftByStop) -> None:
    begun = asyncio.Event()

    async def work(_: Reporter) -> None:
        begun.set()
        await asyncio.Event().wait()

    said: list[Progress] = []
    running = asyncio.create_task(run_job(Job("Copying", intent(), work, left), Consent(), said.append))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [(one.mark, one.text) for one in said] == [(Mark.WARN, f"Copying was stopped. {left}")]


async def test_a_failure_is_the_works_own() -> None:
    async def work(_: Reporter) -> None:
        raise Refused("No.")

    with pytest.raises(Refused, match="No"):
        await run_job(Job("Copying", intent(), work, LeftByStop.NOTHING), Consent(), lambda _: None)


def test_a_tally_tells_now_and_then() -> None:
    said: list[Progress] = []
    tally = JobTally(said.append, "songs", 25_000)
    for _ in range(2 * TOLD_EVERY + 1):
        tally.count()
    tally.end()
    assert [one.text for one in said] == [
        "songs: about 25,000 rows",
        "songs: 10,000 of about 25,000 rows",
        "songs: 20,000 of about 25,000 rows",
        "songs: 20,001 rows",
    ]
    assert {one.key for one in said} == {"songs"}


async def test_filling_that_is_stopped_half_way_leaves_no_row(database: Database, owner: psycopg.Connection) -> None:
    """Stopped as the fifth table begins: what stands in the four before goes with the transaction."""
    said: list[str] = []

    async def work(report: Reporter) -> object:
        return await fill(database, SeedPlan.of(50, 1, datetime(2026, 11, 20, tzinfo=UTC)), report)

    def watch(progress: Progress) -> None:
        said.append(progress.text)
        if sum(one.endswith("rows") and "about" in one for one in said) == 5:
            running.cancel()

    job = Job("Filling the tables", intent(), work, LeftByStop.NOTHING)
    running = asyncio.create_task(run_job(job, Consent(), watch))
    with pytest.raises(asyncio.CancelledError):
        await running
    assert said[-1] == "Filling the tables was stopped. Nothing was changed."
    assert owner.execute("SELECT count(*) FROM users").fetchone() == (0,)
