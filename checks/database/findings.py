"""Everything the database checks can say, apart from the failures of its layers. Texts only."""

from __future__ import annotations

from typing import Final

from soundcheck.checks.database.failures import FAILURES
from soundcheck.checks.explanation import Explanation, Explanations, holds, joined, not_asked, phrase, warning
from soundcheck.checks.finding import Blame
from soundcheck.checks.fixes import POOL, PUSH_TABLES, SSLMODE, UNPOOL
from soundcheck.stores.credentials import DATABASE_URL

OLDEST_SERVER: Final = 15
"""The oldest major version of PostgreSQL with which everything was tried."""

FREE_BYTES: Final = 512 * 1024 * 1024
"""What the free plan of Neon holds (neon.com/docs, plans: 0.5 GB for each project)."""

PLANNED_MS: Final = 20.0
"""What the plan wants of a database query; within it no more than one round trip fits."""

_YOU: Final = Blame.YOU
_SETUP: Final = "{press:setup}"

URL: Final[Explanations] = {
    "local": holds(f"{DATABASE_URL} points to this machine ({{endpoint}}): for development."),
    "there": holds(f"{DATABASE_URL} points to {{endpoint}}."),
    "unreadable": Explanation(
        f"{DATABASE_URL} cannot be read: {{message}}.",
        "Special characters of a password must be percent-encoded, and nothing may stand around the address.",
        _YOU,
        "{paste} the connection string; it is repaired there.",
    ),
    "missing": Explanation(
        f"There is no {DATABASE_URL}.",
        "Neither {env_file} nor the environment has one.",
        _YOU,
        "Run `{run:setup}`; with no account yet, `{run:setup --local}`.",
    ),
    "env_file": phrase("the env file"),
}

_VERSION: Final = "PostgreSQL {version} answers a query in {round_trip:.1f} ms."

LAYERS: Final = joined(
    FAILURES,
    {
        "skipped": not_asked("Not needed here.", "{reason}"),
        "found": holds("{host} is {address}."),
        "number": holds("{host} is a number and needs no lookup."),
        "answers": holds("{endpoint} answers in {elapsed:.0f} ms."),
        "intercepted": warning(
            "Someone stands between this machine and the server: the certificate is issued by {issuer}.",
            "That is {product}: it opens the encrypted connection and reads along.",
            Blame.NETWORK,
            "Ask who runs this network whether that is intended, or use another network.",
        ),
        "untrusted": warning(
            "Someone stands between this machine and the server: the certificate is issued by {issuer}.",
            "Neon's own certificate is trusted everywhere; this one is not, so a proxy opens the connection.",
            Blame.NETWORK,
            "Ask who runs this network whether that is intended, or use another network.",
        ),
        "ends_soon": warning(
            "The server's certificate ends in {days} days.",
            "It is valid until {not_after}.",
            Blame.PROVIDER,
            "Whoever runs the server has to renew it; Neon does that by itself.",
        ),
        "plain_text": warning(
            "The connection is not encrypted.",
            "sslmode={sslmode}: password and rows cross the network in plain text.",
            _YOU,
            f"Put sslmode=require into {DATABASE_URL} unless the network is yours alone.",
            fixes=(SSLMODE,),
        ),
        "plain_here": holds("Not encrypted, and it stays on this machine."),
        "encrypted": holds("{tls_version}, certificate by {issuer}."),
        "unnamed": phrase("an unnamed issuer"),
        "logged_in": holds("{user} is logged in to {database} in {elapsed:.0f} ms."),
        "old": warning(
            _VERSION,
            f"Push and these checks were tried from PostgreSQL {OLDEST_SERVER} on; older ones get no security"
            " updates, or soon will not.",
            _YOU,
            "Make a project with a newer version (Neon: New project, Postgres version) and move the data over.",
            "https://www.postgresql.org/support/versioning/",
        ),
        "answered": holds(_VERSION),
    },
)

LATENCY: Final[Explanations] = {
    "not_measured": not_asked("Not measured.", "no round trip was measured"),
    "near": holds("A round trip{towards} takes {trip:.1f} ms."),
    "over_plan": holds(
        "A round trip{towards} takes {trip:.1f} ms. That is over the plan's"
        f" {PLANNED_MS:.0f} ms, which hold where the backend runs nearby."
    ),
    "far": warning(
        "A round trip{towards} takes {trip:.1f} ms.",
        f"The plan wants queries under {PLANNED_MS:.0f} ms. The way may be up to {{kilometres:,.0f}} km long, or the"
        " network is slow.",
        Blame.NETWORK,
        "Measure it from where the backend runs; let it run {nearer}, or choose a nearer region in the console.",
    ),
    "to_region": phrase(" to {region}"),
    "in_region": phrase("in or near {region}"),
    "near_it": phrase("near it"),
}

CLOCK: Final = joined(
    FAILURES,
    {
        "local": not_asked("Not needed here.", "the database is on this machine"),
        "not_told": not_asked("Not measured.", "the server told no time"),
        "agree": holds("This machine's clock and the database's agree within {seconds:.1f} s."),
        "apart": warning(
            "This machine's clock is {apart} {way} the database's.",
            "Sessions and one-time codes end at the wrong time, and certificates seem expired or not yet valid.",
            _YOU,
            "Switch automatic time on in the system's settings (Linux: timedatectl set-ntp true).",
        ),
        "behind": phrase("behind"),
        "ahead": phrase("ahead of"),
        "seconds": phrase("{amount:.0f} s"),
        "minutes": phrase("{amount:.0f} min"),
        "hours": phrase("{amount:.0f} h"),
    },
)

ROLE: Final = joined(
    FAILURES,
    {
        "read_only": Explanation(
            "{role} can only read here.",
            "The server is a read replica, or the role is set to read-only.",
            _YOU,
            "Use the address of the primary compute, and a role that may write.",
        ),
        "may_not_create": Explanation(
            "{role} may not create tables.",
            "The role lacks the CREATE right on the schema, so push would be refused.",
            _YOU,
            "Use the role that owns the database (neondb_owner at Neon), or have CREATE granted.",
        ),
        "superuser": warning(
            "{role} is a superuser.",
            "An application that connects as a superuser can break the whole server.",
            _YOU,
            "Create a role of its own for the application.",
        ),
        "may_create": holds("{role} may create tables."),
    },
)

_IN_USE: Final = "{used} of {usable} connections in use, {megabytes:.0f} MB stored."

LIMITS: Final = joined(
    FAILURES,
    {
        "limit_too_high": warning(
            "connection_limit={limit} is more than the {usable} connections this server gives.",
            "Without the pooler each connection of the application is one of the server's.",
            _YOU,
            "Use the pooled address (with -pooler), or lower connection_limit.",
            fixes=(POOL,),
        ),
        "nearly_full": warning(
            f"{{megabytes:.0f}} MB are stored; Neon's free plan holds {FREE_BYTES / 1_000_000:.0f} MB.",
            "A full project refuses every write.",
            _YOU,
            "Delete what you do not need (`{run:seed --remove}` for sample data), or upgrade the plan.",
        ),
        "nearly_all_taken": warning(
            _IN_USE,
            "Nearly all connections are taken.",
            _YOU,
            "Stop idle programs, or use the pooled address.",
            fixes=(POOL,),
        ),
        "room": holds(_IN_USE),
    },
)

POOLING: Final = joined(
    FAILURES,
    {
        "local": not_asked("Not needed here.", "the local stack has no pooler"),
        "direct_is_pooled": Explanation(
            "DIRECT_URL goes through the pooler.",
            "`prisma db push` needs a session of its own, which a pooler does not give.",
            _YOU,
            f"Take -pooler out of the host of DIRECT_URL; Setup does it for you ({_SETUP}).",
            fixes=(UNPOOL,),
        ),
        "both_fail": not_asked("The direct address fails as well.", "{check}"),
        "direct_fails": Explanation(
            "The application can connect; push cannot: the direct address (DIRECT_URL) fails.",
            "{failure.summary:DATABASE_URL→DIRECT_URL} {failure.cause:DATABASE_URL→DIRECT_URL}",
            hint="{failure.hint:DATABASE_URL→DIRECT_URL}",
        ),
        "pooled_fails": warning(
            "The pooled address fails; the direct one works.",
            "The application cannot connect, while `prisma db push` still can.",
            Blame.PROVIDER,
            "See the failed check of the database; until then the direct address can stand in DATABASE_URL.",
        ),
        "two_databases": warning(
            "DATABASE_URL and DIRECT_URL name different databases.",
            "{pooled} and {direct}: tables would be pushed to one and looked for in the other.",
            _YOU,
            "Take both from the same page of the Neon console.",
        ),
        "not_neon": not_asked("Not needed here.", "only Neon's pooler is known by its name"),
        "not_pooled": warning(
            "DATABASE_URL goes past the pooler.",
            "Each connection of the application takes one of the server's, about a hundred on the free plan.",
            _YOU,
            f"Use the address with -pooler in DATABASE_URL; Setup derives it ({_SETUP}).",
            fixes=(POOL,),
        ),
        "right": holds("The application uses the pooler, push goes past it."),
    },
)

_MISSING: Final = "Table doesn't exist: {tables:, |11}."
_DEPLOY: Final = "Type: {deploy}. If no migration makes it, add one: {develop}"

TABLES: Final = joined(
    FAILURES,
    {
        "missing": Explanation(
            _MISSING,
            "{database} has {there} of the schema's {expected} tables: `prisma db push` has not been run there, or ran"
            " on another database.",
            _YOU,
            "{press:back_to_database} and creates them.",
            fixes=(PUSH_TABLES,),
        ),
        "not_migrated": Explanation(
            _MISSING,
            "{database} has {there} of the schema's {expected} tables. This project's tables come from its migrations,"
            " and nothing is pushed past them.",
            _YOU,
            "Run `{deploy}` with this DATABASE_URL, then {press:again}.",
        ),
        "extra": holds("Found {expected} tables, and {count} outside the schema: {tables:, |11}."),
        "there": holds("Found {expected} tables."),
    },
)

_DIFFERS: Final = "The database differs from the schema: {differences:, |3}."
_CHANGED: Final = "The schema was changed after the last push, or someone changed the tables by hand."
_NOT_COMPARED: Final = "Database and schema could not be compared: {message}"
_COMPARISON: Final = "The comparison goes over the direct address (DIRECT_URL), with Prisma's own engine."

DRIFT: Final[Explanations] = {
    "in_sync": holds("The tables are as the schema says."),
    "in_sync_kept": holds("The tables are as the schema says; kept beside it: {kept:, |3}."),
    "not_compared": Explanation(_NOT_COMPARED, _COMPARISON, _YOU, "{hint}"),
    "not_compared_unhinted": Explanation(
        _NOT_COMPARED, _COMPARISON, _YOU, "{press:database_step} shows what is wrong."
    ),
    "differs": warning(
        _DIFFERS,
        _CHANGED,
        _YOU,
        "{press:database_step} shows what a push would do before it does it.",
    ),
    "differs_migrated": warning(_DIFFERS, _CHANGED, _YOU, _DEPLOY),
}

_INDEXES_MISSING: Final = (
    "{count} {count:index/indexes} of the schema's {expected} {count:is/are} missing: {indexes:; |4}."
)
_SLOW: Final = "Without it the server reads the whole table for a page that should take milliseconds."

INDEXES: Final = joined(
    FAILURES,
    {
        "missing": warning(
            _INDEXES_MISSING,
            _SLOW,
            _YOU,
            "{press:database_step} shows what a push would add, and adds it.",
            fixes=(PUSH_TABLES,),
        ),
        "not_migrated": warning(_INDEXES_MISSING, _SLOW, _YOU, _DEPLOY),
        "invalid": warning(
            "{count} {count:index/indexes} cannot be used: {indexes:; |4}.",
            "A CREATE INDEX CONCURRENTLY was interrupted; the server keeps such an index up and never reads it.",
            _YOU,
            "Type in psql: REINDEX INDEX CONCURRENTLY {name};",
        ),
        "unused": warning(
            "{count} {count:index/indexes} not used in {days:.0f} days: {indexes:; |4}.",
            "Every write keeps it up, and no query has read it since the server began to count.",
            _YOU,
            "If no query of the backend needs it, remove its @@index from the schema and type in psql:"
            " DROP INDEX {name};",
        ),
        "there": holds("{count} {count:index/indexes} of the schema, all there."),
        "none": holds("The schema asks for no index."),
    },
)
