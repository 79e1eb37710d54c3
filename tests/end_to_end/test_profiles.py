"""Profiles at the command and at a terminal: the named one is the one that is used, whatever is exported."""

from __future__ import annotations

import json
from collections.abc import Callable

import psycopg
import pytest
from pty_terminal import Terminal
from ready_program import SOUNDCHECK

from soundcheck.stores.postgres.url import PostgresUrl

Exported = Callable[[], dict[str, str]]

CONFIG = """\
[profiles.work]
env_file = ".env"
kind = "dev"

[profiles.live]
env_file = ".env.live"
kind = "production"
"""


@pytest.fixture
def team(desk, exported: Exported, database_url: PostgresUrl):
    """Two profiles: `work` leads nowhere, `live` to the test's database."""
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute("CREATE TABLE only_in_live (id int PRIMARY KEY)")
    (desk.project / "soundcheck.toml").write_text(CONFIG)
    desk.env_file.write_text('DATABASE_URL="postgresql://app:hunter2secret@work.example.org/music"\n')
    values = "".join(f'{name}="{value}"\n' for name, value in exported().items())
    (desk.project / ".env.live").write_text(values)
    return desk


def test_a_named_profile_beats_what_is_exported(team) -> None:
    other = {"DATABASE_URL": "postgresql://app:hunter2secret@other.example.org/music"}
    done = team.run("--profile", "live", "tables", "--json", **other)
    assert done.returncode == 0, done.stderr
    assert [table["name"] for table in json.loads(done.stdout)["tables"]] == ["only_in_live"]
    assert "other.example.org" not in done.stderr


def test_without_a_name_a_write_refuses_and_shows_both_hosts(team) -> None:
    other = {"DATABASE_URL": "postgresql://app:hunter2secret@other.example.org/music"}
    done = team.run("seed", "--users", "1", **other)
    assert done.returncode == 3
    assert "work.example.org" in done.stderr
    assert "other.example.org" in done.stderr
    assert "--profile" in done.stderr
    assert "hunter2secret" not in done.stderr


def test_a_named_profile_is_not_filled_up_from_elsewhere(team, exported: Exported) -> None:
    """What is missing in its file must not come from an export that belongs to another database."""
    (team.project / ".env.live").write_text("UPSTASH_REDIS_REST_URL=https://fit-mole-1.upstash.io\n")
    done = team.run("--profile", "live", "tables", **exported())
    assert done.returncode == 4
    assert "No database is set up here" in done.stderr
    (team.project / ".env.live").unlink()  # without a file, as in CI, what is exported is all there is
    assert team.run("--profile", "live", "tables", **exported()).returncode == 0


def test_the_app_opens_the_named_profile(team) -> None:
    with Terminal(SOUNDCHECK, "--profile", "live", cwd=team.project, environ=team.environ) as terminal:
        terminal.wait_for("Already here", seconds=60)
        top = "\n".join(terminal.text.splitlines()[:4])
        assert "live" in top
        assert "! PRODUCTION" in top
        assert ".env.live" in terminal.text
        terminal.press("ctrl+q")
        assert terminal.wait_ended() == 0


def test_the_app_with_an_env_file_just_looks_at_it(team) -> None:
    with Terminal(SOUNDCHECK, "--env-file", ".env.live", cwd=team.project, environ=team.environ) as terminal:
        terminal.wait_for("only_in_live", seconds=60)
        assert "just looking" in "\n".join(terminal.text.splitlines()[:4])
        terminal.press("ctrl+q")
        assert terminal.wait_ended() == 0
    assert {path.name for path in team.project.iterdir()} == {".env", ".env.live", "soundcheck.toml"}
