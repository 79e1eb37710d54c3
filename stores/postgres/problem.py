"""What went wrong with a database, in words; the driver's own errors end here.

The text of libpq and of the server may name hosts, users and values, never a password: those are scrubbed as well,
because a server is free to echo what it was sent.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from soundcheck.stores.error_words import without_names
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.postgres_errors import PostgresCode, classify
from soundcheck.stores.resolver import ResolveError, ResolveFailure
from soundcheck.stores.secret import MASK
from soundcheck.stores.stranger import Stranger


class Trouble(StrEnum):
    """What kind of failure it is, for those who decide on it."""

    NAME = "name"  # the host's name has no address
    UNREACHABLE = "unreachable"  # refused, reset, timed out while connecting
    TLS = "tls"
    AUTHENTICATION = "authentication"
    CONNECT = "connect"  # any other refusal while connecting: too many connections, unknown database, starting up
    LOST = "lost"  # the connection broke under a statement, twice for a read
    TIMEOUT = "timeout"  # the statement ran into its limit
    LOCKED = "locked"  # another connection held a lock for too long
    READ_ONLY = "read_only"  # a write was sent as a read
    PRIVILEGE = "privilege"
    MISSING = "missing"  # a table or column is not there
    VALUE = "value"  # a value does not fit its type
    STATEMENT = "statement"  # any other answer of the server


_AWAY: Final = frozenset(
    {Trouble.NAME, Trouble.UNREACHABLE, Trouble.TLS, Trouble.AUTHENTICATION, Trouble.CONNECT, Trouble.LOST}
)


_TLS_CODES: Final = frozenset(
    {
        PostgresCode.INSECURE, PostgresCode.NO_ENCRYPTION, PostgresCode.CHANNEL_BINDING, PostgresCode.BAD_SSLMODE,
        PostgresCode.WEAK_SSLMODE, PostgresCode.TLS_NOT_OFFERED, PostgresCode.TLS_NO_ROOT, PostgresCode.TLS_WRONG_HOST,
        PostgresCode.TLS_EXPIRED, PostgresCode.TLS_UNKNOWN_CA, PostgresCode.TLS_BROKEN,
    }
)  # fmt: skip
_TLS: Final = re.compile(r"\b(?:SSL|TLS|certificate)\b", re.IGNORECASE)
_AWAY_CODES: Final = frozenset(
    {
        PostgresCode.REFUSED, PostgresCode.UNREACHABLE, PostgresCode.TIMEOUT, PostgresCode.CUT,
        PostgresCode.UNKNOWN_NAME, PostgresCode.NO_NETWORK,
    }
)  # fmt: skip


class DatabaseProblem(SoundcheckError):
    """A database that did not do what was asked; `message` and `hint` are free of secrets.

    `sqlstate` is the server's five-character code, "" where none was given (PostgreSQL documentation, appendix A).
    """

    def __init__(self, trouble: Trouble, message: str, hint: str = "", sqlstate: str = "") -> None:
        super().__init__(message, hint)
        self.trouble = trouble
        self.sqlstate = sqlstate

    @property
    def is_away(self) -> bool:
        """Whether the database itself was out of reach, so that any other question would fail as well."""
        return self.trouble in _AWAY or (self.trouble is Trouble.TIMEOUT and not self.sqlstate)


def connect_problem(error: Exception, url: PostgresUrl) -> DatabaseProblem:
    """Why no connection came about, from the resolver's or the driver's error.

    libpq gives no code for these, so `classify` tells them apart by their words.
    """
    where = url.endpoint
    if isinstance(error, ResolveError):
        if error.failure is ResolveFailure.UNKNOWN_NAME:
            # Without any DNS the answer is the same, and only a second name tells the two apart: doctor asks it.
            return DatabaseProblem(
                Trouble.NAME,
                f"The name {url.host} was not found.",
                "If this machine is offline, check the network (Wi-Fi, VPN, DNS); else compare the host in "
                "DATABASE_URL. `soundcheck doctor` tells which it is.",
            )
        return DatabaseProblem(
            Trouble.NAME, f"The name {url.host} could not be looked up.", "Check this machine's network."
        )
    if isinstance(error, Stranger):
        return DatabaseProblem(Trouble.UNREACHABLE, f"{error}.", error.hint)
    text = _scrubbed(str(error), url)
    code, said = classify(text), _last_line(text)
    if code is PostgresCode.NOT_OURS:  # asked of a local stack's server alone
        return DatabaseProblem(
            Trouble.UNREACHABLE, f"{where} is not the local stack's PostgreSQL: {said}.", Stranger.hint
        )
    if code is PostgresCode.CLEAR_TEXT:
        return DatabaseProblem(
            Trouble.TLS,
            f"{where} asks for the password unencrypted and does not prove who it is, so it was not sent.",
            "Use sslmode=verify-full. To send it all the same, for this profile: soundcheck doctor --allow-plain",
        )
    if code in {PostgresCode.PASSWORD, PostgresCode.NO_PASSWORD}:
        return DatabaseProblem(
            Trouble.AUTHENTICATION,
            f"{where} refused the user {url.user or '(none)'} or its password.",
            "Copy the connection string again: the password may have been reset"
            + (", or the endpoint may have been deleted." if url.is_neon else "."),
        )
    if code in _TLS_CODES or (code is PostgresCode.UNKNOWN and _TLS.search(without_names(text))):
        return DatabaseProblem(Trouble.TLS, f"No secure connection to {where}: {said}", "Check sslmode in the URL.")
    if code in _AWAY_CODES:
        return DatabaseProblem(
            Trouble.UNREACHABLE, f"{where} does not answer: {said}", "Check the host and port, and your network."
        )
    return DatabaseProblem(Trouble.CONNECT, f"{where} refused the connection: {said}", "Run soundcheck doctor.")


_CHANGED: Final = "The schema may have changed a moment ago; try again."
_BY_STATE = {
    "57014": (Trouble.TIMEOUT, "Narrow it down, or sort by a column that has an index."),
    "55P03": (Trouble.LOCKED, "Another connection holds the lock: try again when its transaction has ended."),
    "25006": (Trouble.READ_ONLY, "Nothing was changed."),
    "42501": (Trouble.PRIVILEGE, "This role lacks the right; ask the database's owner for it."),
    "42P01": (Trouble.MISSING, _CHANGED),
    "42703": (Trouble.MISSING, _CHANGED),
    "3F000": (Trouble.MISSING, _CHANGED),
}


def statement_problem(error: Exception, url: PostgresUrl) -> DatabaseProblem:
    """What the server answered to a statement, from a `psycopg.Error`; classes are those of appendix A."""
    state = getattr(error, "sqlstate", None) or ""
    diagnosis = getattr(error, "diag", None)
    said = getattr(diagnosis, "message_primary", None) or _last_line(str(error))
    said = _scrubbed(said, url)
    hint = _scrubbed(getattr(diagnosis, "message_hint", None) or "", url)
    if state in _BY_STATE:
        trouble, ours = _BY_STATE[state]
        return DatabaseProblem(trouble, f"The database answered: {said}.", hint or ours, state)
    if state.startswith("22"):
        return DatabaseProblem(Trouble.VALUE, f"The database answered: {said}.", hint, state)
    if state.startswith(("57P", "08")) or (not state and type(error).__name__ == "OperationalError"):
        return DatabaseProblem(
            Trouble.LOST, f"The connection to {url.endpoint} broke: {said}.", "Try again in a moment.", state
        )
    return DatabaseProblem(Trouble.STATEMENT, f"The database answered: {said}.", hint, state)


def _scrubbed(text: str, url: PostgresUrl) -> str:
    secret = url.password.reveal() if url.password else ""
    for form in {secret, quote(secret, safe="")} - {""}:
        text = text.replace(form, MASK)
    return text


def _last_line(text: str) -> str:
    """The cause alone: libpq puts the address before it, and a question to the reader behind it."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().endswith("?")]
    if not lines:
        return "no reason given"
    return lines[-1].rpartition(" failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")


def is_away(problem: SoundcheckError) -> bool:
    """Whether it says that the database itself cannot be reached, so that what was read before is all there is."""
    return isinstance(problem, DatabaseProblem) and problem.is_away
