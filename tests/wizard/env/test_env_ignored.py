"""The `.env` step and git: a file with secrets is ignored, or it is said that it is not."""

from __future__ import annotations

import stat
from pathlib import Path

from soundcheck.stores.project.project import Project
from soundcheck.wizard.env.step import EnvConsent, plan_env, write_env
from tests.own_git import git
from tests.wizard.env.conftest import ALL, REMOTE


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
