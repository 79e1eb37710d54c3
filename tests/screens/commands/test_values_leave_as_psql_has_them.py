"""`rows --csv`, `rows --json` and `row --as insert` give each value as the server itself writes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from every_type import EVERY_TYPE, ODD_ROWS

from soundcheck.stores.json_document import JsonText, held_by_json, json_document
from soundcheck.stores.postgres.server_values import ServerFloat, ServerList, read_array
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.rows.spelled.row import json_value, stands_as_text

Call = Callable[..., Any]
ODD = 'odd "name" [/x]'
QUOTED = '"odd ""name"" [/x]"'


@pytest.fixture
def odd(owner: psycopg.Connection) -> psycopg.Connection:
    owner.execute("SET TimeZone = 'UTC'")
    owner.execute(EVERY_TYPE.encode())
    owner.execute(ODD_ROWS.encode())
    return owner


def copied(connection: psycopg.Connection, query: str) -> str:
    """The server's own CSV."""
    statement = f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        return b"".join(map(bytes, copy)).decode()


async def test_csv_is_byte_for_byte_the_servers(run: Call, odd: psycopg.Connection) -> None:
    assert await run("rows", ODD, "--csv", "--reveal") == copied(odd, f"SELECT * FROM {QUOTED} ORDER BY id")


HOSTILE = [
    "a\r\nb", "a\nb", "a\rb", "", " ", '"', 'a"b', "a,b", "\\.", "\\N", "NULL", "=1+1", "\t", "\x01\x1b[31m",
    "\u202e", "🎵",
]  # fmt: skip


async def test_every_hostile_text_is_quoted_as_copy_quotes_it(run: Call, owner: psycopg.Connection) -> None:
    """Beside other columns and alone, in a row of its own: a text that is alone is quoted otherwise."""
    for table in ("beside", "alone"):
        owner.execute(f"CREATE TABLE {table} (v text PRIMARY KEY, w text, x text DEFAULT '')".encode())
    owner.execute("ALTER TABLE alone DROP COLUMN w, DROP COLUMN x")
    for value in HOSTILE:
        for table in ("beside", "alone"):
            owner.execute(f"TRUNCATE {table}".encode())
            owner.execute(f"INSERT INTO {table} (v) VALUES (%s)".encode(), [value])
            assert await run("rows", table, "--csv") == copied(owner, f"SELECT * FROM {table}"), (value, table)


async def test_csv_leaves_nothing_out_of_a_long_value(run: Call, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE t (id int PRIMARY KEY, v text, b bytea, a int[])")
    owner.execute(
        "INSERT INTO t VALUES (1, repeat('é', 1200000), decode(repeat('ff', 1200000), 'hex'), "
        "array_fill(7, ARRAY[600000]))"
    )
    assert await run("rows", "t", "--csv") == copied(owner, "SELECT * FROM t")


async def test_an_insert_makes_the_same_row_again_of_every_type(run: Call, odd: psycopg.Connection) -> None:
    whole = f"SELECT t::text FROM {QUOTED} AS t ORDER BY id".encode()
    before = odd.execute(whole).fetchall()
    statements = [await run("row", ODD, key, "--as", "insert", "--reveal") for key in ("7", "8", "9")]
    assert "true" in statements[0]
    assert "'true'" not in statements[0]
    odd.execute(f"DELETE FROM {QUOTED}".encode())
    for statement in statements:
        odd.execute(statement.encode())
    assert odd.execute(whole).fetchall() == before


async def test_json_has_every_value_or_says_that_it_is_a_text(
    run: Call, read_json: Call, odd: psycopg.Connection
) -> None:
    document = await read_json("rows", ODD, "--reveal")
    forms = {column["name"]: column["form"] for column in document["columns"]}
    texts = json.loads(await run("rows", ODD, "--json", "--reveal"), parse_float=str, parse_int=str)["rows"]
    answer = odd.execute(f"SELECT * FROM {QUOTED} ORDER BY id".encode()).pgresult
    assert answer is not None
    for place, (name, form) in enumerate(forms.items()):
        for row in range(answer.ntuples):
            sent = answer.get_value(row, place)
            value = texts[row][name]
            if sent is None:
                assert value is None
            elif form in {"string", "number"} or row in document["as_text"].get(name, []):
                if form != "list":
                    assert value == sent.decode(), name
            elif form == "boolean":
                assert value == (sent == b"t")
            elif form == "json":
                assert value == json.loads(sent, parse_float=str, parse_int=str)
            elif form == "time":
                assert value.replace("T", " ").startswith(sent.decode()[:19])
    assert document["as_text"]["at"] == [1]
    assert forms["free"] == "string"
    assert texts[0]["at"] == "2024-02-29T11:00:00+00:00"
    assert '{"a" : 1, "a":  2}' in await run("rows", ODD, "--json", "--reveal"), "a member that comes twice"


@pytest.mark.parametrize(
    ("text", "type_name", "written", "as_text"),
    [
        ('{"a" : 1, "a": 2}', "json", '{"a" : 1, "a": 2}', False),
        ('{"n": 1.10, "big": 12345678901234567890123, "z": -0}', "jsonb", None, False),
        ('{\n "a": 1\n}', "json", '{  "a": 1 }', False),
        ("1e400", "json", '"1e400"', True),
        ("[" * 600 + "]" * 600, "jsonb", '"' + "[" * 600 + "]" * 600 + '"', True),
        ('"x"', "jsonb", '"x"', False),
        ("null", "jsonb", "null", False),
    ],
)
def test_a_json_column_keeps_its_own_text(text: str, type_name: str, written: str | None, as_text: bool) -> None:
    assert json_document(json_value(text, type_name)) == (written or text)
    assert stands_as_text(text, type_name) is as_text
    assert held_by_json(text) is not as_text


@pytest.mark.parametrize(
    ("value", "type_name", "written", "as_text"),
    [
        (ServerFloat("1e+15"), "float8", "1e+15", False),
        (ServerFloat("-0"), "float4", "-0", False),
        (ServerFloat("NaN"), "float8", '"NaN"', True),
        (ServerFloat("-Infinity"), "float4", '"-Infinity"', True),
        (read_array("{1,NULL}", int), "int4[]", "[1, null]", False),
        (read_array("[2:3]={1,2}", int), "int4[]", '"[2:3]={1,2}"', True),
        (read_array("{NaN,1.5}", ServerFloat), "float8[]", '["NaN", 1.5]', True),
        (read_array('{{a,"b,c"},{NULL,"NULL"}}', str), "text[]", '[["a", "b,c"], [null, "NULL"]]', False),
        (read_array("{(2,2),(1,1);(4,4),(3,3)}", str, ";"), "box[]", '["(2,2),(1,1)", "(4,4),(3,3)"]', False),
        ("{glad,sad}", "mood[]", '["glad", "sad"]', False),
        ("infinity", "timestamptz", '"infinity"', True),
        ("0044-03-15 BC", "date", '"0044-03-15 BC"', True),
        ("[1,5)", "int4range", '"[1,5)"', False),
    ],
)
def test_what_json_cannot_say_is_a_string_and_said_so(
    value: object, type_name: str, written: str, as_text: bool
) -> None:
    assert json_document(json_value(value, type_name)) == written
    assert stands_as_text(value, type_name) is as_text


def test_json_texts_stand_anywhere_in_a_document_on_one_line_and_in_ascii_where_asked() -> None:
    document = {"a": [JsonText('{"é":\n1.10}')], "b": "plain é", "c": "\udcff"}
    assert json_document(document) == '{"a": [{"é": 1.10}], "b": "plain é", "c": "\\udcff"}'
    assert json.loads(json_document(document, ascii_only=True)) == {"a": [{"é": 1.1}], "b": "plain é", "c": "\udcff"}
    assert json_document(document, ascii_only=True).isascii()
    assert json_document({"x": JsonText("1")}, indent=2) == '{\n  "x": 1\n}'


MADE = [
    (0.1, "0.1"), (1.0, "1"), (1e15, "1e+15"), (1.5e15, "1.5e+15"), (123456789012345.0, "123456789012345"),
    (1e16, "1e+16"), (1e-05, "1e-05"), (0.0001, "0.0001"), (-0.0, "-0"), (float("nan"), "NaN"),
    (float("-inf"), "-Infinity"), (True, "t"), ([True, None, 1.0], "{t,NULL,1}"), (b"\xff", "\\xff"),
]  # fmt: skip


def test_a_value_that_python_made_has_the_same_text(administrator: psycopg.Connection) -> None:
    for value, text in MADE:
        assert server_text(value) == text
        if isinstance(value, float):
            answer = administrator.execute("SELECT %s::float8", [value]).pgresult
            assert answer is not None
            sent = answer.get_value(0, 0)
            assert sent is not None
            assert sent.decode() == text


def test_an_array_keeps_its_text() -> None:
    found = read_array('[0:1]={"a\\"b",NULL}', str)
    assert isinstance(found, ServerList)
    assert (list(found), found.text, found.has_bounds) == (['a"b', None], '[0:1]={"a\\"b",NULL}', True)
