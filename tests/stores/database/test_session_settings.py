"""Whatever a server, a database, a role or another client has set: the same values are read, found and written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from every_type import ZOO
from pgbouncer_fixture import needs_pgbouncer, pooled
from psycopg import sql
from zoo_reading import csv_of, make_zoo, texts_of, what_is_read, zoo_of

from soundcheck.stores.catalog.tables import load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.session_settings import BEGIN_READING, SET, STEADY, for_reading
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.filters import Operator, RowFilter, parse_filter
from soundcheck.stores.rows.paging import WHOLE, PagePlace, TableView, read_view
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.rows.typed_value import checked
from tests.conftest import run_aside

HOSTILE = {
    "client_encoding": "LATIN1",
    "DateStyle": "German, DMY",
    "IntervalStyle": "sql_standard",
    "TimeZone": "America/New_York",
    "timezone_abbreviations": "Australia",
    "extra_float_digits": "-10",
    "bytea_output": "escape",
    "lc_monetary": "C.UTF-8",
    "lc_numeric": "C.UTF-8",
    "xmloption": "document",
    "xmlbinary": "hex",
    "array_nulls": "off",
    "standard_conforming_strings": "off",
    "backslash_quote": "off",
    "escape_string_warning": "off",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
    "default_text_search_config": "pg_catalog.german",
    "row_security": "off",
    "lock_timeout": "1ms",
    "statement_timeout": "500ms",
    "idle_in_transaction_session_timeout": "1ms",
    "transaction_timeout": "500ms",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "default_transaction_read_only": "on",
}
"""Each with a value that changes what a text means, or ends a statement that should go on."""


@pytest.fixture(scope="module")
def zoo_url(stack: LocalStack, superuser_url: PostgresUrl) -> Iterator[PostgresUrl]:
    """A database with every type, whose settings a test may change."""
    application = stack.credentials()
    assert application is not None
    assert application.database_url is not None
    url = replace(application.database_url, database="zoo_of_types")
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE zoo_of_types OWNER {url.user}".encode())
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        make_zoo(connection)
    yield url
    with psycopg.connect(superuser_url.reveal(), autocommit=True) as connection:
        connection.execute("DROP DATABASE zoo_of_types WITH (FORCE)")


@pytest.fixture(scope="module")
def expected(zoo_url: PostgresUrl) -> dict[str, Any]:
    """What is read where nothing was set."""
    return dict(run_aside(_read(zoo_url)))


async def _read(url: PostgresUrl) -> dict[str, Any]:
    database = Database(url, SystemResolver())
    try:
        return await what_is_read(database)
    finally:
        await database.close()


@pytest.fixture
def known(administrator: psycopg.Connection) -> dict[str, str]:
    """The settings of `HOSTILE` that this server has; locales are rarely installed."""
    names = {name.lower() for (name,) in administrator.execute("SELECT name FROM pg_settings")}
    found = {name: value for name, value in HOSTILE.items() if name.lower() in names}
    try:
        administrator.execute("SELECT set_config('lc_monetary', 'de_DE.UTF-8', false)")
    except psycopg.Error:
        return found
    administrator.execute("RESET lc_monetary")
    return {**found, "lc_monetary": "de_DE.UTF-8", "lc_numeric": "de_DE.UTF-8"}


def alter(connection: psycopg.Connection, what: sql.Composable, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        # DateStyle is a list: its words are set one by one.
        words = sql.SQL(", ").join(sql.Literal(word) for word in value.split(", "))
        connection.execute(sql.SQL("{} SET {} = {}").format(what, sql.Identifier(name.lower()), words))


@pytest.fixture
def of_the_database(administrator: psycopg.Connection, zoo_url: PostgresUrl) -> Iterator[sql.Composed]:
    """`ALTER DATABASE …`, undone at the end."""
    what = sql.SQL("ALTER DATABASE {}").format(sql.Identifier(zoo_url.database))
    yield what
    administrator.execute(sql.SQL("{} RESET ALL").format(what))


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_setting_of_the_database_changes_nothing(
    name: str,
    known: dict[str, str],
    administrator: psycopg.Connection,
    of_the_database: sql.Composed,
    zoo_url: PostgresUrl,
    expected: dict[str, Any],
) -> None:
    if name not in known:
        pytest.skip(f"this server has no {name}")
    alter(administrator, of_the_database, {name: known[name]})
    assert await _read(zoo_url) == expected


@pytest.mark.parametrize("level", ["server", "database", "role", "role in the database"])
async def test_all_of_them_at_once_change_nothing(
    level: str, known: dict[str, str], administrator: psycopg.Connection, zoo_url: PostgresUrl, expected: dict[str, Any]
) -> None:
    database, role = sql.Identifier(zoo_url.database), sql.Identifier(zoo_url.user)
    what = {
        "server": sql.SQL("ALTER SYSTEM"),
        "database": sql.SQL("ALTER DATABASE {}").format(database),
        "role": sql.SQL("ALTER ROLE {}").format(role),
        "role in the database": sql.SQL("ALTER ROLE {} IN DATABASE {}").format(role, database),
    }[level]
    if level == "server":
        # The administrator's own session must go on.
        known = {
            name: value for name, value in known.items() if not name.endswith("timeout") and "read_only" not in name
        }
        known.pop("client_encoding")
    try:
        alter(administrator, what, known)
        reload(administrator, zoo_url, "sql_standard")
        assert await _read(zoo_url) == expected
    finally:
        for name in known:
            administrator.execute(sql.SQL("{} RESET {}").format(what, sql.Identifier(name.lower())))
        reload(administrator, zoo_url, "postgres")


def reload(administrator: psycopg.Connection, url: PostgresUrl, interval_style: str) -> None:
    """Go on when new sessions begin with the settings that hold now."""
    administrator.execute("SELECT pg_reload_conf()")
    deadline = time.monotonic() + 60
    while True:
        with psycopg.connect(url.reveal(), autocommit=True) as session:
            if session.execute("SHOW IntervalStyle").fetchone() == (interval_style,):
                return
        assert time.monotonic() < deadline, "the server does not take its new settings"


@needs_pgbouncer
@pytest.mark.parametrize("by", ["the database", "another client"])
async def test_through_a_pooler_in_transaction_mode_nothing_changes(
    by: str,
    known: dict[str, str],
    administrator: psycopg.Connection,
    of_the_database: sql.Composed,
    zoo_url: PostgresUrl,
    expected: dict[str, Any],
) -> None:
    if by == "the database":
        alter(administrator, of_the_database, known)
    with pooled(zoo_url) as through:
        if by == "another client":
            left = {name: value for name, value in known.items() if not name.endswith("timeout")}
            left["search_path"] = "nowhere"
            with psycopg.connect(through.reveal(), autocommit=True) as other:
                for name, value in left.items():
                    other.execute("SELECT set_config(%s, %s, false)", [name, value])
                (path,) = other.execute("SHOW search_path").fetchone() or ("",)
                assert path == "nowhere", "a setting stays with the server connection that all clients share"
        assert await _read(through) == expected


async def test_every_value_is_shown_and_exported_as_the_servers_own_text(
    zoo_url: PostgresUrl, expected: dict[str, Any]
) -> None:
    database = Database(zoo_url, SystemResolver())
    try:
        tables = await zoo_of(database)
    finally:
        await database.close()
    with psycopg.connect(zoo_url.reveal(), autocommit=True) as plain:
        for name, value in {**STEADY, "TimeZone": "UTC"}.items():
            plain.execute("SELECT set_config(%s, %s, false)", [name, value])
        for table in tables:
            assert expected[table.name]["shown"] == texts_of(plain, table)
            assert expected[table.name]["in the grid"] == texts_of(plain, table)
            assert expected[table.name]["csv"] == csv_of(plain, table)
    assert len({column.type for table in tables for column in table.columns}) > len(ZOO) - 8


@pytest.mark.parametrize("read_by", ["a plain session", "a session with every setting"])
def test_an_insert_makes_the_same_row_in_any_session(
    read_by: str, zoo_url: PostgresUrl, expected: dict[str, Any], known: dict[str, str]
) -> None:
    """Money is read by the reader's lc_monetary, an interval by its style: the statement leaves nothing to them."""
    settings = {
        name: value
        for name, value in known.items()
        if not name.endswith("timeout")
        and not name.startswith("default_transaction")
        and name not in {"client_encoding", "array_nulls"}
    }
    with psycopg.connect(zoo_url.reveal(), autocommit=True) as connection:
        for table, found in expected.items():
            whole = f"SELECT t::text FROM {table} AS t ORDER BY id".encode()
            before = connection.execute(whole).fetchall()
            with connection.transaction(force_rollback=True):
                connection.execute(f"DELETE FROM {table}".encode())
                for name, value in settings.items() if read_by != "a plain session" else ():
                    connection.execute("SELECT set_config(%s, %s, true)", [name, value])
                for statement in found["insert"]:
                    connection.execute(statement.encode())
                for name in settings:
                    connection.execute("SELECT set_config(%s, NULL, true)", [name])
                assert connection.execute(whole).fetchall() == before


async def test_a_setting_that_no_server_has_is_passed_over(zoo_url: PostgresUrl) -> None:
    database = Database(zoo_url, SystemResolver())
    try:
        answer = await database.fetch("SELECT 1", settings={"a_setting_of_another_version": "on"})
    finally:
        await database.close()
    assert answer.rows == ((1,),)


def test_a_read_takes_one_round_trip(zoo_url: PostgresUrl) -> None:
    """The settings are one statement, sent with BEGIN, and cost nothing where they stand already."""
    assert SET.count(b";") == 0
    with psycopg.connect(zoo_url.reveal(), autocommit=True) as connection, psycopg.RawCursor(connection) as cursor:
        cursor.execute(BEGIN_READING)
        cursor.execute(SET, for_reading({}, timeout=15))
        assert cursor.rowcount > 0
        cursor.execute(SET, for_reading({}, timeout=15))
        # A limit is told back with its unit, and what a login gives is put back each time.
        assert len(cursor.fetchall()) == len(["statement_timeout", "search_path", "default_text_search_config"])
        connection.execute("ROLLBACK")


@pytest.fixture
def moments(database: Database, owner: psycopg.Connection) -> Database:
    owner.execute("CREATE TABLE m (id int PRIMARY KEY, t timestamptz, r tstzrange)")
    owner.execute("""INSERT INTO m VALUES (1, '2024-03-01 20:00:00-05', '[2024-03-01 20:00:00-05,)'),
        (2, '2024-03-02 12:00:00-05', NULL), (3, '2024-03-10 03:00:00-04', NULL)""")
    return database


@pytest.mark.parametrize(
    ("zone", "shown", "day", "next_day"),
    [
        ("UTC", "2024-03-02 01:00:00+00", [], [1, 2]),
        ("America/New_York", "2024-03-01 20:00:00-05", [1], [2]),
        ("Asia/Kolkata", "2024-03-02 06:30:00+05:30", [], [1, 2]),
        ("<+0545>-05:45", "2024-03-02 06:45:00+05:45", [], [1, 2]),
    ],
)
async def test_times_are_shown_and_typed_in_the_zone_that_was_chosen(
    moments: Database, zone: str, shown: str, day: list[int], next_day: list[int]
) -> None:
    await moments.choose_zone(zone)
    table = (await load_catalog(moments)).find("m")

    async def ids(text: str) -> list[int]:
        one = parse_filter(text, table.columns)
        view = TableView(table, filters=(checked(one, table.column(one.column)),))
        return [row[0] for row in (await read_view(moments, view)).rows]

    page = await read_view(moments, TableView(table))
    assert server_text(page.rows[0][1]) == shown
    assert str(page.rows[0][2]).startswith(f'["{shown}"')
    assert await ids("t = 2024-03-01") == day
    assert await ids("t = 2024-03-02") == next_day
    assert await ids(f"t = {shown}") == [1]
    assert await ids(f"t = {shown[:19]}") == [1], "a time without a zone is one of the zone that is shown"
    assert await ids("t >= 2024-03-02") == sorted({*next_day, 3})


async def test_an_abbreviation_is_the_usual_one(
    moments: Database, administrator: psycopg.Connection, database_url: PostgresUrl
) -> None:
    what = sql.SQL("ALTER DATABASE {}").format(sql.Identifier(database_url.database))
    alter(administrator, what, {"timezone_abbreviations": "Australia"})
    table = (await load_catalog(moments)).find("m")
    one = RowFilter("t", Operator.EQUAL, "2024-03-01 20:00 EST")
    assert [row[0] for row in (await read_view(moments, TableView(table, filters=(one,)))).rows] == [1]


async def test_a_zone_that_the_server_lacks_is_refused_and_one_that_was_remembered_gives_way(
    moments: Database,
) -> None:
    with pytest.raises(UsageError, match="no time zone 'Mars/Olympus'"):
        await moments.choose_zone("Mars/Olympus")
    assert moments.zone == "UTC"
    moments.zone = "Mars/Olympus"
    table = (await load_catalog(moments)).find("m")
    assert len((await read_view(moments, TableView(table))).rows) == 3
    assert moments.zone == "UTC"


async def test_a_schema_with_any_name_is_the_search_path(
    database_url: PostgresUrl, owner: psycopg.Connection, administrator: psycopg.Connection
) -> None:
    name = 'Mü"sik, 李'
    owner.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    what = sql.SQL("ALTER DATABASE {}").format(sql.Identifier(database_url.database))
    alter(administrator, what, {"client_encoding": "LATIN1"})
    database = Database(database_url.with_params({"schema": name}), SystemResolver())
    try:
        answer = await database.fetch('SELECT current_schema() AS "nämlich 李", $1 AS said', ["🎵"])
    finally:
        await database.close()
    assert answer.rows == ((name, "🎵"),)
    assert answer.columns[0].name == "nämlich 李"


@pytest.mark.parametrize(("encoding", "key"), [("SQL_ASCII", "\udce9a"), ("LATIN1", "éa"), ("UTF8", "éa")])
async def test_a_database_of_any_encoding_is_read_and_found_by_what_is_read(
    encoding: str, key: str, administrator: psycopg.Connection, superuser_url: PostgresUrl
) -> None:
    name = f"in_{encoding.lower()}"
    administrator.execute(
        f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'".encode()
    )
    url = replace(superuser_url, database=name)
    database = Database(url, SystemResolver())
    try:
        with psycopg.connect(url.reveal(), autocommit=True) as connection:
            connection.execute("SET client_encoding = 'LATIN1'")
            connection.execute("CREATE TABLE t (k text PRIMARY KEY, v text[])")
            connection.execute("INSERT INTO t VALUES ('éa', ARRAY['é', 'x']), ('b', NULL)".encode("latin-1"))
        (table,) = await load_catalog(database)
        first = await read_view(database, TableView(table), limit=1)
        assert first.cursor_last is not None
        (row,) = (
            await read_view(database, TableView(table), place=PagePlace.after(first.cursor_last), cells=WHOLE)
        ).rows
        assert row == (key, [key[0], "x"])
        same = TableView(table, filters=(RowFilter("k", Operator.EQUAL, key),))
        assert len((await read_view(database, same)).rows) == 1
    finally:
        await database.close()
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


async def test_a_limit_of_the_role_does_not_end_a_read(
    database: Database, owner: psycopg.Connection, administrator: psycopg.Connection, database_url: PostgresUrl
) -> None:
    what = sql.SQL("ALTER DATABASE {}").format(sql.Identifier(database_url.database))
    alter(administrator, what, {"statement_timeout": "500ms", "default_transaction_isolation": "serializable"})
    found = await database.fetch("SELECT current_setting('transaction_isolation'), pg_sleep(0.7)::text")
    assert found.rows == (("read committed", ""),)


async def test_a_write_reads_its_texts_like_a_read(
    database: Database, owner: psycopg.Connection, administrator: psycopg.Connection, database_url: PostgresUrl
) -> None:
    owner.execute("CREATE TABLE w (t timestamptz, d date, i interval)")
    what = sql.SQL("ALTER DATABASE {}").format(sql.Identifier(database_url.database))
    alter(administrator, what, {"TimeZone": "America/New_York", "DateStyle": "SQL, DMY"})
    async with database.write_connection() as connection:
        await connection.execute("INSERT INTO w VALUES ($1, $2, $3)", ["2024-03-01", "01/02/2024", "-1 2:00"])
    written = owner.execute("SELECT t = '2024-03-01Z', d = '2024-01-02', i FROM w").fetchone()
    assert written is not None
    assert written[:2] == (True, True)
