"""One URL means the same to libpq, node-pg and stock Prisma."""

import pytest

from soundcheck.stores.postgres.settings import (
    LIBPQ_KEYWORDS,
    SslMode,
    libpq_settings,
    node_settings,
    ssl_mode,
    stock_prisma_url,
)
from soundcheck.stores.postgres.url import PostgresUrl

BASE = "postgresql://app:p%40ss@db.example.org/music"
PRISMA_ONLY = "connection_limit=100&pool_timeout=5&pgbouncer=true&schema=other&socket_timeout=3&sslaccept=strict"


def url(query: str = "") -> PostgresUrl:
    return PostgresUrl.parse(f"{BASE}?{query}" if query else BASE)


def test_every_keyword_we_let_through_is_one_that_libpq_knows() -> None:
    from psycopg import pq

    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    assert known >= LIBPQ_KEYWORDS


def test_what_only_prisma_knows_does_not_reach_libpq() -> None:
    from psycopg.conninfo import make_conninfo

    settings = libpq_settings(url(PRISMA_ONLY))
    assert not set(settings) & {"connection_limit", "pool_timeout", "pgbouncer", "schema", "sslaccept"}
    assert "password" in make_conninfo(**settings)  # libpq itself accepts what is left


@pytest.mark.parametrize("key", ["/app/evil.so:1", "%2Fapp%2Fevil.so%3A1", "../evil.so:", "pkcs11:id"])
def test_no_address_names_a_library_for_libpq_to_load(key: str) -> None:
    """Tried: with such a key, libpq loads that file as an OpenSSL engine and runs its constructors."""
    settings = libpq_settings(url(f"sslmode=require&sslcert=/app/client.pem&sslkey={key}"))
    assert "sslkey" not in settings
    assert libpq_settings(url("sslkey=/app/client.key"))["sslkey"] == "/app/client.key"


def test_the_address_is_handed_over_and_the_name_kept_for_the_certificate() -> None:
    settings = libpq_settings(url("sslmode=verify-full"), hostaddr="192.0.2.7")
    assert (settings["host"], settings["hostaddr"]) == ("db.example.org", "192.0.2.7")
    node = node_settings(url("sslmode=verify-full"), hostaddr="192.0.2.7")
    assert node.host == "192.0.2.7"
    assert node.ssl is not None
    assert node.ssl["servername"] == "db.example.org"


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        ("", SslMode.PREFER),
        ("sslmode=require", SslMode.REQUIRE),
        ("sslmode=require&sslrootcert=ca.pem", SslMode.VERIFY_CA),
        ("ssl=true", SslMode.REQUIRE),
        ("sslmode=foo", None),
    ],
)
def test_the_mode_is_libpq_s(query: str, mode: SslMode | None) -> None:
    assert ssl_mode(url(query)) is mode


@pytest.mark.parametrize("mode", list(SslMode))
def test_node_gets_libpq_s_mode_by_its_name(mode: SslMode) -> None:
    ssl = node_settings(url(f"sslmode={mode}")).ssl
    assert (ssl is None) is (mode is SslMode.DISABLE)
    if ssl is not None:
        assert ssl["mode"] == mode


def test_stock_prisma_gets_strictness_as_it_spells_it() -> None:
    strict = stock_prisma_url(url("sslmode=verify-full&sslrootcert=ca.pem"))
    assert (strict.param("sslmode"), strict.param("sslaccept"), strict.param("sslcert")) == (
        "require",
        "strict",
        "ca.pem",
    )
    assert stock_prisma_url(url("sslmode=require")).param("sslaccept") == "accept_invalid_certs"


def test_a_url_without_a_database_means_the_one_named_like_the_user() -> None:
    assert libpq_settings(PostgresUrl.parse("postgresql://app@h"))["dbname"] == "app"
