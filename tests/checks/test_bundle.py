"""The bundle: what is in it and what is not, judged again without a network, and refused where it is not whole."""

from __future__ import annotations

import json
import re
import socket
import stat
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import jsonschema
import psycopg
import pytest
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.finding import Status
from soundcheck.checks.report.bundle import MANIFEST, NAMES, make_bundle, pack, prove_archive, write_bundle
from soundcheck.checks.report.bundle_parts import Part
from soundcheck.checks.report.bundle_reading import find_run, read_bundle
from soundcheck.checks.report.bundle_stores import hashed_key, histogram
from soundcheck.checks.report.clean_proof import NotClean
from soundcheck.checks.report.history import judge_again, save_run
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.report.stored_run import Unreadable
from soundcheck.checks.run import Report, run_checks
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.password_shape import shape_of
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from tests.checks.conftest import CHECKS, MakeServices
from tests.conftest import Rest

SCHEMAS = Path(__file__).parents[2] / "docs" / "json"


@pytest.fixture
async def services(project: Project, eleven_url: PostgresUrl, rest: Rest) -> AsyncIterator[Services]:  # noqa: F811
    """Both stores, with a row and keys whose contents are nobody's business."""
    with psycopg.connect(eleven_url.reveal(), autocommit=True) as connection:
        connection.execute(
            'INSERT INTO users (id, email, name, password, "updatedAt") VALUES (%s, %s, %s, %s, now())',
            ("user-of-the-band", "zelda.quux@example.org", "Zelda Quux", "hash-of-zelda"),
        )
    token = rest.token.reveal()
    project.env_file.write_text(
        f'DATABASE_URL="{eleven_url.reveal()}"\nUPSTASH_REDIS_REST_URL="{rest.url}"\nUPSTASH_REDIS_REST_TOKEN="{token}"\n'
    )
    found = Credentials(eleven_url, None, rest.url, rest.token)
    opened = Services(project, SystemClock(), SystemResolver()).using(found)
    assert opened.cache is not None
    for key in ("search:sad songs of zelda", "session:QX77ZT", "user:user-of-the-band:library", "other-app:zelda"):
        await opened.cache.command("SET", key, "value-of-the-cache", "EX", 60)
    yield opened
    await opened.close()


async def checked(services: Services, *names: str) -> Report:
    chosen = CHECKS.select(names) if names else list(CHECKS)
    return await run_checks(chosen, services)


def members_of(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
async def whole(services: Services, tmp_path: Path) -> tuple[Report, Path]:
    """A bundle of a run over both stores."""
    report = await checked(services, "files", "database.tables", "cache", "machine.python")
    services.project.prepare_state()
    (services.project.logs / "soundcheck.log").write_text(
        "ERROR duplicate key: Key (email)=(zelda.quux@example.org) already exists.\n"
        "WARNING mail to zelda.quux@example.org\n"
    )
    path = tmp_path / "report.zip"
    write_bundle(await make_bundle(report, services), path)
    return report, path


async def test_it_holds_what_support_asks_for_and_no_row(
    whole: tuple[Report, Path],
    eleven_url: PostgresUrl,  # noqa: F811
    rest: Rest,
) -> None:
    report, path = whole
    members = members_of(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(members) == NAMES - {"soundcheck.toml"}
    everything = "".join(members.values())
    for private in (
        "zelda.quux",
        "Zelda Quux",
        "user-of-the-band",
        "sad songs",
        "QX77ZT",
        "value-of-the-cache",
        "hash-of-z",
    ):
        assert private not in everything
    tables = json.loads(members["database.json"])["tables"]
    assert len(tables) == 11
    assert any(column["column"] == "email" for table in tables for column in table["columns"])
    trips = json.loads(members["latency.json"])["round_trips"]
    assert trips["database"]["count"] == 30
    assert trips["cache"]["count"] == 20
    assert sum(part["count"] for part in trips["cache"]["parts"]) == 20
    names = json.loads(members["cache.json"])["sample"]["names"]
    assert any(re.fullmatch(r"search:#[0-9a-f]{8}", name) for name in names)
    assert any(re.fullmatch(r"session:#[0-9a-f]{8}", name) for name in names)
    assert any(re.fullmatch(r"user:#[0-9a-f]{8}:library", name) for name in names)
    assert any(re.fullmatch(r"#[0-9a-f]{8}", name) for name in names)
    assert "Key (email)=(•••••)" in members["log.txt"]
    assert json.loads(members["versions.json"])["postgresql"].startswith("18")
    shown = json.loads(members["configuration.json"])["files"][0]["lines"]
    assert shown[0]["variable"] == "DATABASE_URL"
    assert "•••••@127.0.0.1" in shown[0]["shown"]
    assert shown[0]["shape"] == shape_of(eleven_url.password)
    assert "shape" not in shown[1]
    assert shown[2]["shape"] == shape_of(rest.token)
    assert f"run {report.run_id}" in members["report.txt"]


async def test_its_list_fits_its_schema_and_the_sum_of_its_members(whole: tuple[Report, Path]) -> None:
    members = members_of(whole[1])
    manifest = json.loads(members[MANIFEST])
    schema = json.loads((SCHEMAS / "doctor_bundle.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(manifest)
    assert {m["name"]: m["bytes"] for m in manifest["members"]} == {
        name: len(content.encode()) for name, content in members.items() if name != MANIFEST
    }
    assert next(m["masked"] for m in manifest["members"] if m["name"] == "configuration.json") == 2
    report = json.loads((SCHEMAS / "doctor.schema.json").read_text())
    jsonschema.Draft202012Validator(report).validate(json.loads(members["report.json"]))


async def test_nothing_is_left_behind_in_either_store(
    whole: tuple[Report, Path],
    services: Services,
    eleven_url: PostgresUrl,  # noqa: F811
) -> None:
    assert services.cache is not None
    reply = await services.cache.command("DBSIZE")
    assert reply.value == 4
    with psycopg.connect(eleven_url.reveal()) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        users = connection.execute("SELECT count(*) FROM users").fetchone()
    assert (tables, users) == ((11,), (1,))


async def test_every_check_is_judged_again_to_the_same_finding_without_any_network(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = await checked(services)
    path = tmp_path / "report.zip"
    write_bundle(await make_bundle(report, services), path)

    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    again = judge_again(read_bundle(path), default_registry())
    assert [(o.check.id, o.finding) for o in again.outcomes] == [(o.check.id, o.finding) for o in report.outcomes]
    assert again.verdict == report.verdict


async def test_a_run_is_found_by_id_in_a_bundle_and_in_a_json_file(
    whole: tuple[Report, Path], services: Services, tmp_path: Path
) -> None:
    report, path = whole
    save_run(services.project, report, Redactor())
    document = tmp_path / "run.json"
    document.write_text(members_of(path)["report.json"])
    for word in (report.run_id, "last", str(path), str(document)):
        assert find_run(services.project, word).run_id == report.run_id
    document.write_text("no json")
    with pytest.raises(Unreadable):
        find_run(services.project, str(document))


async def small(make_services: MakeServices, path: Path) -> Services:
    """A bundle of a few checks, quickly made."""
    services = make_services()
    report = await checked(services, "files", "machine.python")
    write_bundle(await make_bundle(report, services), path)
    return services


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """The archive with its members changed, as somebody else might write it."""
    members = {name: content.encode() for name, content in members_of(path).items()}
    change(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def edit_report(members: dict[str, bytes]) -> None:
    members["report.json"] = members["report.json"].replace(b'"fail"', b'"ok"')


def edit_manifest(members: dict[str, bytes]) -> None:
    members[MANIFEST] = members[MANIFEST].replace(b'"schema_version": 1', b'"schema_version": 2')


TAMPERED: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "an edited report": (edit_report, "changed after it was made"),
    "a missing member": (lambda m: m.pop("versions.json") and None, "changed after it was made"),
    "no list": (lambda m: m.pop(MANIFEST) and None, "other files"),
    "a list of another kind": (lambda m: m.update({MANIFEST: b'{"kind": "invoice"}'}), "no bundle"),
    "a list that is no JSON": (lambda m: m.update({MANIFEST: b"["}), "not JSON"),
    "another version": (edit_manifest, "another version"),
    "a member that leads out": (lambda m: m.update({"../../evil.sh": b"x"}), "other files"),
    "an absolute member": (lambda m: m.update({"/etc/cron.d/evil": b"x"}), "other files"),
    "a member of Windows": (lambda m: m.update({"..\\evil.exe": b"x"}), "other files"),
    "a member too many": (lambda m: m.update({"extra.txt": b"x"}), "other files"),
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_a_tampered_bundle_is_refused_in_words_and_nothing_is_unpacked(
    make_services: MakeServices, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "bundle" / "report.zip"
    path.parent.mkdir()
    await small(make_services, path)
    read_bundle(path)
    change, words = TAMPERED[how]
    rewritten(path, change)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Unreadable, match=words) as refused:
        read_bundle(path)
    assert refused.value.hint
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 and then nothing", b"\x1f\x8b not a zip", b"PK\x05\x06" + bytes(18)], ids=range(4)
)
def test_a_foreign_file_is_no_bundle(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "foreign.zip"
    path.write_bytes(data)
    with pytest.raises(Unreadable):
        read_bundle(path)
    with pytest.raises(Unreadable, match="There is no file"):
        read_bundle(tmp_path / "nowhere.zip")


async def test_a_bundle_cut_in_half_or_with_a_flipped_byte_is_refused(
    make_services: MakeServices, tmp_path: Path
) -> None:
    path = tmp_path / "report.zip"
    await small(make_services, path)
    data = path.read_bytes()
    for broken in (data[: len(data) // 2], data[:200] + bytes([data[200] ^ 0xFF]) + data[201:]):
        path.write_bytes(broken)
        with pytest.raises(Unreadable):
            read_bundle(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, b"{}")
        archive.writestr("report.json", bytes(25_000_000))
    with pytest.raises(Unreadable, match="too large"):
        read_bundle(path)


async def test_the_finished_archive_is_what_is_scanned(make_services: MakeServices, tmp_path: Path) -> None:
    """A leak that is only in the archive (a name, a comment, a member) is found there."""
    path = tmp_path / "report.zip"
    await small(make_services, path)
    redactor = Redactor([Secret("hunter2-of-the-band")])
    words = frozenset[str]()
    for name, content in (
        ("hunter2-of-the-band.txt", "x"),
        ("log.txt", "x hunter2-of-the-band"),
        ("log.txt", "PGPASSWORD=a"),
    ):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, content)
        with pytest.raises(NotClean):
            prove_archive(path.read_bytes(), redactor, words)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("log.txt", "fine")
        archive.comment = b"hunter2-of-the-band"
    with pytest.raises(NotClean):
        prove_archive(path.read_bytes(), redactor, words)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("log.txt", "fine")
    prove_archive(path.read_bytes(), redactor, words)


async def test_what_was_removed_is_counted_by_member(make_services: MakeServices) -> None:
    services = make_services()
    report = await checked(services, "machine.python")
    parts = [Part("log.txt", "the log", "a hunter2-band b hunter2-band\n"), Part("README.txt", "this", "fine\n")]
    bundle = pack(report, parts, Redactor([Secret("hunter2-band")]))
    assert [(m.name, m.removed) for m in bundle.members] == [("log.txt", 2), ("README.txt", 0)]
    assert any("2 values taken out" in line for line in bundle.lines)


@pytest.mark.parametrize("password", ["database", "report", "checks", "2026", "README", "node", "search"])
async def test_a_password_that_is_an_ordinary_word_stops_no_bundle(
    make_services: MakeServices, tmp_path: Path, password: str
) -> None:
    services = make_services(environ={"PGPASSWORD": password})
    report = await checked(services, "files", "machine.python")
    write_bundle(await make_bundle(report, services), tmp_path / "report.zip")
    again = judge_again(read_bundle(tmp_path / "report.zip"), CHECKS)
    assert [o.finding.status for o in again.outcomes] == [o.finding.status for o in report.outcomes]


async def test_a_place_that_cannot_be_written_is_told(make_services: MakeServices, tmp_path: Path) -> None:
    services = make_services()
    bundle = await make_bundle(await checked(services, "machine.python"), services)
    with pytest.raises(CouldNotRun):
        write_bundle(bundle, tmp_path / "nowhere" / "report.zip")
    (tmp_path / "link.zip").symlink_to(tmp_path / "target.zip")
    with pytest.raises(CouldNotRun):
        write_bundle(bundle, tmp_path / "link.zip")
    assert not (tmp_path / "target.zip").exists()


def test_a_histogram_counts_each_time_once() -> None:
    made = histogram([0.5, 1.0, 1.5, 7, 5000])
    assert isinstance(made, dict)
    assert (made["count"], made["max_ms"], made["p50_ms"]) == (5, 5000, 1.5)
    counts = {part["up_to_ms"]: part["count"] for part in made["parts"]}  # type: ignore[union-attr,index]
    assert (counts[1], counts[2], counts[10], counts[None]) == (2, 1, 1, 1)
    assert histogram([])["p95_ms"] is None  # type: ignore[index,call-overload]


def test_equal_terms_look_equal_in_one_bundle_and_not_in_two() -> None:
    assert hashed_key("search:love", b"a") == hashed_key("search:love", b"a") != hashed_key("search:love", b"b")
    assert hashed_key("search:love", b"a") != hashed_key("search:hate", b"a")


async def test_a_silent_database_leaves_a_bundle_all_the_same(make_services: MakeServices, tmp_path: Path) -> None:
    found = Credentials(database_url=PostgresUrl.parse("postgresql://singer:pw-of-singer@127.0.0.1:1/songs"))
    services = make_services(found)
    report = await checked(services, "database.query")
    assert report.verdict.status is Status.FAIL
    write_bundle(await make_bundle(report, services), tmp_path / "report.zip")
    told = json.loads(members_of(tmp_path / "report.zip")["database.json"])
    assert (told["tables"], told["problem"]) == (None, "the database did not answer in this run")
