"""What the schema engine and its connection can fail with: stable codes, and each in words with its cure."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from soundcheck.stores.errors import StepFailed
from soundcheck.stores.prisma.extension_hints import extension_hint
from soundcheck.stores.stranger import Stranger


class FailureCode(StrEnum):
    """The codes of `node/failures.mjs`, and those that only the calling side can see."""

    AUTHENTICATION_FAILED = "authentication_failed"
    ACCESS_DENIED = "access_denied"
    DATABASE_MISSING = "database_missing"
    PERMISSION_DENIED = "permission_denied"
    READ_ONLY = "read_only"
    DISK_FULL = "disk_full"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    STARTING_UP = "starting_up"
    UNREACHABLE = "unreachable"
    NOT_OURS = "not_ours"
    CLEAR_TEXT = "clear_text"
    UNKNOWN_HOST = "unknown_host"
    TIMEOUT = "timeout"
    TLS = "tls"
    TLS_UNSUPPORTED = "tls_unsupported"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_NAME = "tls_name"
    TLS_SETTINGS = "tls_settings"
    LOCK_TIMEOUT = "lock_timeout"
    PUSH_LOCK = "push_lock"
    SCHEMA_INVALID = "schema_invalid"
    SCHEMA_EMPTY = "schema_empty"
    BLOCKED = "blocked"
    POSTGRES = "postgres"
    ENGINE = "engine"
    DEADLINE = "deadline"


_HINTS: Final[Mapping[FailureCode, tuple[str, str]]] = {
    FailureCode.AUTHENTICATION_FAILED: (
        "The database refuses the user name or the password",
        "Copy the connection string again; a reset password makes the old one void.",
    ),
    FailureCode.ACCESS_DENIED: (
        "The server refuses this kind of connection",
        "Check the user name and sslmode; most cloud databases want sslmode=require.",
    ),
    FailureCode.DATABASE_MISSING: (
        "The database does not exist on that server",
        "Check the name after the host's slash; it is not created by itself.",
    ),
    FailureCode.PERMISSION_DENIED: (
        "The role may not do that",
        "Use the role that owns the database, or have it grant USAGE and CREATE on the schema.",
    ),
    FailureCode.READ_ONLY: ("The server takes no writes", "Use the primary's address, not a replica's."),
    FailureCode.DISK_FULL: ("The server has no space left", "Delete data there, or move to a larger plan."),
    FailureCode.TOO_MANY_CONNECTIONS: ("The server has no connection left", "Close other programs, then try again."),
    FailureCode.STARTING_UP: ("The server is still starting", "Wait some seconds, then try again."),
    FailureCode.UNREACHABLE: (
        "The database server cannot be reached",
        "Check the host and the port, and whether a firewall stands between.",
    ),
    FailureCode.NOT_OURS: ("The local stack's PostgreSQL does not run", Stranger.hint),
    FailureCode.CLEAR_TEXT: (
        "The password was not sent: the server asks for it unencrypted and does not prove who it is",
        "Use sslmode=verify-full. To send it all the same, for this profile: soundcheck doctor --allow-plain",
    ),
    FailureCode.UNKNOWN_HOST: ("The host's name is not known", "Check the spelling of the host and your network."),
    FailureCode.TIMEOUT: (
        "The database server does not answer",
        "A sleeping database wakes in some seconds: try again; else check the network.",
    ),
    FailureCode.TLS: ("The encrypted connection could not be made", "Check that the port is PostgreSQL's own."),
    FailureCode.TLS_UNSUPPORTED: (
        "The server speaks no TLS, and sslmode asks for it",
        "For a server on this machine write sslmode=disable; elsewhere have TLS switched on.",
    ),
    FailureCode.TLS_UNTRUSTED: (
        "The server's certificate is not signed by a trusted authority",
        "Name the right authority's certificate with sslrootcert, or use sslmode=require.",
    ),
    FailureCode.TLS_NAME: (
        "The server's certificate is for another name",
        "Use the name that the certificate is for, or sslmode=verify-ca.",
    ),
    FailureCode.TLS_SETTINGS: ("The TLS settings of the URL cannot be used", "Check sslrootcert and sslmode."),
    FailureCode.LOCK_TIMEOUT: (
        "Another session holds a lock on a table",
        "Close the transaction that is open there, then push again; nothing of this push is half done.",
    ),
    FailureCode.PUSH_LOCK: ("Another push is at work on this database", "Wait until it is done, then push again."),
    FailureCode.SCHEMA_INVALID: ("The Prisma schema does not parse", "Mend the line it names."),
    FailureCode.SCHEMA_EMPTY: (
        "The Prisma schema does not say which database it is for",
        "Write a datasource block into it; or delete the file if it is empty, and ours is offered.",
    ),
    FailureCode.BLOCKED: (
        "The push cannot be done on what is there",
        "Do what it says, then run `soundcheck setup` again.",
    ),
    FailureCode.POSTGRES: ("PostgreSQL refuses a statement", "Its own words say what stands in the way."),
    FailureCode.ENGINE: ("The schema engine failed", "Try again; if it stays, report it with these words."),
    FailureCode.DEADLINE: (
        "The database did not finish in time and was left",
        "Check the network; what was not committed is rolled back by the server.",
    ),
}


_NO_DATASOURCE: Final = "There is no datasource in the schema"
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_SCHEMA_ERROR: Final = re.compile(r"error: (?P<what>.+?)\n\s*-->\s*(?P<where>\S+:\d+)", re.DOTALL)


class PrismaFailure(StepFailed):
    """A plan, a push or a reading that did not succeed. `message` ends in the server's or engine's own words."""

    def __init__(self, code: FailureCode, said: str, *, endpoint: str = "", statement: str = "") -> None:
        what, hint = _HINTS[code]
        where = f" ({endpoint})" if endpoint else ""
        at = f" At: {' '.join(statement.split())[:160]}" if statement else ""
        ended = said.strip() if said.rstrip().endswith(";") else f"{said.strip().rstrip('.')}."
        super().__init__(f"{what}{where}: {ended}{at}", extension_hint(said) or hint)
        self.code = code
        self.said = said
        self.statement = statement


_OF_THE_ADDRESS: Final = frozenset(
    {
        FailureCode.AUTHENTICATION_FAILED, FailureCode.ACCESS_DENIED, FailureCode.DATABASE_MISSING,
        FailureCode.UNREACHABLE, FailureCode.UNKNOWN_HOST, FailureCode.TIMEOUT, FailureCode.CLEAR_TEXT, FailureCode.TLS,
        FailureCode.TLS_UNSUPPORTED, FailureCode.TLS_UNTRUSTED, FailureCode.TLS_NAME, FailureCode.TLS_SETTINGS,
    }
)  # fmt: skip
"""Failures that lie in the address that was used."""


@contextlib.contextmanager
def naming(variable: str) -> Iterator[None]:
    """Let a failure of the address say which variable holds it."""
    try:
        yield
    except PrismaFailure as failure:
        if failure.code in _OF_THE_ADDRESS and variable not in failure.message:
            failure.message = f"{variable}: {failure.message}"
            failure.args = (failure.message,)
        raise


def failure_from(error: Mapping[str, object], *, endpoint: str = "") -> PrismaFailure:
    """The failure that a Node child's `error` object tells of; an unknown code counts as the engine's."""
    try:
        code = FailureCode(str(error.get("code")))
    except ValueError:
        code = FailureCode.ENGINE
    said = " ".join(str(error[k]) for k in ("message", "detail") if error.get(k))
    if code is FailureCode.ENGINE and said.startswith(_NO_DATASOURCE):
        code, said = FailureCode.SCHEMA_EMPTY, _NO_DATASOURCE  # what follows is the engine's own stack
    if code is FailureCode.SCHEMA_INVALID:
        said = _by_line(said)
    return PrismaFailure(
        code, said or "no reason was given", endpoint=endpoint, statement=str(error.get("statement", ""))
    )


def _by_line(report: str) -> str:
    """Prisma's report, drawn for a terminal, as `schema.prisma:12: what is wrong` for each error."""
    plain = _COLOURS.sub("", report)
    found = [f"{match['where']}: {' '.join(match['what'].split())}" for match in _SCHEMA_ERROR.finditer(plain)]
    return " ".join(found) or " ".join(plain.split())
