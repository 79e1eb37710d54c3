"""`soundcheck doctor` in each of its modes: one stream for each purpose, exit codes, fixes shown first."""

from __future__ import annotations

import argparse
import io
import json
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.report.history import list_runs
from soundcheck.checks.report.meaning import explain_checks
from soundcheck.screens.commands import doctor
from soundcheck.screens.options import add_common
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun, Refused, UsageError
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from tests.special_files import KINDS, put

SCHEMAS = Path(__file__).parents[3] / "docs" / "json"


@dataclass(frozen=True)
class Ran:
    """What a run of the command came to."""

    code: int
    out: str
    err: str

    def document(self, name: str, kind: str = "") -> dict[str, Any]:
        """Standard output as the JSON document of that name, which is all of it and fits its schema."""
        document: dict[str, Any] = json.loads(self.out)
        assert (document["kind"], self.err) == (kind or name, "")
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(document)
        return document


Doctor = Callable[..., Awaitable[Ran]]


def doctor_of(services: Services) -> Doctor:
    async def call(*words: str) -> Ran:
        parser = argparse.ArgumentParser()
        add_common(parser)
        doctor.configure(parser)
        out, err = io.StringIO(), io.StringIO()
        code = await doctor.run(parser.parse_args(words), services, out, err)
        return Ran(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def empty(project: Project) -> Doctor:
    """A project with nothing in it: no store is asked."""
    return doctor_of(Services(project, SystemClock(), SystemResolver()))


@pytest.fixture
async def full(project: Project, eleven_url: PostgresUrl, rest: Any) -> AsyncIterator[Doctor]:  # noqa: F811
    """Both stores, an env file that others may read."""
    project.env_file.write_text(
        f'DATABASE_URL="{eleven_url.reveal()}"\nUPSTASH_REDIS_REST_URL="{rest.url}"\n'
        f'UPSTASH_REDIS_REST_TOKEN="{rest.token.reveal()}"\n'
    )
    project.env_file.chmod(0o644)
    found = Credentials(eleven_url, None, rest.url, rest.token)
    services = Services(project, SystemClock(), SystemResolver()).using(found)
    yield doctor_of(services)
    await services.close()


async def test_every_json_mode_is_one_document_that_fits_its_schema(empty: Doctor, tmp_path: Path) -> None:
    assert (await empty("--json")).document("doctor")["exit_code"] == 3
    bundle = tmp_path / "report.zip"
    written = await empty("--json", "--bundle", str(bundle))
    assert written.document("doctor_bundle_written")["file"] == str(bundle)
    (await empty("--json", "--from-bundle", str(bundle))).document("doctor")
    assert len((await empty("--json", "--history")).document("doctor_history")["runs"]) == 2
    same = await empty("--json", "--compare", "last", str(bundle))
    assert same.document("doctor_comparison")["changes"] == []
    (await empty("--json", "--list")).document("doctor_checks")
    (await empty("--json", "--explain", "database.tls")).document("doctor_checks")
    left = (await empty("--json", "--fix", "git.untrack")).document("doctor_fixes")
    assert (left["applied"], left["left"]) == ([], [])


async def test_the_report_to_paste_has_at_most_forty_lines_and_ends_in_the_next_command(empty: Doctor) -> None:
    ran = await empty("--text")
    lines = ran.out.splitlines()
    assert len(lines) <= 40
    assert lines[0].startswith("SC files.env · you · run ")
    assert lines[-1].startswith("Next: ")
    assert lines[-1].endswith("soundcheck setup")
    assert (ran.code, ran.err) == (3, "")


async def test_each_run_is_kept_and_a_state_folder_in_the_way_stops_nobody(empty: Doctor, project: Project) -> None:
    await empty("--only", "machine.python")
    await empty("--json", "--only", "machine.python")
    assert len(list_runs(project)) == 2
    for run in (project.state / "runs").iterdir():
        run.unlink()
    (project.state / "runs").rmdir()
    (project.state / "runs").write_text("in the way")
    ran = await empty("--json", "--only", "machine.python")
    assert json.loads(ran.out)["kind"] == "doctor"
    assert "not kept" in ran.err
    assert ran.code == 0


async def test_two_runs_are_compared_in_words(full: Doctor, eleven_url: PostgresUrl) -> None:  # noqa: F811
    await full("--text", "--only", "database.tables")
    with psycopg.connect(eleven_url.reveal(), autocommit=True) as connection:
        connection.execute("DROP TABLE lyrics")
    await full("--text", "--only", "database.tables")
    ran = await full("--compare", "previous", "last")
    assert "tables 11 to 10 (without lyrics)" in ran.out
    assert "database.tables" in ran.out.splitlines()[1]
    assert ran.code == 0
    history = await full("--history")
    assert len(history.out.splitlines()) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--compare", "beef", "last"),
        ("--from-bundle", "nowhere.zip"),
        ("--explain", "nothing.there"),
        ("--only", "nothing.there"),
        ("--fix", "env.everything"),
    ],
)
async def test_a_word_that_fits_nothing_is_wrong_usage(empty: Doctor, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as refused:
        await empty(*words)
    assert refused.value.hint


async def test_two_modes_at_once_are_wrong_usage(empty: Doctor, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        await empty("--history", "--bundle", "x.zip")
    assert ended.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


async def test_a_check_is_explained_with_what_its_findings_mean(empty: Doctor) -> None:
    told = (await empty("--explain", "database.authentication")).out
    assert "the log-in is accepted" in told
    assert "rests on: database.tls" in told
    assert "deadline: " in told
    assert "Neon gives this same answer for three things" in told
    assert "does not offer encryption" not in told


async def test_what_a_run_fills_in_is_told_in_words_and_never_as_the_name_of_a_variable(empty: Doctor) -> None:
    env = (await empty("--explain", "files.env")).out
    assert "There is no <env file>." in env
    assert "fail: <what is wrong, as the run finds it>" in env
    assert "do:  <what to do, for what the run finds>" in env
    assert "what stands between < and > is filled in by a run" in env
    meanings = explain_checks(default_registry())
    assert len(meanings) > 30
    assert [line for meaning in meanings for line in meaning.lines if "{" in line or "}" in line] == []


async def test_a_number_of_ours_stands_in_the_text_itself(empty: Doctor) -> None:
    assert "The plan wants queries under 20 ms." in (await empty("--explain", "database.latency")).out


async def test_every_check_can_say_how_it_may_end_badly(empty: Doctor) -> None:
    document = (await empty("--list", "--json")).document("doctor_checks")
    speechless = [check["id"] for check in document["checks"] if not check["findings"]]
    assert set(speechless) <= {"cache.resp"}, "good to have and needed by nothing"
    assert [f for check in document["checks"] for f in check["findings"] if f["summary"] == "{…}"] == []
    listed = (await empty("--list")).out.splitlines()
    assert [check["id"] for check in document["checks"]] == [line.split()[0] for line in listed]


async def test_fixes_are_shown_then_applied_then_asked_again_and_taken_back(full: Doctor, project: Project) -> None:
    assert stat.S_IMODE(project.env_file.stat().st_mode) == 0o644
    ran = await full("--fix", "--only", "files.env")
    assert stat.S_IMODE(project.env_file.stat().st_mode) == 0o600
    lines = ran.out.splitlines()
    shown = next(at for at, line in enumerate(lines) if "chmod 600" in line and "now 644" in line)
    done = next(at for at, line in enumerate(lines) if "readable by you alone." in line)
    assert shown < done
    assert any("doctor --undo env.mode" in line for line in lines)
    assert ran.code == 0
    again = await full("--fix", "--only", "files.env")
    assert "nothing to fix" in again.out
    undone = await full("--undo", "--json")
    assert undone.document("doctor_undo")["fix"] == "env.mode"
    assert stat.S_IMODE(project.env_file.stat().st_mode) == 0o644
    with pytest.raises(Refused, match="no fix to take back"):
        await full("--undo", "env.mode")


async def test_a_destructive_fix_is_left_and_said_until_it_is_named(full: Doctor, project: Project) -> None:
    import subprocess

    for words in (["init", "-q"], ["add", "-f", ".env"]):
        subprocess.run(["git", *words], cwd=project.root, check=True)
    ran = await full("--fix", "--json", "--only", "files")
    document = ran.document("doctor_fixes")
    assert [item["fix"] for item in document["left"]] == ["git.untrack"]
    assert document["left"][0]["hint"] == "soundcheck doctor --fix git.untrack"
    assert "env.mode" in [item["fix"] for item in document["applied"]]
    tracked = subprocess.run(["git", "ls-files"], cwd=project.root, check=True, capture_output=True, text=True)
    assert tracked.stdout == ".env\n"
    named = (await full("--fix", "git.untrack", "--json", "--only", "files")).document("doctor_fixes")
    assert [item["fix"] for item in named["applied"]] == ["git.untrack"]
    tracked = subprocess.run(["git", "ls-files"], cwd=project.root, check=True, capture_output=True, text=True)
    assert tracked.stdout == ""


async def test_a_bundle_is_judged_again_without_a_network(
    full: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "report.zip"
    ran = await full("--bundle", str(bundle), "--only", "cache", "database.query")
    assert "report.json" in ran.out
    assert "no secret was found in it" in ran.out
    first = await full("--text", "--only", "cache", "database.query")

    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    again = await full("--text", "--from-bundle", str(bundle))
    assert again.code == ran.code == first.code
    assert again.out.splitlines()[-1] == first.out.splitlines()[-1]
    document = tmp_path / "run.json"
    document.write_text((await full("--json", "--from-bundle", str(bundle))).out)
    assert (await full("--text", "--from-bundle", str(document))).out == again.out
    plain = await full("--from-bundle", str(bundle))
    assert "cache.ping" in plain.out


@pytest.mark.parametrize("kind", KINDS)
async def test_a_bundle_never_takes_the_place_of_a_device_or_a_pipe(empty: Doctor, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "report.zip"
    is_same = put(kind, path)
    beside = sorted(tmp_path.iterdir())
    with pytest.raises(CouldNotRun, match=r"is a (folder|device|pipe|socket)") as problem:
        await empty("--bundle", str(path), "--only", "machine.python")
    assert problem.value.hint
    assert is_same()
    assert sorted(tmp_path.iterdir()) == beside


async def test_a_bundle_is_refused_before_the_checks_run(empty: Doctor, project: Project, tmp_path: Path) -> None:
    put("pipe", tmp_path / "report.zip")
    with pytest.raises(CouldNotRun):
        await empty("--bundle", str(tmp_path / "report.zip"))
    assert not list_runs(project)


async def test_a_folder_is_no_place_for_a_bundle(empty: Doctor, tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match="is a folder"):
        await empty("--bundle", str(tmp_path), "--only", "machine.python")
    assert list(tmp_path.glob("*.zip")) == []


async def test_no_mode_leaves_anything_in_either_store(
    full: Doctor,
    rest: Any,
    eleven_url: PostgresUrl,  # noqa: F811
    tmp_path: Path,
) -> None:
    import redis

    for words in (("--json",), ("--text",), ("--bundle", str(tmp_path / "r.zip")), ("--fix",)):
        await full(*words)
    with redis.Redis.from_url(rest.redis_url.reveal()) as client:
        assert client.dbsize() == 0
    with psycopg.connect(eleven_url.reveal()) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND application_name LIKE '%doctor%'"
        ).fetchone()
    assert (tables, others) == ((11,), (0,))


async def test_the_backend_s_own_eyes_end_in_one_document_or_lines(empty: Doctor) -> None:
    ran = await empty("--app", "no-such-program --at all", "--json")
    assert ran.document("doctor_app", "app")["status"] == "fail"
    assert ran.code == 3
    assert "why:" in (await empty("--app", "no-such-program --at all")).out


async def test_plain_lines_begin_with_the_verdict_and_what_needs_you_comes_before_the_rest(empty: Doctor) -> None:
    ran = await empty("--only", "files", "machine.python")
    document = (await empty("--json", "--only", "files", "machine.python")).document("doctor")
    sentence, step, blank, *details = ran.out.splitlines()
    assert sentence == document["verdict"]["sentence"]
    assert step.startswith("  Next: ")
    assert blank == ""
    words = [line.split()[1] for line in details if not line.startswith("  ")]
    assert {"failed:", "ok:", "skipped:"} <= set(words)
    order = ["failed:", "warning:", "ok:", "skipped:"]
    assert words == sorted(words, key=order.index)
    assert ran.err.startswith("Running "), "somebody who waits hears that it runs"
