"""Relations both ways, readable names, counts of children: composite keys, NULLs, tables that may not be read."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from recorded_reads import Recording

from soundcheck.stores.catalog.tables import Catalog, load_catalog
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.rows.paging import Page, TableView, read_view
from soundcheck.stores.rows.readable_names import name_key, readable_columns, readable_names
from soundcheck.stores.rows.relations import ForeignKey, Relations, count_children, load_relations

MUSIC = """
CREATE SCHEMA other;
CREATE TABLE users (id uuid PRIMARY KEY, name text, email text NOT NULL, password text);
CREATE TABLE other.songs (album text, number int, title varchar(50), "byUser" uuid REFERENCES users ON DELETE SET NULL,
    PRIMARY KEY (album, number));
CREATE TABLE plays (id int PRIMARY KEY, "userId" uuid REFERENCES users ON DELETE CASCADE, album text, number int,
    before int REFERENCES plays, FOREIGN KEY (album, number) REFERENCES other.songs);
CREATE TABLE logs (id int, at date, "userId" uuid REFERENCES users, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE logs_old PARTITION OF logs FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
INSERT INTO users VALUES ('00000000-0000-0000-0000-000000000001', 'Ana', 'ana@mail.example', 'x'),
    ('00000000-0000-0000-0000-000000000002', NULL, 'bob@mail.example', 'x');
INSERT INTO other.songs VALUES ('A', 1, 'One', '00000000-0000-0000-0000-000000000001'), ('A', 2, 'Two', NULL);
INSERT INTO plays SELECT g, ('00000000-0000-0000-0000-00000000000' || 1 + g % 2)::uuid, 'A', 1 + g % 2, nullif(1, g)
    FROM generate_series(1, 30) g;
INSERT INTO plays VALUES (31, NULL, 'A', NULL, NULL);
INSERT INTO logs VALUES (1, '2010-01-01', '00000000-0000-0000-0000-000000000001');
"""


@pytest.fixture
async def music(database: Database, owner: psycopg.Connection) -> tuple[Catalog, Relations]:
    owner.execute(MUSIC)
    return await load_catalog(database), await load_relations(database)


def as_dicts(page: Page) -> list[dict[str, Any]]:
    return [dict(zip((column.name for column in page.columns), row, strict=True)) for row in page.rows]


def by_columns(keys: tuple[ForeignKey, ...], *columns: str) -> ForeignKey:
    return next(key for key in keys if key.columns == columns)


async def test_keys_lead_to_their_row_and_back_in_any_schema(
    database: Database, music: tuple[Catalog, Relations]
) -> None:
    catalog, relations = music
    plays, songs, users = catalog.find("plays"), catalog.find("other.songs"), catalog.find("users")
    assert {key.columns for key in relations.outgoing(plays)} == {("userId",), ("before",), ("album", "number")}
    assert {key.table for key in relations.incoming(users)} == {
        ("public", "plays"), ("public", "logs"), ("other", "songs"),
    }  # fmt: skip
    assert by_columns(relations.outgoing(plays), "userId").on_delete == "CASCADE"
    rows = as_dicts(await read_view(database, TableView(plays)))
    song = by_columns(relations.outgoing(plays), "album", "number")
    there = song.target_filters(rows[0])
    assert there is not None
    (found,) = as_dicts(await read_view(database, TableView(songs, filters=there)))
    assert (found["album"], found["number"]) == (rows[0]["album"], rows[0]["number"])
    back = song.referencing_filters(found)
    assert back is not None
    pointing = as_dicts(await read_view(database, TableView(plays, filters=back)))
    assert {row["id"] for row in pointing} == {row["id"] for row in rows if row["number"] == found["number"]}
    assert song.target_filters(rows[-1]) is None
    own = by_columns(relations.outgoing(plays), "before")
    assert own in relations.incoming(plays)


async def test_children_are_counted_up_to_a_cap_in_one_query(
    database_url: PostgresUrl, music: tuple[Catalog, Relations]
) -> None:
    catalog, relations = music
    recording = Recording(database_url)
    try:
        keys = relations.incoming(catalog.find("users"))
        counts = await count_children(recording, keys, {"id": "00000000-0000-0000-0000-000000000001"}, cap=10)
        assert {key.table[1]: str(count) for key, count in counts.items()} == {
            "plays": "10+",
            "logs": "1",
            "songs": "1",
        }
        assert len(recording.sent) == 1
    finally:
        await recording.close()


async def test_a_child_that_may_not_be_read_is_left_out(
    database: Database, superuser_url: PostgresUrl, music: tuple[Catalog, Relations]
) -> None:
    from dataclasses import replace

    catalog, relations = music
    with psycopg.connect(replace(superuser_url, database=database.url.database).reveal(), autocommit=True) as root:
        root.execute("ALTER TABLE other.songs OWNER TO CURRENT_USER; REVOKE ALL ON other.songs FROM PUBLIC")
    row = {"id": "00000000-0000-0000-0000-000000000001"}
    counts = await count_children(database, relations.incoming(catalog.find("users")), row)
    assert {key.table[1] for key in counts} == {"plays", "logs"}


async def test_names_stand_beside_the_ids_of_a_page_by_one_query_a_key(
    database_url: PostgresUrl, music: tuple[Catalog, Relations]
) -> None:
    catalog, relations = music
    plays, songs, users = catalog.find("plays"), catalog.find("other.songs"), catalog.find("users")
    assert [column.name for column in readable_columns(users)] == ["name", "email"]
    assert [column.name for column in readable_columns(songs)] == ["title"]
    assert readable_columns(plays) == ()
    recording = Recording(database_url)
    try:
        rows = as_dicts(await read_view(recording, TableView(plays)))
        recording.sent.clear()
        user, song = (
            by_columns(relations.outgoing(plays), "userId"),
            by_columns(relations.outgoing(plays), "album", "number"),
        )
        names = await readable_names(recording, user, users, rows)
        titles = await readable_names(recording, song, songs, rows)
        assert len(recording.sent) == 2
        shown = [names[key] if (key := name_key(user, row)) else None for row in rows]
        assert shown[:2] == ["b•••@mail…", "Ana"]
        assert shown[-1] is None
        songs_shown = [titles[key] for row in rows if (key := name_key(song, row))]
        assert songs_shown[:2] == ["Two", "One"]
        revealed = await readable_names(recording, user, users, rows, reveal=True)
        assert "bob@mail.example" in revealed.values()
        assert await readable_names(recording, by_columns(relations.outgoing(plays), "before"), plays, rows) == {}
    finally:
        await recording.close()
