"""A relation of which one may read some columns: these are shown, sorted, found and counted, the others named."""

from __future__ import annotations

import psycopg
import pytest

from soundcheck.stores.catalog.structure import load_structure
from soundcheck.stores.catalog.tables import Certainty, Table, load_catalog, read_fingerprint
from soundcheck.stores.errors import SoundcheckError, UsageError
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.rows.cost import page_cost
from soundcheck.stores.rows.counting import count_capped, count_exact, estimate
from soundcheck.stores.rows.filters import Operator, RowFilter, parse_sort
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.paging import FIRST, WHOLE, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.record import read_record
from soundcheck.stores.rows.relations import count_children, load_relations
from soundcheck.stores.rows.search import plan_search, search_words
from soundcheck.stores.rows.spelled.row import row_as_insert, row_as_json
from soundcheck.stores.rows.spelled.sql import count_sql, view_sql

PEOPLE = 'id int {}, name text, salary int, "passwordHash" text'
FILL = "INSERT INTO people SELECT g, 'p' || g, g * 10, 'hash' FROM generate_series(1, 130) g;"
GRANTED = "GRANT SELECT (id, name) ON people TO CURRENT_USER"
RELATIONS = {
    "table": f"CREATE TABLE people ({PEOPLE.format('PRIMARY KEY')}); {FILL}",
    "table without a key": f"CREATE TABLE people ({PEOPLE.format('')}); {FILL}",
    "a key of a column that is not granted": f"CREATE TABLE people ({PEOPLE.format('')}, PRIMARY KEY (salary)); {FILL}",
    "a unique index on one": f"CREATE TABLE people ({PEOPLE.format('NOT NULL')}, UNIQUE (id, salary)); {FILL}",
    "partitioned table": f"CREATE TABLE people ({PEOPLE.format('PRIMARY KEY')}) PARTITION BY RANGE (id);"
    f"CREATE TABLE p1 PARTITION OF people FOR VALUES FROM (0) TO (50);"
    f"CREATE TABLE p2 PARTITION OF people DEFAULT; {FILL}",
    "parent of a table": f"CREATE TABLE people ({PEOPLE.format('')}); CREATE TABLE p1 () INHERITS (people); {FILL}",
    "view": f"CREATE TABLE kept ({PEOPLE.format('PRIMARY KEY')});"
    f"{FILL.replace('people', 'kept')} CREATE VIEW people AS SELECT * FROM kept;",
    "materialized view": f"CREATE TABLE kept ({PEOPLE.format('')}); {FILL.replace('people', 'kept')}"
    " CREATE MATERIALIZED VIEW people AS SELECT * FROM kept;",
}


async def restricted(database: Database, owner: psycopg.Connection, relation: str = "table") -> Table:
    owner.execute(RELATIONS[relation].encode())
    owner.execute("ANALYZE")
    owner.execute("REVOKE ALL ON people FROM CURRENT_USER")
    owner.execute(GRANTED)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("SELECT * FROM people")
    return (await load_catalog(database)).find("people")


@pytest.mark.parametrize("relation", RELATIONS)
async def test_the_granted_columns_are_walked_whole_in_any_order(
    database: Database, owner: psycopg.Connection, relation: str
) -> None:
    table = await restricted(database, owner, relation)
    assert [column.name for column in table.columns] == ["id", "name"]
    assert [column.name for column in table.withheld] == ["salary", "passwordHash"]
    assert table.readable
    for view in (TableView(table), TableView(table, (SortColumn("name", descending=True),))):
        seen, place = [], FIRST
        while True:
            page = await read_view(database, view, place=place)
            seen += [row[0] for row in page.rows]
            assert "Without salary, passwordHash: this role may not read them." in page.note
            if not page.has_more_after or page.cursor_last is None:
                break
            place = PagePlace.after(page.cursor_last)
        assert sorted(seen) == list(range(1, 131))
        await page_cost(database, view)
        owner.execute(view_sql(view).encode())
        owner.execute(count_sql(view).encode())


@pytest.mark.parametrize("relation", RELATIONS)
async def test_they_are_filtered_searched_and_counted(
    database: Database, owner: psycopg.Connection, relation: str
) -> None:
    table = await restricted(database, owner, relation)
    view = TableView(table, filters=(RowFilter("name", Operator.EQUAL, "p7"),))
    assert (await read_view(database, view, cells=WHOLE)).rows == ((7, "p7"),)
    assert (await count_exact(database, view)).number == 1
    assert (await count_capped(database, TableView(table))).number == 130
    assert (await estimate(database, view)).certainty is Certainty.ESTIMATE
    found = TableView(table, search="130")
    assert (await read_view(database, found)).rows == ((130, "p130"),)
    search = plan_search(table, "130", everywhere=True)
    assert search.columns == ("id", "name")
    assert search.denied == ("salary", "passwordHash")
    assert "salary, passwordHash (not to be read by this role)" in search_words(table, search, "")


@pytest.mark.parametrize(
    "ask",
    [
        lambda table: row_order(TableView(table, (SortColumn("salary"),))),
        lambda table: parse_sort("salary:desc", table),
        lambda table: table.column("salary"),
    ],
)
async def test_asking_for_another_column_says_that_it_may_not_be_read(
    database: Database, owner: psycopg.Connection, ask: object
) -> None:
    table = await restricted(database, owner)
    with pytest.raises(UsageError, match="This role may not read salary of people") as refused:
        ask(table)  # type: ignore[operator]
    assert "SELECT" in refused.value.hint


async def test_a_record_has_the_granted_columns_and_its_spellings_name_the_others(
    database: Database, owner: psycopg.Connection
) -> None:
    table = await restricted(database, owner)
    record = await read_record(database, table, ["7"])
    assert record is not None
    assert [(field.column.name, field.value) for field in record.fields] == [("id", 7), ("name", "p7")]
    assert row_as_insert(record).startswith("-- Without salary, passwordHash: this role may not read them.\n")
    assert "salary" not in row_as_json(record)


async def test_a_record_whose_key_may_not_be_read_says_so(database: Database, owner: psycopg.Connection) -> None:
    table = await restricted(database, owner, "a key of a column that is not granted")
    with pytest.raises(UsageError, match="This role may not read salary of people"):
        await read_record(database, table, ["70"])
    structure = await load_structure(database, table)
    assert [column.name for column in structure.columns] == ["id", "name", "salary", "passwordHash"]
    assert "This role may not read the whole primary key (salary)." in structure.notes


async def test_rows_that_refer_to_it_lead_to_the_granted_columns(database: Database, owner: psycopg.Connection) -> None:
    owner.execute(RELATIONS["table"].encode())
    owner.execute("CREATE TABLE pets (id int PRIMARY KEY, owner int REFERENCES people, vet int REFERENCES people)")
    owner.execute("INSERT INTO pets VALUES (1, 7, 8)")
    for table in ("people", "pets"):
        owner.execute(f"REVOKE ALL ON {table} FROM CURRENT_USER".encode())
    owner.execute(GRANTED)
    owner.execute("GRANT SELECT (id, owner) ON pets TO CURRENT_USER")
    catalog, relations = await load_catalog(database), await load_relations(database)
    people, pets = catalog.find("people"), catalog.find("pets")
    incoming = relations.incoming(people)
    counted = await count_children(database, incoming, {"id": 7, "name": "p7"})
    assert {key.columns: count.number for key, count in counted.items()} == {("owner",): 1}
    page = await read_view(database, TableView(pets))
    assert page.rows == ((1, 7),)


async def test_a_right_given_or_taken_is_a_change(database: Database, owner: psycopg.Connection) -> None:
    table = await restricted(database, owner)
    before = await read_fingerprint(database)
    assert before == (await load_catalog(database)).fingerprint
    owner.execute("GRANT SELECT (salary) ON people TO CURRENT_USER")
    after = await read_fingerprint(database)
    assert after != before
    owner.execute("REVOKE SELECT (name) ON people FROM CURRENT_USER")
    assert await read_fingerprint(database) not in {before, after}
    with pytest.raises(SoundcheckError, match="permission denied"):
        await read_view(database, TableView(table))
    now = (await load_catalog(database)).find("people")
    assert [column.name for column in now.columns] == ["id", "salary"]


async def test_a_relation_that_may_not_be_read_at_all_still_tells_its_columns(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute(RELATIONS["table"].encode())
    owner.execute("REVOKE ALL ON people FROM CURRENT_USER")
    table = (await load_catalog(database)).find("people")
    assert not table.readable
    assert len(table.columns) == 4
    assert table.withheld == ()
    assert table.primary_key == ("id",)
