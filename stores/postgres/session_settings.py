"""Every session setting that changes what a text means, fixed once for all statements.

A server, a database, a role, and another client of the same pooler may all have set these. They are set in the
statement's own transaction, because startup options do not pass PgBouncer, and they travel with its BEGIN. Loaders and
dumpers (`connections`) rely on the texts that these settings give, never on what the connection reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

UTC: Final = "UTC"

STEADY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DateStyle": "ISO, MDY",
        "IntervalStyle": "postgres",
        "timezone_abbreviations": "Default",
        "extra_float_digits": "1",
        "bytea_output": "hex",
        "lc_monetary": "C",
        "lc_numeric": "C",
        "xmloption": "content",
        "xmlbinary": "base64",
        "array_nulls": "on",
        "standard_conforming_strings": "on",
        "backslash_quote": "safe_encoding",
        "escape_string_warning": "on",
        "transform_null_equals": "off",
        "quote_all_identifiers": "off",
    }
)
"""How a value is written as text and a text read as a value. `TimeZone`, which the caller chooses, and
`client_encoding`, which depends on the database, belong here too."""

_BROWSING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "row_security": "on",
        "lock_timeout": "0",
        "idle_in_transaction_session_timeout": "0",
        "transaction_timeout": "0",
    }
)
"""A limit of the role's own must not end a read that has its own deadline."""

WATCHING: Final[Mapping[str, str]] = MappingProxyType({"client_connection_check_interval": "2s"})
"""A statement ends with its client, however that ends: without this, one whose client was killed runs on, holding its
locks, until it has an answer to send. It is PostgreSQL 14's; Windows has no way to look, nor 14 on macOS."""

MOVING: Final[Mapping[str, str]] = MappingProxyType(
    {
        # A policy would leave rows out unseen; off, the server refuses instead.
        "row_security": "off",
        # The copy of a large table takes what it takes; a dead peer is found by the keep-alive of the connection.
        "statement_timeout": "0",
        "transaction_timeout": "0",
        "idle_in_transaction_session_timeout": "0",
        "lock_timeout": "30s",
    }
)
"""For carrying whole tables, as pg_dump sets them."""

BEGIN_READING: Final = b"BEGIN READ ONLY, ISOLATION LEVEL READ COMMITTED, NOT DEFERRABLE"
"""The isolation is spelled out: a default of `serializable` may refuse a read, a deferrable one may wait for long."""

BEGIN_WRITING: Final = b"BEGIN ISOLATION LEVEL READ COMMITTED"
"""Not READ WRITE: where the owner made the default read-only, that stands."""

SET: Final = b"""SELECT set_config(s.name, s.value, true) FROM (
VALUES ('client_encoding', CASE current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END),
    ('default_text_search_config', NULL),
    ('search_path', quote_ident(convert_from(decode($3, 'hex'), 'UTF8')))
UNION ALL SELECT * FROM unnest($1::text[], $2::text[])
) AS s(name, value) WHERE (s.value IS NULL OR current_setting(s.name, true) <> s.value)
AND (s.name <> 'client_connection_check_interval' OR version() !~* 'visual|msvc|mingw|PostgreSQL 14.*darwin')"""
"""One statement for all of them, the caller's last. What stands already costs nothing, and what a server does not know
is passed over.

A database in SQL_ASCII holds bytes of any encoding, and refuses those of a client that says it has one.
NULL puts back what a new session gets: what names and words mean is for the database's owner to say. A schema's name is
sent in hex, because the statement is read before `client_encoding` holds.
"""


def for_reading(
    settings: Mapping[str, str], *, timeout: float, zone: str = UTC, schema: str | None = None
) -> tuple[str | None, ...]:
    """The parameters of `SET` for a read of at most `timeout` seconds; its own `settings` win."""
    own = {"statement_timeout": str(max(1, round(timeout * 1000))), **settings}
    return _parameters(tuple({"TimeZone": zone, **_BROWSING, **own}.items()), schema)


def for_writing(*, zone: str = UTC, schema: str | None = None) -> tuple[str | None, ...]:
    """The parameters of `SET` for a transaction that writes; it may take its time."""
    return _parameters(tuple({"TimeZone": zone, **_BROWSING, "statement_timeout": "0"}.items()), schema)


def for_moving(*, schema: str | None = None) -> tuple[str | None, ...]:
    """The parameters of `SET` for one side of a move, whose texts must be the same on both."""
    return _parameters(tuple({"TimeZone": UTC, **MOVING}.items()), schema)


@lru_cache(maxsize=64)
def _parameters(chosen: tuple[tuple[str, str], ...], schema: str | None) -> tuple[str | None, ...]:
    named = {**STEADY, **WATCHING, **dict(chosen)}
    names, values = _array(named.keys()), _array(named.values())
    return names, values, None if schema is None else schema.encode("utf-8", "surrogateescape").hex()


def _array(parts: Iterable[str]) -> str:
    """A `text[]` as PostgreSQL reads it under every setting."""
    return "{" + ",".join('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts) + "}"
