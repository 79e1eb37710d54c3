"""The look through the backend's own eyes, with real interpreters, real env files and the real server."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from engine_fixture import engine, engine_folder  # noqa: F401

from soundcheck.checks.backend.app_probe import probe_app
from soundcheck.checks.backend.app_report import JUDGING, AppReport, app_document, app_lines
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.report.redaction import Redactor
from soundcheck.stores.backend.command import CommandProblem, Runtime, read_command
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client import generate_client
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.schema_text import packaged_schema
from soundcheck.stores.project.trust import trust_given
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.checks.conftest import MakeServices

TOKEN = "AYNgAAIjcDEtokenOfTheBand0123456789abcdefgh"
REST = "https://clear-fox-12345.upstash.io"
READS_ENV = "from dotenv import load_dotenv\nimport psycopg\nload_dotenv()\n"


GIVEN = trust_given([])


def backend(services: Services, url: PostgresUrl | str, files: Mapping[str, str]) -> Services:
    """A backend in the project's folder with an env file that Soundcheck reads too."""
    written = url if isinstance(url, str) else url.reveal()
    root = services.project.root
    services.project.env_file.write_text(
        f'DATABASE_URL="{written}"\nUPSTASH_REDIS_REST_URL="{REST}"\nUPSTASH_REDIS_REST_TOKEN="{TOKEN}"\n'
    )
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    found = Credentials(PostgresUrl.parse(written), None, RestUrl.parse(REST), Secret(TOKEN))
    return replace(services, credentials=found)


def environ(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **more}


SCHEMA = json.loads((Path(__file__).parents[2] / "docs/json/doctor_app.schema.json").read_text())


def assert_nothing_leaked(report: AppReport, url: PostgresUrl | str) -> None:
    jsonschema.validate(app_document(report, Redactor()), SCHEMA)
    told = json.dumps(app_document(report, Redactor())) + "\n".join(app_lines(report)) + repr(report)
    assert TOKEN not in told
    password = (url if isinstance(url, PostgresUrl) else PostgresUrl.parse(url)).password
    assert password is not None
    assert password.reveal() not in told


PYTHON = f"{sys.executable} main.py"


async def test_a_python_backend_that_reads_the_same_file_and_connects_is_fine(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    services = backend(make_services(environ=environ()), database_url, {"main.py": READS_ENV})
    report = await probe_app(PYTHON, services, trusted=GIVEN)
    assert report.finding.status is Status.OK, report
    assert "connects with psycopg" in report.finding.summary
    assert "psycopg" in report.evidence.drivers
    assert [value.source for value in report.evidence.values] == [".env"] * 3
    assert Redactor().scrub("\n".join(app_lines(report))) == "\n".join(app_lines(report))
    assert_nothing_leaked(report, database_url)


async def test_a_backend_that_never_reads_the_env_file_is_told_how(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    services = backend(make_services(environ=environ()), database_url, {"main.py": "import os, psycopg\n"})
    report = await probe_app(PYTHON, services, trusted=GIVEN)
    assert report.finding.status is Status.FAIL
    assert report.finding.summary == "Your backend sees no DATABASE_URL; Soundcheck does."
    assert "nothing in the backend's code reads .env" in report.finding.cause
    assert "load_dotenv()" in report.finding.hint
    assert_nothing_leaked(report, database_url)


async def test_an_exported_value_that_wins_is_the_first_difference(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    other = replace(database_url, database="another")
    services = make_services(environ=environ(DATABASE_URL=other.reveal()))
    report = await probe_app(PYTHON, backend(services, database_url, {"main.py": READS_ENV}), trusted=GIVEN)
    assert report.finding.status is Status.FAIL
    assert report.finding.blame is Blame.YOU
    assert report.finding.summary.startswith("Your backend sees another DATABASE_URL")
    assert Secret(other.reveal()).fingerprint() in report.finding.cause
    assert "exported" in report.finding.cause
    assert any(line.startswith("DIFFERS") for line in app_lines(report))
    assert_nothing_leaked(report, database_url)


async def test_a_second_env_file_that_the_backend_prefers_is_named(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    files = {
        "api/main.py": "from dotenv import load_dotenv\nload_dotenv(override=True)\n",
        "api/.env": "UPSTASH_REDIS_REST_TOKEN=AYNgAAIjcDEanother0123456789abcdefghijklmn\n",
    }
    command = f"DATABASE_URL='{database_url.reveal()}' UPSTASH_REDIS_REST_URL={REST} {sys.executable} api/main.py"
    report = await probe_app(command, backend(make_services(environ=environ()), database_url, files), trusted=GIVEN)
    assert report.finding.summary.startswith("Your backend sees another UPSTASH_REDIS_REST_TOKEN")
    assert "api/.env" in report.finding.hint
    assert_nothing_leaked(report, database_url)


async def test_a_backend_in_its_own_folder_is_looked_into_there(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    services = make_services(environ=environ())
    (services.project.root / "backend").mkdir()
    services = replace(services, project=replace(services.project, env_file=services.project.root / "backend" / ".env"))
    services = backend(services, database_url, {"backend/app/settings.py": READS_ENV})
    report = await probe_app(f"{sys.executable} -m app", services, trusted=GIVEN)
    assert report.finding.status is Status.OK, report
    assert report.evidence.folder == "backend"
    assert report.evidence.loader == "load_dotenv in app/settings.py"


async def test_a_script_of_the_backends_own_package_json_is_found(make_services: MakeServices) -> None:
    services = make_services(environ=environ())
    (services.project.root / "backend").mkdir()
    (services.project.root / "backend" / "package.json").write_text('{"scripts": {"start": "node server.js"}}')
    report = await probe_app("npm start", services, trusted=GIVEN)
    assert (report.evidence.runtime, report.evidence.folder) == ("node", "backend")
    assert report.finding.status is Status.UNKNOWN  # no values on either side
    assert "soundcheck setup" in report.finding.hint


async def test_a_driver_that_refuses_prismas_own_parameters_is_the_difference(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    url = database_url.with_params({"connection_limit": "100"})
    report = await probe_app(
        PYTHON, backend(make_services(environ=environ()), url, {"main.py": READS_ENV}), trusted=GIVEN
    )
    assert report.finding.status is Status.FAIL
    assert "refuses DATABASE_URL" in report.finding.summary
    assert "connection_limit" in report.finding.summary
    assert_nothing_leaked(report, url)


async def test_a_wrong_password_is_told_in_the_words_of_the_doctor(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    wrong = replace(database_url, password=Secret("not the p%ssword"))
    report = await probe_app(
        PYTHON, backend(make_services(environ=environ()), wrong, {"main.py": READS_ENV}), trusted=GIVEN
    )
    assert report.finding.status is Status.FAIL
    assert "refused the password" in report.finding.summary
    assert_nothing_leaked(report, wrong)


async def test_an_interpreter_without_a_driver_is_a_module_not_found(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    url = database_url.reveal()
    command = f"DATABASE_URL='{url}' UPSTASH_REDIS_REST_URL={REST} UPSTASH_REDIS_REST_TOKEN={TOKEN} {BARE} main.py"
    report = await probe_app(
        command, backend(make_services(environ=environ()), database_url, {"main.py": ""}), trusted=GIVEN
    )
    assert report.finding.status is Status.FAIL
    assert report.finding.summary.startswith("Module not found")
    assert_nothing_leaked(report, database_url)


BARE = str(Path(sys.executable).resolve())
"""The interpreter below this environment, which has none of its packages."""


async def test_a_node_backend_is_looked_into_with_node(
    make_services: MakeServices,
    engine: PrismaEngine,  # noqa: F811
    database_url: PostgresUrl,
) -> None:
    files = {"server.js": "require('pg')\n", "package.json": '{"scripts": {"start": "node --env-file=.env server.js"}}'}
    services = backend(make_services(environ=environ()), database_url, files)
    modules = next(path for path in engine_modules(engine) if (path / "pg").is_dir())
    (services.project.root / "node_modules").symlink_to(modules)
    report = await probe_app("npm start", services, trusted=GIVEN)
    assert report.finding.status is Status.OK, report
    assert "connects with pg" in report.finding.summary
    assert report.evidence.runtime == "node"
    assert_nothing_leaked(report, database_url)
    plain = await probe_app("node server.js", services, trusted=GIVEN)
    assert plain.finding.summary == "Your backend sees no DATABASE_URL; Soundcheck does."
    assert "--env-file=.env" in plain.finding.hint
    assert_nothing_leaked(plain, database_url)


def engine_modules(engine: PrismaEngine):  # noqa: F811
    return sorted(Path(engine.folder).rglob("node_modules"))


async def test_a_generated_client_without_its_engine_is_told_by_the_backends_own_interpreter(
    make_services: MakeServices,
    engine: PrismaEngine,  # noqa: F811
    database_url: PostgresUrl,
) -> None:
    project = make_services().project
    schema = project.root / "prisma" / "schema.prisma"
    schema.parent.mkdir()
    schema.write_text(packaged_schema().read_text())
    await generate_client(engine, schema, project.root)
    files = {"main.py": "from dotenv import load_dotenv\nload_dotenv()\nfrom prisma_client import Prisma\n"}
    alone = environ(PRISMA_BINARY_CACHE_DIR=str(project.root / "nowhere"), PRISMA_HOME_DIR=str(project.root))
    services = backend(make_services(environ=alone), database_url, files)
    report = await probe_app(PYTHON, services, trusted=GIVEN)
    assert report.finding.status is Status.FAIL, report
    assert "Prisma client has no query engine" in report.finding.summary
    assert "prisma" in report.evidence.drivers
    assert_nothing_leaked(report, database_url)


async def test_an_interpreter_that_hangs_ends_at_the_deadline(
    make_services: MakeServices, database_url: PostgresUrl, tmp_path: Path
) -> None:
    slow = tmp_path / "python3"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    services = backend(make_services(environ=environ()), database_url, {"main.py": READS_ENV})
    report = await probe_app(f"{slow} main.py", services, deadline=0.3, trusted=GIVEN)
    assert report.evidence.code == "timeout"
    assert report.finding.status is Status.FAIL


async def test_an_interpreter_that_breaks_says_its_last_words_without_the_secret(
    make_services: MakeServices, database_url: PostgresUrl, tmp_path: Path
) -> None:
    broken = tmp_path / "python3"
    broken.write_text('#!/bin/sh\necho "no library for $UPSTASH_REDIS_REST_TOKEN" >&2\nexit 1\n')
    broken.chmod(0o755)
    services = backend(make_services(environ=environ(UPSTASH_REDIS_REST_TOKEN=TOKEN)), database_url, {})
    report = await probe_app(f"{broken} main.py", services, trusted=GIVEN)
    assert report.evidence.code == "not_started"
    assert "no library for" in report.finding.summary
    assert_nothing_leaked(report, database_url)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("", "no_command"),
        ('python "main.py', "no_command"),
        ("cd nowhere && python main.py", "no_folder"),
        ("make run", "unknown_runtime"),
        ("npm run nothing", "unknown_runtime"),
        ("./missing/python main.py", "no_interpreter"),
    ],
)
async def test_a_command_that_cannot_be_looked_into_says_why(
    make_services: MakeServices, command: str, code: str
) -> None:
    report = await probe_app(command, make_services(environ=environ()), trusted=GIVEN)
    assert report.evidence.code == code
    assert report.finding.status is Status.FAIL
    assert report.finding.blame is Blame.YOU
    assert report.finding.hint
    assert "{" not in report.finding.summary + report.finding.cause


def project_with(root: Path) -> None:
    """Environments and scripts as tools lay them out."""
    bin_folder = root / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "python").write_text("#!/bin/sh\n")
    (bin_folder / "uvicorn").write_text(f"#!{bin_folder / 'python'}\nimport uvicorn\n")
    (bin_folder / "gunicorn").write_text(f"#!/bin/sh\n'''exec' \"{bin_folder / 'python'}\" \"$0\" \"$@\"\n' '''\n")
    for tool in bin_folder.iterdir():
        tool.chmod(0o755)
    (root / "backend").mkdir()
    scripts = {
        "start": "npm run serve",
        "serve": "NODE_ENV=production node -r dotenv/config server.js",
        "round": "npm run round",
    }
    (root / "backend" / "package.json").write_text(json.dumps({"scripts": scripts}))


COMMANDS = [
    ("uvicorn main:app --env-file .env.dev", Runtime.PYTHON, ".venv/bin/python", "."),
    ("gunicorn -w 4 main:app", Runtime.PYTHON, ".venv/bin/python", "."),
    ("poetry run uvicorn main:app", Runtime.PYTHON, ".venv/bin/python", "."),
    ("uv run --no-sync python main.py", Runtime.PYTHON, ".venv/bin/python", "."),
    ("soundcheck run -- .venv/bin/python -m app", Runtime.PYTHON, ".venv/bin/python", "."),
    ("cd backend && PORT=3000 npm start", Runtime.NODE, "node", "backend"),
    ("npx tsx watch server.ts", Runtime.NODE, "node", "."),
    ("node server.js && echo done", Runtime.NODE, "node", "."),
]


@pytest.mark.parametrize(("command", "runtime", "interpreter", "folder"), COMMANDS, ids=[c[0][:30] for c in COMMANDS])
def test_how_a_command_starts_its_backend_is_understood(
    tmp_path: Path, command: str, runtime: Runtime, interpreter: str, folder: str
) -> None:
    project_with(tmp_path)
    found = read_command(command, tmp_path, environ())
    expected = tmp_path / interpreter if "/" in interpreter else Path(shutil.which(interpreter) or "")
    assert (found.runtime, found.interpreter, found.folder) == (runtime, expected, (tmp_path / folder).resolve())


def test_what_the_command_itself_says_about_env_files_is_kept(tmp_path: Path) -> None:
    project_with(tmp_path)
    assert read_command("uvicorn a:b --env-file .env.dev", tmp_path, environ()).env_files == (".env.dev",)
    assert read_command("cd backend && npm start", tmp_path, environ()).preloads_dotenv
    with pytest.raises(CommandProblem):
        read_command("cd backend && npm run round", tmp_path, environ())


VALUES = [
    ({"ours": "aaa", "theirs": ""}, Status.FAIL, "sees no"),
    ({"ours": "", "theirs": "bbb", "source": "exported"}, Status.WARN, "was not checked here"),
    ({"ours": "aaa", "theirs": "bbb", "source": "exported"}, Status.FAIL, "sees another"),
]


@pytest.mark.parametrize(("value", "status", "words"), VALUES)
def test_the_first_value_that_differs_decides(value: dict, status: Status, words: str) -> None:
    same = {"name": "DATABASE_URL", "ours": "x", "theirs": "x"}
    evidence = {"env_file": ".env", "values": [same, {"name": "UPSTASH_REDIS_REST_URL", **value}]}
    finding = JUDGING.finding(evidence)
    assert finding.status is status
    assert words in finding.summary
    assert finding.blame is Blame.YOU
    assert finding.hint


CONNECTS = [
    ({"status": "failed", "code": "no_engine", "driver": "prisma", "text": "x"}, Blame.YOU, "no query engine"),
    ({"status": "failed", "code": "no_client", "driver": "prisma", "text": "x"}, Blame.YOU, "cannot import"),
    ({"status": "failed", "code": "scheme_refused", "driver": "asyncpg", "text": "x"}, Blame.YOU, "kind of address"),
    ({"status": "failed", "code": "timeout", "endpoint": "h:5432", "text": "x"}, Blame.NETWORK, "cannot connect"),
    ({"status": "failed", "code": "password", "neon": True, "user": "u", "host": "h"}, Blame.YOU, "Neon refused"),
    ({"status": "no_driver", "looked_for": "psycopg"}, Blame.YOU, "no driver"),
]


@pytest.mark.parametrize(("connect", "blame", "words"), CONNECTS)
def test_the_same_values_and_no_connection_is_explained(connect: dict, blame: Blame, words: str) -> None:
    finding = JUDGING.finding({"connect": connect, "values": []})
    assert finding.status is Status.FAIL
    assert finding.blame is blame
    assert words in finding.summary
    assert finding.hint


def test_old_evidence_without_a_field_never_passes_for_fine() -> None:
    assert JUDGING.finding({}).status is Status.UNKNOWN
