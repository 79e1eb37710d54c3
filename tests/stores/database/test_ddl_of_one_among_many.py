"""The DDL of a relation is read from what it depends on, however many other relations the database has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from test_ddl_makes_the_same import Server, empty, server  # noqa: F401

from soundcheck.stores.catalog.ddl_queries import DDL_FACTS
from soundcheck.stores.postgres.url import PostgresUrl

MANY = """
DO $$ BEGIN
    FOR n IN 1..300 LOOP
        EXECUTE format('CREATE TABLE other_%s (id serial PRIMARY KEY, note text DEFAULT now()::text UNIQUE)', n);
    END LOOP;
END $$;
CREATE TABLE wanted (id serial PRIMARY KEY, note text DEFAULT 'none');
"""


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All nodes of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)


def test_other_relations_dependencies_are_not_read(empty: PostgresUrl) -> None:  # noqa: F811
    with psycopg.connect(empty.reveal(), autocommit=True) as connection:
        connection.execute(MANY)
        text = DDL_FACTS.replace("$1", "'public'").replace("$2", "'wanted'")
        row = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT ({text})::text".encode()).fetchone()
    assert row is not None
    read = [node for node in nodes_of(row[0][0]["Plan"]) if node.get("Relation Name") == "pg_depend"]
    assert read
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) < 300
