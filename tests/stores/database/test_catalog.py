"""What is found in a database, and in how many round trips."""

from __future__ import annotations

import psycopg
import pytest

from soundcheck.stores.catalog.histogram import load_histogram
from soundcheck.stores.catalog.tables import Catalog, Certainty, RelationKind, RowCount, load_catalog
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database

MANY = """
CREATE SCHEMA "It""s";
CREATE TABLE "It""s".users (n int);
CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
CREATE TABLE users (
  id text PRIMARY KEY, name varchar(100), tags text[], age positive, code char(3), "größe" numeric(5, 2)
);
CREATE UNIQUE INDEX by_name ON users (name);
CREATE INDEX newest ON users (age DESC NULLS LAST, id);
CREATE INDEX partial ON users (code) WHERE code IS NOT NULL;
CREATE INDEX computed ON users (lower(name));
CREATE TABLE pairs (a int, b int, PRIMARY KEY (b, a));
CREATE VIEW names AS SELECT name FROM users;
CREATE MATERIALIZED VIEW stored AS SELECT 1 AS one;
CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO parts SELECT g, '2024-06-01' FROM generate_series(1, 7) g;
COMMENT ON TABLE users IS 'people';
INSERT INTO users SELECT g, g, null, 1, null, 1 FROM generate_series(1, 5) g;
"""


class Counting(Database):
    """Counts its round trips."""

    trips = 0

    async def fetch(self, *args: object, **how: object):
        self.trips += 1
        return await super().fetch(*args, **how)


async def load(database: Database, owner: psycopg.Connection, script: str) -> Catalog:
    for statement in script.split(";\n"):
        if statement.strip():
            owner.execute(statement)
    return await load_catalog(database)


async def test_every_kind_of_relation_is_found_with_its_columns_keys_and_indexes(
    database: Database, owner: psycopg.Connection
) -> None:
    catalog = await load(database, owner, MANY)
    kinds = {catalog.label(table): table.kind for table in catalog}
    assert kinds == {
        "public.names": RelationKind.VIEW,
        "public.pairs": RelationKind.TABLE,
        "public.parts": RelationKind.PARTITIONED,
        "public.parts_1": RelationKind.TABLE,
        "public.stored": RelationKind.MATERIALIZED,
        "public.users": RelationKind.TABLE,
        'It"s.users': RelationKind.TABLE,
    }
    assert all(table.label == catalog.label(table) for table in catalog)
    users = catalog.find("users")
    assert users.schema == "public"
    assert users.comment == "people"
    assert users.primary_key == ("id",)
    assert catalog.find("pairs").primary_key == ("b", "a")
    assert [(c.name, c.type, c.type_name, c.nullable) for c in users.columns] == [
        ("id", "text", "text", False),
        ("name", "character varying(100)", "varchar", True),
        ("tags", "text[]", "text[]", True),
        ("age", "positive", "int4", False),
        ("code", "character(3)", "bpchar", True),
        ("größe", "numeric(5,2)", "numeric", True),
    ]
    assert {index.name: (index.unique, [c.name for c in index.columns]) for index in users.indexes} == {
        "users_pkey": (True, ["id"]), "by_name": (True, ["name"]), "newest": (False, ["age", "id"]),
    }  # fmt: skip
    assert users.rows == RowCount(5, Certainty.EXACT)
    assert catalog.find("parts").rows == RowCount(7, Certainty.EXACT)
    assert catalog.find("parts").total_bytes
    assert catalog.find("parts_1").partition_of == "parts"
    assert catalog.find("names").rows.certainty is Certainty.UNKNOWN
    assert catalog.find('It"s.users').columns[0].name == "n"


async def test_it_takes_three_round_trips_however_many_tables_there_are(
    database_url: object, owner: psycopg.Connection
) -> None:
    from soundcheck.stores.resolver import SystemResolver

    for number in range(60):
        owner.execute(f"CREATE TABLE t{number} (id int PRIMARY KEY)")
    database = Counting(database_url, SystemResolver())  # type: ignore[arg-type]
    assert len((await load_catalog(database)).tables) == 60
    assert database.trips == 3
    await database.close()


async def test_an_empty_database_has_an_empty_catalog(database: Database) -> None:
    catalog = await load_catalog(database)
    assert catalog.tables == ()
    assert catalog.default_schema == "public"


async def test_large_tables_are_estimated_and_never_analysed_ones_counted_up_to_a_limit(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE fresh WITH (autovacuum_enabled = off) AS SELECT g FROM generate_series(1, 30000) g")
    owner.execute("CREATE TABLE known AS SELECT g FROM generate_series(1, 30000) g")
    owner.execute("ANALYZE known")
    owner.execute("INSERT INTO known SELECT g FROM generate_series(1, 30000) g")  # grown since
    catalog = await load_catalog(database)
    assert catalog.find("fresh").rows == RowCount(10_000, Certainty.AT_LEAST)
    known = catalog.find("known").rows
    assert known.certainty is Certainty.ESTIMATE
    assert 50_000 < known.number < 70_000


async def test_a_locked_table_does_not_hold_up_the_list(database: Database, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE t (id int)")
    with owner.transaction():
        owner.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        assert (await load_catalog(database)).find("t").rows.certainty is Certainty.UNKNOWN


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (RowCount(0, Certainty.EXACT), "0"),
        (RowCount(9999, Certainty.EXACT), "9,999"),
        (RowCount(10_000, Certainty.AT_LEAST), "10,000+"),
        (RowCount(41_234, Certainty.ESTIMATE), "~41 k"),
        (RowCount(1_234_567, Certainty.ESTIMATE), "~1.2 M"),
        (RowCount(0, Certainty.UNKNOWN), "?"),
    ],
)
def test_a_number_of_rows_says_how_it_is_known(count: RowCount, text: str) -> None:
    assert str(count) == text


async def test_an_unknown_name_gets_the_nearest_ones(database: Database, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE recently_played (id int); CREATE SCHEMA a; CREATE SCHEMA b")
    owner.execute("CREATE TABLE a.twice (id int); CREATE TABLE b.twice (id int)")
    catalog = await load_catalog(database)
    with pytest.raises(UsageError) as caught:
        catalog.find("RecentlyPlayed")
    assert "recently_played" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        catalog.find("twice")
    assert "a.twice or b.twice" in caught.value.hint


async def test_a_histogram_tells_how_far_into_a_table_a_value_lies(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute(
        "CREATE TABLE t WITH (autovacuum_enabled = off) AS SELECT g AS n, md5(g::text) AS id"
        " FROM generate_series(1, 5000) g"
    )
    table = (await load_catalog(database)).find("t")
    assert await load_histogram(database, table, "n") is None
    owner.execute("ANALYZE t")
    numbers = await load_histogram(database, table, "n")
    texts = await load_histogram(database, table, "id")
    assert numbers is not None
    assert texts is not None
    assert numbers.fraction("1250") == pytest.approx(0.25, abs=0.02)
    assert texts.fraction("80") == pytest.approx(0.5, abs=0.05)
    assert numbers.fraction(None) is None
