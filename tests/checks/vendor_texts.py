"""Every error text of Neon, PostgreSQL, PgBouncer and Upstash that is known, and what it has to lead to.

Sources: neondatabase/neon proxy/src (auth/mod.rs, compute/mod.rs, control_plane/messages.rs, error.rs), pgxn/neon;
PostgreSQL 18 postmaster.c, auth.c, postinit.c; PgBouncer 1.24 client.c, objects.c, janitor.c; upstash/docs
redis/troubleshooting. Each row: the text, whose move it is, words of summary or cause, words of the hint.
"""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.checks.finding import Blame

YOU, NETWORK, PROVIDER, US = Blame.YOU, Blame.NETWORK, Blame.PROVIDER, Blame.US


@dataclass(frozen=True)
class TextRow:
    """One text and the finding it has to lead to."""

    text: str
    blame: Blame
    words: str
    hint: str
    sqlstate: str = "XX000"
    status: int = 400


UPGRADE = " Upgrade your plan to increase limits."
UNPOOLED = (
    ". Please use unpooled connection or remove this parameter from the startup package. More details:"
    " https://neon.tech/docs/connect/connection-errors#unsupported-startup-parameter"
)

NEON_TEXTS = [
    TextRow("password authentication failed for user 'singer'", YOU, "three things", "whole connection string"),
    TextRow(
        "The requested endpoint could not be found, or you don't have access to it. Please check the provided ID and"
        " try again.",
        YOU,
        "no endpoint",
        "Neon console",
    ),
    TextRow("Control plane request failed: endpoint cannot be found", YOU, "no endpoint", "Neon console"),
    TextRow(
        "Endpoint ID is not specified. Either please upgrade the postgres client library (libpq) for SNI support or"
        " pass the endpoint ID (first part of the domain name) as a parameter: '?options=endpoint%3D<endpoint-id>'.",
        NETWORK,
        "host name",
        "host name that the Neon console shows",
    ),
    TextRow(
        "Inconsistent project name inferred from SNI ('ep-a') and project option ('ep-b').",
        YOU,
        "two different Neon endpoints",
        "options=endpoint",
    ),
    TextRow(
        "connection is insecure (try using `sslmode=require`)", YOU, "encrypted connections only", "sslmode=require"
    ),
    TextRow(
        "This IP address 192.0.2.7 is not allowed to connect to this endpoint. Please add it to the allowed list in the"
        " Neon console. Make sure to check for IPv4 or IPv6 addresses.",
        YOU,
        "from this network",
        "Network security",
    ),
    TextRow(
        "This connection is trying to access this endpoint from a blocked network.",
        YOU,
        "public internet",
        "public access",
    ),
    TextRow(
        "Your account or project has exceeded the compute time quota." + UPGRADE, PROVIDER, "computing time", "--local"
    ),
    TextRow("You've exceeded the compute time for this branch. Upgrade.", PROVIDER, "computing time", "--local"),
    TextRow("Your project has exceeded the active time quota." + UPGRADE, PROVIDER, "computing time", "--local"),
    TextRow("Your project has exceeded the data transfer quota." + UPGRADE, PROVIDER, "data transfer", "upgrade"),
    TextRow("Your project has exceeded the logical size quota." + UPGRADE, PROVIDER, "full", "Delete rows"),
    TextRow("Your project has exceeded the written data quota." + UPGRADE, PROVIDER, "full", "Delete rows"),
    TextRow(
        "could not extend file because project size limit (512 MB) has been exceeded", PROVIDER, "full", "Delete rows"
    ),
    TextRow(
        "You have exceeded the limit of concurrently active endpoints. Please suspend some endpoints and try again.",
        PROVIDER,
        "awake at once",
        "Suspend one",
    ),
    TextRow("You've exceeded the rate limit. Please wait a moment and try again.", PROVIDER, "wait a moment", "minute"),
    TextRow("Too many connections attempts", PROVIDER, "wait a moment", "minute"),
    TextRow("Control plane request failed: endpoint is disabled", PROVIDER, "switched off", "Enable the compute"),
    TextRow("Access to this endpoint is temporarily disabled", PROVIDER, "switched off", "Enable the compute"),
    TextRow(
        "Control plane request failed: endpoint is temporarily unavailable. Check your quotas and/or contact our"
        " support.",
        PROVIDER,
        "at the moment",
        "quotas",
    ),
    TextRow("Control plane request failed", PROVIDER, "at the moment", "neonstatus.com"),
    TextRow(
        "Your project already has running operations. Please wait until they complete, and then try again.",
        PROVIDER,
        "busy",
        "minute",
    ),
    TextRow("Couldn't connect to compute node", PROVIDER, "could not wake", "neonstatus.com"),
    TextRow("Too many connections to this endpoint. Please try again later.", YOU, "are taken", "pooled address"),
    TextRow(
        "Failed to acquire permit to connect to the database. Too many database connection attempts are currently"
        " ongoing.",
        YOU,
        "are taken",
        "pooled address",
    ),
    TextRow("no more connections allowed (max_client_conn)", YOU, "are taken", "connection_limit"),
    TextRow("Authentication timed out", NETWORK, "too long", "another network"),
    TextRow('database "songs" does not exist', YOU, "no database called songs", "create the database"),
    TextRow("unsupported startup parameter: statement_timeout" + UNPOOLED, YOU, "parameter", "direct address"),
    TextRow("unsupported startup parameter in options: search_path" + UNPOOLED, YOU, "parameter", "direct address"),
    TextRow("terminating connection due to administrator command", PROVIDER, "shutting down", "up again"),
]

STOCK_TEXTS = [
    TextRow('password authentication failed for user "singer"', YOU, "password of singer", "right password", "28P01"),
    TextRow('role "singer" does not exist', YOU, "no role called singer", "connection string", "28000"),
    TextRow('role "singer" is not permitted to log in', YOU, "not allowed to log in", "ALTER ROLE", "28000"),
    TextRow('database "songs" does not exist', YOU, "no database called songs", "create the database", "3D000"),
    TextRow('database "songs" is not currently accepting connections', YOU, "takes no connections", "another", "55000"),
    TextRow('permission denied for database "songs"', YOU, "may not connect", "GRANT CONNECT", "42501"),
    TextRow("sorry, too many clients already", YOU, "are taken", "connection_limit", "53300"),
    TextRow(
        "remaining connection slots are reserved for roles with the SUPERUSER attribute",
        YOU,
        "are taken",
        "connection_limit",
        "53300",
    ),
    TextRow('too many connections for role "singer"', YOU, "are taken", "connection_limit", "53300"),
    TextRow("the database system is starting up", PROVIDER, "just starting", "minute", "57P03"),
    TextRow("the database system is in recovery mode", PROVIDER, "just starting", "minute", "57P03"),
    TextRow("the database system is shutting down", PROVIDER, "shutting down", "up again", "57P03"),
    TextRow(
        'no pg_hba.conf entry for host "192.0.2.7", user "singer", database "songs", no encryption',
        YOU,
        "encrypted connections only",
        "sslmode=require",
        "28000",
    ),
    TextRow(
        'no pg_hba.conf entry for host "192.0.2.7", user "singer", database "songs", SSL encryption',
        YOU,
        "does not allow singer",
        "add this machine",
        "28000",
    ),
    TextRow(
        'could not open file "global/pg_filenode.map": No space left on device', PROVIDER, "is full", "Delete", "53100"
    ),
    TextRow("something nobody has ever seen", PROVIDER, "something nobody has ever seen", "Read the answer", "XX001"),
]

POOLER_TEXTS = [
    TextRow("no such database: songs", YOU, "no database called songs", "connection string", "08P01"),
    TextRow("no such user: singer", YOU, "no role called singer", "connection string", "08P01"),
    TextRow("SASL authentication failed", YOU, "password of singer", "right password", "08P01"),
    TextRow("query_wait_timeout", YOU, "are taken", "connection_limit", "08P01"),
    TextRow("client_login_timeout (server down)", NETWORK, "too long", "another network", "08P01"),
    TextRow("pgbouncer cannot connect to server", PROVIDER, "server behind it", "auth_query", "08P01"),
    TextRow(
        "server login has been failing, try again later (server_login_retry)",
        PROVIDER,
        "server behind it",
        "auth_query",
        "08P01",
    ),
    TextRow("pgbouncer is shutting down", PROVIDER, "shutting down", "up again", "08P01"),
    TextRow("SSL required", YOU, "encrypted connections only", "sslmode=require", "08P01"),
    TextRow('prepared statement "s0" already exists', YOU, "prepared statement", "DIRECT_URL", "42P05"),
]

SEE = " See https://upstash.com/docs/redis/troubleshooting"

UPSTASH_TEXTS = [
    TextRow(
        "WRONGPASS invalid or missing auth token. See https://docs.upstash.com/redis/troubleshooting/http_unauthorized"
        " for details.",
        YOU,
        "refused the token",
        "REST part",
        status=401,
    ),
    TextRow("Unauthorized", YOU, "refused the token", "REST part", status=401),
    TextRow("WRONGPASS invalid password", YOU, "refused the token", "REST part"),
    TextRow(
        "WRONGPASS invalid username-password pair or user is disabled",
        YOU,
        "refused the token",
        "REST part",
        status=401,
    ),
    TextRow(
        "ERR max requests limit exceeded. Limit: 500000, Usage: 500006." + SEE,
        PROVIDER,
        "This month's commands",
        "--local",
    ),
    TextRow(
        "ERR max daily request limit exceeded. Limit: 10000, Usage: 10001." + SEE,
        PROVIDER,
        "Today's commands",
        "tomorrow",
    ),
    TextRow(
        "ERR DB capacity quota exceeded. Threshold: 268435456 bytes, Usage: 268979370 bytes." + SEE,
        PROVIDER,
        "full",
        "Eviction",
    ),
    TextRow("ERR max request size exceeded", YOU, "larger than Upstash takes", "fewer commands"),
    TextRow("ERR max single record size exceeded", YOU, "larger than Upstash keeps", "Split the value"),
    TextRow("ERR max key size exceeded. Limit: 32768 bytes, Actual: 40000 bytes", YOU, "longer than", "Hash what"),
    TextRow("ERR max concurrent connections exceeded", YOU, "connections", "Stop programs"),
    TextRow(
        "ERR Command is not available: 'SLOWLOG'. See https://upstash.com/docs/redis/overall/rediscompatibility",
        PROVIDER,
        "does not know a command",
        "list",
    ),
    TextRow(
        'ERR Command "AUTH" is not allowed in REST or it has a special context path', US, "over TCP only", "report it"
    ),
    TextRow("ERR wrong number of arguments for 'get' command", US, "did not understand", "report it"),
    TextRow(
        "NOPERM this user has no permissions to run the 'set' command or its subcommand", YOU, "only read", "Read-Only"
    ),
    TextRow("WRONGTYPE Operation against a key holding the wrong kind of value", YOU, "another kind", "prefixes"),
    TextRow("EXECABORT Transaction discarded because of previous errors.", US, "transaction", "report it"),
    TextRow("ERR failed to parse pipeline request", NETWORK, "could not read", "another network"),
    TextRow("the database is archived", PROVIDER, "put the database aside", "restore it"),
    TextRow("this IP address is not allowed", YOU, "from this network", "network's address", status=403),
    TextRow("ERR the moon is too low", PROVIDER, "the moon is too low", "status.upstash.com"),
]
