"""A search never fails because of one column, and every column is either searched or named with the reason why not."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest
from every_type import EVERY_TYPE, ODD_ROWS
from zoo import COLLATIONS, can, older_server

from soundcheck.stores.catalog.tables import Table, load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.paging import TableView, read_view
from soundcheck.stores.rows.search import MOST_COLUMNS, ColumnSearch, look_at, plan_search, search_words

MORE = """
CREATE DOMAIN short AS varchar(4) CHECK (VALUE <> 'never');
CREATE TABLE more (
    id int PRIMARY KEY, f4 real, o oid, n name, c "char", v short, l int8, s int2, d date, ts timestamp(0), path_ path,
    macs macaddr[], nested jsonb[], r numrange, mr nummultirange, x xid, lsn pg_lsn, q tsquery, jp jsonpath,
    reg regclass
);
INSERT INTO more VALUES (1, 3e38, 42, 'n', 'c', 'it''s', 42, 42, '2024-03-31', '2024-03-31 10:00', '((1,2),(3,4))',
    '{08:00:2b:01:02:03}', ARRAY['{"a": "deep"}'::jsonb], '[1,5)', '{[1,3)}', '7', '16/B374D848', 'a & b', '$."key"',
    'pg_class');
"""
TERMS = [
    "ana", "42", "-42", "+42", "42.0", "0.1", "99999999999999999999", "9" * 40, "9" * 41, "1e400", "NaN", "Infinity",
    "0." + "0" * 39 + "1", "40000", "2147483648", "4294967296", "340282346638528859811704183484516925441",
    "2024-03-31", "2024-02-30", "2024-03-31 10:00", "2024-03-31 25:00", "2024-03-31 10:00 Europe/Nowhere",
    "2024-03-31 10:00+99", "2024-03-31 10:00:00.1234567", "0000-01-01", "9999-12-31", "2024-13-01", "10:00", "24:00",
    "infinity", "now", "true", "t", "'", '"', "\\", "\\x", "\\xde", "\\xzz", "%", "_", "{", "{}", "{a", '{"a": 1}',
    '{"a": NaN}', '"\\u0000"', '["\\ud800"]', "[1,5)", "[5,1)", "(1,2)", "$.a", "$[", "10.0.0.1/99", "08:00:2b",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC999C0B4EF8BB6D6BB9BD380A11", "a0eebc99",
    "glad", "GL", 'it\'s "both"',
    "(", ")", "a & ", "🎵", "\u202e", "$1", "::", "0/0", "١٢٣", "é",
]  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """Tables with a column of every type, one of them loosely collated where the server has that."""

    url: PostgresUrl
    tables: tuple[Table, ...]


@pytest.fixture(scope="module", params=["18", "15"])
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """On one server after the other."""
    if request.param == "15":
        with older_server(tmp_path_factory.mktemp("older")) as url:
            yield _made(url)
    else:
        yield _made(request.getfixturevalue("superuser_url"))


def _made(server: PostgresUrl) -> Ground:
    url = replace(server, database=f"search_{secrets.token_hex(4)}")
    with psycopg.connect(server.reveal(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {url.database}".encode())
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        for statements in (EVERY_TYPE, ODD_ROWS, MORE):
            connection.execute(statements.encode())
        if can(connection, COLLATIONS):
            connection.execute(
                "CREATE TABLE loosely (id int PRIMARY KEY, t text COLLATE loose, a text[] COLLATE loose)"
            )
            connection.execute("INSERT INTO loosely VALUES (1, 'Ana', '{Ana}')")

    async def load() -> tuple[Table, ...]:
        database = Database(url, SystemResolver())
        try:
            return (await load_catalog(database)).tables
        finally:
            await database.close()

    return Ground(url, asyncio.run(load()))


@pytest.mark.parametrize("everywhere", [False, True])
async def test_no_term_makes_any_column_fail(ground: Ground, everywhere: bool) -> None:
    database = Database(ground.url, SystemResolver())
    try:
        for table in ground.tables:
            for term in TERMS:
                view = TableView(table, search=term, everywhere=everywhere)
                await read_view(database, view)
                found = plan_search(table, term, everywhere=everywhere)
                named = {*found.columns, *found.over, *found.secret, *found.unfit}
                assert named == {column.name for column in table.columns}, term
                assert not (everywhere and found.unfit)
    finally:
        await database.close()


async def test_a_column_is_compared_as_its_type_only_where_the_server_reads_the_term_as_one(ground: Ground) -> None:
    compared = 0
    with psycopg.connect(ground.url.reveal(), autocommit=True) as server:
        for table in ground.tables:
            for column in table.columns:
                for term in TERMS:
                    if look_at(column, term) is ColumnSearch.EQUAL:
                        server.execute(f"SELECT %s::{column.cast}".encode(), [term])
                        compared += 1
    assert compared > 60


@pytest.mark.parametrize(
    ("table", "term"),
    [("more", "42"), ("more", "it's"), ("more", "deep"), ("more", "08:00:2b"), ("more", "B374"), ("more", "key")],
)
async def test_what_a_row_shows_is_found(ground: Ground, table: str, term: str) -> None:
    database = Database(ground.url, SystemResolver())
    try:
        (searched,) = [one for one in ground.tables if one.name == table]
        page = await read_view(database, TableView(searched, search=term, everywhere=True))
        assert [row[0] for row in page.rows] == [1]
    finally:
        await database.close()


async def test_a_loose_collation_is_searched_like_any_other(ground: Ground) -> None:
    loose = next((one for one in ground.tables if one.name == "loosely"), None)
    if loose is None:
        pytest.skip("this server was built without ICU")
    database = Database(ground.url, SystemResolver())
    try:
        for term in ("an", "ANA"):
            assert len((await read_view(database, TableView(loose, search=term, everywhere=True))).rows) == 1
    finally:
        await database.close()


async def test_what_the_limit_left_out_is_named_and_found_once_it_is_asked_for(
    database: Database, owner: psycopg.Connection
) -> None:
    columns = ", ".join(f"c{number} text" for number in range(40))
    owner.execute(f'CREATE TABLE wide (id int PRIMARY KEY, {columns}, "apiToken" text)'.encode())
    owner.execute("INSERT INTO wide (id, c39, \"apiToken\") VALUES (1, 'needle', 'needle-token')")
    (wide,) = await load_catalog(database)
    found = plan_search(wide, "needle")
    assert len(found.columns) == MOST_COLUMNS
    assert (found.unfit, found.secret, len(found.over)) == (("id",), ("apiToken",), 24)
    said = search_words(wide, found, "--search-all searches all.", most=2)
    assert said == (
        "Searched 16 of 42 columns, without c16, c17 and 22 more (over the limit of 16);"
        " apiToken (masked; reveal first); id (cannot hold it). --search-all searches all."
    )
    assert "c39" in search_words(wide, found, "")
    assert not (await read_view(database, TableView(wide, search="needle"))).rows
    assert len((await read_view(database, TableView(wide, search="needle", everywhere=True))).rows) == 1
    assert plan_search(wide, "needle", everywhere=True).left_out == ("apiToken",)
    revealed = plan_search(wide, "needle", frozenset({"apiToken"}), everywhere=True)
    assert search_words(wide, revealed, "") == ""


async def test_where_no_type_can_hold_it_that_is_said(database: Database, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE numbers (id int PRIMARY KEY, n int)")
    (numbers,) = await load_catalog(database)
    with pytest.raises(UsageError, match="No column of numbers can hold 'ana'"):
        plan_search(numbers, "ana")
    assert plan_search(numbers, "ana", everywhere=True).columns == ("id", "n")
