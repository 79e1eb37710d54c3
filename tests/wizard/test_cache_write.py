"""Writing to a real cache: keys dropped in lots, copies warmed from their rows, and who is told afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace

import psycopg
import pytest
import redis

from soundcheck.cache import TwoLevelCache
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.catalog.tables import load_catalog
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.copies import key_source
from soundcheck.stores.copies.cached_copy import CachedCopy, judge_copy
from soundcheck.stores.copies.cached_value import read_value
from soundcheck.stores.copies.copy_verdict import Freshness
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun, StepFailed
from soundcheck.stores.keys import KnownKey, known_key
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.cache_write import commands_to_drop, drop_keys, intent_of, loss_of, set_ttl, warm
from soundcheck.wizard.guard import Action, Consent, decide
from tests.conftest import Rest

ROWS = """
CREATE TABLE users (id text PRIMARY KEY, name text, password text, "refreshToken" text, "createdAt" timestamptz(3),
    score numeric, tags text[], extra jsonb, photo bytea);
INSERT INTO users VALUES
    ('u1', 'Ana', 'hash', 'token', '2026-11-19 08:12:44.12Z', 1.10, '{a,NULL}', '{"x": [1]}', '\\xff00');
CREATE TABLE playlists (id text PRIMARY KEY, "userId" text, name text, "createdAt" timestamptz);
INSERT INTO playlists
    SELECT 'p' || g, 'u1', 'list ' || g, now() + g * interval '1 second' FROM generate_series(1, 60) g;
CREATE TABLE sessions (id text PRIMARY KEY, "sessionCode" text UNIQUE, name text);
INSERT INTO sessions VALUES ('x1', 'JAM', 'Party');
CREATE TABLE session_participants (id text PRIMARY KEY, "sessionId" text, "userId" text);
INSERT INTO session_participants VALUES ('m1', 'x1', 'u1');
"""


@pytest.fixture
def server(rest: Rest) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(rest.redis_url.reveal(), decode_responses=True) as client:
        yield client


@pytest.fixture
async def services(project: Project, database_url: PostgresUrl, rest: Rest) -> AsyncIterator[Services]:
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute(ROWS)
    plain = Services(project, SystemClock(), SystemResolver())
    opened = plain.using(Credentials(database_url, None, rest.url, rest.token))
    yield opened
    await opened.close()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.005)


def key(text: str) -> KnownKey:
    found = known_key(text)
    assert found is not None
    return found


async def test_keys_are_dropped_a_hundred_at_once_for_three_commands(services: Services, server: redis.Redis) -> None:
    keys = [f"user:u{n}" for n in range(250)]
    server.mset(dict.fromkeys(keys[:240], "{}"))
    assert services.cache is not None
    assert await drop_keys(services, keys) == 240
    assert not any(server.exists(one) for one in keys)
    assert services.cache.commands_used == 9 == commands_to_drop(250)


async def test_running_applications_forget_what_is_dropped_or_warmed(
    services: Services, server: redis.Redis, rest: Rest
) -> None:
    """An application has the old value in its own memory, and another is in the middle of loading it."""
    assert services.database is not None
    catalog = await load_catalog(services.database)
    values, asked, let = iter(["old", "late", "new"]), asyncio.Event(), asyncio.Event()

    async def load() -> str:
        value = next(values)
        if value == "late":
            asked.set()
            await let.wait()
        return value

    def forgotten() -> bool:
        return application.counters().l1_entries == 0

    async with (
        TwoLevelCache(RestLevel(rest.url, rest.token)) as application,
        TwoLevelCache(RestLevel(rest.url, rest.token)) as slow,
    ):
        await until(lambda: application.counters().line_up)
        assert await application.get_or_load("user:u1", load) == "old"
        await drop_keys(services, ["user:u1"])
        reading = asyncio.create_task(slow.get_or_load("user:u1", load))
        await asked.wait()
        await drop_keys(services, ["user:u1"])
        let.set()
        assert await reading == "late", "it had begun before the drop"
        assert not server.exists("user:u1"), "and is not stored after it"
        await until(forgotten)
        assert await application.get_or_load("user:u1", load) == "new"
        await warm(services, catalog, key("user:u1"))
        await until(forgotten)


async def test_a_copy_that_was_dropped_while_its_rows_were_read_is_not_stored(
    services: Services, server: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert services.database is not None
    catalog, real = await load_catalog(services.database), key_source.read_source

    async def read_then_dropped(*args: object) -> object:
        source = await real(*args)  # type: ignore[arg-type]
        await drop_keys(services, ["user:u1"])
        return source

    monkeypatch.setattr(key_source, "read_source", read_then_dropped)
    with pytest.raises(StepFailed, match="dropped this key while"):
        await warm(services, catalog, key("user:u1"))
    assert not server.exists("user:u1")


@pytest.mark.parametrize("text", ["user:u1", "user:u1:playlists", "session:JAM"])
async def test_a_warmed_copy_is_fresh_and_holds_no_secret(services: Services, server: redis.Redis, text: str) -> None:
    assert services.database is not None
    catalog, known = await load_catalog(services.database), key(text)
    assert await warm(services, catalog, known) == known.rule.ttl
    stored = str(server.get(text))
    assert "hash" not in stored
    assert "token" not in stored
    assert 0 < int(str(server.ttl(text))) <= known.rule.ttl
    content = read_value(stored)
    assert content is not None
    copy = await judge_copy(CachedCopy(text, Freshness.CACHED), known, content, services.database, catalog)
    assert (copy.freshness, copy.notes, copy.exposed) == (Freshness.FRESH, (), ())


async def test_values_are_written_as_a_javascript_backend_writes_them(services: Services, server: redis.Redis) -> None:
    assert services.database is not None
    await warm(services, await load_catalog(services.database), key("user:u1"))
    assert json.loads(str(server.get("user:u1")))["data"] == {
        "id": "u1", "name": "Ana", "createdAt": "2026-11-19T08:12:44.120Z", "score": "1.10", "tags": ["a", None],
        "extra": {"x": [1]}, "photo": "/wA=",
    }  # fmt: skip


async def test_what_cannot_be_warmed_is_said_and_nothing_is_stored(services: Services, server: redis.Redis) -> None:
    assert services.database is not None
    catalog = await load_catalog(services.database)
    for text in ("user:nobody", "search:love", "user:u1:settings"):
        with pytest.raises(StepFailed) as problem:
            await warm(services, catalog, key(text))
        assert problem.value.hint
    assert server.dbsize() == 0
    with pytest.raises(CouldNotRun):
        await drop_keys(replace(services, cache=None), ["a"])


async def test_a_read_only_token_cannot_write_and_a_key_that_is_gone_has_no_time(
    services: Services, rest: Rest, server: redis.Redis
) -> None:
    server.set("a", "1")
    assert await set_ttl(services, "a", 60)
    assert not await set_ttl(services, "gone", 60)
    reader = services.using(replace(services.credentials, rest_token=rest.readonly_token))
    try:
        for work in (drop_keys(reader, ["a"]), set_ttl(reader, "a", 5)):
            with pytest.raises(StepFailed, match="may only read"):
                await work
    finally:
        await reader.close()
    assert server.exists("a")


def test_dropping_is_asked_everywhere_and_production_by_its_name(services: Services) -> None:
    intent = intent_of(services, Action.DROP, [loss_of(3)])
    assert intent.losses == ("3 cached values",)
    assert not decide(intent, Consent()).allowed
    assert decide(intent, Consent(frozenset(intent.losses), "127.0.0.1")).allowed
    assert decide(intent, Consent(frozenset(intent.losses))).needs_production_name == "127.0.0.1"
