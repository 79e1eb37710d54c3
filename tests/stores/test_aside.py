"""A kill at any moment of a write leaves no secret where git or another user finds it, and the next start sweeps it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from soundcheck.stores.aside import PREFIX, aside, sweep
from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.file_lock import try_lock
from soundcheck.stores.project.leftovers import sweep_leftovers
from soundcheck.stores.project.project import Project

OLD, NEW = b"TOKEN=old-secret\n", b"TOKEN=new-secret\n"

KILLED = """
import os, sys
from pathlib import Path
from soundcheck.stores.atomic_file import write_atomically
at, seen = int(sys.argv[2]), 0
STEPS = {"open", "os.mkdir", "os.chmod", "os.rename", "os.remove", "os.rmdir", "os.scandir"}

def hook(event, arguments):
    global seen
    if event in STEPS and sys.argv[1] in str(arguments[0]):
        seen += 1
        if seen > at:
            os._exit(9)

sys.addaudithook(hook)
write_atomically(Path(sys.argv[1]) / ".env", b"TOKEN=new-secret\\n")
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "music-app"
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / ".gitignore").write_text(".env\n")
    return folder


def killed_at(step: int, folder: Path) -> int:
    return subprocess.run([sys.executable, "-P", "-c", KILLED, str(folder), str(step)], check=False).returncode


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(f"{PREFIX}*"))


def test_killed_at_any_step_it_leaves_nothing_that_git_or_others_see(repository: Path) -> None:
    env, outcomes = repository / ".env", []
    for step in range(40):
        env.write_bytes(OLD)
        outcomes.append(code := killed_at(step, repository))
        assert env.read_bytes() in {OLD, NEW}
        for folder in leftovers(repository):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert sorted(os.listdir(folder))[:1] in ([], [".gitignore"]), "what hides the rest is there first"
        seen = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=all"], cwd=repository, capture_output=True, check=True
        )
        assert seen.stdout == b"?? .gitignore\n"
        for folder in leftovers(repository):
            os.utime(folder, (0, 0))
        sweep([repository])
        assert sorted(os.listdir(repository)) == [".env", ".git", ".gitignore"]
        if code == 0:
            break
    assert outcomes[-1] == 0, "there are fewer steps than were tried"
    assert len(outcomes) > 8


def test_who_still_writes_is_not_swept(tmp_path: Path) -> None:
    with aside(tmp_path) as folder:
        (folder / "new").write_bytes(NEW)
        os.utime(folder, (0, 0))
        assert sweep([tmp_path]) == 0
        assert (folder / "new").read_bytes() == NEW
    assert os.listdir(tmp_path) == []


def test_one_that_holds_nothing_yet_is_left_for_a_minute(tmp_path: Path) -> None:
    young = tmp_path / f"{PREFIX}0badcafe"
    young.mkdir(mode=0o700)
    assert sweep([tmp_path]) == 0
    os.utime(young, (0, 0))
    assert sweep([tmp_path]) == 1


@pytest.mark.parametrize("name", ["0badcafe", "0badcaf", "0BADCAFE", "settings"])
def test_only_what_is_ours_by_name_mode_and_content_goes(tmp_path: Path, name: str) -> None:
    folder = tmp_path / f"{PREFIX}{name}"
    folder.mkdir(mode=0o700)
    (folder / ".gitignore").write_text("*\n")
    (folder / "mine").mkdir()
    os.utime(folder, (0, 0))
    sweep([tmp_path])
    assert folder.exists(), "it holds a folder"
    (folder / "mine").rmdir()
    folder.chmod(0o755)
    sweep([tmp_path])
    assert folder.exists(), "others may read it, so it is not one of ours"
    folder.chmod(0o700)
    sweep([tmp_path])
    assert folder.exists() is (name != "0badcafe")


def test_a_link_in_its_place_leads_nowhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (elsewhere / ".gitignore").write_text("*\n")
    (elsewhere / "mine").write_text("mine")
    project = tmp_path / "project"
    project.mkdir()
    (project / f"{PREFIX}0badcafe").symlink_to(elsewhere)
    assert sweep([project, tmp_path / "missing"]) == 0
    assert (elsewhere / "mine").exists()


def test_a_sweep_that_comes_between_two_steps_costs_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Path] = []

    def taken_once(path: Path) -> int | None:
        tried.append(path)
        return try_lock(path) if len(tried) > 1 else None

    monkeypatch.setattr("soundcheck.stores.aside.try_lock", taken_once)
    write_atomically(tmp_path / ".env", NEW)
    assert (tmp_path / ".env").read_bytes() == NEW
    assert len(tried) == 2


def test_the_next_start_takes_away_what_lies_wherever_we_write(project: Project) -> None:
    project.prepare_state()
    left = []
    for place in (project.root, project.state, project.backups):
        folder = place / f"{PREFIX}0badcafe"
        folder.mkdir(mode=0o700)
        (folder / ".gitignore").write_text("*\n")
        (folder / "new").write_bytes(NEW)
        left.append(folder)
    sweep_leftovers(project)
    assert not [one for one in left if one.exists()]


def test_a_folder_that_goes_while_it_is_looked_at_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / ".soundcheck-00000000"
    monkeypatch.setattr("soundcheck.stores.aside._found", lambda _parent: [gone])
    assert sweep([tmp_path]) == 0
