"""PostgreSQL's and Neon's error texts, sorted into stable codes.

At connect psycopg gives no SQLSTATE, and Neon's proxy answers XX000 for everything, so a text is all there is: it is
matched by its constant parts. Sources: neondatabase/neon proxy/src/{auth,compute,pglb,control_plane}; PostgreSQL 18
libpq fe-connect.c, fe-secure-openssl.c, fe-auth.c, and the server's postmaster.c, auth.c, postinit.c. PgBouncer's,
Prisma's and Node's words are there too: a backend that is looked into speaks with those.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from soundcheck.stores.error_words import without_names


class PostgresCode(StrEnum):
    """Why a server, a proxy before it, or libpq would not connect. The names are part of the JSON output."""

    PASSWORD = "password"  # noqa: S105 - a code
    NO_PASSWORD = "no_password"  # noqa: S105 - a code
    UNKNOWN_ROLE = "unknown_role"
    ENDPOINT_NOT_FOUND = "endpoint_not_found"
    NO_SNI = "no_sni"
    ENDPOINT_MISMATCH = "endpoint_mismatch"
    INSECURE = "insecure"
    IP_NOT_ALLOWED = "ip_not_allowed"
    NETWORK_BLOCKED = "network_blocked"
    COMPUTE_QUOTA = "compute_quota"
    TRANSFER_QUOTA = "transfer_quota"
    STORAGE_FULL = "storage_full"
    ENDPOINT_LIMIT = "endpoint_limit"
    RATE_LIMIT = "rate_limit"
    ENDPOINT_DISABLED = "endpoint_disabled"
    ENDPOINT_UNAVAILABLE = "endpoint_unavailable"
    BUSY = "busy"
    COMPUTE_UNREACHABLE = "compute_unreachable"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    AUTHENTICATION_TIMEOUT = "authentication_timeout"
    DATABASE_MISSING = "database_missing"
    DATABASE_CLOSED = "database_closed"
    NOT_PERMITTED = "not_permitted"
    ROLE_CANNOT_LOGIN = "role_cannot_login"
    STARTING = "starting"
    SHUTTING_DOWN = "shutting_down"
    NO_ENCRYPTION = "no_encryption"
    NOT_LISTED = "not_listed"
    STARTUP_PARAMETER = "startup_parameter"
    CHANNEL_BINDING = "channel_binding"
    BAD_SSLMODE = "bad_sslmode"
    WEAK_SSLMODE = "weak_sslmode"
    TLS_NOT_OFFERED = "tls_not_offered"
    TLS_NO_ROOT = "tls_no_root"
    TLS_WRONG_HOST = "tls_wrong_host"
    TLS_EXPIRED = "tls_expired"
    TLS_UNKNOWN_CA = "tls_unknown_ca"
    TLS_BROKEN = "tls_broken"
    NOT_POSTGRES = "not_postgres"
    PREPARED_STATEMENT = "prepared_statement"
    POOLER_STUCK = "pooler_stuck"
    UNKNOWN_NAME = "unknown_name"
    NO_NETWORK = "no_network"
    REFUSED = "refused"
    NOT_OURS = "not_ours"
    CLEAR_TEXT = "clear_text"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CUT = "cut"
    UNKNOWN = "unknown"


RETRYABLE: Final = frozenset(
    {
        PostgresCode.STARTING, PostgresCode.SHUTTING_DOWN, PostgresCode.BUSY, PostgresCode.COMPUTE_UNREACHABLE,
        PostgresCode.CUT, PostgresCode.TIMEOUT,
    }
)  # fmt: skip
"""Failures that a compute which is just waking, or a server which is just starting, shows: worth one more try."""

_TABLE: Final[tuple[tuple[PostgresCode, str], ...]] = (
    # Neon's proxy and control plane
    (PostgresCode.NO_SNI, r"Endpoint ID is not specified"),
    (PostgresCode.ENDPOINT_MISMATCH, r"Inconsistent project name inferred from SNI"),
    (PostgresCode.INSECURE, r"connection is insecure"),
    (PostgresCode.IP_NOT_ALLOWED, r"This IP address .* is not allowed to connect"),
    (PostgresCode.NETWORK_BLOCKED, r"access this endpoint from a blocked network"),
    (PostgresCode.COMPUTE_QUOTA, r"exceeded the (compute time|active time)"),
    (PostgresCode.TRANSFER_QUOTA, r"exceeded the data transfer quota"),
    (PostgresCode.STORAGE_FULL, r"exceeded the (written data|logical size) quota"),
    (PostgresCode.STORAGE_FULL, r"project size limit .* has been exceeded"),
    (PostgresCode.ENDPOINT_LIMIT, r"limit of concurrently active endpoints"),
    (PostgresCode.RATE_LIMIT, r"exceeded the rate limit|Too many connections attempts"),
    (PostgresCode.ENDPOINT_NOT_FOUND, r"requested endpoint could not be found|endpoint cannot be found"),
    (PostgresCode.ENDPOINT_DISABLED, r"endpoint is disabled|endpoint is temporarily disabled"),
    (PostgresCode.ENDPOINT_UNAVAILABLE, r"endpoint is temporarily unavailable|Control plane request failed"),
    (PostgresCode.BUSY, r"already has running operations"),
    (PostgresCode.COMPUTE_UNREACHABLE, r"Couldn't connect to compute node"),
    (PostgresCode.AUTHENTICATION_TIMEOUT, r"Authentication timed out|canceling authentication due to timeout"),
    (
        PostgresCode.TOO_MANY_CONNECTIONS,
        r"Too many connections to this endpoint|Failed to acquire permit to connect|sorry, too many clients already"
        r"|remaining connection slots are reserved|no more connections allowed|too many connections for"
        r"|query_wait_timeout|Timed out fetching a new connection",
    ),
    # PgBouncer (src/client.c, src/objects.c, src/janitor.c)
    (
        PostgresCode.POOLER_STUCK,
        r"server login has been failing|pgbouncer cannot connect to server|server DNS lookup failed"
        r"|bouncer config error",
    ),
    (PostgresCode.UNKNOWN_ROLE, r"no such user"),
    (PostgresCode.DATABASE_MISSING, r"no such database"),
    (PostgresCode.DATABASE_CLOSED, r"database does not allow connections|database .* is disabled"),
    (PostgresCode.AUTHENTICATION_TIMEOUT, r"client_login_timeout"),
    (PostgresCode.SHUTTING_DOWN, r"pgbouncer is shutting down|bouncer is shutting down"),
    (PostgresCode.NO_ENCRYPTION, r"^(?:ERROR|FATAL):\s+SSL required|\bSSL required\b"),
    (PostgresCode.PREPARED_STATEMENT, r"prepared statement \".*\" (already exists|does not exist)"),
    # Prisma's codes P1000, P1001, P1003, P1010, P1011, P1017
    (PostgresCode.PASSWORD, r"Authentication failed against database server"),
    (PostgresCode.UNREACHABLE, r"Can't reach database server"),
    (PostgresCode.DATABASE_MISSING, r"Database .* does not exist on the database server"),
    (PostgresCode.NOT_PERMITTED, r"was denied access on the database"),
    (PostgresCode.TLS_BROKEN, r"Error opening a TLS connection"),
    (PostgresCode.CUT, r"Server has closed the connection"),
    # The server
    (PostgresCode.PASSWORD, r"password authentication failed for user|S(CRAM|ASL) authentication failed"),
    (PostgresCode.NO_PASSWORD, r"no password supplied|empty password returned by client"),
    (PostgresCode.UNKNOWN_ROLE, r"role \".*\" does not exist"),
    (PostgresCode.ROLE_CANNOT_LOGIN, r"role \".*\" is not permitted to log in"),
    (PostgresCode.DATABASE_MISSING, r"database \".*\" does not exist"),
    (PostgresCode.DATABASE_CLOSED, r"is not currently accepting connections"),
    (PostgresCode.NOT_PERMITTED, r"permission denied for database"),
    (PostgresCode.STARTING, r"the database system is (starting up|not yet accepting connections|in recovery mode)"),
    (PostgresCode.SHUTTING_DOWN, r"the database system is shutting down|terminating connection due to administrator"),
    (PostgresCode.NO_ENCRYPTION, r"(no pg_hba\.conf entry|pg_hba\.conf rejects).*(no encryption|SSL off)"),
    (PostgresCode.NOT_LISTED, r"no pg_hba\.conf entry|pg_hba\.conf rejects"),
    (PostgresCode.STARTUP_PARAMETER, r"unsupported startup parameter|unrecognized configuration parameter"),
    (PostgresCode.STORAGE_FULL, r"could not extend file|No space left on device"),
    # libpq
    (PostgresCode.CHANNEL_BINDING, r"channel binding (is )?required|channel binding is not supported"),
    (PostgresCode.BAD_SSLMODE, r"invalid sslmode value"),
    (PostgresCode.WEAK_SSLMODE, r"weak sslmode"),
    (PostgresCode.TLS_NOT_OFFERED, r"server does not support SSL"),
    (PostgresCode.TLS_NO_ROOT, r"root certificate file \".*\" does not exist|could not read root certificate file"),
    (PostgresCode.TLS_WRONG_HOST, r"server certificate for .* does not match host name"),
    (PostgresCode.TLS_EXPIRED, r"certificate has expired"),
    (PostgresCode.TLS_UNKNOWN_CA, r"certificate verify failed"),
    (PostgresCode.NOT_POSTGRES, r"invalid response to SSL negotiation|expected authentication request from server"),
    (PostgresCode.CUT, r"closed the connection unexpectedly|reset by peer"),
    (PostgresCode.CUT, r"SSL SYSCALL error|SSL connection has been closed"),
    (PostgresCode.NOT_OURS, r"requirement \"scram-sha-256\" failed"),
    (PostgresCode.CLEAR_TEXT, r"server requested a cleartext password|asks for the password unencrypted"),
    (PostgresCode.REFUSED, r"Connection refused"),
    (PostgresCode.UNREACHABLE, r"No route to host|Network is unreachable"),
    (PostgresCode.TIMEOUT, r"timeout expired|timed out"),
    (PostgresCode.UNKNOWN_NAME, r"Name or service not known|nodename nor servname|could not translate host name"),
    # Node's own words, and node-pg's
    (PostgresCode.UNKNOWN_NAME, r"(?-i:\bENOTFOUND\b)"),
    (PostgresCode.NO_NETWORK, r"(?-i:\bEAI_AGAIN\b)|Temporary failure in name resolution"),
    (PostgresCode.REFUSED, r"(?-i:\bECONNREFUSED\b)"),
    (
        PostgresCode.TIMEOUT,
        r"(?-i:\bETIMEDOUT\b)|timeout exceeded when trying to connect|terminated due to connection timeout",
    ),
    (PostgresCode.CUT, r"(?-i:\bECONNRESET\b)|Connection terminated unexpectedly"),
    (PostgresCode.UNREACHABLE, r"(?-i:\b(?:EHOSTUNREACH|ENETUNREACH)\b)"),
    (PostgresCode.TLS_NOT_OFFERED, r"does not support SSL"),
    (PostgresCode.TLS_WRONG_HOST, r"Hostname/IP does not match certificate"),
    (PostgresCode.TLS_UNKNOWN_CA, r"self.signed certificate|unable to (verify the first certificate|get .*issuer)"),
    (PostgresCode.TLS_BROKEN, r"SSL error"),
)  # fmt: skip

_COMPILED: Final = tuple((code, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for code, pattern in _TABLE)

_PREFIX: Final = re.compile(r"connection (?:failed|is bad|to server at)\b.*?failed: ", re.DOTALL)


_OWN: Final = "scram-sha-256"
"""What is quoted and no name."""


def classify(text: str) -> PostgresCode:
    """The code of an error text, of whoever said it; `UNKNOWN` where no known part occurs in it.

    Names of hosts, roles and databases stand in quotes, and decide nothing.
    """
    words = without_names(text, _OWN)
    return next((code for code, pattern in _COMPILED if pattern.search(words)), PostgresCode.UNKNOWN)


def shorten(text: str) -> str:
    """What the other side said, on one line: without psycopg's and libpq's preamble, which repeats host and address."""
    said = _PREFIX.sub("", text, count=1)
    said = said.removeprefix("connection is bad: ")
    said = re.sub(r"^(?:ERROR|FATAL|PANIC):\s+", "", said.strip())
    return " ".join(said.split())
