"""A pasted database address: read it, mend what can be mended, and say what is wrong with the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL, REST_URL
from soundcheck.stores.password_shape import shape_of
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.conninfo import address_of
from soundcheck.wizard.recognise.cut_off import COPY_AGAIN, begins_too_late, missing_end, missing_name
from soundcheck.wizard.recognise.placeholders import is_marked, is_masked_copy, is_placeholder, is_reference
from soundcheck.wizard.recognise.recognition import Problem, Repair, Severity
from soundcheck.wizard.recognise.unencoded import ReadAddress, read_address

DIRECT_LIMIT: Final = 97
"""Connections that Neon's smallest compute leaves to applications over the direct host: 104 less 7 reserved ones."""

_SSL_MODES: Final = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_POSTGRES: Final = re.compile(
    r"(?:jdbc:|r2dbc:(?:pool:)?)?(?:postgres|postgresql|pgsql|postgis)(?:\+[a-z0-9_]+)?|asyncpg|psycopg[23]?",
    re.IGNORECASE,
)
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9._:-]+")

_OTHER_DATABASES: Final = {
    "mysql": "MySQL", "mariadb": "MariaDB", "sqlserver": "SQL Server", "mssql": "SQL Server", "sqlite": "SQLite",
    "file": "SQLite", "cockroachdb": "CockroachDB", "oracle": "Oracle", "libsql": "libSQL",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DatabaseValue:
    """What came of one value: a usable URL or None, and the findings."""

    url: PostgresUrl | None
    findings: tuple[Problem, ...] = ()


def is_database_scheme(value: str) -> bool:
    """Whether a value's scheme is one of a database, PostgreSQL or not."""
    scheme = scheme_of(value)
    return (
        _POSTGRES.fullmatch(scheme) is not None
        or scheme.partition("+")[0] in {*_OTHER_DATABASES, "mongodb", "prisma"}
        or scheme == "prisma+postgres"
    )


def scheme_of(value: str) -> str:
    """What stands before `://`, in lower case; "" where nothing does."""
    head, mark, _ = value.partition("://")
    return head.strip().lower() if mark and len(head) < 40 else ""


def read_database(
    value: str, line: int | None, field: str = DATABASE_URL, *, stays_open: bool = False, is_built: bool = False
) -> DatabaseValue:
    """Read one value. Never raises; no finding holds a part of the password.

    `stays_open` says that a quote before the value never closes, so that its end may be missing; `is_built`, that we
    put the address together from parts, so that its password has one reading.
    """
    findings: list[Problem] = []

    def note(code: str, severity: Severity, message: str, cure: str, repair: Repair | None = None) -> None:
        findings.append(Problem(code, message, cure, severity, field, line, repair))

    value, is_quoted = without_quotes(value)
    if built := address_of(value):
        value, is_built = built, True
    scheme = scheme_of(value)
    if problem := _wrong_kind(value, scheme):
        note(*problem)
        return DatabaseValue(None, tuple(findings))
    plain = f"postgresql://{value.partition('://')[2]}"
    read = read_address(plain)
    if read.url is None:
        note(*_unreadable(plain, stays_open=stays_open))
        return DatabaseValue(None, tuple(findings))
    url = _with_sslmode_of_driver(replace(read.url, other_password=None) if is_built else read.url)
    if not _HOST_NAME.fullmatch(url.host):
        note("bad_host", Severity.ERROR, "The host is not the name of one host.", "Copy the address again.")
        return DatabaseValue(None, tuple(findings))
    if is_quoted:
        note("quotes_kept", *QUOTES_KEPT)
    if scheme not in {"postgres", "postgresql"}:
        repair = _repair(field, "the scheme is written as postgresql://", url)
        cure = "Nothing to do: the part that names a driver is left out."
        note("driver_scheme", Severity.INFO, "The address names a driver in its scheme.", cure, repair)
    if read.encoded:
        done = f"the password, {shape_of(url.password)}; percent-encoded: {' and '.join(read.encoded)}"
        note(*_encoded(read), _repair(field, done, url))
    if stand_in := _stand_in(url):
        note(*stand_in)
        return DatabaseValue(None, tuple(findings))
    named = _names_database(plain)
    if missing := missing_end(url, stays_open=stays_open, names_database=named):
        note(*_cut_off(missing))
        return DatabaseValue(None, tuple(findings))
    if stays_open:
        note(*_MAYBE_CUT_OFF)
    for problem in _remarks(url):
        note(*problem)
    if not named:
        cure = f"The user's name, {url.database}, is taken for it; if that is wrong, add it as in …/neondb."
        repair = _repair(field, "the database's name is written into it", url)
        note("no_database", Severity.WARN, "The address names no database.", cure, repair)
    mended = _with_sslmode(url)
    if mended is not url:
        repair = _repair(field, "sslmode=require is added", mended)
        message = "The address does not ask for an encrypted connection (no sslmode)."
        note("sslmode_missing", Severity.WARN, message, "sslmode=require is added for you.", repair)
    return DatabaseValue(mended, tuple(findings))


_Note = tuple[str, Severity, str, str]


def without_quotes(value: str) -> tuple[str, bool]:
    """A value without the quotes that `docker --env-file` and others keep, and whether there were any."""
    value = value.strip()
    bare = value
    while len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'`":
        bare = bare[1:-1].strip()
    return bare, bare != value


QUOTES_KEPT: Final = (
    Severity.INFO,
    "Quotes are part of the value; they are left out.",
    "Nothing to do here: whatever wrote them has to leave them out as well.",
)


def _encoded(read: ReadAddress) -> _Note:
    """What was done to the password, and how its %XX codes were read."""
    marks = " and ".join(read.encoded)
    message = f"The password holds {marks}, which an address cannot carry as they are."
    if read.literal:
        message += " So nothing in it is encoded, and what looks like a %XX code is part of the password."
    return "password_encoded", Severity.WARN, message, "It is encoded for you; compare the preview."


def _wrong_kind(value: str, scheme: str) -> _Note | None:
    """A value that is no PostgreSQL address at all."""
    copy = "Copy the connection string from the Neon console; it starts with postgresql://."
    if _POSTGRES.fullmatch(scheme):
        return None
    if scheme in {"redis", "rediss"}:
        return "redis_in_database", Severity.ERROR, "This is a Redis address, not the database's.", copy
    if scheme in {"http", "https"}:
        host = _host_of(value)
        if host in {"console.neon.tech", "console.upstash.com"}:
            return "console_url", Severity.ERROR, "This is the address of the console's page.", copy
        return "rest_in_database", Severity.ERROR, f"This is a web address; it belongs in {REST_URL} if anywhere.", copy
    if begins_too_late(scheme):
        return _cut_off("the beginning, postgresql://")
    if scheme.startswith("mongodb"):
        message = "This is the address of MongoDB, the old database."
        return "mongodb", Severity.ERROR, message, "Keep it as MONGODB_URI for the migration. " + copy
    if scheme in {"prisma", "prisma+postgres"}:
        message = "This is an address of Prisma Accelerate, which only Prisma's own client can use."
        return "prisma_scheme", Severity.ERROR, message, copy
    if named := _OTHER_DATABASES.get(scheme.partition("+")[0]):
        return "other_database", Severity.ERROR, f"This is the address of a {named} database.", copy
    if is_masked_copy(value):
        return _MASKED_COPY
    if is_placeholder(value) or is_reference(value):
        return "placeholder", Severity.ERROR, "This stands in for an address and is none.", copy
    if value.startswith(("napi_", "neon_api_")):
        return "neon_api_key", Severity.ERROR, "This is a key of Neon's API, not a connection string.", copy
    if value.lower().endswith((".neon.tech", ".neon.build")) and " " not in value:
        return "host_only", Severity.ERROR, "This is only the host of the database.", copy
    return "scheme", Severity.ERROR, "This does not start with postgresql://.", copy


_MASKED_COPY: Final[_Note] = (
    "masked_copy",
    Severity.ERROR,
    "The password was still hidden when this was copied.",
    "Press Show password (the eye) in the console, then copy again.",
)


_MAYBE_CUT_OFF: Final[_Note] = (
    "maybe_cut_off",
    Severity.WARN,
    "The quote before the address never closes: its end may be missing.",
    f"Compare it with the console. {COPY_AGAIN}",
)


def _cut_off(missing: str) -> _Note:
    return "cut_off", Severity.ERROR, f"The address is cut off: what is missing is {missing}.", COPY_AGAIN


_ONE_PLACE: Final[dict[str, _Note]] = {
    "hosts": (
        "several_hosts",
        Severity.ERROR,
        "The address names several hosts, and only one can be used.",
        "Keep the host of the primary server alone, with its port.",
    ),
    "socket": (
        "socket",
        Severity.ERROR,
        "The address leads to a Unix socket, which only programs on that machine can use.",
        "Write the server's host and port instead: postgresql://USER:PASSWORD@localhost:5432/NAME",
    ),
}


def _unreadable(text: str, *, stays_open: bool) -> _Note:
    copy = "Copy the connection string again from the console, in one piece."
    if is_masked_copy(text):
        return _MASKED_COPY
    try:
        PostgresUrl.parse(text)
    except UrlProblem as problem:
        if problem.code in _ONE_PLACE:
            return _ONE_PLACE[problem.code]
    if re.search(r"[<\[{$]", text):
        return "placeholder", Severity.ERROR, "A part of the address is still a stand-in.", copy
    if "://" in text.partition("://")[2]:
        return "two_addresses", Severity.ERROR, "Two addresses stand in one value.", "Paste one of them alone."
    try:
        PostgresUrl.parse(text)
    except UrlProblem as problem:
        if stays_open and problem.code == "database":
            return _cut_off(missing_name(_host_of(text)))
        if (stays_open or problem.code == "port") and "@" not in text:
            return _cut_off("everything from the host on")
        codes = {"whitespace": "whitespace", "port": "bad_port", "host": "no_host", "database": "no_database"}
        code = codes.get(problem.code, "unreadable")
        return code, Severity.ERROR, problem.message[:1].upper() + problem.message[1:] + ".", copy
    return "unreadable", Severity.ERROR, "The address cannot be read.", copy


def _names_database(text: str) -> bool:
    """Whether an address says which database, rather than leaving it to the user's name."""
    place, _, query = text.partition("://")[2].rpartition("@")[2].partition("?")
    return bool(place.partition("/")[2].strip("/")) or any(name == "dbname" for name, _ in parse_qsl(query))


def _stand_in(url: PostgresUrl) -> _Note | None:
    password = url.password.reveal() if url.password else ""
    if is_masked_copy(password) or is_masked_copy(url.host):
        return _MASKED_COPY
    for what, part in (("password", password), ("user", url.user), ("database", url.database), ("host", url.host)):
        # `user`, `host` and `postgres` are real names often enough; only what is marked as a stand-in counts there.
        if is_reference(part) or (is_placeholder(part) and (what == "password" or is_marked(part))):
            message = f"The {what} is still a stand-in."
            return "placeholder", Severity.ERROR, message, "Put the real value there, or copy the string again."
    return None


def _remarks(url: PostgresUrl) -> list[_Note]:
    """What is worth saying about a URL that can be used."""
    found: list[_Note] = []
    if url.password is None:
        cure = "Copy the string with the password shown, or type the password in its own field."
        found.append(("no_password", Severity.WARN, "The address holds no password.", cure))
    if url.is_loopback:
        cure = "Right for the local stack. For Neon, copy the string from its console."
        found.append(("localhost", Severity.INFO, "The database is on this machine.", cure))
    mode = url.param("sslmode")
    if mode is not None and mode not in _SSL_MODES:
        found.append(("sslmode_unknown", Severity.ERROR, "sslmode has a value that no driver knows.", "Write require."))
    elif mode in {"disable", "allow", "prefer"} and not url.is_loopback:
        message = f"sslmode={mode} lets the connection be unencrypted."
        found.append(("sslmode_weak", Severity.WARN, message, "Write sslmode=require unless the network is your own."))
    if (binding := url.param("channel_binding")) is not None:
        shown = binding if binding in {"require", "prefer", "disable"} else "…"
        message = f"channel_binding={shown} comes with Neon's string and is kept."
        found.append(("channel_binding", Severity.INFO, message, "Leave it out where an old driver refuses it."))
    limit = url.param("connection_limit") or ""
    if limit.isdigit() and int(limit[:9]) > DIRECT_LIMIT and url.is_neon and not url.is_pooled:
        message = f"connection_limit={limit[:9]} is more than the {DIRECT_LIMIT} a small Neon compute takes directly."
        cure = "Use the pooled host in DATABASE_URL; it is derived for you."
        found.append(("connection_limit_direct", Severity.WARN, message, cure))
    return found


def _with_sslmode_of_driver(url: PostgresUrl) -> PostgresUrl:
    """`?ssl=require`, as asyncpg writes it, in libpq's words."""
    mode = url.param("ssl")
    if mode not in _SSL_MODES or url.param("sslmode") is not None:
        return url
    return url.with_params({"ssl": None, "sslmode": mode})


def _with_sslmode(url: PostgresUrl) -> PostgresUrl:
    stands = url.param("sslmode") is not None or (url.param("ssl") or "").lower() == "true"
    return url if stands or url.is_loopback else url.with_params({"sslmode": "require"})


def _repair(field: str, label: str, url: PostgresUrl) -> Repair:
    return Repair(field, label, f"{url.masked()} ({label})", Secret(url.reveal()))


def _host_of(value: str) -> str:
    try:
        return (urlsplit(value).hostname or "").lower()
    except ValueError:
        return ""
