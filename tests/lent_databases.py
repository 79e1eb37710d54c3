"""Databases for tests: each is a copy of a template, and goes on to the next test unless something was written."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from psycopg import sql

from soundcheck.stores.postgres.url import PostgresUrl


class LentDatabases:
    """The databases of one server. A lent one belongs to one test, which sees nothing of any other test.

    Whatever writes takes a transaction number of the server: rows, DDL, grants, even what is rolled back. A database
    that is returned before another number was taken is as new, and is lent again; any other is dropped.
    """

    def __init__(self, administrator: psycopg.Connection, application: PostgresUrl) -> None:
        self._administrator = administrator
        self._application = application
        self._unwritten: dict[str, str] = {}
        """By template."""

    @contextmanager
    def lend(self, template: str = "template1") -> Iterator[PostgresUrl]:
        """A database that belongs to the application's role, which is no superuser."""
        name = self._unwritten.pop(template, None) or self._copy(template)
        before = self._transaction()
        yield replace(self._application, database=name)
        self._administrator.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        if self._transaction() == before + 1 and template not in self._unwritten:
            self._unwritten[template] = name
        else:
            self._administrator.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _copy(self, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        self._administrator.execute(
            # In a third of the time that PostgreSQL's own way takes, which writes all of it to its log.
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(self._application.user), sql.Identifier(template)
            )
        )
        return name

    def _transaction(self) -> int:
        """The number of this very transaction."""
        found = self._administrator.execute("SELECT pg_current_xact_id()::text").fetchone()
        assert found is not None
        return int(found[0])
