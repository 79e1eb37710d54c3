"""`cache keys` and `rows --cached`: what they print, what leaves the screen, and what they cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from soundcheck.stores.errors import CouldNotRun, StepFailed, UsageError
from soundcheck.stores.services import Services
from tests.conftest import Rest

Call = Callable[..., Any]


@pytest.fixture
async def filled(services: Services) -> Services:
    assert services.cache is not None
    for key in ("user:u1", "user:u2:settings", "session:JAM42", "search:love songs", "\x1b[31m[/foo]"):
        await services.cache.command("SET", key, "{}", "EX", 100)
    await services.cache.command("RPUSH", "jobs", "a")
    return services


async def test_keys_are_listed_with_kind_and_time_and_what_is_private_is_hashed(
    run: Call, read_json: Call, filled: Services
) -> None:
    ran = await run("cache", "keys")
    assert [line.split()[-1] for line in ran.splitlines() if line.startswith("jobs")] == ["never"]
    assert "JAM42" not in ran
    assert "love" not in ran
    assert "␛[31m[/foo]" in ran
    assert "At most 221 commands." in ran.stderr
    assert "6 keys, 14 commands used" in ran.stderr
    assert "session:JAM42" in await run("cache", "keys", "--reveal")
    document = await read_json("cache", "keys", "user:")
    assert [(one["key"], one["type"], one["pattern"]) for one in document["keys"]] == [
        ("user:u1", "string", "user:{id}"), ("user:u2:settings", "string", "user:{id}:settings"),
    ]  # fmt: skip
    assert (document["complete"], document["total_in_cache"], document["commands_used"]) == (True, 6, 6)
    hashed = await read_json("cache", "keys", "session:J")
    assert "JAM" not in json.dumps(hashed)


async def test_there_are_more_keys_than_are_listed(run: Call, filled: Services) -> None:
    assert "1 key, and there are more" in (await run("cache", "keys", "--limit", "1")).stderr
    with pytest.raises(UsageError):
        await run("cache", "keys", "--limit", "0")


async def test_without_a_cache_or_with_a_read_only_token_it_says_what_to_do(
    run: Call, services: Services, rest: Rest
) -> None:
    with pytest.raises(CouldNotRun):
        await run("cache", "keys", using=replace(services, cache=None))
    reader = services.using(replace(services.credentials, rest_token=rest.readonly_token))
    try:
        with pytest.raises(StepFailed, match="may only read"):
            await run("cache", "keys", using=reader)
    finally:
        await reader.close()


async def test_rows_tell_how_the_copy_of_each_stands_for_two_commands_a_key(
    run: Call, read_json: Call, services: Services, owner: psycopg.Connection
) -> None:
    assert services.cache is not None
    owner.execute(
        "INSERT INTO users (id, email, password) SELECT 'u' || g, g || '@b.c', 'h' FROM generate_series(1, 3) g"
    )
    owner.execute("""INSERT INTO playlists (id, "userId", name, "songIds")
        SELECT 'p' || g, 'u1', 'list', ARRAY['a b', 's' || g] FROM generate_series(1, 3) g""")
    await services.cache.command("SET", "user:u1", '{"id": "u1", "email": "1@b.c"}')
    await services.cache.command("SET", "user:u2", '{"id": "u2", "email": "x@b.c"}')
    document = await read_json("rows", "users", "--cached")
    assert [one["freshness"] for one in document["cached"]] == ["fresh", "stale", "not cached"]
    assert document["commands_used"] == 6
    assert "x@b.c" not in json.dumps(document)
    plain = await run("rows", "users", "--cached")
    assert "STALE (1 field)" in plain
    assert "6 Redis commands used." in plain.stderr
    await services.cache.command("SET", "playlist:p1", '{"id": "p1", "songIds": ["a b", "s1"]}')
    await services.cache.command("SET", "playlist:p2", '{"id": "p2", "songIds": ["a b", "s9"]}')
    lists = [line.split("  ")[-1] for line in (await run("rows", "playlists", "--cached")).splitlines()[1:]]
    assert lists == ["fresh", "STALE (1 field)", "not cached"]
    assert "cached" not in await read_json("rows", "lyrics")
    none = await read_json("rows", "users", "--where", "id = nobody", "--cached")
    assert (none["cached"], none["commands_used"]) == ([], 0)
    with pytest.raises(UsageError, match="needs a cache"):
        await run("rows", "users", "--cached", using=replace(services, cache=None))
