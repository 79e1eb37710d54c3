"""`client.connects`: the backend's own interpreter runs the lines, and each way to fail is told apart."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from backend_fixture import MakeBackend, backend, make_environment, music_client, query_engine  # noqa: F401
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.checks.backend.client_connects import JUDGING
from soundcheck.checks.check import Context, Outcome
from soundcheck.checks.finding import Blame, Evidence, Status
from soundcheck.stores.backend.client_use import client_lines, use_client
from soundcheck.stores.backend.python_backend import find_backend_python
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.prisma.query_engine import QueryEngine
from soundcheck.stores.prisma.schema_text import packaged_schema
from soundcheck.stores.project.trust import trust_given
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.setup.client_outlook import client_outlook
from soundcheck.wizard.trust import trust_all
from tests.checks.conftest import CHECKS, MakeServices
from tests.checks.faults import assert_row, report_on

FIX, ENGINE = "client.engine", "PRISMA_QUERY_ENGINE_BINARY"


async def connects(services: Services) -> Outcome:
    """The check alone, in a folder that is trusted: what it rests on has tests of its own."""
    trust_all(services.project, services.environ)
    check = CHECKS["client.connects"]
    evidence = await check.collect(Context(services))
    return Outcome(check, check.judge(evidence), evidence, 0.0)


async def test_nothing_of_the_folder_is_run_until_it_is_trusted(
    backend: MakeBackend,  # noqa: F811
) -> None:
    """What would be run is named, with the text that names it, and so is the way to agree."""
    services = backend(trusted=False)
    project = services.project
    project.env_file.write_text(f'{ENGINE}="{project.root}/engine"\n')
    check = CHECKS["client.connects"]
    found = check.judge(await check.collect(Context(services)))
    assert found.status is Status.SKIP
    assert found.skipped_because == "this folder is not trusted"
    assert "the backend's Python (.venv/bin/python)" in found.cause
    assert "the generated client (prisma_client)" in found.cause
    assert f"the client's query engine (engine, named by {ENGINE} in .env)" in found.cause
    assert "soundcheck doctor --trust" in found.hint
    told = client_outlook(
        {check.id: Outcome(check, found, await check.collect(Context(services)), 0.0)}, project, services.environ
    )
    assert any("was not tried: it would run the backend's Python" in line for line in told.lines)
    assert found.hint in told.lines


async def test_the_backend_connects_and_counts_its_users(
    backend: MakeBackend,  # noqa: F811
    query_engine: QueryEngine,  # noqa: F811
) -> None:
    services = backend(query_engine.environ())
    url = services.credentials.database_url
    assert url is not None
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute("INSERT INTO users (id, email, password) VALUES ('a', 'a@x.example', 'x')")
    report = await report_on(services, "client.connects")
    outcome = report.outcomes[-1]
    assert outcome.finding.status is Status.OK, outcome.finding
    assert outcome.evidence["output"] == "1 users\n"
    assert ".venv/bin/python connected" in outcome.finding.summary
    assert len(outcome.evidence["lines"]) == 5  # type: ignore[arg-type]
    assert url.reveal() not in repr(outcome)


async def test_the_engine_is_found_by_the_env_file(
    backend: MakeBackend,  # noqa: F811
    query_engine: QueryEngine,  # noqa: F811
) -> None:
    services = backend()
    services.project.env_file.write_text(f'{ENGINE}="{query_engine.launcher}"\n')
    assert (await connects(services)).finding.status is Status.OK


async def test_missing_packages_are_named_with_the_line_that_fits(backend: MakeBackend) -> None:  # noqa: F811
    services = backend(with_prisma=False)
    root = services.project.root
    outcome = await connects(services)
    assert_row(outcome.finding, Status.WARN, Blame.YOU, "pydantic", ".venv/bin/python -m pip install prisma==0.15.0")
    assert [fix.id for fix in outcome.finding.fixes] == ["backend.install"]
    for file, line in (("poetry.lock", "poetry add prisma==0.15.0"), ("uv.lock", "uv add prisma==0.15.0")):
        (root / file).write_text("")
        assert line in (await connects(services)).finding.hint
        (root / file).unlink()


async def test_without_an_engine_the_client_says_so_and_ours_is_offered(backend: MakeBackend) -> None:  # noqa: F811
    outcome = await connects(backend())
    assert_row(outcome.finding, Status.WARN, Blame.YOU, "BinaryNotFoundError", f"--fix {FIX}")
    assert [fix.id for fix in outcome.finding.fixes] == [FIX]


async def test_an_engine_that_is_gone_or_is_none_is_told(backend: MakeBackend, tmp_path: Path) -> None:  # noqa: F811
    program = tmp_path / "query-engine"
    services = backend({ENGINE: str(program)})
    assert_row((await connects(services)).finding, Status.FAIL, Blame.YOU, "is not there", FIX)
    program.write_text("#!/bin/sh\nexit 3\n")
    assert_row((await connects(services)).finding, Status.FAIL, Blame.YOU, "not one that it can start", FIX)
    program.chmod(0o700)
    assert_row((await connects(services)).finding, Status.FAIL, Blame.YOU, "exit status 3", FIX)


async def test_an_engine_of_another_version_in_the_folder_is_told(backend: MakeBackend) -> None:  # noqa: F811
    services = backend()
    interpreter = services.project.root / ".venv" / "bin" / "python"
    name = await _engine_name(services, interpreter)
    program = services.project.root / name
    program.write_text("#!/bin/sh\necho query-engine 0123456789\n")
    program.chmod(0o700)
    outcome = await connects(services)
    assert_row(outcome.finding, Status.FAIL, Blame.YOU, "0123456789", "comes before all others")


async def _engine_name(services: Services, interpreter: Path) -> str:
    """What the client calls its engine on this machine, by the client itself."""
    import asyncio

    process = await asyncio.create_subprocess_exec(
        str(interpreter), "-c", "from prisma.engine.utils import query_engine_name as n; print(n())",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return out.decode().strip()


async def test_a_client_that_is_not_there_is_told_apart_from_a_missing_package(
    backend: MakeBackend,  # noqa: F811
) -> None:
    services = backend()
    shutil.rmtree(services.project.root / "prisma_client")
    outcome = await connects(services)
    assert_row(outcome.finding, Status.FAIL, Blame.YOU, "prisma_client, the generated client", "soundcheck setup")


async def test_a_client_from_elsewhere_is_not_taken_for_the_project_s(
    backend: MakeBackend,  # noqa: F811
    music_client: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    services = backend()
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(music_client / "prisma_client", elsewhere / "prisma_client")
    packages = next((services.project.root / ".venv").glob("lib/python3*/site-packages"))
    (packages / "elsewhere.pth").write_text(f"{elsewhere}\n")
    shutil.rmtree(services.project.root / "prisma_client")
    outcome = await connects(services)
    assert_row(outcome.finding, Status.FAIL, Blame.YOU, "prisma_client, the generated client", "soundcheck setup")
    assert str(elsewhere) in str(outcome.evidence["text"])


async def test_a_table_that_the_client_does_not_find_is_told(
    backend: MakeBackend,  # noqa: F811
    query_engine: QueryEngine,  # noqa: F811
) -> None:
    services = backend(query_engine.environ())
    url = services.credentials.database_url
    assert url is not None
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute("ALTER TABLE users RENAME TO people")
    outcome = await connects(services)
    assert_row(outcome.finding, Status.FAIL, Blame.YOU, "the table users does not exist", "DATABASE_URL")


async def test_a_backend_without_an_environment_is_asked_for_one(backend: MakeBackend) -> None:  # noqa: F811
    services = backend()
    shutil.rmtree(services.project.root / ".venv")
    outcome = await connects(services)
    assert_row(outcome.finding, Status.WARN, Blame.YOU, "no interpreter of its own", "--backend-python PATH")


async def test_a_named_interpreter_is_the_one_that_is_used(
    backend: MakeBackend,  # noqa: F811
    tmp_path: Path,
) -> None:
    services = backend()
    elsewhere = make_environment(tmp_path / "elsewhere", with_prisma=False)
    outcome = await connects(replace(services, project=replace(services.project, backend_python=elsewhere)))
    assert str(elsewhere) in outcome.finding.summary
    missing = replace(services.project, backend_python=tmp_path / "no-python")
    outcome = await connects(replace(services, project=missing))
    assert_row(outcome.finding, Status.FAIL, Blame.YOU, "could not be used", "--backend-python")


async def test_a_project_without_a_python_backend_is_not_asked(make_services: MakeServices) -> None:
    services = make_services()
    (services.project.root / "package.json").write_text("{}")
    outcome = await connects(services)
    assert outcome.finding.status is Status.SKIP
    assert "no Python backend" in outcome.finding.skipped_because


async def test_soundcheck_s_own_source_is_no_backend_unless_an_interpreter_is_named(
    make_services: MakeServices, tmp_path: Path
) -> None:
    services = make_services(environ={"HOME": str(tmp_path), "PATH": ""})
    root = services.project.root
    (root / "pyproject.toml").write_text('[project]\nname = "soundcheck-console"\n')
    (root / "stores").mkdir()
    outcome = await connects(services)
    assert outcome.finding.status is Status.SKIP
    assert "Soundcheck's own source" in outcome.finding.skipped_because
    told = client_outlook({outcome.check.id: outcome}, replace(services.project, schema=packaged_schema()), {})
    assert told.lines == ()
    named = replace(services, project=replace(services.project, backend_python=tmp_path / "no-python"))
    assert (await connects(named)).finding.status is not Status.SKIP


async def test_what_the_child_says_is_without_the_password(backend: MakeBackend) -> None:  # noqa: F811
    """A refusal may repeat the whole address, in the error and on the engine's standard error."""
    services = backend()
    project, url = services.project, services.credentials.database_url
    assert url is not None
    assert project.schema is not None
    given = Credentials(database_url=replace(url, password=Secret("not/the@password")))
    found = find_backend_python(project, services.environ)
    assert found is not None
    lines = client_lines(project, project.schema, found.folder, services.environ)
    telling = (
        "import os, sys",
        "u = os.environ['DATABASE_URL']",
        "print('no:', u, file=sys.stderr)",
        "raise OSError(u)",
    )
    asked = await use_client(
        found,
        replace(lines, lines=telling),
        project,
        project.schema,
        given,
        services.environ,
        trusted=trust_given([]),
        deadline=60,
    )
    assert asked.told is not None
    assert asked.told["kind"] == "OSError"
    assert asked.text.startswith("no: ")
    for spelling in ("not/the@password", "not%2Fthe%40password"):
        assert spelling not in repr(asked)


RUN: Evidence = {
    "wanted": True,
    "has_backend": True,
    "folder": "backend",
    "interpreter": ".venv/bin/python",
    "table": "users",
}


@pytest.mark.parametrize(
    ("evidence", "words", "hint"),
    [
        ({"code": "timeout", "said": "within 25 s"}, "within 25 s", "again"),
        ({"code": "not_started", "said": "Exec format error"}, "Exec format error", "--backend-python"),
        ({"code": "engine_silent", "kind": "EngineConnectionError", "said": "no Node"}, "no Node", "--app"),
        ({"code": "refused_by_client", "kind": "DataError", "text": "P1001"}, "DataError: P1001", "--app"),
        ({"code": "no_package", "missing_module": "fastapi"}, "fastapi", "environment of .venv/bin/python"),
    ],
)
def test_what_kept_the_lines_from_ending_is_said(evidence: Evidence, words: str, hint: str) -> None:
    assert_row(JUDGING.finding({**RUN, **evidence}), Status.FAIL, Blame.YOU, words, hint)


def test_evidence_of_another_day_that_fits_nothing_is_unknown() -> None:
    assert JUDGING.finding({**RUN, "code": "new"}).status is Status.UNKNOWN
