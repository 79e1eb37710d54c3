"""A look at a database past all code under test."""

from __future__ import annotations

import psycopg

from soundcheck.stores.postgres.settings import libpq_settings
from soundcheck.stores.postgres.url import PostgresUrl


class Database:
    def __init__(self, url: PostgresUrl) -> None:
        self.url = url

    def run(self, *statements: str) -> None:
        with psycopg.connect(**libpq_settings(self.url), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(**libpq_settings(self.url)) as connection:
            return connection.execute(query).fetchall()

    def names(self, query: str) -> list[str]:
        return sorted(str(row[0]) for row in self.rows(query))

    @property
    def tables(self) -> list[str]:
        return self.names("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")

    @property
    def indexes(self) -> list[str]:
        return self.names("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")

    @property
    def enums(self) -> list[str]:
        return self.names("SELECT typname FROM pg_type WHERE typtype = 'e'")
