"""`rows` for the ear: chosen columns, a line a value, and the whole command for the next page."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from soundcheck.stores.errors import UsageError

Call = Callable[..., Any]

MANY = """INSERT INTO recommendations (id, "songId", "globalPlayCount", "updatedAt")
    SELECT 'r' || lpad(g::text, 2, '0'), 's' || g, g % 3, now() FROM generate_series(1, 11) g"""
PEOPLE = """INSERT INTO users (id, name, email, password, "updatedAt")
    SELECT 'u' || g, 'Ana' || g, 'a' || (10 - g) || '@mail.example', 'x', now() FROM generate_series(1, 5) g"""


def next_words(said: str) -> list[str]:
    """The words of the command that the last line names, those behind the program's name."""
    last = said.splitlines()[-1]
    assert last.startswith("Next page: soundcheck "), last
    return shlex.split(last.removeprefix("Next page: soundcheck "))


async def test_columns_come_as_they_are_named_in_every_form(
    run: Call, read_json: Call, owner: psycopg.Connection
) -> None:
    owner.execute('CREATE TABLE t (id int PRIMARY KEY, "a, b" text, c bytea, at timestamptz)')
    owner.execute("INSERT INTO t VALUES (1, 'x', 'y', now())")
    ran = await run("rows", "t", "--columns", 'c,"a, b"', "--columns", "id")
    assert ran.split()[:4] == ["c", "a,", "b", "id"]
    assert "Times are in" not in ran.stderr, "no time is shown"
    document = await read_json("rows", "t", "--columns", "c,id")
    assert [column["name"] for column in document["columns"]] == list(document["rows"][0]) == ["c", "id"]
    assert '"at"' not in document["sql"].split("FROM")[0], "what is not shown is not read"
    rows = list(csv.reader(io.StringIO(await run("rows", "t", "--columns", "a, b", "--format", "csv"))))
    assert rows == [["a, b"], ["x"]]
    cached = await read_json("rows", "users", "--columns", "name,id", "--cached")
    assert [column["name"] for column in cached["columns"]] == ["name", "id"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--columns", "nmae"], "no column 'nmae'. Did you mean name?"),
        (["--columns", "EMAIL"], "Did you mean email?"),
        (["--columns", "id,,name"], "empty place"),
        (["--columns", ""], "empty place"),
        (["--sort", "CREATEDAT"], "Did you mean createdAt?"),
        (["--where", "nmae = x"], "Did you mean name?"),
        (["--after", "x"], "this is none"),
        (["--after", "\udcff"], "this is none"),
        (["--after", "9" * 5000], "this is none"),
        (["--after", "0" * 8, "--last"], "neither --last nor --follow"),
        (["--format", "record", "--csv"], "--format record and --csv exclude each other"),
        (["--format", "table", "--json"], "--format table and --json exclude each other"),
        (["--format", "csv", "--json"], "--csv and --json exclude each other"),
        (["--format", "record", "--follow"], "--follow goes with neither"),
    ],
)
async def test_what_cannot_be_is_said_with_the_nearest_name(run: Call, words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        await run("rows", "users", *words)
    assert said in caught.value.message
    assert caught.value.hint


async def test_a_record_has_a_line_for_each_value_and_a_blank_line_between_rows(
    run: Call, owner: psycopg.Connection
) -> None:
    owner.execute(PEOPLE)
    owner.execute("UPDATE users SET bio = repeat('b', 60) || E'\\n2' WHERE id = 'u1'")
    ran = await run("rows", "users", "--columns", "id,bio,email", "--format", "record", "--limit", "2")
    assert ran.splitlines() == [
        "id: u1", f"bio: {'b' * 60}⏎2", "email (masked): a•••@mail…", "",
        "id: u2", "bio: NULL", "email (masked): a•••@mail…",
    ]  # fmt: skip
    assert "(masked)" not in await run("rows", "users", "--format", "record", "--reveal")
    tables = await run("tables", "users", "--format", "record")
    assert tables.splitlines()[:2] == ["table: users", "rows: 5"]


TABLES = (
    MANY,
    PEOPLE,
    'CREATE TABLE dashed ("-n" int PRIMARY KEY, note text)',
    "INSERT INTO dashed SELECT g FROM generate_series(1, 5) g",
    "CREATE TABLE pairs (a int, b timestamptz, note text, PRIMARY KEY (a, b))",
    "INSERT INTO pairs SELECT g % 2, now() + g * interval '1 s' FROM generate_series(1, 5) g",
    "CREATE TABLE keyless (n int)",
    "INSERT INTO keyless SELECT g / 2 FROM generate_series(1, 5) g",
    "CREATE TABLE alike (n int, UNIQUE NULLS NOT DISTINCT (n))",
    "INSERT INTO alike VALUES (1), (2), (NULL), (3)",
)
WALKS = (
    ["recommendations", "--sort", "globalPlayCount:desc", "--limit", "5"],
    ["recommendations", "--sort", "globalPlayCount,songId", "--where", "id > 'r05'", "--format", "record"],
    ["recommendations", "--search", "s1", "--columns", "songId,id", "--csv"],
    ["users", "--sort", "email", "--zone", "Europe/Berlin"],
    ["dashed", "--where", "note is null", "--sort=-n"],
    ["pairs", "--sort", "note"],
    ["keyless"],
    ["keyless", "--sort", "n:desc"],
    ["alike"],
)


async def test_the_commands_that_pages_name_lead_through_all_rows_once(run: Call, owner: psycopg.Connection) -> None:
    for statement in TABLES:
        owner.execute(statement)
    for words in WALKS:
        whole = await run("rows", *words, "--limit", "50")
        paged, asked, pages = "", ["rows", *(words if "--limit" in words else [*words, "--limit", "2"])], 0
        while asked:
            ran = await run(*asked)
            paged, pages = paged + ran, pages + 1
            asked = next_words(ran.stderr) if "Next page" in ran.stderr else []
            assert "mail.example" not in " ".join(asked), "a masked value does not stand on a command line"
        kept = [line.split() for line in whole.splitlines() if line]
        found = [line.split() for line in paged.splitlines() if line]
        if "record" not in words:  # each page has the header again
            found = [kept[0], *(line for line in found if line != kept[0])]
        assert found == kept, words
        assert pages > 1, words


async def test_the_word_of_a_page_fits_one_view_and_its_row_must_be_there(
    run: Call, read_json: Call, owner: psycopg.Connection
) -> None:
    owner.execute(MANY)
    word = (await read_json("rows", "recommendations", "--limit", "3"))["after"]
    page = await read_json("rows", "recommendations", "--limit", "20", "--after", word)
    assert [row["id"] for row in page["rows"]] == [f"r{number:02}" for number in range(4, 12)]
    assert page["after"] is None
    for words in (
        ["users"],
        ["recommendations", "--sort", "songId"],
        ["recommendations", "--where", "id = r01"],
        ["recommendations", "--search", "s"],
    ):
        with pytest.raises(UsageError, match="another table, other conditions or another order"):
            await run("rows", *words, "--after", word)
    with pytest.raises(UsageError, match="not all of it"):
        await run("rows", "recommendations", "--after", word[:-1])
    owner.execute("DELETE FROM recommendations WHERE id = 'r03'")
    with pytest.raises(UsageError, match="a row that is gone") as gone:
        await run("rows", "recommendations", "--after", word)
    assert "without --after" in gone.value.hint


@pytest.mark.parametrize(
    ("make", "table", "said"),
    [
        ("CREATE TABLE t (email text PRIMARY KEY); INSERT INTO t VALUES ('a@b.c'), ('d@e.f')", "t", "add --reveal"),
        ("CREATE VIEW t AS SELECT g FROM generate_series(1, 2) g", "t", "raise --limit"),
        ("CREATE TABLE t (v text PRIMARY KEY); INSERT INTO t SELECT g || repeat(md5(g::text), 70) FROM "
         "generate_series(1, 2) g", "t", "raise --limit"),
    ],
)  # fmt: skip
async def test_a_next_page_that_cannot_be_named_is_said(
    run: Call, owner: psycopg.Connection, make: str, table: str, said: str
) -> None:
    owner.execute(make)
    assert said in (await run("rows", table, "--limit", "1")).stderr.splitlines()[-1]


async def test_what_cannot_stand_in_a_line_is_left_to_the_reader(run: Call, owner: psycopg.Connection) -> None:
    owner.execute(MANY)
    ran = await run("rows", "recommendations", "--where", "id != 'a\nb'", "--limit", "1")
    assert ran.stderr.splitlines()[-1].startswith("Next page: repeat the command with --after ")
