"""Profiles: what is at stake behind each is listed without a secret, and said once for all."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.screens.cli import main
from soundcheck.stores.errors import Refused, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.project import ProfileKind, Project, open_project, profile_names
from soundcheck.wizard.profile_kind import plan_kind, write_kind

SCHEMA = Path(__file__).parents[3] / "docs" / "json" / "profiles.schema.json"

CONFIG = """\
# ours
default_profile = "work"

[profiles.work]  # what we break
env_file = ".env"
kind = 'dev'  # asked in March

[profiles.live]
env_file = ".env.live"

[profiles.live.cache_keys]
kind = "user:{id}"
"""


@pytest.fixture
def team(project: Project) -> Project:
    (project.root / "soundcheck.toml").write_text(CONFIG)
    (project.root / ".env").write_text('DATABASE_URL="postgresql://app:sesame-open@127.0.0.1:1/music"\n')
    return open_project(project.root)


def run(project: Project, *words: str) -> int:
    return main(["--project", str(project.root), *words])


def test_each_profile_is_listed_with_what_is_behind_it_and_no_secret(
    team: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(team, "profiles") == ExitCode.OK
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "profile        kind     env file             database           cache",
        "work (in use)  dev      .env                 127.0.0.1:1/music  none",
        "live           unknown  .env.live (missing)  none               none",
    ]
    assert "live is of unknown kind, which counts as production" in said.err
    assert "sesame-open" not in said.out + said.err


def test_the_named_one_is_the_chosen_one_in_json(team: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(team, "--profile", "live", "profiles", "--json") == ExitCode.OK
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert [one["name"] for one in document["profiles"] if one["chosen"]] == ["live"]


def test_a_kind_is_written_and_everything_else_stays_as_it_was(team: Project) -> None:
    assert run(team, "profiles", "kind", "live", "production") == ExitCode.OK
    path = team.root / "soundcheck.toml"
    assert path.read_text() == CONFIG.replace("[profiles.live]\n", '[profiles.live]\nkind = "production"\n')
    assert run(team, "profiles", "kind", "work", "unknown") == ExitCode.OK
    assert """kind = "unknown"  # asked in March""" in path.read_text()
    assert open_project(team.root, profile="live").profile.kind is ProfileKind.PRODUCTION


def test_without_a_file_one_is_made_for_the_profile_in_use(project: Project) -> None:
    assert run(project, "profiles", "kind", "default", "dev") == ExitCode.OK
    assert (project.root / "soundcheck.toml").read_text() == '[profiles.default]\nkind = "dev"\n'
    assert open_project(project.root).profile.kind is ProfileKind.DEV


def test_a_profile_that_is_not_there_is_not_made(team: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(team, "profiles", "kind", "staging", "dev") == ExitCode.USAGE
    assert "there: live, work" in capsys.readouterr().err


def test_a_file_written_another_way_is_left_alone(team: Project) -> None:
    (team.root / "soundcheck.toml").write_text('profiles = { work = { kind = "dev" } }\n')
    with pytest.raises(Refused, match="not edited for you"):
        plan_kind(team, "work", ProfileKind.PRODUCTION)


def test_a_change_in_between_is_not_overwritten(team: Project) -> None:
    change = plan_kind(team, "live", ProfileKind.DEV)
    (team.root / "soundcheck.toml").write_text(CONFIG + "# more\n")
    with pytest.raises(Refused, match="changed since"):
        write_kind(change)


@pytest.mark.parametrize("words", [("kind",), ("kind", "work"), ("list", "work")])
def test_half_a_sentence_is_told_with_the_whole_one(
    team: Project, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(team, "profiles", *words) == ExitCode.USAGE
    assert "soundcheck profiles" in capsys.readouterr().err


@settings(max_examples=60)
@given(
    name=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12),
    kind=st.sampled_from(ProfileKind),
)
def test_any_name_a_file_can_hold_gets_its_kind(
    tmp_path_factory: pytest.TempPathFactory, name: str, kind: ProfileKind
) -> None:
    root = tmp_path_factory.mktemp("named")
    quoted = json.dumps(name, ensure_ascii=False)
    (root / "soundcheck.toml").write_text(f"# kept\n[profiles.{quoted}]\n# here\n[profiles.other]\nkind = 'dev'\n")
    try:
        change = plan_kind(open_project(root), name, kind)
    except (Refused, UsageError):
        pytest.fail("a quoted name is a line like any other")
    write_kind(change)
    assert open_project(root, profile=name).profile.kind is kind
    expected = kind if name == "other" else ProfileKind.DEV
    assert open_project(root, profile="other").profile.kind is expected
    assert set(profile_names(root)) == {name, "other"}
    assert "# kept\n" in (root / "soundcheck.toml").read_text()
