"""`tables`, `rows` and `row` in plain lines and JSON, on a real database and a real cache."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from soundcheck.stores.errors import CouldNotRun, StepFailed, UsageError
from soundcheck.stores.services import Services

Call = Callable[..., Any]

ANA = """INSERT INTO users (id, name, email, password, otp, bio, "createdAt", "updatedAt")
VALUES ('u1', NULL, 'ana@mail.example', 'hash-of-ana', '123456', 'NULL', '2024-03-31 01:30:00.12Z', '2024-04-01Z')"""


@pytest.fixture
def ana(owner: psycopg.Connection) -> None:
    owner.execute(ANA)


async def test_tables_lists_all_eleven_with_rows_and_sizes(run: Call, read_json: Call, ana: None) -> None:
    ran = await run("tables")
    assert len(ran.splitlines()) == 12
    assert any(line.split()[:2] == ["users", "1"] for line in ran.splitlines())
    assert "11 tables" in ran.stderr
    document = await read_json("tables")
    users = next(table for table in document["tables"] if table["name"] == "users")
    assert users["rows"] == {"number": 1, "certainty": "exact"}
    assert users["primary_key"] == ["id"]


async def test_personal_columns_are_masked_until_revealed_in_lines_and_json(
    run: Call, read_json: Call, ana: None
) -> None:
    for command in (["rows", "users"], ["row", "users", "u1"]):
        masked = await run(*command) + json.dumps(await read_json(*command), ensure_ascii=False)
        assert "ana@" not in masked
        assert "hash-of-ana" not in masked
        assert "123456" not in masked
        assert "a•••@mail…" in masked
        shown = await run(*command, "--reveal")
        assert "ana@mail.example" in shown
        assert "hash-of-ana" in shown


async def test_null_the_text_null_and_the_empty_text_differ_in_plain_lines(
    run: Call, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE t (id int PRIMARY KEY, v text)")
    owner.execute("""INSERT INTO t VALUES (1, NULL), (2, 'NULL'), (3, ''), (4, '""'), (5, ' ')""")
    lines = (await run("rows", "t")).splitlines()[1:]
    assert [line.split()[1] for line in lines] == ["NULL", '"NULL"', '""', '"\\"\\""', "␣"]


async def test_no_control_character_of_a_row_or_a_name_reaches_the_terminal(
    run: Call, owner: psycopg.Connection
) -> None:
    owner.execute('CREATE TABLE "t\x1b[2J" (id int PRIMARY KEY, "c\x07" text)')
    owner.execute('INSERT INTO "t\x1b[2J" VALUES (1, $$a\x1b]0;x\x07\u202e\x9b31m\nb$$)')
    text = await run("rows", "t\x1b[2J") + await run("row", "t\x1b[2J", "1") + await run("tables")
    assert not {c for c in text if not c.isprintable() and c != "\n"}
    assert "␛]0;x␇\\u202e\\x9b31m⏎b" in text


async def test_rows_are_filtered_sorted_limited_and_say_whether_there_are_more(
    run: Call, read_json: Call, owner: psycopg.Connection
) -> None:
    owner.execute("""INSERT INTO recommendations (id, "songId", "globalPlayCount", "updatedAt")
        SELECT 'r' || g, 's' || g, g % 7, now() FROM generate_series(1, 40) g""")
    document = await read_json(
        "rows", "recommendations", "--where", "globalPlayCount >= 5", "--where", "songId != s5",
        "--sort", "globalPlayCount desc", "--limit", "4",
    )  # fmt: skip
    assert [row["globalPlayCount"] for row in document["rows"]] == [6, 6, 6, 6]
    assert document["has_more_after"]
    ran = await run("rows", "recommendations", "--last", "--limit", "2")
    assert "2 rows, and there are more" in ran.stderr


async def test_every_kind_of_value_is_json_and_nothing_is_rounded(read_json: Call, owner: psycopg.Connection) -> None:
    owner.execute(
        """CREATE TABLE t AS SELECT 1 AS id, 12345678901234567890.10::numeric AS n, 'NaN'::float8 AS nan,
        '{"a": [1, 2.5]}'::jsonb AS j, '{"a": 1e999}'::json AS huge, ARRAY['a', NULL] AS a, '\\xff00'::bytea AS b,
        '2024-03-31 01:30:00.12Z'::timestamptz AS at, 'infinity'::date AS never, NULL::int AS nothing,
        repeat('x', 1200000) AS long"""
    )
    document = await read_json("rows", "t")
    assert document["as_text"] == {"nan": [0], "huge": [0], "never": [0]}
    assert {column["name"]: column["form"] for column in document["columns"]} == {
        "id": "number", "n": "string", "nan": "number", "j": "json", "huge": "json", "a": "list", "b": "string",
        "at": "time", "never": "time", "nothing": "number", "long": "string",
    }  # fmt: skip
    (row,) = document["rows"]
    assert row.pop("long") == {"head": "x" * 1_000_000, "size": 1_200_000}
    assert row == {
        "id": 1, "n": "12345678901234567890.10", "nan": "NaN", "j": {"a": [1, 2.5]}, "huge": '{"a": 1e999}',
        "a": ["a", None], "b": "\\xff00", "at": "2024-03-31T01:30:00.12+00:00", "never": "infinity", "nothing": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rows", "user"], "no table called 'user'"),
        (["rows", "users", "--where", "nmae = x"], "no column 'nmae'"),
        (["rows", "users", "--where", "isEmailVerified = maybe"], "isEmailVerified takes true or false"),
        (["rows", "users", "--sort", "nmae"], "no column 'nmae'"),
        (["rows", "users", "--limit", "0"], "between 1 and"),
        (["row", "users", "a", "b"], "The key of users is id"),
    ],
)
async def test_wrong_words_are_named(run: Call, words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        await run(*words)
    assert said in caught.value.message + caught.value.hint
    assert caught.value.hint


async def test_a_misspelt_table_gets_the_nearest_names(run: Call) -> None:
    with pytest.raises(UsageError) as caught:
        await run("rows", "playlist")
    assert "playlists" in caught.value.hint


async def test_a_missing_row_and_a_missing_database_are_said(run: Call, services: Services) -> None:
    with pytest.raises(StepFailed, match="no row with id = nobody"):
        await run("row", "users", "nobody")
    with pytest.raises(CouldNotRun, match="No database"):
        await run("tables", using=replace(services, database=None))


async def test_a_row_says_how_each_of_its_cached_copies_stands(
    run: Call, read_json: Call, services: Services, ana: None
) -> None:
    assert services.cache is not None

    async def state() -> dict[str, Any]:
        document = await read_json("row", "users", "u1")
        assert document["cache"]["keys"][:2] == ["user:u1", "user:u1:settings"]
        return dict(document["cache"]["copies"][0])

    assert (await state())["freshness"] == "not cached"
    data = {"id": "u1", "name": None, "createdAt": "2024-03-31T01:30:00.120Z", "isEmailVerified": False}
    await services.cache.command("SET", "user:u1", json.dumps({"v": 1, "ttl": 300, "data": data}), "EX", 300)
    fresh = await state()
    assert fresh["freshness"] == "fresh"
    assert 290 < fresh["ttl"] <= 300
    await services.cache.command("SET", "user:u1", json.dumps({**data, "name": "Oto", "password": "hash-of-ana"}))
    stale = await state()
    assert (stale["freshness"], stale["differing"], stale["exposed"]) == ("stale", ["name"], ["password"])
    plain = await run("row", "users", "u1")
    assert "STALE" in plain
    assert "differs: name. Must not be cached: password." in plain
    await services.cache.command("SET", "user:u1", "{half")
    assert (await state())["freshness"] == "unreadable"


async def test_without_a_cache_the_keys_are_named_all_the_same(
    run: Call, read_json: Call, services: Services, ana: None
) -> None:
    bare = replace(services, cache=None)
    assert (await read_json("row", "users", "u1", using=bare))["cache"]["state"] == "not set up"
    assert "the cache is not set up. Keys: user:u1" in await run("row", "users", "u1", using=bare)
    bare.project.env_file.write_text("UPSTASH_REDIS_REST_URL=https://a-1.upstash.io\n")
    assert (await read_json("row", "users", "u1", using=bare))["cache"]["state"] == "cannot be used"
    said = await run("row", "users", "u1", using=bare)
    assert "Cached copies: .env holds no UPSTASH_REDIS_REST_TOKEN. Keys: user:u1" in said
