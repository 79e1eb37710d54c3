"""Tables that lie on another server, read through postgres_fdw: rows, counts, structure, and what is not possible."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.catalog.index_match import SortColumn
from soundcheck.stores.catalog.structure import load_structure
from soundcheck.stores.catalog.tables import Certainty, RelationKind, Table, load_catalog
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.rows.counting import count_capped, count_exact, estimate
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.paging import LAST, PagePlace, read_view
from soundcheck.stores.rows.view import TableView

FAR = """
CREATE SCHEMA far;
CREATE TABLE far.songs (id int PRIMARY KEY, title text, year int, tags text[]);
INSERT INTO far.songs SELECT g, 'song ' || g, 1960 + g % 60, ARRAY['a', 'b'] FROM generate_series(1, 500) g;
CREATE TABLE far.plays (id int, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE far.plays_old PARTITION OF far.plays FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
INSERT INTO far.plays SELECT g, '2010-01-01'::date + g FROM generate_series(1, 100) g;
ANALYZE;
"""
NEAR = """
CREATE FOREIGN TABLE songs (id int NOT NULL, title text, year int, tags text[])
    SERVER loop OPTIONS (schema_name 'far', table_name 'songs');
CREATE FOREIGN TABLE gone (id int) SERVER loop OPTIONS (schema_name 'far', table_name 'dropped');
CREATE TABLE plays (id int, at date NOT NULL) PARTITION BY RANGE (at);
CREATE FOREIGN TABLE plays_far PARTITION OF plays FOR VALUES FROM ('2000-01-01') TO ('2020-01-01')
    SERVER loop OPTIONS (schema_name 'far', table_name 'plays_old');
CREATE TABLE plays_near PARTITION OF plays FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');
INSERT INTO plays_near SELECT g, '2021-01-01'::date + g FROM generate_series(101, 150) g;
"""


@pytest.fixture
def abroad(database_url: PostgresUrl, superuser_url: PostgresUrl, owner: psycopg.Connection) -> None:
    """The database's own tables once more, as those of a server that happens to be the same one."""
    owner.execute(FAR)
    assert database_url.password is not None
    server = {"host": database_url.host, "port": str(database_url.port), "dbname": database_url.database}
    options = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(k), v) for k, v in server.items())
    role = sql.Identifier(database_url.user)
    with psycopg.connect(replace(superuser_url, database=database_url.database).reveal(), autocommit=True) as root:
        root.execute("CREATE EXTENSION postgres_fdw")
        root.execute(sql.SQL("CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({})").format(options))
        root.execute(sql.SQL("GRANT USAGE ON FOREIGN SERVER loop TO {}").format(role))
        password = sql.Literal(database_url.password.reveal())
        mapping = sql.SQL("CREATE USER MAPPING FOR {} SERVER loop OPTIONS (user {}, password {})")
        root.execute(mapping.format(role, sql.Literal(database_url.user), password))
    owner.execute(NEAR)


async def table_of(database: Database, name: str) -> Table:
    return (await load_catalog(database)).find(name)


@pytest.mark.usefixtures("abroad")
async def test_its_rows_are_read_sorted_filtered_and_from_both_ends(database: Database) -> None:
    songs = await table_of(database, "songs")
    assert songs.kind is RelationKind.FOREIGN
    down = TableView(songs, (SortColumn("id", descending=True),))
    page = await read_view(database, down, limit=3)
    assert [row[0] for row in page.rows] == [500, 499, 498]
    assert page.has_more_after
    assert page.cursor_last is not None
    assert page.note == "No key: in the order of the whole row as text."
    page = await read_view(database, down, place=PagePlace.after(page.cursor_last), limit=3)
    assert [row[0] for row in page.rows] == [497, 496, 495]
    assert [row[0] for row in (await read_view(database, down, place=LAST, limit=2)).rows] == [2, 1]
    of_1961, with_8 = RowFilter("year", Operator.EQUAL, "1961"), RowFilter("title", Operator.CONTAINS, "8")
    found = await read_view(database, TableView(songs, filters=(of_1961, with_8)))
    assert sorted(row[0] for row in found.rows) == [181, 481]
    searched = await read_view(database, TableView(songs, search="song 77"))
    assert [row[0] for row in searched.rows] == [77]


@pytest.mark.usefixtures("abroad")
async def test_its_rows_are_unknown_until_they_are_asked_for(database: Database) -> None:
    songs = await table_of(database, "songs")
    assert songs.rows.certainty is Certainty.UNKNOWN, "the list asks no other server"
    assert songs.total_bytes is None
    assert (await estimate(database, TableView(songs))).certainty is Certainty.ESTIMATE
    assert str(await count_capped(database, TableView(songs), cap=100)) == "100+"
    assert str(await count_exact(database, TableView(songs))) == "500"


@pytest.mark.usefixtures("abroad")
async def test_its_structure_opens_and_says_what_the_ddl_leaves_out(
    database: Database, database_url: PostgresUrl
) -> None:
    made = await load_structure(database, await table_of(database, "songs"))
    assert "\nCREATE FOREIGN TABLE" in made.ddl
    assert "Left out: the options of the server loop" in made.ddl
    assert [column.name for column in made.columns] == ["id", "title", "year", "tags"]
    assert "A foreign table is read from its server, whose options are not part of the DDL." in made.notes
    assert database_url.password is not None
    assert database_url.password.reveal() not in repr(made)


@pytest.mark.usefixtures("abroad")
async def test_a_far_table_that_is_gone_is_a_problem_in_words_and_its_structure_still_opens(
    database: Database,
) -> None:
    gone = await table_of(database, "gone")
    with pytest.raises(DatabaseProblem) as failed:
        await read_view(database, TableView(gone))
    assert failed.value.message
    assert failed.value.hint
    assert "CREATE FOREIGN TABLE" in (await load_structure(database, gone)).ddl


@pytest.mark.usefixtures("abroad")
async def test_a_partitioned_table_with_a_partition_abroad_reads_as_one(database: Database) -> None:
    plays = await table_of(database, "plays")
    assert plays.kind is RelationKind.PARTITIONED
    page = await read_view(database, TableView(plays, (SortColumn("at"), SortColumn("id"))), limit=500)
    assert [row[0] for row in page.rows] == list(range(1, 151))
    assert page.note == "No key: in the order of the whole row as text."
    assert (await count_exact(database, TableView(plays))).number == 150
    far = await table_of(database, "plays_far")
    assert (far.kind, far.partition_of) == (RelationKind.FOREIGN, "plays")
    made = await load_structure(database, far)
    assert "PARTITION OF" in made.ddl
    assert (await load_structure(database, plays)).partition_key.startswith("RANGE")


@pytest.mark.usefixtures("abroad")
async def test_a_partitioned_table_with_a_key_pages_through_all_its_partitions(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE far.plays_new PARTITION OF far.plays FOR VALUES FROM ('2020-01-01') TO ('2030-01-01')")
    owner.execute("INSERT INTO far.plays SELECT g, '2021-01-01'::date + g FROM generate_series(101, 150) g")
    plays = await table_of(database, "far.plays")
    seen: list[int] = []
    page = await read_view(database, TableView(plays), limit=40)
    while True:
        seen += [row[0] for row in page.rows]
        if not page.has_more_after:
            break
        assert page.cursor_last is not None
        page = await read_view(database, TableView(plays), place=PagePlace.after(page.cursor_last), limit=40)
    assert seen == list(range(1, 151))
    last = await read_view(database, TableView(plays), place=LAST, limit=3)
    assert [row[0] for row in last.rows] == [148, 149, 150]
