"""Which project this is: paths, profiles, the schema, and a state folder outside of it."""

import json
import stat
from pathlib import Path

import pytest

from soundcheck.stores.errors import UsageError
from soundcheck.stores.project.project import ProfileKind, Project, find_schema, open_project


def test_the_env_file_lies_in_backend_where_there_is_one(tmp_path: Path, home: Path) -> None:
    assert open_project(tmp_path).env_file == tmp_path / ".env"
    (tmp_path / "backend").mkdir()
    assert open_project(tmp_path).env_file == tmp_path / "backend" / ".env"


def test_state_lies_outside_the_project_and_opening_touches_nothing(tmp_path: Path, home: Path) -> None:
    root = tmp_path / "app"
    root.mkdir()
    project = open_project(root)
    assert project.state.is_relative_to(home)
    assert not project.state.exists()
    assert list(root.iterdir()) == []


def test_two_projects_of_one_name_have_different_states(tmp_path: Path, home: Path) -> None:
    roots = [tmp_path / "a" / "app", tmp_path / "b" / "app"]
    for root in roots:
        root.mkdir(parents=True)
    first, second = map(open_project, roots)
    assert first.state != second.state


def test_the_state_folder_is_for_its_owner_alone(project: Project) -> None:
    project.prepare_state()
    for folder in (project.state, project.backups, project.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        open_project(tmp_path / "nowhere")


CONFIG = """
default_profile = "dev"
[profiles.dev]
env_file = "services/api/.env"
kind = "dev"
[profiles.live]
kind = "production"
schema = "db/schema.prisma"
[profiles.live.cache_keys]
"user:{id}" = "users"
"""


def test_profiles_come_from_the_committed_file(tmp_path: Path, home: Path) -> None:
    (tmp_path / "soundcheck.toml").write_text(CONFIG)
    usual = open_project(tmp_path)
    assert (usual.profile.name, usual.profile.kind, usual.profile.named) == ("dev", ProfileKind.DEV, False)
    assert usual.env_file == tmp_path / "services/api/.env"
    live = open_project(tmp_path, profile="live")
    assert (live.profile.kind, live.profile.named) == (ProfileKind.PRODUCTION, True)
    assert live.schema == tmp_path / "db/schema.prisma"
    assert live.profile.key_patterns == {"user:{id}": "users"}


def test_without_the_file_the_kind_is_unknown(tmp_path: Path, home: Path) -> None:
    assert open_project(tmp_path).profile.kind is ProfileKind.UNKNOWN


@pytest.mark.parametrize(
    ("text", "profile", "told"),
    [
        ("profiles = [", None, "cannot be read"),
        ('[profiles.dev]\nkind = "staging"', "dev", "is not known"),
        ("[profiles.dev]\nenv_file = 3", "dev", "is not a text"),
        ("[profiles.dev]", "live", "no profile 'live'"),
    ],
)
def test_a_wrong_file_is_told_in_words(tmp_path: Path, home: Path, text: str, profile: str | None, told: str) -> None:
    (tmp_path / "soundcheck.toml").write_text(text)
    with pytest.raises(UsageError) as problem:
        open_project(tmp_path, profile=profile)
    assert told in problem.value.message
    assert problem.value.hint


@pytest.mark.parametrize(
    "place", ["prisma/schema.prisma", "backend/prisma/schema.prisma", "schema.prisma", "backend/schema.prisma"]
)
def test_the_project_s_own_schema_is_found(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("")
    assert find_schema(tmp_path) == tmp_path / place


def test_a_schema_of_several_files_is_its_folder(tmp_path: Path) -> None:
    (tmp_path / "prisma" / "schema").mkdir(parents=True)
    (tmp_path / "prisma" / "schema" / "user.prisma").write_text("")
    assert find_schema(tmp_path) == tmp_path / "prisma" / "schema"


def test_package_json_may_name_the_schema(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "main.prisma").write_text("")
    (tmp_path / "package.json").write_text(json.dumps({"prisma": {"schema": "./db/main.prisma"}}))
    assert find_schema(tmp_path) == tmp_path / "db" / "main.prisma"


@pytest.mark.parametrize("text", ["[]", "{", '{"prisma": 3}', '{"prisma": {"schema": 3}}'])
def test_a_strange_package_json_is_no_obstacle(tmp_path: Path, text: str) -> None:
    (tmp_path / "package.json").write_text(text)
    assert find_schema(tmp_path) is None
