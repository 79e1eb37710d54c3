"""A question that is asked before anybody waits: one answer for one taker, the same error, another database anew."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from textual.app import App

from soundcheck.screens.app.asked_ahead import AskedAhead
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

HERE, THERE = cast("Database", "here"), cast("Database", "there")


async def test_the_first_taker_gets_what_was_asked_ahead_and_the_next_one_asks_anew() -> None:
    asked: list[object] = []

    async def load(database: Database) -> int:
        asked.append(database)
        return len(asked)

    async with App[None]().run_test() as pilot:
        ahead = AskedAhead(pilot.app, HERE, load)
        assert await ahead.taken(HERE, load) == 1
        assert await ahead.taken(HERE, load) == 2
    assert asked == [HERE, HERE]


async def test_another_database_is_asked_itself() -> None:
    async def load(database: Database) -> object:
        return database

    async with App[None]().run_test() as pilot:
        assert await AskedAhead(pilot.app, HERE, load).taken(THERE, load) is THERE


async def test_the_error_reaches_who_waits_and_nobody_else() -> None:
    async def load(_database: Database) -> int:
        raise DatabaseProblem(Trouble.LOST, "It is gone.")

    async with App[None]().run_test() as pilot:
        ahead, unasked = AskedAhead(pilot.app, HERE, load), AskedAhead(pilot.app, HERE, load)
        with pytest.raises(DatabaseProblem, match="gone"):
            await ahead.taken(HERE, load)
        await asyncio.wait([unasked._worker._task])  # type: ignore[list-item,union-attr]
        del unasked


async def test_leaving_ends_the_wait() -> None:
    begun = asyncio.Event()

    async def load(_database: Database) -> int:
        begun.set()
        await asyncio.Event().wait()
        return 1

    async with App[None]().run_test() as pilot:
        ahead = AskedAhead(pilot.app, HERE, load)
        waiting = asyncio.ensure_future(ahead.taken(HERE, load))
        await begun.wait()
    with pytest.raises(asyncio.CancelledError):
        await waiting
