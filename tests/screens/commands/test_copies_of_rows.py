"""The copies of a row on real stores: lists against their rows, sessions with participants, a read-only token."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from soundcheck.stores.project.project import Profile
from soundcheck.stores.services import Services
from tests.conftest import Rest

Call = Callable[..., Any]

ROWS = """
INSERT INTO users (id, email, password) VALUES ('u1', 'ana@mail.example', 'hash-of-ana');
INSERT INTO playlists (id, "userId", name, "createdAt")
    SELECT 'p' || g, 'u1', 'list ' || g, timestamptz '2026-01-01Z' + g * interval '1 day'
    FROM generate_series(1, 60) g;
INSERT INTO sessions (id, "sessionCode", "hostId", "expiresAt") VALUES ('x1', 'JAM42', 'u1', now());
INSERT INTO session_participants (id, "sessionId", "userId") VALUES ('m1', 'x1', 'u1');
INSERT INTO recent_searches (id, "userId", query) VALUES ('q1', 'u1', 'love songs');
"""


@pytest.fixture
def rows(owner: psycopg.Connection) -> None:
    owner.execute(ROWS)


def copy_of(document: dict[str, Any], key: str) -> dict[str, Any]:
    return next(dict(copy) for copy in document["cache"]["copies"] if copy["key"] == key)


async def test_a_list_of_the_cache_is_held_against_the_newest_fifty_rows(
    read_json: Call, run: Call, services: Services, rows: None
) -> None:
    assert services.cache is not None
    newest = [{"id": f"p{n}", "name": f"list {n}"} for n in range(60, 10, -1)]
    await services.cache.command("SET", "user:u1:playlists", json.dumps({"v": 1, "data": newest}), "EX", 180)
    document = await read_json("row", "users", "u1")
    assert document["cache"]["commands"] == 10
    assert copy_of(document, "user:u1:playlists")["freshness"] == "fresh"
    newest[1]["name"] = "Gym"
    await services.cache.command("SET", "user:u1:playlists", json.dumps([*newest[:-1], {"id": "p9"}]), "EX", 180)
    stale = copy_of(await read_json("row", "playlists", "p59"), "user:u1:playlists")
    assert stale["differing"] == ["p11", "p9", "p59.name"]
    assert stale["differences"][2] == {"field": "name", "item": "p59", "row": "list 59", "cache": "Gym"}
    plain = await run("row", "playlists", "p59")
    assert "STALE (3 fields)" in plain
    assert "p59.name  row list 59" in plain


async def test_a_key_whose_row_is_gone_is_an_orphan(read_json: Call, services: Services, rows: None) -> None:
    assert services.cache is not None
    await services.cache.command("SET", "user:u1:settings", '{"audioQuality": "high"}', "EX", 60)
    copy = copy_of(await read_json("row", "users", "u1"), "user:u1:settings")
    assert copy["freshness"] == "orphan"


async def test_a_session_code_is_hashed_in_lines_json_and_commands_unless_revealed(
    read_json: Call, run: Call, services: Services, rows: None
) -> None:
    assert services.cache is not None
    value = {"id": "x1", "participants": [{"id": "m1", "userId": "u1", "isOnline": False}]}
    await services.cache.command("SET", "session:JAM42", json.dumps(value), "EX", 60)
    document = await read_json("row", "session_participants", "m1")
    (copy,) = document["cache"]["copies"]
    assert copy["key"].startswith("session:#")
    assert copy["differing"] == ["m1.isOnline"]
    for words in (["row", "session_participants", "m1"], ["row", "session_participants", "m1", "--as", "redis"]):
        assert "JAM42" not in await run(*words)
        assert "session:JAM42" in await run(*words, "--reveal")
    assert "search:love" not in await run("row", "recent_searches", "q1")
    assert 'GET "search:love songs"' in await run("row", "recent_searches", "q1", "--as", "redis", "--reveal")


async def test_a_read_only_token_is_enough(read_json: Call, services: Services, rest: Rest, rows: None) -> None:
    assert services.cache is not None
    await services.cache.command("SET", "user:u1", '{"email": "oto@mail.example"}', "EX", 60)
    reader = services.using(replace(services.credentials, rest_token=rest.readonly_token))
    try:
        copy = copy_of(await read_json("row", "users", "u1", using=reader), "user:u1")
    finally:
        await reader.close()
    assert copy["differences"] == [{"field": "email", "item": "", "row": "a•••@mail…", "cache": "o•••@mail…"}]


async def test_hostile_keys_and_values_are_shown_and_do_nothing(
    run: Call, read_json: Call, services: Services, owner: psycopg.Connection, rows: None
) -> None:
    assert services.cache is not None
    owner.execute(
        'INSERT INTO recent_searches (id, "userId", query, "searchedAt") VALUES (%s, %s, %s, now())',
        ["q2", "u1", "[/foo]\x1b[31m\n"],
    )
    await services.cache.command("SET", "user:u1", json.dumps({"name": "[red]\x1b]0;x\x07" + "x" * 1_000_000}))
    text = await run("row", "users", "u1") + await run("row", "recent_searches", "q2", "--reveal")
    assert not {c for c in text if not c.isprintable() and c != "\n"}
    assert len(text) < 20_000
    assert "search:[/foo]␛[31m⏎" in text
    assert "It never expires." in text
    await services.cache.command("SET", "user:u1", '{"name": ' + "[" * 500 + "]" * 500 + ', "bio": {"score": NaN}}')
    document = await read_json("row", "users", "u1")
    assert copy_of(document, "user:u1")["differing"] == ["name", "bio"]


async def test_patterns_of_soundcheck_toml_name_the_keys(read_json: Call, services: Services, rows: None) -> None:
    assert services.cache is not None
    patterns = {"u/{id}": "users", "u/{id}/lists": "playlists.userId"}
    profile = Profile(key_patterns=patterns)
    other = replace(services, project=replace(services.project, profile=profile))
    await services.cache.command("SET", "u/u1", '{"id": "u1", "name": "Oto"}', "EX", 60)
    document = await read_json("row", "users", "u1", using=other)
    assert document["cache"]["keys"] == ["u/u1"]
    assert copy_of(document, "u/u1")["freshness"] == "stale"
    lists = await read_json("row", "playlists", "p1", using=other)
    assert lists["cache"]["keys"] == ["u/u1/lists"]
    await services.cache.command("SET", "u/u1/lists", json.dumps([f"p{n}" for n in range(60, 50, -1)]))
    fresh = copy_of(await read_json("row", "playlists", "p1", using=other), "u/u1/lists")
    assert fresh["freshness"] == "fresh"
    assert "It holds the first 10 of 50 rows." in fresh["notes"]
