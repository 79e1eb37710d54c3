"""A pasted database address: read it, mend what can be mended, and say what is wrong with the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL, REST_URL
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.cut_off import COPY_AGAIN, begins_too_late, missing_end, missing_name
from soundcheck.wizard.recognise.placeholders import is_marked, is_masked_copy, is_placeholder, is_reference
from soundcheck.wizard.recognise.recognition import Problem, Repair, Severity

DIRECT_LIMIT: Final = 97
"""Connections that Neon's smallest compute leaves to applications over the direct host: 104 less 7 reserved ones."""

_SSL_MODES: Final = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_POSTGRES: Final = re.compile(r"(?:jdbc:)?(?:postgres|postgresql)(?:\+[a-z0-9_]+)?", re.IGNORECASE)
_HOST_PART: Final = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?)(?::\d{1,5})?(?:[/?].*)?", re.DOTALL
)
_PARAMETERS: Final = re.compile(
    r"(?:(?:^|&)(?:ssl[a-z]*|channel_binding|connection_limit|pool_timeout|pgbouncer|schema|options|application_name"
    r"|connect_timeout|socket_timeout|target_session_attrs)=[^&]*)+"
)
_LONGEST: Final = 4096
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9._:-]+")
_ENCODED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_NO_USER: Final = re.compile(r"[/?#&=\s]")
"""What makes of a user's name something else: another address stands before the one that is read, with its secrets."""
_MENDABLE: Final = frozenset({"userinfo", "percent", "port", "whitespace", "host"})

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
    value: str, line: int | None, field: str = DATABASE_URL, *, stays_open: bool = False
) -> DatabaseValue:
    """Read one value. Never raises; no finding holds a part of the password.

    `stays_open` says that a quote before the value never closes, so that its end may be missing.
    """
    findings: list[Problem] = []

    def note(code: str, severity: Severity, message: str, cure: str, repair: Repair | None = None) -> None:
        findings.append(Problem(code, message, cure, severity, field, line, repair))

    value = value.strip()
    scheme = scheme_of(value)
    if problem := _wrong_kind(value, scheme):
        note(*problem)
        return DatabaseValue(None, tuple(findings))
    plain = f"postgresql://{value.partition('://')[2]}"
    url, encoded = _parse(plain)
    if url is None:
        note(*_unreadable(plain, stays_open=stays_open))
        return DatabaseValue(None, tuple(findings))
    url = _password_from_params(url)
    if not _HOST_NAME.fullmatch(url.host):
        note("bad_host", Severity.ERROR, "The host is not the name of one host.", "Copy the address again.")
        return DatabaseValue(None, tuple(findings))
    if scheme not in {"postgres", "postgresql"}:
        repair = _repair(field, "the scheme is written as postgresql://", url)
        cure = "Nothing to do: the part that names a driver is left out."
        note("driver_scheme", Severity.INFO, "The address names a driver in its scheme.", cure, repair)
    if encoded:
        marks = " and ".join(encoded)
        repair = _repair(field, f"the password is percent-encoded ({marks})", url)
        message = f"The password holds {marks}, which an address cannot carry as they are."
        note("password_encoded", Severity.WARN, message, "It is encoded for you; compare the preview.", repair)
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


def _unreadable(text: str, *, stays_open: bool) -> _Note:
    copy = "Copy the connection string again from the console, in one piece."
    if is_masked_copy(text):
        return _MASKED_COPY
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


def _parse(text: str) -> tuple[PostgresUrl | None, tuple[str, ...]]:
    """The URL, and the characters that had to be encoded for it; None where no reading makes sense."""
    try:
        return PostgresUrl.parse(text), ()
    except UrlProblem as problem:
        if problem.code not in _MENDABLE:
            return None, ()
    rest = text.partition("://")[2]
    if len(rest) > _LONGEST:
        return None, ()
    # Each @ may be the one before the host: the likeliest host wins, then the last.
    places = [i for i, c in enumerate(rest) if c == "@" and _HOST_PART.fullmatch(rest[i + 1 :])]
    at = max(places, key=lambda i: (_likely_host(rest[i + 1 :]), i), default=0)
    user, colon, password = rest[:at].partition(":")
    if not colon or not password or _NO_USER.search(user):
        return None, ()
    encoded, marks = _encode(password)
    place = rest[at + 1 :].replace("@", "%40")
    try:
        return PostgresUrl.parse(
            f"postgresql://{_encode(user)[0]}:{encoded}@{place}"
        ), marks if encoded != password else ()
    except UrlProblem:
        return None, ()


def _names_database(text: str) -> bool:
    """Whether an address says which database, rather than leaving it to the user's name."""
    place, _, query = text.partition("://")[2].rpartition("@")[2].partition("?")
    return bool(place.partition("/")[2].strip("/")) or any(name == "dbname" for name, _ in parse_qsl(query))


def _likely_host(text: str) -> int:
    """How much the text after an @ looks like host, database and parameters."""
    place, mark, query = text.partition("?")
    host = re.split(r"[:/]", place, maxsplit=1)[0].lower()
    known = host.endswith((".neon.tech", ".neon.build")) or host == "localhost"
    score = 3 if known else 2 if "." in host else 1
    return score + (2 if mark and _PARAMETERS.fullmatch(query) else 0)


def _encode(text: str) -> tuple[str, tuple[str, ...]]:
    """Percent-encode what needs it, and name the characters, sorted so that they say nothing of their places.

    Codes that stand already are kept, unless a bare % shows that the text was never encoded.
    """
    whole = "%" in _ENCODED.sub("", text)
    encoded = quote(text if whole else unquote(text), safe="")
    special = [c for c in sorted(set(text if whole else _ENCODED.sub("", text))) if quote(c, safe="") != c]
    words = {" ": "a space", "\t": "a tab"}
    marks = tuple(words.get(c, c) for c in special if c.isascii() and (c.isprintable() or c in words))
    return encoded, marks or ("special characters",)


def _password_from_params(url: PostgresUrl) -> PostgresUrl:
    """`?user=…&password=…` as JDBC writes it, moved to where every reader looks."""
    password, user = url.param("password"), url.param("user")
    if password is None and user is None:
        return url
    moved = url.with_params({"password": None, "user": None})
    return replace(
        moved, user=moved.user or user or "", password=moved.password or (Secret(password) if password else None)
    )


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


def _with_sslmode(url: PostgresUrl) -> PostgresUrl:
    stands = url.param("sslmode") is not None or (url.param("ssl") or "").lower() == "true"
    return url if stands or url.is_loopback else url.with_params({"sslmode": "require"})


def _repair(field: str, label: str, url: PostgresUrl) -> Repair:
    return Repair(field, label, url.masked(), Secret(url.reveal()))


def _host_of(value: str) -> str:
    try:
        return (urlsplit(value).hostname or "").lower()
    except ValueError:
        return ""
