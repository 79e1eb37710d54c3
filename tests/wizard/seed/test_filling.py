"""Sample data in a real database: in, measured, out again, and nothing else touched."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import psycopg
import pytest

from soundcheck.stores.catalog.tables import load_catalog
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.postgres.database import Database
from soundcheck.wizard.progress import Mark, Progress
from soundcheck.wizard.seed.fill import fill, forecast, remove
from soundcheck.wizard.seed.fitting import NEEDS
from soundcheck.wizard.seed.plan import SeedPlan
from soundcheck.wizard.seed.tables import SEED_TABLES

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SMALL = SeedPlan.of(12, 1, NOW)

A_PERSON = "INSERT INTO users (id, email, password) VALUES ('real', 'me@mail.example', 'x')"
A_PARTY = """INSERT INTO sessions (id, "sessionCode", "hostId", "expiresAt") VALUES ('mine', 'CODE', %s, now())"""


def counts(owner: psycopg.Connection) -> dict[str, int]:
    return {t.name: owner.execute(f"SELECT count(*) FROM {t.name}").fetchone()[0] for t in SEED_TABLES}


def digest(owner: psycopg.Connection) -> str:
    found = hashlib.sha256()
    for table in SEED_TABLES:
        for row in owner.execute(f'SELECT t::text FROM {table.name} t ORDER BY id COLLATE "C"'):
            found.update(row[0].encode())
    return found.hexdigest()


async def test_a_thousand_users_fill_all_eleven_tables_near_the_predicted_size(
    database: Database, owner: psycopg.Connection
) -> None:
    plan = SeedPlan.of(1000, 1, NOW)
    said = await forecast(database, plan)
    assert said.fits_free_tier
    events: list[Progress] = []
    result = await fill(database, plan, events.append)
    assert result.rows == counts(owner)
    assert all(result.rows.values())
    for table, rows in plan.expected_rows().items():
        assert 0.7 < result.rows[table] / rows < 1.4, table
    sizes = {t.name: t.total_bytes for t in await load_catalog(database)}
    assert 0.8 < sum(size or 0 for size in sizes.values()) / said.added_bytes < 1.25
    assert [event.key for event in events if event.mark is Mark.OK] == [table.name for table in SEED_TABLES]
    assert any(event.mark is Mark.RUNNING and " of about " in event.text for event in events)


async def test_the_same_numbers_give_the_same_rows_and_another_seed_gives_others(
    database: Database, owner: psycopg.Connection
) -> None:
    await fill(database, SMALL)
    first = digest(owner)
    again = await fill(database, SMALL)
    assert again.replaced == sum(again.rows.values())
    assert digest(owner) == first
    await fill(database, SeedPlan.of(12, 2, NOW))
    assert digest(owner) != first


async def test_tables_with_other_rows_are_refused_by_name_and_nothing_is_written(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute(A_PERSON)
    owner.execute("INSERT INTO lyrics (id, \"songId\") VALUES ('seedling', 's')")
    before = counts(owner)
    with pytest.raises(Refused, match="users, lyrics"):
        await fill(database, SMALL)
    assert counts(owner) == before


async def test_removing_takes_exactly_its_own_rows(database: Database, owner: psycopg.Connection) -> None:
    await fill(database, SMALL)
    owner.execute(A_PERSON)
    owner.execute(A_PARTY, ["real"])
    owner.execute("INSERT INTO recommendations (id, \"songId\") VALUES ('seed', 'x')")
    result = await remove(database)
    assert sum(result.rows.values()) > 100
    left = {name: number for name, number in counts(owner).items() if number}
    assert left == {"users": 1, "sessions": 1, "recommendations": 1}


async def test_removing_is_refused_while_other_rows_would_go_along(
    database: Database, owner: psycopg.Connection
) -> None:
    await fill(database, SMALL)
    owner.execute(A_PARTY, ["seed_user_000000"])
    owner.execute('CREATE TABLE "my badges" (n int, "user" text REFERENCES users ON DELETE SET NULL)')
    owner.execute("""INSERT INTO "my badges" VALUES (1, 'seed_user_000001'), (2, 'seed_user_000001'), (3, NULL)""")
    before = counts(owner)
    with pytest.raises(Refused, match="2 of my badges, 1 of sessions"):
        await remove(database)
    assert counts(owner) == before


async def test_a_failure_in_the_middle_leaves_nothing(database: Database, owner: psycopg.Connection) -> None:
    owner.execute('ALTER TABLE recently_played ADD CHECK ("playDuration" < 200)')
    with pytest.raises(Exception, match="violates check constraint"):
        await fill(database, SMALL)
    assert not any(counts(owner).values())


async def test_cancelling_in_the_middle_leaves_nothing_and_the_database_usable(
    database: Database, owner: psycopg.Connection
) -> None:
    begun = asyncio.Event()

    def watch(event: Progress) -> None:
        if event.key == "recently_played":
            begun.set()

    task = asyncio.create_task(fill(database, SeedPlan.of(800, 1, NOW), watch))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await database.fetch("SELECT count(*) FROM users")).rows == ((0,),)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ("DROP TABLE lyrics, chat_messages", "Not here: chat_messages, lyrics."),
        ('ALTER TABLE users DROP COLUMN "password"', "Not here: users.password."),
    ],
)
@pytest.mark.parametrize("deed", [partial(fill, plan=SMALL), remove], ids=["fill", "remove"])
async def test_what_is_missing_of_our_schema_is_named(
    database: Database, owner: psycopg.Connection, change: str, missing: str, deed: Callable[..., Awaitable[object]]
) -> None:
    owner.execute(change)
    with pytest.raises(CouldNotRun) as caught:
        await deed(database)
    assert caught.value.message == f"{NEEDS} {missing}"
    assert "`db seed`" in caught.value.hint


async def test_every_row_is_younger_than_its_user_and_no_two_users_share_a_moment(
    database: Database, owner: psycopg.Connection
) -> None:
    await fill(database, SeedPlan.of(300, 3, NOW))
    for table, column, owner_column in (
        ("recently_played", "playedAt", "userId"),
        ("recent_searches", "searchedAt", "userId"),
        ("playlists", "createdAt", "userId"),
        ("session_participants", "joinedAt", "userId"),
        ("sessions", "createdAt", "hostId"),
    ):
        late = owner.execute(
            f'SELECT count(*), count(DISTINCT t."createdAt"), count(*) FILTER (WHERE t."{column}" < u."createdAt"),'
            f' max(t."{column}") FROM {table} t JOIN users u ON u.id = t."{owner_column}"'
        ).fetchone()
        assert late[0] == late[1], table
        assert late[2] == 0, table
        assert late[3] <= NOW, table
    plays = [n for (n,) in owner.execute('SELECT count(*) FROM recently_played GROUP BY "songId" ORDER BY 1 DESC')]
    assert plays[0] > 10 * plays[len(plays) // 2]  # a few songs take most of the plays
