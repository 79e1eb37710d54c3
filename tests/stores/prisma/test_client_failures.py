"""What goes wrong reaches the program as the class and code that the generated client has for it."""

# ruff: noqa: PT012 - what is expected to fail is often the end of a transaction or batch, which is a block

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from generated_client import Talk

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _raised(talk: Talk, name: str, work: Any) -> Any:
    with pytest.raises(getattr(talk.package.errors, name)) as told:
        await work
    assert type(told.value).__name__ == name
    return told.value


async def test_errors_of_the_data_have_their_codes(talk: Talk) -> None:
    db = talk.db
    await db.author.create({"email": "ada@x", "books": {"create": [{"title": "a"}]}})
    unique = await _raised(talk, "UniqueViolationError", db.author.create({"email": "ada@x"}))
    assert (unique.code, unique.meta["target"]) == ("P2002", ["email"])
    several = await _raised(talk, "UniqueViolationError", db.book.create({"title": "a", "pages": 0}))
    assert several.meta["target"] == ["title", "pages"]
    foreign = await _raised(talk, "ForeignKeyViolationError", db.profile.create({"bio": "b", "authorId": -1}))
    assert (foreign.code, foreign.meta["field_name"]) == ("P2003", "Profile_authorId_fkey (index)")
    assert (await _raised(talk, "ForeignKeyViolationError", db.author.delete(where={"email": "ada@x"}))).code == "P2003"
    missing = {"title": "b", "author": {"connect": {"id": -1}}}
    assert (await _raised(talk, "RecordNotFoundError", db.book.create(missing))).code == "P2025"
    assert (await _raised(talk, "RecordNotFoundError", db.author.find_unique_or_raise({"email": "no"}))).code == "P2025"
    assert (await _raised(talk, "RecordNotFoundError", db.author.find_first_or_raise(where={"id": -1}))).code == "P2025"
    too_long = await _raised(talk, "DataError", db.author.create({"email": "b", "name": "n" * 21}))
    assert too_long.code == "P2000"
    assert "out of range" in str(await _raised(talk, "DataError", db.book.create({"title": "b", "pages": 2**40})))
    assert talk.rows("""SELECT email FROM authors""") == [("ada@x",)]


async def test_errors_of_the_query_have_their_classes(talk: Talk) -> None:
    db = talk.db
    await _raised(talk, "MissingRequiredValueError", db.author.create({}))
    await _raised(talk, "MissingRequiredValueError", db.author.create({"email": None}))
    await _raised(talk, "FieldNotFoundError", db.author.create({"email": "a", "nope": 1}))
    await _raised(talk, "FieldNotFoundError", db.author.find_many(where={"nope": 1}))
    raw = await _raised(talk, "RawQueryError", db.query_raw("SELECT nope"))
    assert (raw.code, raw.meta["code"]) == ("P2010", "42703")
    assert (await _raised(talk, "RawQueryError", db.execute_raw("SELECT 1/0"))).meta["code"] == "22012"
    assert "requires 1" in str(await _raised(talk, "RawQueryError", db.query_raw("SELECT $1::int")))
    assert talk.one("SELECT count(*) FROM authors") == 0


async def test_a_table_that_is_not_there_is_said(talk: Talk) -> None:
    talk.judge.execute("""ALTER TABLE "Tag" RENAME TO "Away" """)
    try:
        gone = await _raised(talk, "TableNotFoundError", talk.db.tag.count())
    finally:
        talk.judge.execute("""ALTER TABLE "Away" RENAME TO "Tag" """)
    assert gone.code == "P2021"
    assert "Tag" in gone.table


async def test_a_transaction_commits_rolls_back_and_is_not_seen_before(talk: Talk) -> None:
    async with talk.db.tx() as tx:
        await tx.tag.create({"name": "kept"})
        assert await tx.tag.count() == 1
        assert talk.one("""SELECT count(*) FROM "Tag" """) == 0
    with pytest.raises(ZeroDivisionError):
        async with talk.db.tx() as tx:
            await tx.tag.create({"name": "dropped"})
            raise ZeroDivisionError
    with pytest.raises(talk.package.errors.UniqueViolationError):
        async with talk.db.tx() as tx:
            await tx.tag.create({"name": "also dropped"})
            await tx.tag.create({"name": "kept"})
    assert talk.rows("""SELECT name FROM "Tag" """) == [("kept",)]
    assert (
        talk.one("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = current_database()")
        == 0
    )


async def test_a_transaction_ends_at_its_timeout(talk: Talk) -> None:
    with pytest.raises(talk.package.errors.TransactionExpiredError, match="already closed"):
        async with talk.db.tx(timeout=timedelta(milliseconds=100)) as tx:
            await tx.tag.create({"name": "late"})
            await tx.query_raw("SELECT 1 AS one FROM pg_sleep(0.2)")
            await tx.tag.count()
    with pytest.raises(talk.package.errors.TransactionExpiredError, match="already closed"):
        async with talk.db.tx(timeout=timedelta(milliseconds=100)) as tx:
            await tx.tag.create({"name": "late"})
            await tx.query_raw("SELECT 1 AS one FROM pg_sleep(0.2)")
    assert talk.one("""SELECT count(*) FROM "Tag" """) == 0


async def _other_client(talk: Talk, **params: str) -> Any:
    """A client of the same database with other parameters in its address; asyncio interface."""
    url = talk.db._datasource["url"] if hasattr(talk.db, "_datasource") else None
    assert url is not None
    more = "&".join(f"{name}={value}" for name, value in params.items())
    return talk.package.Prisma(datasource={"url": f"{url}{'&' if '?' in url else '?'}{more}"})


@pytest.mark.parametrize("connected", [("asyncio", "new")], ids=["asyncio-18"], indirect=True)
async def test_pool_size_pool_timeout_and_max_wait_hold(talk: Talk) -> None:
    async with await _other_client(talk, connection_limit="2", pool_timeout="4", application_name="two") as db:
        slept = db.query_raw("SELECT 1 AS one FROM pg_sleep(0.05)")
        await asyncio.gather(slept, *(db.query_raw("SELECT 1 AS one FROM pg_sleep(0.05)") for _ in range(7)))
        assert talk.one("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'two'") == 2
        async with db.tx(timeout=timedelta(seconds=60)), db.tx(timeout=timedelta(seconds=60)):
            with pytest.raises(talk.package.errors.TransactionError, match="Unable to start") as late:
                await db.tx(max_wait=timedelta(milliseconds=100)).start()
            assert type(late.value) is talk.package.errors.TransactionError
            with pytest.raises(talk.package.errors.DataError, match="connection limit: 2") as full:
                await db.tag.count()
            assert full.value.code == "P2024"
        # What was waited for in vain is not taken later: both places are free again.
        async with db.tx(), db.tx():
            pass


@pytest.mark.parametrize("connected", [("asyncio", "new")], ids=["asyncio-18"], indirect=True)
async def test_a_slow_query_ends_at_the_socket_timeout_and_its_place_is_free(talk: Talk) -> None:
    async with await _other_client(talk, connection_limit="1", socket_timeout="3") as db:
        with pytest.raises(talk.package.errors.DataError, match="timed out") as slow:
            await db.query_raw("SELECT 1 AS one FROM pg_sleep(60)")
        assert slow.value.code == "P1008"
        assert await db.query_raw("SELECT 1 AS one") == [{"one": 1}]
        with pytest.raises(talk.package.errors.DataError, match="timed out"):
            async with db.tx(timeout=timedelta(seconds=60)) as tx:
                await tx.query_raw("SELECT 1 AS one FROM pg_sleep(60)")
        assert await db.query_raw("SELECT 1 AS one") == [{"one": 1}]
    talk.judge.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)'")


@pytest.mark.parametrize("connected", [("asyncio", "new")], ids=["asyncio-18"], indirect=True)
async def test_a_connection_that_the_server_ends_is_replaced(talk: Talk) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ended'"
    async with await _other_client(talk, application_name="ended", connection_limit="1") as db:
        with pytest.raises(talk.package.errors.DataError, match="closed the connection") as lost:
            async with db.tx() as tx:
                await tx.tag.create({"name": "lost"})
                talk.judge.execute(end)
                await tx.tag.count()
        assert lost.value.code == "P1017"
        assert await db.tag.count() == 0
