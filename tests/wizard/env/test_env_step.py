"""The `.env` step: what is shown is what is written."""

from __future__ import annotations

import stat
from dataclasses import replace

import pytest
from dotenv import dotenv_values

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.env.step import EnvConsent, LineKind, plan_env, write_env
from tests.wizard.env.conftest import ALL, LOCAL, REMOTE, URL


def kinds(project: Project, credentials: Credentials, *, local: bool = False) -> dict[str, LineKind]:
    return {line.name: line.kind for line in plan_env(project, credentials, local=local).lines}


def test_an_empty_folder_gets_the_four_values_with_the_parameters_of_the_plan(here: Project) -> None:
    plan = plan_env(here, REMOTE, local=False)
    assert plan.shown == "backend/.env"
    assert (plan.exists, plan.mode, plan.changes, plan.problems) == (False, None, True, ())
    assert not here.env_file.exists()
    written = write_env(here, plan, ALL)
    values = dotenv_values(here.env_file)
    place = "ep-cool-1{}.us-east-2.aws.neon.tech/neondb?sslmode=require"
    password = "pa%24%24%7Bx%7D%23%27%22%20w%2F%C3%A9"
    assert values == {
        "DATABASE_URL": f"postgresql://app:{password}@{place.format('-pooler')}&connection_limit=100",
        "DIRECT_URL": f"postgresql://app:{password}@{place.format('')}",
        "UPSTASH_REDIS_REST_URL": "https://fit-mole-123.upstash.io",
        "UPSTASH_REDIS_REST_TOKEN": "AXtoken==",
    }
    assert stat.S_IMODE(here.env_file.stat().st_mode) == 0o600
    assert written.ignored_in == (here.root / ".gitignore",)
    assert (here.root / ".gitignore").read_text() == ".env\n"


def test_a_second_plan_shows_no_change_and_writes_nothing(here: Project) -> None:
    write_env(here, plan_env(here, REMOTE, local=False), ALL)
    before = here.env_file.stat().st_ino
    plan = plan_env(here, REMOTE, local=False)
    assert not plan.changes
    assert {line.kind for line in plan.lines} == {LineKind.KEEP}
    written = write_env(here, plan, EnvConsent())
    assert (written.written, written.backup) == (False, None)
    assert here.env_file.stat().st_ino == before


def test_nothing_that_is_shown_holds_a_secret(here: Project) -> None:
    here.env_file.write_text(
        "JWT_SECRET=jwtjwtjwt\n# old: hunter2hunter2\nDATABASE_URL='postgresql://u:oldoldold@h.example/d'\n"
        "MONGODB_URI=mongodb://u:mongopw@h\nUPSTASH_REDIS_REST_TOKEN=oldtoken # hunter2hunter2\n"
    )
    plan = plan_env(here, REMOTE, local=False)
    said = repr(plan) + "".join(f"{line.text}{line.before}{line.note}" for line in plan.lines)
    for secret in ("jwtjwtjwt", "hunter2", "oldoldold", "mongopw", "oldtoken", "AXtoken", "pa%24", "pa$"):
        assert secret not in said
    assert "JWT_SECRET=•••••" in said
    assert "postgresql://app:•••••@ep-cool-1-pooler" in said


def test_a_parameter_that_the_user_chose_is_neither_changed_nor_doubled(here: Project) -> None:
    own = replace(URL, params=(("sslmode", "verify-full"), ("connection_limit", "7")))
    write_env(here, plan_env(here, replace(REMOTE, database_url=own), local=False), ALL)
    values = dotenv_values(here.env_file)
    assert (values["DATABASE_URL"] or "").endswith("?sslmode=verify-full&connection_limit=7")
    assert (values["DIRECT_URL"] or "").endswith("?sslmode=verify-full")


@pytest.mark.parametrize(
    ("address", "local", "limit"),
    [
        ("app:pw@ep-a-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require", False, "100"),
        ("app:pw@ep-a.eu-central-1.aws.neon.tech/neondb?sslmode=require", False, None),
        ("app:pw@db.example.com/app?sslmode=require", False, None),
        ("app:pw@localhost/app", False, None),
        ("app:pw@127.0.0.1:5433/app", True, "100"),
        ("app:pw@db.example.com/app?connection_limit=100", False, "100"),
    ],
)
def test_a_connection_limit_is_written_only_where_so_many_connections_are_given(
    here: Project, address: str, local: bool, limit: str | None
) -> None:
    """Doctor warns of more than the server gives, so set-up must not write that."""
    credentials = Credentials(PostgresUrl.parse(f"postgresql://{address}"))
    write_env(here, plan_env(here, credentials, local=local), ALL)
    assert PostgresUrl.parse(dotenv_values(here.env_file)["DATABASE_URL"] or "").param("connection_limit") == limit
    assert not plan_env(here, credentials, local=local).changes


def test_a_direct_neon_host_is_warned_of(here: Project) -> None:
    plan = plan_env(here, replace(REMOTE, database_url=URL.direct()), local=False)
    assert [w.code for w in plan.warnings] == ["direct_limit"]
    assert "97" in plan.warnings[0].message


def test_local_lines_say_how_to_start_the_stack_and_ask_for_no_tls(here: Project) -> None:
    write_env(here, plan_env(here, LOCAL, local=True, start_command="make run ARGS='local up'"), ALL)
    text = here.env_file.read_text()
    assert "make run ARGS='local up'" in text.splitlines()[0]
    assert "sslmode" not in text
    assert "connection_limit=100" in text
    assert not plan_env(here, LOCAL, local=True, start_command="make run ARGS='local up'").changes


def test_a_working_value_that_differs_needs_consent_to_be_replaced(here: Project) -> None:
    here.env_file.write_text('DATABASE_URL="postgresql://other:pw123456@db.example.com/prod"\n')
    plan = plan_env(here, REMOTE, local=False)
    assert plan.replaces == ("DATABASE_URL",)
    with pytest.raises(Refused) as refused:
        write_env(here, plan, EnvConsent(ignore_files=True))
    assert "--replace" in refused.value.hint
    assert "db.example.com/prod" in here.env_file.read_text()
    assert not (here.root / ".gitignore").exists()
    write_env(here, plan, ALL)
    assert "db.example.com" not in here.env_file.read_text()


@pytest.mark.parametrize(
    "line",
    [
        "DATABASE_URL=",
        "DATABASE_URL",
        "DATABASE_URL=your-database-url",
        'DATABASE_URL="postgresql://user:PASSWORD@localhost:5432/db"',
        'DATABASE_URL="postgresql://app:****@ep-x.neon.tech/db"',
        'DATABASE_URL="not an address"',
        f'DATABASE_URL="{URL.direct().reveal()}"',
        "DATABASE_URL=mongodb://localhost/app",
    ],
)
def test_a_stand_in_the_same_place_or_mongodb_is_replaced_without_asking(here: Project, line: str) -> None:
    here.env_file.write_text(line + "\n")
    assert plan_env(here, REMOTE, local=False).replaces == ()


def test_the_local_stack_on_other_ports_replaces_nothing_and_the_cloud_does(here: Project) -> None:
    write_env(here, plan_env(here, LOCAL, local=True), ALL)
    moved = Credentials(
        PostgresUrl.parse("postgresql://soundcheck:otherpw@127.0.0.1:60000/app"),
        None,
        RestUrl.parse("http://127.0.0.1:60001"),
        Secret("othertoken"),
    )
    assert plan_env(here, moved, local=True).replaces == ()
    assert plan_env(here, moved, local=True).changes
    other = replace(moved, database_url=PostgresUrl.parse("postgresql://me:pw@localhost:5432/mine"))
    assert plan_env(here, other, local=False).replaces == ("DATABASE_URL", "DIRECT_URL")
    assert set(plan_env(here, REMOTE, local=False).replaces) == {
        "DATABASE_URL",
        "DIRECT_URL",
        "UPSTASH_REDIS_REST_URL",
        "UPSTASH_REDIS_REST_TOKEN",
    }


def test_mongodb_stays_readable_and_the_files_that_read_the_old_name_are_listed(here: Project) -> None:
    here.env_file.write_text('export DATABASE_URL="mongodb+srv://u:p@c/app" # old\n')
    (here.root / "backend" / "app.js").write_text("mongoose.connect(process.env.DATABASE_URL)")
    (here.root / "backend" / "other.js").write_text("process.env.DATABASE_URL_2")
    (here.root / "node_modules" / "x").mkdir(parents=True)
    (here.root / "node_modules" / "x" / "i.js").write_text("DATABASE_URL")
    (here.root / "big.js").write_text("DATABASE_URL" + " " * 300_000)
    (here.root / "binary.py").write_bytes(b"DATABASE_URL\0")
    plan = plan_env(here, REMOTE, local=False)
    assert plan.old_readers == ("backend/app.js",)
    renamed = next(line for line in plan.lines if line.kind is LineKind.RENAME)
    assert renamed.text == 'DATABASE_URL → MONGODB_URI="mongodb+srv://•••••"'
    write_env(here, plan, ALL)
    values = dotenv_values(here.env_file)
    assert values["MONGODB_URI"] == "mongodb+srv://u:p@c/app"
    assert (values["DATABASE_URL"] or "").startswith("postgresql://")
    assert not plan_env(here, REMOTE, local=False).changes


def test_half_of_the_credentials_writes_only_that_half(here: Project) -> None:
    here.env_file.write_text("UPSTASH_REDIS_REST_TOKEN=mine\n")
    half = Credentials(database_url=URL)
    assert kinds(here, half) == {
        "UPSTASH_REDIS_REST_TOKEN": LineKind.KEEP,
        "DATABASE_URL": LineKind.ADD,
        "DIRECT_URL": LineKind.ADD,
    }


def test_an_address_without_a_database_is_written_in_full_and_that_replaces_nothing(here: Project) -> None:
    text = "postgresql://app:pw@db.example.org/{}?sslmode=require&connection_limit=100"
    here.env_file.write_text(f"DATABASE_URL={text.format('')}\n")
    plan = plan_env(here, Credentials(PostgresUrl.parse(text.format(""))), local=False)
    (line,) = [line for line in plan.lines if line.name == "DATABASE_URL"]
    assert (line.kind, line.note) == (LineKind.CHANGE, "the same address, written in full")
    assert plan.replaces == ()
    write_env(here, plan, EnvConsent(ignore_files=True))
    assert dotenv_values(here.env_file)["DATABASE_URL"] == text.format("app")


LINES = [
    ("PORT=5000", "PORT=5000"),
    ("export PORT=5000", "export PORT=5000"),
    ("PORT='5000'", "PORT='5000'"),
    ("NODE_ENV=development", "NODE_ENV=development"),
    ("DEBUG=true  # while we build", "DEBUG=true  # while we build"),
    ("LOG_LEVEL = info", "LOG_LEVEL=info"),
    ("# the band's own settings", "# the band's own settings"),
    ("# old: hunter2hunter2", "# old: •••••"),
    ("# JWT_SECRET=abcdef", "# •••••"),
    ("export JWT_SECRET=jwtjwtjwt # ask Ana", "export JWT_SECRET=•••••  # ask Ana"),
    ("JWT_SECRET='jwtjwtjwt'", "JWT_SECRET='•••••'"),
    ("PIN=5000", "PIN=•••••"),
    ("PORT=hunter2hunter2", "PORT=•••••"),
    ("EMPTY=", "EMPTY="),
]


@pytest.mark.parametrize(("line", "shown"), LINES)
def test_a_line_is_shown_as_it_will_stand(here: Project, line: str, shown: str) -> None:
    here.env_file.write_text(f"\n{line}\n")
    plan = plan_env(here, REMOTE, local=False)
    kept = [one.text for one in plan.lines if one.kind is LineKind.KEEP]
    assert kept == [shown]


def test_a_changed_line_keeps_export_and_its_comment_on_show(here: Project) -> None:
    here.env_file.write_text("export DATABASE_URL='postgresql://app:old@h.example/d'  # Ana's\n")
    plan = plan_env(here, REMOTE, local=False)
    (line,) = [one for one in plan.lines if one.name == "DATABASE_URL"]
    assert line.text.startswith("export DATABASE_URL='postgresql://app:•••••@ep-cool-1-pooler")
    assert line.text.endswith("'  # Ana's")
    assert "connection_limit=100: that many connections" in line.note


def test_of_two_lines_the_one_that_goes_is_named(here: Project) -> None:
    one = "postgresql://app:pw@{}.example/d"
    here.env_file.write_text(f"A=1\nDATABASE_URL={one.format('first')}\nDATABASE_URL={one.format('second')}\n")
    plan = plan_env(here, REMOTE, local=False)
    (gone,) = [line for line in plan.lines if line.kind is LineKind.COMMENT_OUT]
    assert "first.example" in gone.text
    assert "line 2 goes" in gone.note
    assert "line 3 " in gone.note
