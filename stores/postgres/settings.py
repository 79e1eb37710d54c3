"""One DATABASE_URL, read the same by every driver: libpq's meaning of `sslmode` for libpq, node-pg and stock Prisma.

node-pg takes `require` for verify-full and no mode at all for plain text, so it gets an explicit `ssl` object and no
query string. libpq refuses every parameter it does not know (`connection_limit`, `pgbouncer`, `schema`, …), so only
its own keywords pass, by allow-list. Facts: libpq 18 documentation, "SSL Support", table "SSL Mode Descriptions".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from soundcheck.stores.postgres.system_roots import system_roots
from soundcheck.stores.postgres.url import DEFAULT_PORT, PostgresUrl
from soundcheck.stores.secret import Secret

CONNECT_TIMEOUT: Final = 15
"""Seconds. A waking Neon compute answers nothing for up to 7 s; Prisma's own default of 5 s is too short."""

LIBPQ_KEYWORDS: Final = frozenset(
    {
        "application_name", "channel_binding", "client_encoding", "connect_timeout", "gssencmode", "keepalives",
        "keepalives_count", "keepalives_idle", "keepalives_interval", "options", "require_auth", "sslcert", "sslcrl",
        "sslcrldir", "sslkey", "ssl_max_protocol_version", "ssl_min_protocol_version", "sslmode", "sslnegotiation",
        "sslpassword", "sslrootcert", "sslsni", "target_session_attrs", "tcp_user_timeout",
    }
)  # fmt: skip
"""The keywords that may stand in a URL and mean the same to us; `host`, `user` and the like come from its parts."""


class SslMode(StrEnum):
    """libpq's six modes."""

    DISABLE = "disable"
    ALLOW = "allow"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """What our Node children get as JSON on standard input, never on a command line.

    `ssl` is None where TLS is never tried, else {"mode": libpq's word, "ca": path of the root certificate or None for
    libpq's own default, "system": whether the machine's trusted roots are meant, "cert" and "key": paths of a client
    certificate or None, "servername": the name it must be for, "channelBinding": whether it is required}.
    """

    host: str
    port: int
    user: str
    password: Secret | None
    database: str
    schema: str
    ssl: Mapping[str, object] | None
    connect_timeout: int
    """Seconds."""
    scram_only: bool = False
    """Whether to refuse a server that asks for anything else, as `require_auth` has libpq do."""
    never_in_clear: bool = False
    """Whether to refuse a server that asks for the password unencrypted."""


def ssl_mode(url: PostgresUrl) -> SslMode | None:
    """The mode a URL asks for, libpq's default `prefer` where none stands; None for a word that is no mode."""
    value = url.param("sslmode")
    if value is None and url.param("sslrootcert") == "system":
        return SslMode.VERIFY_FULL
    if value is None:
        return SslMode.REQUIRE if (url.param("ssl") or "").lower() == "true" else SslMode.PREFER
    try:
        mode = SslMode(value)
    except ValueError:
        return None
    # libpq: with a root certificate at hand, `require` behaves as verify-ca.
    return SslMode.VERIFY_CA if mode is SslMode.REQUIRE and url.param("sslrootcert") else mode


def is_proven(url: PostgresUrl) -> bool:
    """Whether the server proves by its certificate who it is, before anything is sent to it."""
    return ssl_mode(url) in {SslMode.VERIFY_CA, SslMode.VERIFY_FULL}


def _without_clear_text(methods: str | None) -> str:
    """Libpq's `require_auth`, as the URL has it, less the password unencrypted."""
    kept = [method for method in (methods or "").split(",") if method and method != "password"]
    if not kept or all(method.startswith("!") for method in kept):
        return ",".join(dict.fromkeys([*kept, "!password"]))
    return ",".join(kept)


def _names_code(keyword: str, value: str) -> bool:
    """Whether libpq would load a library for it: a key `engine:id` names an OpenSSL engine, by any file's path.

    An address out of a folder's `.env` would run what lies in that folder. A path with a colon is no key file for libpq
    either, so nothing else is lost (libpq 18, `initialize_SSL`; tried with OpenSSL 3).
    """
    return keyword == "sslkey" and ":" in value


def libpq_settings(url: PostgresUrl, *, hostaddr: str | None = None, scram_only: bool = False) -> dict[str, str]:
    """Keyword arguments for `psycopg.connect`; the password is revealed in it, so it is handed on and not kept.

    `hostaddr` spares libpq its own lookup; `host` stays for SNI and for the certificate's name. `sslrootcert=system`
    is handed on as the system's file (see `system_roots`); with a weaker mode libpq refuses it, and shall.
    `scram_only` is for servers of ours: neither a password unencrypted nor a server that asks for none (libpq 16).
    """
    settings = {k: v for k, v in url.params if k in LIBPQ_KEYWORDS and not _names_code(k, v)}
    if (mode := ssl_mode(url)) is not None:
        settings["sslmode"] = url.param("sslmode") or mode.value
    if settings.get("sslrootcert") == "system" and settings.get("sslmode") == SslMode.VERIFY_FULL:
        settings["sslrootcert"] = system_roots()
    settings |= {"host": url.host, "port": str(url.port or DEFAULT_PORT), "dbname": url.database}
    if url.user:
        settings["user"] = url.user
    if url.password:
        settings["password"] = url.password.reveal()
    if hostaddr:
        settings["hostaddr"] = hostaddr
    if url.is_guarded:
        settings["require_auth"] = _without_clear_text(settings.get("require_auth"))
    if scram_only:
        settings["require_auth"] = "scram-sha-256"
    settings.setdefault("connect_timeout", str(CONNECT_TIMEOUT))
    settings.setdefault("application_name", "soundcheck")
    return settings


def node_settings(url: PostgresUrl, *, hostaddr: str | None = None, scram_only: bool = False) -> NodeSettings:
    """The same meaning for node-pg: see the module's text."""
    mode = ssl_mode(url) or SslMode.PREFER
    ca = url.param("sslrootcert")
    ssl: dict[str, object] | None = None
    if mode is not SslMode.DISABLE:
        ssl = {
            # The word itself: whether there is a root certificate to check against is seen where the file is read.
            "mode": SslMode.REQUIRE.value if url.param("sslmode") == SslMode.REQUIRE else mode.value,
            "ca": None if ca == "system" else ca,
            "system": ca == "system",
            "cert": url.param("sslcert"),
            "key": url.param("sslkey"),
            "servername": url.host,
            "channelBinding": url.param("channel_binding") == "require",
        }
    return NodeSettings(
        host=hostaddr or url.host,
        port=url.port or DEFAULT_PORT,
        user=url.user,
        password=url.password,
        database=url.database,
        schema=url.param("schema") or "public",
        ssl=ssl,
        connect_timeout=_positive(url.param("connect_timeout")) or CONNECT_TIMEOUT,
        scram_only=scram_only,
        never_in_clear=url.is_guarded,
    )


def stock_prisma_url(url: PostgresUrl) -> PostgresUrl:
    """The URL for Prisma's native engines, which know `disable`, `prefer` and `require` and a flag for strictness.

    To them verify-ca and verify-full silently become `prefer`; `sslmode=require&sslaccept=strict` says the same.
    """
    mode = ssl_mode(url) or SslMode.PREFER
    strict = mode in {SslMode.VERIFY_CA, SslMode.VERIFY_FULL}
    known = SslMode.REQUIRE if strict else SslMode.PREFER if mode is SslMode.ALLOW else mode
    ca = url.param("sslrootcert")
    return url.with_params(
        {
            "sslmode": known.value,
            "sslaccept": "strict" if strict else "accept_invalid_certs",
            "sslcert": ca if ca and ca != "system" else None,
            "sslrootcert": None,
        }
    )


def _positive(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and int(text) > 0 else None
