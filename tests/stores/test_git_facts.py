"""What git says of a path, asked of a real git."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundcheck.stores.project.git_facts import docker_ignores, find_repository, git_facts
from tests.own_git import git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "backend").mkdir()
    return tmp_path


def test_outside_of_a_repository_there_is_nothing_to_fear(tmp_path: Path) -> None:
    facts = git_facts(tmp_path / ".env")
    assert facts.repository is None


def test_an_ignored_file_is_known_before_it_exists(repository: Path) -> None:
    (repository / ".gitignore").write_text(".env\n")
    facts = git_facts(repository / "backend" / ".env")
    assert (facts.repository, facts.ignored, facts.tracked) == (repository, True, False)


def test_a_file_that_git_would_commit_is_told(repository: Path) -> None:
    facts = git_facts(repository / "backend" / ".env")
    assert (facts.ignored, facts.tracked) == (False, False)


def test_a_tracked_file_is_told_though_it_is_ignored_too(repository: Path) -> None:
    (repository / ".env").write_text("A=1")
    git(repository, "add", ".env")
    git(repository, "commit", "-qm", "oops")
    (repository / ".gitignore").write_text(".env\n")
    facts = git_facts(repository / ".env")
    assert (facts.ignored, facts.tracked) == (True, True)


def test_a_programme_named_in_the_repository_is_not_run(repository: Path) -> None:
    trap = repository / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{repository}/sprung'\n")
    trap.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(trap))
    assert git_facts(repository / ".env").tracked is False
    assert not (repository / "sprung").exists()


def test_a_surrounding_hook_does_not_lead_git_astray(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    assert git_facts(repository / ".env").ignored is False


def test_without_git_nothing_is_claimed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    facts = git_facts(repository / ".env")
    assert (facts.ignored, facts.tracked) == (None, None)
    assert facts.silent_because == "git is not installed"


def test_a_broken_repository_gives_no_answer(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nonexistent")
    facts = git_facts(tmp_path / ".env")
    assert facts.ignored is None
    assert "refused" in facts.silent_because


def test_the_repository_is_found_upwards(repository: Path) -> None:
    assert find_repository(repository / "backend") == repository


@pytest.mark.parametrize(
    ("text", "path", "ignored"),
    [
        (".env\n", ".env", True),
        (".env\n", "backend/.env", False),
        ("**/.env\n", "backend/.env", True),
        ("**/.env\n", ".env", True),
        ("backend\n", "backend/.env", True),
        ("*\n!backend\n", "backend/.env", False),
        ("# .env\n\n", ".env", False),
        ("/.env*\n", ".env", True),
        ("**/.env\n!**/.env\n", ".env", False),
    ],
)
def test_dockerignore_is_read_by_docker_s_rules(text: str, path: str, ignored: bool) -> None:
    assert docker_ignores(text, path) is ignored
