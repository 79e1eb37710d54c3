"""What went wrong with a database, in words; the driver's own errors end here.

The text of libpq and of the server may name hosts, users and values, never a password: those are scrubbed as well,
because a server is free to echo what it was sent.
"""

from __future__ import annotations

from enum import StrEnum

from stores.errors import SoundcheckError


class Trouble(StrEnum):
    """What kind of failure it is, for those who decide on it."""

    NAME = "name"  # the host's name has no address
    UNREACHABLE = "unreachable"  # refused, reset, timed out while connecting
    TLS = "tls"
    AUTHENTICATION = "authentication"
    CONNECT = "connect"  # any other refusal while connecting: too many connections, unknown database, starting up
    LOST = "lost"  # the connection broke under a statement, twice for a read
    TIMEOUT = "timeout"  # the statement ran into its limit
    READ_ONLY = "read_only"  # a write was sent as a read
    PRIVILEGE = "privilege"
    MISSING = "missing"  # a table or column is not there
    VALUE = "value"  # a value does not fit its type
    STATEMENT = "statement"  # any other answer of the server


class DatabaseProblem(SoundcheckError):
    """A database that did not do what was asked; `message` and `hint` are free of secrets.

    `sqlstate` is the server's five-character code, "" where none was given (PostgreSQL documentation, appendix A).
    """

    def __init__(self, trouble: Trouble, message: str, hint: str = "", sqlstate: str = "") -> None:
        super().__init__(message, hint)
        self.trouble = trouble
        self.sqlstate = sqlstate
