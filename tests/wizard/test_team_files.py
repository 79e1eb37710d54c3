"""The files a team commits: no secret in them, and nothing of a person's overwritten."""

from __future__ import annotations

import stat
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from soundcheck.stores.credentials import ENV_NAMES
from soundcheck.stores.envfile import read_env
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.project.project import ProfileKind, Project, open_project
from soundcheck.wizard.recognise.recogniser import recognise
from soundcheck.wizard.setup.team_files import plan_team_files, write_team_files


@pytest.fixture
def here(tmp_path: Path) -> Project:
    root = tmp_path / "app"
    (root / "backend" / "prisma").mkdir(parents=True)
    (root / "backend" / "prisma" / "schema.prisma").write_text("")
    return open_project(root, environ={"SOUNDCHECK_HOME": str(tmp_path / "home")})


def test_both_files_are_written_and_read_back_by_their_readers(here: Project) -> None:
    plan = plan_team_files(here, kind=ProfileKind.DEV)
    assert [f.shown for f in plan.files] == ["backend/.env.example", "soundcheck.toml"]
    assert not plan.example.path.exists()
    assert write_team_files(plan) == (plan.example.path, plan.config.path)
    assert list(read_env(plan.example.path).values) == list(ENV_NAMES)
    assert stat.S_IMODE(plan.config.path.stat().st_mode) == 0o644
    config = tomllib.loads(plan.config.path.read_text())
    assert config == {
        "profiles": {"default": {"kind": "dev", "env_file": "backend/.env", "schema": "backend/prisma/schema.prisma"}}
    }
    again = open_project(here.root, environ={"SOUNDCHECK_HOME": str(here.home)})
    assert (again.env_file, again.schema, again.profile.kind) == (here.env_file, here.schema, ProfileKind.DEV)


def test_the_example_pasted_back_is_seen_to_be_only_stand_ins(here: Project) -> None:
    found = recognise(plan_team_files(here).example.text)
    assert not found.credentials.has_database
    assert found.credentials.rest_token is None
    assert {p.code for p in found.findings} >= {"placeholder"}


def test_a_second_plan_has_nothing_to_write(here: Project) -> None:
    write_team_files(plan_team_files(here))
    plan = plan_team_files(here)
    assert not any(f.changes for f in plan.files)
    assert write_team_files(plan) == ()


def test_an_example_that_stands_keeps_every_byte_and_gets_only_what_is_missing(here: Project) -> None:
    example = here.env_file.with_name(".env.example")
    example.write_bytes(b"# ours\r\nPORT=3000\r\nexport DATABASE_URL='postgresql://user:password@host/db'")
    plan = plan_team_files(here)
    assert plan.example.adds == ENV_NAMES[1:]
    write_team_files(plan)
    data = example.read_bytes()
    assert data.startswith(b"# ours\r\nPORT=3000\r\nexport DATABASE_URL='postgresql://user:password@host/db'\r\n#")
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_a_real_password_in_an_example_is_told_and_nothing_is_written(here: Project) -> None:
    example = here.env_file.with_name(".env.example")
    example.write_text('A=1\nDATABASE_URL="postgresql://app:npg_realone@ep-x.aws.neon.tech/neondb"\n')
    problem = plan_team_files(here).example.problems[0]
    assert (problem.code, problem.line) == ("real_secret", 2)
    assert "npg_realone" not in repr(problem)
    assert not plan_team_files(here).example.changes


def test_a_config_that_a_person_wrote_is_left_alone(here: Project) -> None:
    config = here.root / "soundcheck.toml"
    config.write_text("# mine\n")
    plan = plan_team_files(here)
    assert not plan.config.changes
    write_team_files(plan)
    assert config.read_text() == "# mine\n"


def test_a_file_that_changed_after_it_was_shown_stops_both(here: Project) -> None:
    plan = plan_team_files(here)
    plan.config.path.write_text("# mine\n")
    with pytest.raises(Refused):
        write_team_files(plan)
    assert plan.config.path.read_text() == "# mine\n"
    assert not plan.example.path.exists()


def test_a_link_is_not_written_through(here: Project, tmp_path: Path) -> None:
    (here.root / "backend" / ".env.example").symlink_to(tmp_path / "elsewhere")
    plan = plan_team_files(here)
    with pytest.raises(CouldNotRun):
        write_team_files(plan)
    assert not (tmp_path / "elsewhere").exists()


def test_an_unreadable_example_is_refused_with_its_line(here: Project) -> None:
    here.env_file.with_name(".env.example").write_text("A=1\nsome words\n")
    assert plan_team_files(here).example.problems[0].line == 2


def test_odd_paths_are_written_as_valid_toml(here: Project) -> None:
    odd = replace(here, env_file=here.root / 'a"b\\c\x7f é' / ".env")
    config = tomllib.loads(plan_team_files(odd).config.text)
    assert config["profiles"]["default"]["env_file"] == 'a"b\\c\x7f é/.env'
