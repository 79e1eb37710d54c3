"""`tables`, `rows` and `row` as CSV, and a row as text to copy; masked and safe to print like the rest."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from soundcheck.screens.commands.csv_output import write_csv
from soundcheck.stores.errors import UsageError

Call = Callable[..., Any]


@pytest.fixture
def ana(owner: psycopg.Connection) -> None:
    owner.execute(
        """INSERT INTO users (id, name, email, password, bio, "createdAt", "updatedAt")
        VALUES ('u1', 'Ana', 'ana@mail.example', 'hash-of-ana', 'it''s', '2024-03-31 01:30:00.12Z', '2024-04-01Z')"""
    )
    owner.execute("""INSERT INTO playlists (id, "userId", name, "songIds", "updatedAt")
        VALUES ('p1', 'u1', 'Mix', '{a,"b c",NULL}', '2024-04-01Z')""")


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


async def test_tables_and_rows_come_as_csv(run: Call, ana: None) -> None:
    tables = records(await run("tables", "--csv"))
    assert len(tables) == 11
    assert {"name": "users", "rows": "1", "rows_certainty": "exact", "primary_key": "id"}.items() <= next(
        one.items() for one in tables if one["name"] == "users"
    )
    (user,) = records(await run("rows", "users", "--csv"))
    assert (user["name"], user["email"], user["password"]) == ("Ana", "a•••@mail…", "•••••")
    assert (user["createdAt"], user["avatar"], user["isEmailVerified"]) == ("2024-03-31 01:30:00.12+00", "", "f")
    (user,) = records(await run("rows", "users", "--csv", "--reveal"))
    assert user["password"] == "hash-of-ana"
    (playlist,) = records(await run("rows", "playlists", "--csv"))
    assert playlist["songIds"] == '{a,"b c",NULL}'


async def test_csv_for_a_spreadsheet_holds_no_formula_and_on_a_terminal_no_sequence(
    run: Call, owner: psycopg.Connection
) -> None:
    owner.execute('CREATE TABLE t (id int PRIMARY KEY, "=v,\x07" text, n numeric)')
    values = [
        "=HYPERLINK(1)",
        "+1",
        "-2.5",
        "@x",
        "-x",
        'a "b", c',
        "two\nlines",
        "\x1b]0;x\x07\u202e",
        "plain",
        "\ttab",
    ]
    for number, value in enumerate(values):
        owner.execute("INSERT INTO t VALUES (%s, %s, %s)", [number, value, -number])
    text = await run("rows", "t", "--csv", "--spreadsheet")
    header, *rows = list(csv.reader(io.StringIO(text)))
    assert header == ["id", "'=v,\x07", "n"]
    assert [row[1] for row in rows] == [
        "'=HYPERLINK(1)", "+1", "-2.5", "'@x", "'-x", 'a "b", c', "two\nlines", "\x1b]0;x\x07\u202e", "plain", "'\ttab",
    ]  # fmt: skip
    assert [row[2] for row in rows] == [str(-number) for number in range(len(values))]

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    write_csv(terminal, header, rows)
    assert not {c for c in terminal.getvalue() if not c.isprintable() and c not in "\n\t"}
    assert "␛]0;x␇\\u202e" in terminal.getvalue()


async def test_csv_and_json_exclude_each_other(run: Call) -> None:
    for words in (["tables"], ["rows", "users"]):
        with pytest.raises(UsageError, match="exclude"):
            await run(*words, "--csv", "--json")
        with pytest.raises(UsageError, match="goes with --csv"):
            await run(*words, "--spreadsheet")


async def test_a_row_in_the_words_of_others_is_masked_until_revealed(run: Call, ana: None) -> None:
    for form in ("json", "insert", "prisma", "redis"):
        text = await run("row", "users", "u1", "--as", form)
        assert "hash-of-ana" not in text
        assert "ana@mail" not in text
    document = json.loads(await run("row", "users", "u1", "--as", "json", "--reveal"))
    assert (document["password"], document["createdAt"]) == ("hash-of-ana", "2024-03-31T01:30:00.12+00:00")
    masked = await run("row", "users", "u1", "--as", "insert")
    assert masked.startswith("-- masked: email, password\n")
    assert await run("row", "users", "u1", "--as", "prisma") == 'await db.user.find_unique(where={"id": "u1"})\n'
    assert await run("row", "users", "u1", "--as", "redis") == 'GET "user:u1"\nTTL "user:u1"\n'


async def test_the_insert_statement_makes_the_same_row_again(run: Call, owner: psycopg.Connection, ana: None) -> None:
    for table, key in (("users", "u1"), ("playlists", "p1")):
        statement = await run("row", table, key, "--as", "insert", "--reveal")
        before = owner.execute(f"SELECT * FROM {table}").fetchall()
        with owner.transaction(force_rollback=True):
            owner.execute(f"DELETE FROM {table}")
            owner.execute(statement.encode())
            assert owner.execute(f"SELECT * FROM {table}").fetchall() == before


async def test_the_order_and_the_search_are_read_from_words(
    run: Call, read_json: Call, owner: psycopg.Connection, ana: None
) -> None:
    owner.execute("""INSERT INTO recommendations (id, "songId", "globalPlayCount", "updatedAt")
        SELECT 'r' || g, 's' || g % 3, g % 7, now() FROM generate_series(1, 2) g""")
    owner.execute("""INSERT INTO recommendations (id, "songId", "globalPlayCount", "updatedAt")
        VALUES ('r3', 's9', 2, now())""")
    document = await read_json("rows", "recommendations", "--sort", "globalPlayCount:desc,id")
    assert [row["id"] for row in document["rows"]] == ["r2", "r3", "r1"]
    document = await read_json("rows", "recommendations", "--sort", "globalPlayCount desc", "--sort", "id:desc")
    assert [row["id"] for row in document["rows"]] == ["r3", "r2", "r1"]
    document = await read_json("rows", "recommendations", "--where", "id in r1, r3", "--search", "s9")
    assert [row["id"] for row in document["rows"]] == ["r3"]
    assert [row["id"] for row in (await read_json("rows", "users", "--search", "ANA"))["rows"]] == ["u1"]
    assert (await read_json("rows", "users", "--search", "hash-of"))["rows"] == []
    assert [row["id"] for row in (await read_json("rows", "users", "--search", "hash-of", "--reveal"))["rows"]] == [
        "u1"
    ]


async def test_an_unindexed_sort_of_many_rows_is_said_before_with_a_better_way(
    run: Call, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE plays (id int PRIMARY KEY, title text, seen timestamptz, made timestamptz)")
    owner.execute("CREATE INDEX plays_made ON plays (made)")
    owner.execute(
        "INSERT INTO plays SELECT g, 't', now() + g * interval '1 s', now() + g * interval '1 s'"
        " FROM generate_series(1, 120000) g; ANALYZE plays"
    )
    ran = await run("rows", "plays", "--sort", "seen:desc", "--limit", "3")
    assert "No index serves this: the server reads about 120 k rows." in ran.stderr
    assert "Sorted by made the rows come from the index plays_made." in ran.stderr
    assert "No index" not in (await run("rows", "plays", "--sort", "made:desc", "--limit", "3")).stderr


async def test_the_ddl_of_a_table_is_printed_alone_and_runs(
    run: Call, read_json: Call, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE made (id serial PRIMARY KEY, t text DEFAULT E'\\t\\u202e', u text REFERENCES users)")
    ddl = await run("tables", "made", "--ddl")
    owner.execute("DROP TABLE made")
    owner.execute(ddl.encode())
    assert await run("tables", "made", "--ddl") == ddl
    assert "nextval" in ddl
    assert "FOREIGN KEY (u) REFERENCES public.users(id)" in ddl
    document = await read_json("tables", "made", "--ddl")
    assert [(table["name"], table["ddl"]) for table in document["tables"]] == [("made", ddl)]
    assert (await run("tables", "made")).splitlines()[1].split()[:2] == ["made", "0"]


async def test_ddl_needs_a_table_that_is_there(run: Call) -> None:
    with pytest.raises(UsageError, match="--ddl needs a table"):
        await run("tables", "--ddl")
    with pytest.raises(UsageError, match="exclude each other"):
        await run("tables", "users", "--ddl", "--csv")
    with pytest.raises(UsageError, match="no table called"):
        await run("tables", "usrs", "--ddl")


async def test_an_insert_leaves_masked_columns_out_and_says_so(run: Call, owner: psycopg.Connection, ana: None) -> None:
    statement = await run("row", "users", "u1", "--as", "insert")
    assert "•" not in statement
    assert '"password"' not in statement
    assert "-- Masked columns are left out" in statement
    owner.execute("CREATE TABLE t (id int PRIMARY KEY, token text, n float8, r real, d numeric)")
    owner.execute("INSERT INTO t VALUES (1, 'sesame', '-0', 0.1, 'NaN'), (2, 'x', 'Infinity', 1e15, 1.10)")
    before = owner.execute("SELECT id, n::text, r::text, d::text FROM t ORDER BY id").fetchall()
    statements = [await run("row", "t", key, "--as", "insert") for key in ("1", "2")]
    assert "VALUES (1, '-0'::double precision, 0.1, 'NaN'::numeric);" in statements[0]
    assert "VALUES (2, 'Infinity'::double precision, 1e+15, 1.10);" in statements[1]
    owner.execute("DELETE FROM t")
    for one in statements:
        owner.execute(one.encode())
    assert owner.execute("SELECT id, n::text, r::text, d::text FROM t ORDER BY id").fetchall() == before
