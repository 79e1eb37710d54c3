"""Without the screen, too: who holds a lock is said, and so is the schema where there are several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from soundcheck.stores.postgres import lock_holders
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

Run = Callable[..., Any]


async def test_a_lock_held_elsewhere_says_who_holds_it(
    run: Run, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_holders, "MOST_PATIENCE", 4.0)
    owner.execute("CREATE TABLE genres (id int PRIMARY KEY, name text); INSERT INTO genres VALUES (1, 'fado')")

    async def refused(*command: str) -> None:
        with pytest.raises(DatabaseProblem) as caught:
            await run(*command)
        assert caught.value.trouble is Trouble.LOCKED, command
        assert f"pid {pid} " in caught.value.message
        assert "application a migration, idle in transaction since" in caught.value.message

    with psycopg.connect(owner.info.dsn, password=owner.info.password, application_name="a migration") as holder:
        pid = holder.info.backend_pid
        holder.execute("LOCK TABLE genres IN ACCESS EXCLUSIVE MODE")
        await asyncio.gather(
            refused("rows", "genres"), refused("rows", "genres", "--json"), refused("row", "genres", "1")
        )
        holder.rollback()


async def test_tables_say_their_schema_where_there_are_several(
    run: Run, read_json: Run, owner: psycopg.Connection
) -> None:
    assert "public." not in await run("tables")
    owner.execute("CREATE SCHEMA audit; CREATE TABLE audit.users (id text PRIMARY KEY)")
    listed = await run("tables")
    assert "public.users " in listed
    assert "audit.users " in listed
    assert (await read_json("rows", "users"))["table"] == "public.users"
    assert (await read_json("rows", "audit.users"))["table"] == "audit.users"
