"""A PostgreSQL connection URL as a value: parsed strictly, printed masked, edited by its parts.

`urlsplit` decides first, never libpq: libpq accepts `u:p/w@h` as host `u`, and its parse errors echo the password.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from soundcheck.stores.addressing import LOOPBACK_NUMBER, UrlProblem
from soundcheck.stores.secret import MASK, Secret

DEFAULT_PORT: Final = 5432
POOLER_SUFFIX: Final = "-pooler"
"""Neon's proxy strips this from the first host label; direct and pooled differ in nothing else."""

_PUBLIC: Final = frozenset(
    {
        # libpq's (its documentation, "Parameter Key Words") with a mode, a name, a number or a path as value
        "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname",
        "fallback_application_name", "gssdelegation", "gssencmode", "gsslib", "host", "hostaddr", "keepalives",
        "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname", "load_balance_hosts",
        "port", "replication", "require_auth", "requirepeer", "ssl", "ssl_max_protocol_version",
        "ssl_min_protocol_version", "sslcert", "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslkey",
        "sslmode", "sslnegotiation", "sslrootcert", "sslsni", "target_session_attrs", "tcp_user_timeout",
        "user",
        # Prisma's, and those of pools and other drivers
        "connection_limit", "max_idle_connection_lifetime", "pgbouncer", "pool_timeout", "schema", "search_path",
        "socket_timeout", "sslaccept", "sslidentity", "statement_cache_size", "uselibpqcompat", "workaround",
    }
)  # fmt: skip
"""Parameters whose value everybody may see."""

_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - recognised, not bound


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """The parts of `postgresql://user:password@host:port/database?params`, decoded.

    `params` keeps order and duplicates. `host` is lower case and without brackets; `port` is None where none stood.
    `database` is never blank: whatever asks for its name would be asked for nothing. Raises `UrlProblem` (`database`).
    """

    user: str
    password: Secret | None
    host: str
    port: int | None
    database: str
    params: tuple[tuple[str, str], ...] = ()
    is_guarded: bool = field(default=False, compare=False)
    """Whether the password must not be sent unencrypted: see `stores.project.plain_lines`. No part of the address."""
    other_password: Secret | None = field(default=None, compare=False, repr=False)
    """The password in its other reading, where `%41` in it may stand for A or for itself. No part of the address."""

    def __post_init__(self) -> None:
        if not self.database.strip():
            raise UrlProblem("database", "the address names neither a database nor a user")

    @classmethod
    def parse(cls, text: str) -> PostgresUrl:
        """Read a URL. Where it names no database, libpq's default is written into it: the name of the user.

        What stands among the parameters instead (`?user=`, `?password=`, `?host=`, `?port=`, `?dbname=`) is moved to
        where every reader looks. A host given there wins over one in its place, as with libpq and Prisma.

        Raises `UrlProblem` with one of the codes `scheme`, `whitespace`, `userinfo`, `host`, `hosts`, `socket`,
        `port`, `database`, `percent`; the message holds no part of the input but the scheme.
        """
        if text != text.strip() or any(ord(c) <= 0x20 or ord(c) == 0x7F for c in text):
            raise UrlProblem("whitespace", "the address has a space or a line break in it")
        scheme = text.partition("://")[0].lower()
        if scheme not in {"postgres", "postgresql"}:
            raise UrlProblem("scheme", "the address does not start with postgresql://")
        authority = text.partition("://")[2]
        for mark in "/?#":
            authority = authority.partition(mark)[0]
        if text.count("@") > authority.count("@") or authority.count("@") > 1:
            raise UrlProblem("userinfo", "the user name or password has an unencoded @, /, ? or #")
        userinfo, _, place = authority.rpartition("@")
        if "[" in userinfo or "]" in userinfo:
            raise UrlProblem("userinfo", "the user name or password has an unencoded [ or ]")
        if "," in place:
            raise UrlProblem("hosts", _SEVERAL_HOSTS)
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise UrlProblem("port", "the part after the host's colon is not a port number") from None
        if parts.fragment:
            raise UrlProblem("userinfo", "the user name or password has an unencoded #")
        name, colon, secret = userinfo.partition(":")
        if ":" in secret:
            raise UrlProblem("userinfo", "the password has an unencoded colon")
        for piece in (name, secret, parts.path):
            _check_percent(piece)
        params = tuple(parse_qsl(parts.query, keep_blank_values=True))
        host, params = _placed(unquote(parts.hostname or ""), params)
        given, params = _moved(str(port) if port is not None else "", "port", params)
        port = int(given) if given.isascii() and given.isdigit() else None
        if (given and port is None) or (port is not None and not 0 < port < 65536):
            raise UrlProblem("port", "the port is not between 1 and 65535")
        user, params = _moved(unquote(name), "user", params)
        password, params = _moved(unquote(secret) if colon else "", "password", params)
        database, params = _moved(unquote(parts.path.lstrip("/")), "dbname", params)
        return cls(
            user=user,
            password=Secret(password) if password else None,
            host=host,
            port=port,
            database=database or user,
            params=params,
            other_password=Secret(secret) if colon and unquote(secret) not in {secret, ""} else None,
        )

    def reveal(self) -> str:
        """The URL with its password, percent-encoded so that python-dotenv, Prisma and libpq all read the same."""
        return self._render(quote(self.password.reveal(), safe="") if self.password else None)

    def masked(self) -> str:
        """The URL with `MASK` for the password, and for any parameter that can hold one."""
        shown = tuple((k, MASK if _may_be_secret(k) else v) for k, v in self.params)
        return replace(self, params=shown)._render(MASK if self.password else None)

    __str__ = masked

    def __repr__(self) -> str:
        return f"PostgresUrl({self.masked()!r})"

    def _render(self, password: str | None) -> str:
        userinfo = quote(self.user, safe="")
        if password is not None:
            userinfo += f":{password}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port is not None else ""
        query = "?" + urlencode(self.params, safe="/:", quote_via=quote) if self.params else ""
        query = query.replace(quote(MASK), MASK)
        at = f"{userinfo}@" if userinfo else ""
        return f"postgresql://{at}{host}{port}/{quote(self.database, safe='')}{query}"

    def param(self, name: str) -> str | None:
        """The last value of a parameter, as every reader of it takes it; None where it does not occur."""
        return next((v for k, v in reversed(self.params) if k == name), None)

    def with_params(self, changes: Mapping[str, str | None]) -> PostgresUrl:
        """The same URL with parameters set in place, appended, or (None) removed."""
        kept = [(k, v) for k, v in self.params if k not in changes or changes[k] is not None]
        seen = {k for k, _ in kept}
        updated = [(k, changes[k] or "") if k in changes else (k, v) for k, v in kept]
        added = [(k, v) for k, v in changes.items() if v is not None and k not in seen]
        return replace(self, params=tuple(updated + added))

    def secrets(self) -> tuple[Secret, ...]:
        """The password and every parameter that can hold one, for the redactor; it would find `on` everywhere."""
        hidden = tuple(Secret(value) for name, value in self.params if len(value) > 3 and _may_be_secret(name))
        return (*(one for one in (self.password, self.other_password) if one), *hidden)

    def read_otherwise(self) -> PostgresUrl | None:
        """The URL with its password in the other reading; None where there is only one."""
        if self.other_password is None:
            return None
        return replace(self, password=self.other_password, other_password=self.password)

    @property
    def endpoint(self) -> str:
        """Host and port, as it is shown before anything is written there: `host:5432`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port or DEFAULT_PORT}"

    @property
    def is_neon(self) -> bool:
        """Whether the host is one of Neon's."""
        return self.host.endswith((".neon.tech", ".neon.build"))

    @property
    def is_pooled(self) -> bool:
        """Whether the host's first label ends in Neon's pooler suffix."""
        return self.is_neon and self.host.split(".", 1)[0].endswith(POOLER_SUFFIX)

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine."""
        return self.host in _LOCAL_HOSTS or LOOPBACK_NUMBER.fullmatch(self.host) is not None

    def direct(self) -> PostgresUrl:
        """The same database past the pooler; the URL itself where it is not one of Neon's pooled ones."""
        if not self.is_pooled:
            return self
        label, _, rest = self.host.partition(".")
        return replace(self, host=f"{label.removesuffix(POOLER_SUFFIX)}.{rest}")

    def pooled(self) -> PostgresUrl:
        """The same database through Neon's pooler; the URL itself where the host is not Neon's."""
        if not self.is_neon or self.is_pooled:
            return self
        label, _, rest = self.host.partition(".")
        return replace(self, host=f"{label}{POOLER_SUFFIX}.{rest}")


_SEVERAL_HOSTS: Final = "the address names several hosts, and only one can be used"


def _placed(host: str, params: tuple[tuple[str, str], ...]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The one host that an address leads to, and the parameters without it. Raises `UrlProblem`."""
    given = next((found for key, found in reversed(params) if key == "host" and found), "")
    host = given.lower() or host
    if host.startswith(("/", "@")):
        raise UrlProblem("socket", "the address leads to a Unix socket, which only programs on that machine can use")
    if "," in host:
        raise UrlProblem("hosts", _SEVERAL_HOSTS)
    if not host:
        raise UrlProblem("host", "the address names no host")
    return host, tuple(pair for pair in params if pair[0] != "host")


def _moved(value: str, name: str, params: tuple[tuple[str, str], ...]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A part of the address that may stand among the parameters instead, and the parameters without it.

    libpq takes the parameter where both stand, Prisma the part: where they differ, `dbname` is refused.
    """
    given = next((found for key, found in reversed(params) if key == name), "")
    if name == "dbname" and value and given not in {"", value}:
        raise UrlProblem("database", "the address names two databases, before the ? and as dbname")
    if value and name != "dbname":
        return value, params
    return value or given, tuple(pair for pair in params if pair[0] != name)


def _may_be_secret(parameter: str) -> bool:
    """Whether a parameter's value is not for everyone: `options`, and whatever we do not know."""
    return parameter.lower() not in _PUBLIC


def _check_percent(text: str) -> None:
    """Refuse a `%` that is not followed by two hex digits: libpq refuses it, others read it literally."""
    at = text.find("%")
    while at != -1:
        if len(text) < at + 3 or any(c not in "0123456789abcdefABCDEF" for c in text[at + 1 : at + 3]):
            raise UrlProblem("percent", "the user name or password has a % that starts no %XX code")
        at = text.find("%", at + 3)
