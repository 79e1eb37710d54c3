"""The DDL of every relation that the tests have, run in an empty database, gives the same catalogue."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest
import zoo
from catalogue_facts import Fact, facts_of
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401
from every_type import EVERY_TYPE, ODD_ROWS
from hard_tables import HARD, HARD_SINCE_15, HARD_SINCE_18
from test_foreign_tables import FAR, NEAR
from test_structure import KINDS, SCHEMA
from zoo_reading import make_zoo

from soundcheck.stores.catalog.ddl_parts import qualified
from soundcheck.stores.catalog.ddl_script import load_ddl
from soundcheck.stores.catalog.tables import RelationKind, Table, load_catalog
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.record import read_record
from soundcheck.stores.rows.spelled.row import row_as_insert


@dataclass(frozen=True)
class Server:
    """A server's superuser on `postgres`, and its version as 180003."""

    url: PostgresUrl
    version: int


@pytest.fixture(scope="module", params=["18", "15"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server after the other."""
    if request.param == "15":
        with zoo.older_server(tmp_path_factory.mktemp("older")) as url:
            yield _server(url)
        return
    yield _server(request.getfixturevalue("superuser_url"))


def _server(url: PostgresUrl) -> Server:
    with psycopg.connect(url.reveal()) as connection:
        return Server(url, connection.info.server_version)


def _fresh(server: Server) -> PostgresUrl:
    url = replace(server.url, database=f"ddl_{secrets.token_hex(4)}")
    with psycopg.connect(server.url.reveal(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {url.database} TEMPLATE template0".encode())
    return url


@pytest.fixture
def filled(server: Server) -> Iterator[PostgresUrl]:
    """The database whose relations are copied."""
    url = _fresh(server)
    yield url
    _drop(server, url)


@pytest.fixture(scope="module")
def empty(server: Server) -> Iterator[PostgresUrl]:
    """The database in which the DDL runs; all of it is rolled back."""
    url = _fresh(server)
    yield url
    _drop(server, url)


def _drop(server: Server, url: PostgresUrl) -> None:
    with psycopg.connect(server.url.reveal(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {url.database} WITH (FORCE)".encode())


async def copied(source: PostgresUrl) -> list[tuple[Table, str]]:
    """Every relation and its DDL."""
    database = Database(source, SystemResolver())
    try:
        return [(table, await load_ddl(database, table.schema, table.name)) for table in await load_catalog(database)]
    finally:
        await database.close()


def differences(source: PostgresUrl, empty: PostgresUrl, made: list[tuple[Table, str]]) -> list[str]:
    """What differs after each DDL ran in the empty database, and is not named in its comments."""
    found = []
    with (
        psycopg.connect(source.reveal(), autocommit=True) as before,
        psycopg.connect(empty.reveal(), autocommit=True) as after,
    ):
        for table, ddl in made:
            called = f"{table.schema}.{table.name}"
            after.execute("BEGIN")
            try:
                after.execute("RESET search_path")
                after.execute(ddl.encode())
                there = facts_of(after, table.schema, table.name)
            except psycopg.Error as error:
                found.append(f"{called}: {error}\n{ddl}")
                continue
            finally:
                after.execute("ROLLBACK")
            said = "\n".join(line for line in ddl.splitlines() if line.startswith("--"))
            here = facts_of(before, table.schema, table.name)
            unsaid = [f"- {fact}" for fact in sorted(here - there) if not _is_said(fact, said)]
            unsaid += [f"+ {fact}" for fact in sorted(there - here) if not _is_said(fact, said)]
            found += [f"{called}:\n" + "\n".join(unsaid) + f"\n{ddl}"] if unsaid else []
    return found


def _is_said(fact: Fact, said: str) -> bool:
    kind, name = fact[1], fact[2]
    bare = name.rpartition(".")[2].strip('"')
    return kind in {"constraint", "index", "trigger", "rule", "policy", "heir"} and bool(
        re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", said.replace('""', '"'))
    )


async def test_of_every_kind_of_relation(server: Server, filled: PostgresUrl, empty: PostgresUrl) -> None:
    with psycopg.connect(filled.reveal(), autocommit=True) as connection:
        connection.execute(HARD.encode())
        connection.execute(HARD_SINCE_15.encode())
        if server.version >= 180000:
            connection.execute(HARD_SINCE_18.encode())
    made = await copied(filled)
    assert differences(filled, empty, made) == []


FOREIGN = "CREATE EXTENSION postgres_fdw; CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw;"


@pytest.mark.parametrize("schema", [SCHEMA, KINDS, f"{FOREIGN}{FAR}{NEAR}"], ids=["a structure", "kinds", "foreign"])
async def test_of_the_other_tests_schemas(server: Server, filled: PostgresUrl, empty: PostgresUrl, schema: str) -> None:
    with psycopg.connect(filled.reveal(), autocommit=True) as connection:
        connection.execute(schema.encode())
    assert differences(filled, empty, await copied(filled)) == []


async def test_of_the_eleven_tables(
    superuser_url: PostgresUrl,
    eleven_url: PostgresUrl,  # noqa: F811
    database_url: PostgresUrl,
) -> None:
    made = await copied(eleven_url)
    assert len(made) == 11
    assert differences(eleven_url, database_url, made) == []


async def inserted(database: Database, plain: psycopg.Connection, table: Table) -> list[str]:
    """Each row of it as an INSERT."""
    keys = ", ".join(f"{quoted_name(name)}::text" for name in table.primary_key)
    where = qualified(table.schema, table.name)
    found = plain.execute(f"SELECT {keys} FROM {where}".encode()).fetchall()
    records = [await read_record(database, table, row) for row in found]
    every = frozenset(column.name for column in table.columns)
    return [row_as_insert(record, every) for record in records if record is not None]


def rows_of(connection: psycopg.Connection, table: Table) -> list[str]:
    """Every row as the server's text."""
    connection.execute("SET TimeZone = 'UTC'; SET extra_float_digits = 1")
    query = f"SELECT t::text FROM {qualified(table.schema, table.name)} AS t"
    return sorted(row[0] for row in connection.execute(query.encode()).fetchall())


@pytest.mark.parametrize("of", ["kinds of relations", "values", "every type"])
async def test_with_rows_that_are_the_same_as_text_once_inserted(
    server: Server, filled: PostgresUrl, empty: PostgresUrl, of: str
) -> None:
    with psycopg.connect(filled.reveal(), autocommit=True) as before:
        if of == "values":
            make_zoo(before)
        elif of == "every type":
            before.execute(EVERY_TYPE.encode())
            before.execute(ODD_ROWS.encode())
        else:
            assert filled.password is not None
            zoo.build(filled, filled.password.reveal())
        made = await copied(filled)
        assert differences(filled, empty, made) == []
        checked = 0
        database = Database(filled, SystemResolver())
        try:
            with psycopg.connect(empty.reveal(), autocommit=True) as after:
                for table, ddl in made:
                    if not table.primary_key or table.kind is RelationKind.FOREIGN:
                        continue
                    statements = await inserted(database, before, table)
                    after.execute("BEGIN")
                    after.execute(ddl.encode())
                    for statement in statements:
                        after.execute(statement.encode())
                    assert rows_of(after, table) == rows_of(before, table), (table.name, statements[:2])
                    after.execute("ROLLBACK")
                    checked += len(statements)
        finally:
            await database.close()
    assert checked
