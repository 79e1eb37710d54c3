"""A database that an address leaves unnamed, so that libpq takes the one called like the user.

Import into your own conftest: `from nameless_address import nameless  # noqa: F401`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.postgres.url import PostgresUrl

ODD = " müsic %41/"


@dataclass(frozen=True)
class Nameless:
    """`text` is the address without a database, `name` what it means: one with a space, an accent and a percent."""

    text: str
    name: str

    @property
    def url(self) -> PostgresUrl:
        """The address as it is read."""
        return PostgresUrl.parse(self.text)


@pytest.fixture
def nameless(superuser_url: PostgresUrl, administrator: psycopg.Connection) -> Iterator[Nameless]:
    """A role, and an empty database of the same odd name."""
    name = f"app{secrets.token_hex(4)}{ODD}"
    one = sql.Identifier(name)
    administrator.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'hunter2secret'").format(one))
    administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(one, one))
    yield Nameless(f"postgresql://{quote(name, safe='')}:hunter2secret@{superuser_url.endpoint}?sslmode=disable", name)
    administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(one))
    administrator.execute(sql.SQL("DROP ROLE {}").format(one))
