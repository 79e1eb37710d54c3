"""A company's certificate authority: given once, kept by its path, trusted beside the system's by every reader."""

from __future__ import annotations

import os
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from soundcheck.checks.finding import Status
from soundcheck.screens.app.setup.authority_field import completed
from soundcheck.screens.opening import open_services
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.postgres.system_roots import system_roots
from soundcheck.stores.programs.environment import allowed
from soundcheck.stores.project.authority import NODE, OPENSSL, keep_authority, kept_authority, trusted_roots
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Question
from soundcheck.wizard.progress import Progress
from soundcheck.wizard.setup.authority_step import backend_needs, given_authority, refused_issuer, trusting
from tests.checks.conftest import Authority, MakeServices
from tests.checks.test_cache_faults import UPSTASH_HOST, a_small_redis, credentials, report_on
from tests.fake_rest import FakeRest


@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process trusts from now on is set back after the test."""
    for name in (OPENSSL, NODE, "SOUNDCHECK_ROOTS_BEFORE", "SOUNDCHECK_EXTRA_ROOTS_BEFORE"):
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)


@dataclass
class Typing:
    """Types these lines, one for each question."""

    lines: list[str]

    async def ask(self, question: Question) -> str:
        return self.lines.pop(0) or str(question.default)

    async def ask_secret(self, question: Question) -> None:
        raise AssertionError(question.text)


def issuers(context: ssl.SSLContext) -> set[str]:
    names = {dict(pair for part in one["subject"] for pair in part).get("organizationName", "") for one in
             context.get_ca_certs()}  # fmt: skip
    return {str(name) for name in names}


def test_it_is_added_to_the_roots_and_not_put_in_their_place(project: Project, authority: Authority) -> None:
    before = issuers(ssl.create_default_context(cafile=system_roots({})))
    keep_authority(project, authority.file)
    found = trusted_roots(project, {})
    together = issuers(ssl.create_default_context(cafile=found[OPENSSL]))
    assert "Band Test Authority" in together
    assert "Band Test Authority" not in before
    assert before <= together
    assert stat.S_IMODE(os.stat(found[OPENSSL]).st_mode) == 0o600


def test_what_was_trusted_before_stays_trusted_however_often_it_is_asked(
    project: Project, authority: Authority, tmp_path: Path
) -> None:
    import trustme

    other = tmp_path / "other.pem"
    trustme.CA(organization_name="Another Authority").cert_pem.write_to_path(str(other))
    keep_authority(project, authority.file)
    environ = {OPENSSL: str(other)}
    for _ in range(2):
        environ = environ | trusted_roots(project, environ)
        names = issuers(ssl.create_default_context(cafile=environ[OPENSSL]))
        assert names == {"Band Test Authority", "Another Authority"}


def test_every_reader_of_certificates_is_reached(project: Project, authority: Authority) -> None:
    """Our own process, and what npm, the engines and the backend get to see."""
    keep_authority(project, authority.file)
    services = open_services(project, {})
    for context in (ssl.create_default_context(), httpx.create_ssl_context()):
        context.load_default_certs()
        assert "Band Test Authority" in issuers(context)
    assert "Band Test Authority" in Path(system_roots()).read_text("ascii", "replace") or "Band" in str(
        issuers(ssl.create_default_context(cafile=system_roots()))
    )
    child = allowed(services.environ).variables
    assert child[OPENSSL] == child[NODE] == system_roots()
    said = "\n".join(backend_needs(project, services.environ))
    assert f"export {OPENSSL}=" in said
    assert f"export {NODE}=" in said


def test_only_the_path_is_kept_and_a_file_that_has_gone_stops_nobody(project: Project, tmp_path: Path) -> None:
    import trustme

    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    keep_authority(project, file)
    assert kept_authority(project) == file
    file.unlink()
    assert trusted_roots(project, {}) == {}


@pytest.mark.parametrize("content", [None, b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_what_holds_no_certificate_is_refused(project: Project, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CouldNotRun, match=r"cannot be read|holds no certificate") as refused:
        keep_authority(project, file)
    assert "PEM" in refused.value.hint
    assert kept_authority(project) is None


async def test_a_refused_issuer_is_asked_about_and_then_trusted(
    make_services: MakeServices, authority: Authority, tmp_path: Path
) -> None:
    tls = authority.server(authority.ca.issue_cert(UPSTASH_HOST))
    said: list[Progress] = []
    async with FakeRest(a_small_redis(), tls=tls) as server:
        held = credentials(UPSTASH_HOST, server.port, "https")
        refused = await report_on(make_services, held)
        assert refused_issuer(refused.outcomes)
        services = make_services(held)
        asker = Typing([str(tmp_path / "nothing.pem"), str(authority.file)])
        trusted = await given_authority(services, asker, refused.outcomes, said.append)  # type: ignore[arg-type]
        assert isinstance(trusted, Services)
        assert "cannot be read" in said[0].text
        fine = await report_on(make_services, held)
    assert not refused_issuer(fine.outcomes)
    found = {one.check.id: one.finding.status for one in fine.outcomes}
    assert found["cache.tls"] is found["cache.write"] is Status.OK
    assert await given_authority(services, Typing([""]), refused.outcomes, said.append) is None  # type: ignore[arg-type]
    assert await given_authority(services, Typing([]), fine.outcomes, said.append) is None  # type: ignore[arg-type]


def test_a_home_folder_is_understood(
    make_services: MakeServices, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    from soundcheck.stores.credentials import Credentials

    monkeypatch.setenv("HOME", str(authority.file.parent))
    services = make_services(Credentials())
    trusting(services, Path("~") / authority.file.name)
    assert kept_authority(services.project) == authority.file


def test_a_path_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "company.pem").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert completed("ce") == "certs/"
    assert completed("certs/co") == "certs/company.pem"
    assert completed(f"{tmp_path}/certs/co") == f"{tmp_path}/certs/company.pem"
    assert completed("~/ce") == "~/certs/"
    assert completed("certs/x") is None
    assert completed("nowhere/x") is None
    assert completed("certs/") is None
