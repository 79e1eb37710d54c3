"""The `.env` step: what is shown is what is written, and it can be taken back."""

from __future__ import annotations

import os
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from dotenv import dotenv_values

from stores import atomic_file
from stores.credentials import Credentials, RestUrl
from stores.errors import CouldNotRun, Refused
from stores.postgres_url import PostgresUrl
from stores.project import Project, open_project
from stores.secret import Secret
from wizard.env_step import EnvConsent, LineKind, plan_env, undo_env, write_env

PASSWORD = "pa$${x}#'\" w/é"
URL = PostgresUrl("app", Secret(PASSWORD), "ep-cool-1-pooler.us-east-2.aws.neon.tech", None, "neondb")
REMOTE = Credentials(URL, None, RestUrl.parse("https://fit-mole-123.upstash.io"), Secret("AXtoken=="))
LOCAL = Credentials(
    PostgresUrl.parse("postgresql://soundcheck:localpw@127.0.0.1:54321/app"),
    None,
    RestUrl.parse("http://127.0.0.1:8079"),
    Secret("localtoken"),
)
ALL = EnvConsent(replace=True, ignore_files=True)


@pytest.fixture
def here(tmp_path: Path) -> Project:
    root = tmp_path / "müsic app"
    (root / "backend").mkdir(parents=True)
    return open_project(root, environ={"SOUNDCHECK_HOME": str(tmp_path / "home")})


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


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
    assert 'JWT_SECRET="•••••"' in said
    assert "postgresql://app:•••••@ep-cool-1-pooler" in said


def test_a_parameter_that_the_user_chose_is_neither_changed_nor_doubled(here: Project) -> None:
    own = replace(URL, params=(("sslmode", "verify-full"), ("connection_limit", "7")))
    write_env(here, plan_env(here, replace(REMOTE, database_url=own), local=False), ALL)
    values = dotenv_values(here.env_file)
    assert (values["DATABASE_URL"] or "").endswith("?sslmode=verify-full&connection_limit=7")
    assert (values["DIRECT_URL"] or "").endswith("?sslmode=verify-full")


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


def test_undo_goes_back_step_by_step_and_at_last_removes_the_file(here: Project) -> None:
    write_env(here, plan_env(here, LOCAL, local=True), ALL)
    first = here.env_file.read_bytes()
    write_env(here, plan_env(here, REMOTE, local=False), ALL)
    undone = undo_env(here)
    assert (undone.removed, undone.left) == (False, 1)
    assert here.env_file.read_bytes() == first
    assert stat.S_IMODE(here.env_file.stat().st_mode) == 0o600
    undone = undo_env(here)
    assert (undone.removed, undone.left) == (True, 0)
    assert not here.env_file.exists()
    with pytest.raises(Refused):
        undo_env(here)


def test_undo_does_not_throw_away_what_was_edited_since(here: Project) -> None:
    here.env_file.write_bytes(b"A=1\r\n")
    write_env(here, plan_env(here, REMOTE, local=False), ALL)
    edited = here.env_file.read_bytes() + b"B=2\r\n"
    here.env_file.write_bytes(edited)
    with pytest.raises(Refused):
        undo_env(here)
    assert here.env_file.read_bytes() == edited
    undo_env(here, force=True)
    assert here.env_file.read_bytes() == b"A=1\r\n"
    assert edited in [p.read_bytes() for p in here.backups.iterdir()]


def test_a_file_that_changed_after_it_was_shown_is_not_written(here: Project) -> None:
    here.env_file.write_text("A=1\n")
    plan = plan_env(here, REMOTE, local=False)
    here.env_file.write_text("A=2\n")
    with pytest.raises(Refused):
        write_env(here, plan, ALL)
    assert here.env_file.read_text() == "A=2\n"
    here.env_file.unlink()
    with pytest.raises(Refused):
        write_env(here, plan, ALL)


def test_a_file_that_appeared_after_it_was_shown_is_not_written(here: Project) -> None:
    plan = plan_env(here, REMOTE, local=False)
    here.env_file.write_text("")
    with pytest.raises(Refused):
        write_env(here, plan, ALL)


def test_a_full_disk_leaves_the_old_file_and_no_backup_to_undo(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    here.env_file.write_text("A=1\n")
    plan = plan_env(here, REMOTE, local=False)
    real = os.fsync
    folder = here.env_file.parent.stat().st_dev, here.env_file.parent

    def full(descriptor: int) -> None:
        if Path(os.readlink(f"/proc/self/fd/{descriptor}")).parent == folder[1]:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(atomic_file.os, "fsync", full)
    with pytest.raises(CouldNotRun) as stopped:
        write_env(here, plan, EnvConsent())
    assert "No space left" in stopped.value.message
    assert here.env_file.read_text() == "A=1\n"
    assert [p.name for p in here.env_file.parent.iterdir()] == [".env"]
    assert list(here.backups.iterdir()) == []


def test_without_room_for_the_backup_nothing_is_written(here: Project, tmp_path: Path) -> None:
    here.env_file.write_text("A=1\n")
    plan = plan_env(here, REMOTE, local=False)
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(CouldNotRun):
        write_env(here, plan, EnvConsent())
    assert here.env_file.read_text() == "A=1\n"


def test_a_link_is_not_followed_unless_its_target_is_named(here: Project, tmp_path: Path) -> None:
    real = tmp_path / "shared.env"
    real.write_text("A=1\n")
    here.env_file.symlink_to(real)
    plan = plan_env(here, REMOTE, local=False)
    assert plan.link_target == real
    assert "link" in [w.code for w in plan.warnings]
    for consent in (ALL, replace(ALL, link_target=tmp_path / "elsewhere")):
        with pytest.raises(Refused):
            write_env(here, plan, consent)
    assert real.read_text() == "A=1\n"
    written = write_env(here, plan, replace(ALL, link_target=real))
    assert written.path == real
    assert here.env_file.is_symlink()
    assert "DATABASE_URL" in real.read_text()
    undo_env(here)
    assert real.read_text() == "A=1\n"


def test_a_link_that_was_turned_elsewhere_meanwhile_is_refused(here: Project, tmp_path: Path) -> None:
    one, two = tmp_path / "one.env", tmp_path / "two.env"
    one.write_text("A=1\n")
    two.write_text("A=1\n")
    here.env_file.symlink_to(one)
    plan = plan_env(here, REMOTE, local=False)
    here.env_file.unlink()
    here.env_file.symlink_to(two)
    with pytest.raises(Refused):
        write_env(here, plan, replace(ALL, link_target=one))
    assert one.read_text() == two.read_text() == "A=1\n"


def test_links_in_a_circle_are_a_problem_in_words(here: Project) -> None:
    here.env_file.symlink_to(here.env_file.with_name("b"))
    here.env_file.with_name("b").symlink_to(here.env_file)
    assert [p.code for p in plan_env(here, REMOTE, local=False).problems] == ["unreadable"]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b'A=1\nB="open\n', "unparseable", 2),
        (b"A=1\nB=\xff\n", "not_utf8", 2),
        (b"\xff\xfeA\0=\x001\0", "not_utf8", None),
        (b"A=1\n" + b"#" * 300_000, "too_large", None),
        (b"A=1\n" + b"\n" * 2000 + b"B=2", "unparseable", 1),
        (b"DATABASE_URL=`open\nB=1`\n", "unmergeable", None),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    here: Project, data: bytes, code: str, line: int | None
) -> None:
    here.env_file.write_bytes(data)
    plan = plan_env(here, REMOTE, local=False)
    assert plan.problems[0].code == code
    assert plan.problems[0].hint
    if line is not None:
        assert plan.problems[0].line == line
    with pytest.raises(Refused):
        write_env(here, plan, ALL)
    assert here.env_file.read_bytes() == data
    assert not here.backups.exists()


def test_a_folder_or_a_pipe_in_its_place_is_said_and_does_not_hang(here: Project) -> None:
    here.env_file.mkdir()
    assert [p.code for p in plan_env(here, REMOTE, local=False).problems] == ["not_a_file"]
    here.env_file.rmdir()
    os.mkfifo(here.env_file)
    assert [p.code for p in plan_env(here, REMOTE, local=False).problems] == ["not_a_file"]


def test_a_folder_that_does_not_exist_is_not_made(here: Project) -> None:
    gone = replace(here, env_file=here.root / "server" / ".env")
    assert [p.code for p in plan_env(gone, REMOTE, local=False).problems] == ["no_folder"]


def test_rights_of_others_are_taken_away_even_where_no_line_changes(here: Project) -> None:
    write_env(here, plan_env(here, REMOTE, local=False), ALL)
    here.env_file.chmod(0o644)
    plan = plan_env(here, REMOTE, local=False)
    assert plan.tightens
    assert plan.changes
    write_env(here, plan, EnvConsent())
    assert stat.S_IMODE(here.env_file.stat().st_mode) == 0o600


def test_git_is_asked_and_a_tracked_file_is_told_loudly(here: Project) -> None:
    git(here.root, "init", "-q")
    here.env_file.write_text("A=1\n")
    git(here.root, "add", "backend/.env")
    plan = plan_env(here, REMOTE, local=False)
    tracked = next(w for w in plan.warnings if w.code == "tracked")
    assert tracked.hint == "Run: git rm --cached -- backend/.env"
    written = write_env(here, plan, ALL)
    assert any("tracked by git" in warning for warning in written.warnings)
    assert written.git.ignored


def test_without_consent_no_ignore_file_is_touched(here: Project) -> None:
    git(here.root, "init", "-q")
    plan = plan_env(here, REMOTE, local=False)
    assert [(i.file.name, i.line) for i in plan.ignores] == [(".gitignore", ".env")]
    assert write_env(here, plan, EnvConsent()).git.ignored is False
    assert not (here.root / ".gitignore").exists()


def test_ignore_files_keep_their_lines_endings_and_rights(here: Project) -> None:
    git(here.root, "init", "-q")
    (here.root / ".gitignore").write_bytes(b"node_modules\r\n!.env")
    (here.root / ".gitignore").chmod(0o664)
    (here.root / ".dockerignore").write_text("node_modules\n.env\n")
    (here.root / "backend" / ".dockerignore").write_text(".env\n")
    plan = plan_env(here, REMOTE, local=False)
    written = write_env(here, plan, ALL)
    assert (here.root / ".gitignore").read_bytes() == b"node_modules\r\n!.env\r\n.env\r\n"
    assert stat.S_IMODE((here.root / ".gitignore").stat().st_mode) == 0o664
    assert (here.root / ".dockerignore").read_text() == "node_modules\n.env\n**/.env\n"
    assert (here.root / "backend" / ".dockerignore").read_text() == ".env\n"
    assert written.git.ignored
    assert plan_env(here, REMOTE, local=False).ignores == ()


def test_an_ignore_file_that_cannot_be_written_does_not_stop_the_step(here: Project, tmp_path: Path) -> None:
    (tmp_path / "ignore").write_text("x\n")
    (here.root / ".gitignore").symlink_to(tmp_path / "ignore")
    written = write_env(here, plan_env(here, REMOTE, local=False), ALL)
    assert written.written
    assert ".gitignore" in written.warnings[0]
    assert (tmp_path / "ignore").read_text() == "x\n"


def test_half_of_the_credentials_writes_only_that_half(here: Project) -> None:
    here.env_file.write_text("UPSTASH_REDIS_REST_TOKEN=mine\n")
    half = Credentials(database_url=URL)
    assert kinds(here, half) == {
        "UPSTASH_REDIS_REST_TOKEN": LineKind.KEEP,
        "DATABASE_URL": LineKind.ADD,
        "DIRECT_URL": LineKind.ADD,
    }
