"""Structure of every kind of relation; its DDL makes it again; what is not possible is said."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from soundcheck.stores.catalog.structure import load_structure
from soundcheck.stores.catalog.tables import RelationKind, load_catalog
from soundcheck.stores.postgres import connections
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import Address
from soundcheck.stores.rows.cell_columns import WHOLE
from soundcheck.stores.rows.paging import LAST, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.record import read_record
from soundcheck.stores.rows.spelled.row import row_as_insert

SCHEMA = """
CREATE SCHEMA "odd one";
CREATE TYPE "odd one".mood AS ENUM ('sad', 'glad');
CREATE TABLE "odd one".parents (a int, b text, PRIMARY KEY (a, b));
CREATE TABLE "odd one"."sel""ect" (
    id int GENERATED ALWAYS AS IDENTITY, a int, b text COLLATE "C" DEFAULT 'it''s', "Mood" "odd one".mood[] NOT NULL,
    twice int GENERATED ALWAYS AS (a * 2) STORED, at timestamptz(3) DEFAULT now(), n numeric(12,2) CHECK (n > 0),
    "$1 {} %s" bytea, CONSTRAINT "the ""key" PRIMARY KEY (id), UNIQUE NULLS NOT DISTINCT (a, b),
    FOREIGN KEY (a, b) REFERENCES "odd one".parents ON DELETE CASCADE, EXCLUDE USING btree (n WITH =)
);
CREATE INDEX partial ON "odd one"."sel""ect" (lower(b), a DESC) WHERE a > 3;
CREATE INDEX docs ON "odd one"."sel""ect" USING gin ("Mood");
COMMENT ON TABLE "odd one"."sel""ect" IS E'a\\nb';
COMMENT ON COLUMN "odd one"."sel""ect".a IS 'the ''a''';
INSERT INTO "odd one".parents VALUES (1, 'x');
INSERT INTO "odd one"."sel""ect" (a, b, "Mood", n, "$1 {} %s") VALUES (1, 'x', '{glad,NULL}', 1.10, '\\x001b5b');
"""


async def test_the_ddl_makes_the_table_again(database: Database, owner: psycopg.Connection) -> None:
    owner.execute(SCHEMA)
    table = (await load_catalog(database)).find('odd one.sel"ect')
    made = await load_structure(database, table)
    owner.execute('DROP TABLE "odd one"."sel""ect"')
    owner.execute(made.ddl.encode())
    again = (await load_catalog(database)).find('odd one.sel"ect')
    assert again.columns == table.columns
    assert again.indexes == table.indexes
    assert (await load_structure(database, again)).ddl == made.ddl
    assert 'types of their own: "odd one".mood[]' in " ".join(made.notes)


async def test_indexes_come_with_size_and_use_and_constraints_by_kind(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute(SCHEMA)
    made = await load_structure(database, (await load_catalog(database)).find('odd one.sel"ect'))
    first, *rest = made.indexes
    assert (first.name, first.primary, first.columns) == ('the "key', True, ("id",))
    assert (first.bytes or 0) > 0
    assert first.scans is not None
    partial = next(index for index in rest if index.name == "partial")
    assert partial.columns == ("lower(b)", "a")
    assert {one.kind for one in made.constraints} >= {"PRIMARY KEY", "UNIQUE", "FOREIGN KEY", "CHECK", "EXCLUDE"}


async def test_a_row_as_insert_is_the_same_row_again_in_a_schema_we_did_not_write(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute(SCHEMA)
    table = (await load_catalog(database)).find('odd one.sel"ect')
    record = await read_record(database, table, ["1"])
    assert record is not None
    statement = row_as_insert(record)
    assert "twice" not in statement
    kept = owner.execute('SELECT * FROM "odd one"."sel""ect"').fetchall()
    owner.execute('DELETE FROM "odd one"."sel""ect"')
    owner.execute(statement.encode())
    assert owner.execute('SELECT * FROM "odd one"."sel""ect"').fetchall() == kept


KINDS = """
CREATE TABLE parts (id int, at date, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2000-01-01') TO ('2010-01-01');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2010-01-01') TO ('2020-01-01');
INSERT INTO parts SELECT g, '2000-01-01'::date + g * 30, 'n' FROM generate_series(1, 200) g;
CREATE TABLE keyless_parts (id int) PARTITION BY HASH (id);
CREATE TABLE keyless_parts_1 PARTITION OF keyless_parts FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO keyless_parts SELECT generate_series(1, 60);
CREATE VIEW few AS SELECT id, note FROM parts;
CREATE MATERIALIZED VIEW mat AS SELECT id, at FROM parts;
CREATE UNIQUE INDEX ON mat (id);
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
"""


async def test_every_kind_of_relation_opens_and_says_what_is_not_possible(
    database: Database, owner: psycopg.Connection, superuser_url: PostgresUrl
) -> None:
    owner.execute(KINDS)
    with psycopg.connect(replace(superuser_url, database=database.url.database).reveal(), autocommit=True) as root:
        root.execute("CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere")
        root.execute("CREATE FOREIGN TABLE abroad (id int, t text) SERVER far")
    catalog = await load_catalog(database)
    assert {catalog.find(n).kind for n in ("parts", "few", "mat", "abroad")} == {
        RelationKind.PARTITIONED, RelationKind.VIEW, RelationKind.MATERIALIZED, RelationKind.FOREIGN,
    }  # fmt: skip
    for table in catalog:
        made = await load_structure(database, table)
        assert made.ddl.startswith("CREATE ")
        if table.name == "abroad":
            assert "FOREIGN TABLE" in made.ddl
            continue
        page = await read_view(database, TableView(table), limit=5)
        assert page.rows
        assert page.keys
        assert (await read_view(database, TableView(table), place=LAST)).has_more_before == page.has_more_after
    parts = catalog.find("parts")
    seen, place = [], PagePlace()
    for _ in range(4):
        page = await read_view(database, TableView(parts, (SortColumn("at", descending=True),)), place=place)
        assert page.cursor_last is not None
        seen += [row[0] for row in page.rows]
        place = PagePlace.after(page.cursor_last)
    assert seen == list(range(200, 0, -1))
    assert "unique index" not in (await read_view(database, TableView(parts))).note
    assert "order of the whole row" in " ".join((await load_structure(database, catalog.find("few"))).notes)


async def test_sixty_columns_of_hostile_names_page_and_copy(database: Database, owner: psycopg.Connection) -> None:
    names = [f'c{n} "; DROP TABLE x; -- {{}} %s $1 \u202e\x1b[{n}m' for n in range(58)] + ["select", "größe 🎵"]
    columns = ", ".join('"' + name.replace('"', '""') + '" text' for name in names)
    owner.execute(f"CREATE TABLE wide (id int PRIMARY KEY, {columns})".encode())
    places = ", ".join(f"${n + 2}" for n in range(len(names)))
    with psycopg.RawCursor(owner) as cursor:
        cursor.execute(f"INSERT INTO wide VALUES ($1, {places})".encode(), [1, *(f"\x1b{n}'\\" for n in range(60))])
    (table,) = await load_catalog(database)
    view = TableView(table, tuple(SortColumn(name) for name in names[:3]))
    page = await read_view(database, view, cells=WHOLE)
    assert len(page.rows[0]) == 61
    record = await read_record(database, table, ["1"])
    assert record is not None
    owner.execute("DELETE FROM wide")
    owner.execute(row_as_insert(record).encode())
    assert (await read_view(database, view, cells=WHOLE)).rows == page.rows
    made = await load_structure(database, table)
    owner.execute("DROP TABLE wide")
    owner.execute(made.ddl.encode())
    assert (await load_catalog(database)).find("wide").columns == table.columns


class NeonAtHome:
    """Neon's name, this machine's address."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        return (Address("127.0.0.1"),)


async def test_a_waking_neon_is_said_and_others_are_not(
    database_url: PostgresUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAKING_AFTER", 0)
    for host, said in (("ep-x-1.eu-central-1.aws.neon.tech", 1), ("db.example", 0)):
        notes: list[str] = []
        database = Database(replace(database_url, host=host), NeonAtHome())
        database.tell(notes.append)
        try:
            await database.fetch("SELECT 1")
        finally:
            await database.close()
        assert len(notes) == said
        assert all("Neon is waking" in note for note in notes)
