"""What is wrong outside of the two connections: files, history, environment, tools, clocks, room. One row a fault.

The rows of the connections stand in `vendor_texts.py`, `test_database_faults.py` and `test_cache_faults.py`.
"""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from soundcheck.checks.finding import Blame, Evidence, Finding, Status
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import open_project
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.checks.conftest import NEON_HOST, UPSTASH_HOST, MakeServices
from tests.checks.faults import assert_row, finding_of, report_on
from tests.checks.judged_faults import FINE, PURE
from tests.checks.vendor_texts import NEON_TEXTS, POOLER_TEXTS, STOCK_TEXTS, UPSTASH_TEXTS
from tests.own_git import git

PASSWORD = "pw-of-the-band"
TOKEN = "AYNgAAIjcDE0123456789"
DATABASE = f'DATABASE_URL="postgresql://singer:{PASSWORD}@{NEON_HOST}/neondb?sslmode=require"\n'
REST = f'UPSTASH_REDIS_REST_URL="https://{UPSTASH_HOST}"\nUPSTASH_REDIS_REST_TOKEN="{TOKEN}"\n'
GOOD = DATABASE + REST


@dataclass
class Scene:
    """A project to break."""

    services: Services
    folder: Path

    @property
    def root(self) -> Path:
        return self.services.project.root

    def write(self, text: str = GOOD, mode: int = 0o600) -> None:
        self.services.project.env_file.write_text(text)
        self.services.project.env_file.chmod(mode)

    def commit(self, text: str) -> None:
        """Commit the env file with that text, and take it out again."""
        git(self.root, "init", "-q")
        self.write(text)
        git(self.root, "add", "-f", ".env")
        git(self.root, "commit", "-qm", "oops")
        git(self.root, "rm", "-q", "--cached", ".env")
        (self.root / ".gitignore").write_text(".env\n")
        git(self.root, "add", ".gitignore")
        git(self.root, "commit", "-qm", "mended")

    def exports(self, **values: str) -> None:
        self.services = replace(self.services, environ={**self.services.environ, **values})

    def uses(self) -> None:
        url = PostgresUrl.parse(DATABASE.partition('"')[2].rstrip('"\n'))
        found = Credentials(url, None, RestUrl.parse(f"https://{UPSTASH_HOST}"), Secret(TOKEN))
        self.services = replace(self.services, credentials=found)

    def moves_to(self, place: str) -> None:
        root = self.folder / place
        root.mkdir(parents=True)
        self.services = replace(
            self.services, project=open_project(root, environ={"SOUNDCHECK_HOME": str(self.folder)})
        )


Break = Callable[[Scene], None]


@dataclass(frozen=True)
class Fault:
    """One row: how to break it, which check tells, and what it says."""

    name: str
    breaks: Break
    check: str
    status: Status
    blame: Blame
    words: str
    hint: str
    fixes: tuple[str, ...] = ()
    besides: Mapping[str, str] = field(default_factory=dict)
    """Other checks that fail for the same reason, by id with a word of theirs."""


def duplicates(scene: Scene) -> None:
    scene.write(GOOD + REST)


def loose_mode(scene: Scene) -> None:
    scene.write(mode=0o644)


def not_utf8(scene: Scene) -> None:
    scene.services.project.env_file.write_bytes(b"\xff\xfe" + GOOD.encode("utf-16-le"))


def a_folder(scene: Scene) -> None:
    scene.services.project.env_file.mkdir()


def link_outside(scene: Scene) -> None:
    (scene.folder / "shared.env").write_text(GOOD)
    (scene.folder / "shared.env").chmod(0o600)
    scene.services.project.env_file.symlink_to(scene.folder / "shared.env")


def link_nowhere(scene: Scene) -> None:
    scene.services.project.env_file.symlink_to(scene.folder / "gone.env")


def synced(place: str) -> Break:
    def breaks(scene: Scene) -> None:
        scene.moves_to(place)
        scene.write()

    return breaks


def syncthing(scene: Scene) -> None:
    scene.write()
    (scene.root.parent / ".stfolder").mkdir()


def not_ignored(scene: Scene) -> None:
    git(scene.root, "init", "-q")
    scene.write()


def tracked(scene: Scene) -> None:
    not_ignored(scene)
    git(scene.root, "add", ".env")


def committed_today(scene: Scene) -> None:
    scene.commit(GOOD)
    scene.uses()


def committed_before(scene: Scene) -> None:
    scene.commit(GOOD.replace(PASSWORD, "an-older-one").replace(TOKEN, "AYNgAAIjcDEolder"))
    scene.write()
    scene.uses()


def beaten_mount(scene: Scene) -> None:
    mount = scene.folder / "database_url"
    mount.write_text(DATABASE.partition('"')[2].rstrip('"\n').replace("neondb", "another"))
    scene.write()
    scene.exports(DATABASE_URL_FILE=str(mount))


def exports(**values: str) -> Break:
    def breaks(scene: Scene) -> None:
        scene.write()
        scene.exports(**values)

    return breaks


def another_file(scene: Scene) -> None:
    scene.write()
    (scene.root / ".env.local").write_text("UPSTASH_REDIS_REST_TOKEN=AYNgAAIjcDEanother\n")


def without_sslmode(scene: Scene) -> None:
    scene.write(GOOD.replace("?sslmode=require", ""))


WARN, FAIL, YOU = Status.WARN, Status.FAIL, Blame.YOU

FAULTS = [
    Fault("no file", lambda _: None, "files.env", FAIL, YOU, "There is no .env", "soundcheck setup"),
    Fault("UTF-16", not_utf8, "files.env", FAIL, YOU, "UTF-16", "UTF-8"),
    Fault("a folder", a_folder, "files.env", FAIL, YOU, "is not a file", "Move it away"),
    Fault("link to nowhere", link_nowhere, "files.env", FAIL, YOU, "There is no .env", "soundcheck setup"),
    Fault("mode 644", loose_mode, "files.env", WARN, YOU, "mode 644", "chmod 600", ("env.mode",)),
    Fault("duplicates", duplicates, "files.values", WARN, YOU, "more than once", "Delete the lines"),
    Fault(
        "no sslmode",
        without_sslmode,
        "files.values",
        FAIL,
        YOU,
        "sslmode=require is missing",
        "setup",
        ("env.sslmode",),
    ),
    Fault("another .env", another_file, "files.override", WARN, YOU, ".env.local (line 1)", "delete that line"),
    Fault(
        "exported otherwise",
        exports(UPSTASH_REDIS_REST_TOKEN="AYNgAAIjcDEanother"),
        "files.override",
        WARN,
        YOU,
        "exported with another value",
        "unset UPSTASH_REDIS_REST_TOKEN",
    ),
    Fault("mount not used", beaten_mount, "files.source", WARN, YOU, "mounted secret is not used", "one of the two"),
    Fault("link outside", link_outside, "files.place", WARN, YOU, "outside of the project", "file of its own"),
    Fault("Dropbox", synced("Dropbox/app"), "files.place", WARN, YOU, "Dropbox copies", "Move the project"),
    Fault("OneDrive", synced("OneDrive - Band Ltd/app"), "files.place", WARN, YOU, "OneDrive copies", "Move"),
    Fault("iCloud", synced("Library/Mobile Documents/app"), "files.place", WARN, YOU, "iCloud Drive copies", "Move"),
    Fault("Google Drive", synced("CloudStorage/GoogleDrive-me/app"), "files.place", WARN, YOU, "Google Drive", "Move"),
    Fault("Syncthing", syncthing, "files.place", WARN, YOU, "Syncthing copies", "leave .env out"),
    Fault(
        "not ignored", not_ignored, "files.ignored", WARN, YOU, "would take .env along", ".gitignore", ("env.ignore",)
    ),
    Fault(
        "tracked", tracked, "files.ignored", FAIL, YOU, "in the Git repository", "git rm", ("git.untrack", "env.ignore")
    ),
    Fault("in history, in use", committed_today, "files.history", FAIL, YOU, "DATABASE_URL and the UPSTASH", "Reset"),
    Fault("in history, older", committed_before, "files.history", WARN, YOU, "was committed before", "filter-repo"),
    Fault(
        "SSL_CERT_FILE",
        exports(SSL_CERT_FILE="/nowhere.pem"),
        "machine.environment",
        FAIL,
        YOU,
        "names a file that is not there",
        "unset SSL_CERT_FILE",
    ),
    Fault(
        "NODE_EXTRA_CA_CERTS",
        exports(NODE_EXTRA_CA_CERTS="/nowhere.pem"),
        "machine.environment",
        WARN,
        YOU,
        "NODE_EXTRA_CA_CERTS names a file",
        "unset NODE_EXTRA_CA_CERTS",
    ),
    Fault(
        "checks switched off",
        exports(NODE_TLS_REJECT_UNAUTHORIZED="0"),
        "machine.environment",
        WARN,
        YOU,
        "switches the check of certificates off",
        "unset NODE_TLS_REJECT_UNAUTHORIZED",
    ),
    Fault(
        "proxy's address",
        exports(https_proxy="http://proxy of the house:x"),
        "machine.environment",
        WARN,
        YOU,
        "no proxy's address",
        "http://host:port",
    ),
    Fault(
        "PGHOSTADDR",
        exports(PGHOSTADDR="192.0.2.1", PGSSLMODE="disable"),
        "machine.environment",
        WARN,
        YOU,
        "PGHOSTADDR and PGSSLMODE are exported",
        "unset PGHOSTADDR PGSSLMODE",
    ),
]


@pytest.fixture
def scene(make_services: MakeServices, tmp_path: Path) -> Scene:
    return Scene(make_services(), tmp_path)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
async def test_a_broken_file_or_environment_is_told_by_one_check(scene: Scene, fault: Fault) -> None:
    fault.breaks(scene)
    report = await report_on(scene.services, "files", "machine.environment")
    finding = finding_of(report, fault.check)
    assert_row(finding, fault.status, fault.blame, fault.words, fault.hint)
    assert tuple(fix.id for fix in finding.fixes) == fault.fixes
    ids = {outcome.check.id for outcome in report.outcomes}
    for outcome in report.outcomes:
        if outcome.check.id == fault.check:
            continue
        assert outcome.finding.status in {Status.OK, Status.SKIP}, (outcome.check.id, outcome.finding)
        if outcome.finding.skipped_because in ids:
            assert outcome.finding.skipped_because == fault.check
    for secret in (PASSWORD, TOKEN, "an-older-one", "AYNgAAIjcDEanother"):
        assert secret not in repr(report.outcomes)


async def test_mounted_secrets_need_no_file(scene: Scene) -> None:
    mounts = {"DATABASE_URL": f"postgresql://singer:{PASSWORD}@{NEON_HOST}/neondb", "upstash_redis_rest_token": TOKEN}
    for name, value in {**mounts, "UPSTASH_REDIS_REST_URL": f"https://{UPSTASH_HOST}"}.items():
        (scene.folder / name).write_text(value + "\n")
    scene.exports(CREDENTIALS_DIRECTORY=str(scene.folder))
    report = await report_on(scene.services, "files")
    for name in ("files.env", "files.values", "files.ignored", "files.place"):
        assert "mounted as secrets" in finding_of(report, name).skipped_because, name
    assert str(scene.folder) in finding_of(report, "files.source").summary
    assert PASSWORD not in repr(report.outcomes)


async def test_mounted_secrets_are_found_and_used(scene: Scene) -> None:
    from soundcheck.wizard.discover import Source, discover

    (scene.folder / "token").write_text(TOKEN)
    found = discover(scene.services.project, {"UPSTASH_REDIS_REST_TOKEN_FILE": str(scene.folder / "token")})
    assert found.credentials.rest_token == Secret(TOKEN)
    assert found.sources["UPSTASH_REDIS_REST_TOKEN"] is Source.MOUNT


Usage = namedtuple("Usage", "total used free")


async def test_a_full_disk_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**10, 10**10, 10**7))
    report = await report_on(scene.services, "machine.disk")
    assert_row(finding_of(report, "machine.disk"), FAIL, YOU, "10 MB are free", "SOUNDCHECK_HOME")


@pytest.mark.parametrize(
    ("program", "words"),
    [("#!/bin/sh\necho v16.20.0\n", "Node 16.20.0"), ("#!/bin/sh\nexit 1\n", "does not start")],
    ids=["too old", "broken"],
)
async def test_a_wrong_node_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch, program: str, words: str) -> None:
    monkeypatch.setattr("soundcheck.stores.prisma.node._wheel_folder", lambda: None)
    (scene.folder / "node").write_text(program)
    (scene.folder / "node").chmod(0o755)
    scene.exports(PATH=str(scene.folder))
    report = await report_on(scene.services, "prisma.engine")
    assert_row(finding_of(report, "prisma.node"), FAIL, YOU, words, "nodejs.org")
    assert finding_of(report, "prisma.engine").skipped_because == "prisma.node"


@pytest.mark.parametrize("row", PURE, ids=[row[0] for row in PURE])
def test_evidence_of_a_fault_is_judged(row: tuple) -> None:
    _, judge, evidence, status, blame, words, hint = row
    assert_row(judge(evidence), status, blame, words, hint)


@pytest.mark.parametrize(("judge", "evidence"), FINE)
def test_what_is_fine_is_not_told_as_a_fault(judge: Callable[[Evidence], Finding], evidence: Evidence) -> None:
    assert judge(evidence).status is Status.OK


def test_there_are_sixty_rows_and_more() -> None:
    rows = len(NEON_TEXTS) + len(STOCK_TEXTS) + len(POOLER_TEXTS) + len(UPSTASH_TEXTS) + len(FAULTS) + len(PURE)
    assert rows >= 120
