"""`row` says where the row leads, with commands that show exactly the rows that they speak of."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import psycopg

Call = Callable[..., Any]

MAKE = (
    """INSERT INTO users (id, name, email, password, "updatedAt") VALUES ('-u 1', 'Ana', 'a@b.c', 'x', now())""",
    """INSERT INTO playlists (id, "userId", name, "songIds", "updatedAt")
        SELECT 'p' || g, '-u 1', 'Mix', '{}', now() FROM generate_series(1, 3) g""",
    'CREATE TABLE "two words" (a int, b text, PRIMARY KEY (a, b))',
    """INSERT INTO "two words" VALUES (1, 'it''s'), (2, E'two\\nlines')""",
    'CREATE TABLE parts (id int PRIMARY KEY, b text, a int, up int REFERENCES parts,'
    ' FOREIGN KEY (a, b) REFERENCES "two words" (a, b))',
    "INSERT INTO parts VALUES (1, 'it''s', 1, NULL), (2, NULL, NULL, 1), (3, E'two\\nlines', 2, 1)",
    "CREATE TABLE people (email text PRIMARY KEY)",
    "CREATE TABLE letters (id int PRIMARY KEY, sent_to text REFERENCES people)",
    "INSERT INTO people VALUES ('ana@mail.example'); INSERT INTO letters VALUES (1, 'ana@mail.example')",
)  # fmt: skip


async def test_a_row_names_the_commands_that_show_its_relations(
    run: Call, read_json: Call, owner: psycopg.Connection
) -> None:
    for statements in MAKE:
        owner.execute(statements)

    async def led(*words: str) -> list[tuple[str, str]]:
        """Each relation of a row as it is told, and what its command prints."""
        lines = (await run("row", *words)).split("\n\n")[1].splitlines()
        document = (await read_json("row", *words))["relations"]
        found = []
        for one in document["refers_to"] + document["referred_to_by"]:
            command = shlex.split(one["command"])
            told = next(line for line in lines if line.endswith(one["command"]))
            found.append((told.strip().partition(": ")[0], await run(*command[1:])))
        return found

    (user,) = [told for told in await led("playlists", "p1") if told[0] == "users by userId"]
    assert "Ana" in user[1]
    playlists = next(told for told in await led("users", "-u 1") if told[0] == "playlists by userId, 3 rows")
    assert [line.split()[0] for line in playlists[1].splitlines()[1:]] == ["p1", "p2", "p3"]
    two, below = await led("parts", "1")
    assert (two[0], "it's" in two[1]) == ("two words by a, b", True)
    assert below[0] == "parts by up, 2 rows"
    assert [line.split()[0] for line in below[1].splitlines()[1:]] == ["2", "3"]
    said = await run("row", "parts", "3")
    assert "two words by a, b: use --json" in said, "a line break does not stand in a line"
    document = await read_json("row", "letters", "1")
    assert document["relations"]["refers_to"][0]["command"] is None
    said = await run("row", "letters", "1")
    assert "ana@mail.example" in said, "sent_to is no column whose name says that it is personal"
    assert "people by sent_to: its key is masked, --reveal shows the command" in said
    assert "soundcheck row people ana@mail.example" in await run("row", "letters", "1", "--reveal")
    assert "ana@" not in await run("row", "people", "ana@mail.example")


async def test_a_row_that_leads_nowhere_says_so(run: Call, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE lone (id int PRIMARY KEY); INSERT INTO lone VALUES (1)")
    assert "Refers to: nothing\nReferred to by: nothing\n" in await run("row", "lone", "1")
