"""Machines where the project is not written: CI with `--no-write`, a container with a read-only folder."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def everything_in(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below, with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


def test_no_write_leaves_the_project_byte_for_byte_and_words_the_criteria_by_source(
    desk, exported: Callable[[], dict[str, str]]
) -> None:
    (desk.project / "backend").mkdir()
    (desk.project / "backend" / "main.py").write_text("print('mine')\n")
    before = everything_in(desk.project)
    done = desk.run("setup", "--from-env", "--yes", "--no-write", **exported())
    assert done.returncode == 0, done.stdout + done.stderr
    assert everything_in(desk.project) == before
    assert "No file is written (--no-write)" in done.stdout
    assert "Soundcheck's own schema" in done.stdout
    assert "11 models in Soundcheck's own folder" in done.stdout
    assert "✓ ok: DATABASE_URL from the environment" in done.stdout
    assert "in the env file" not in done.stdout
    assert "--undo" not in done.stdout
    assert len(list((desk.home / "sc").glob("projects/*/client/prisma_client/client.py"))) == 1

    options = []
    for name, option in (
        ("DATABASE_URL", "--database-url"), ("UPSTASH_REDIS_REST_URL", "--redis-url"),
        ("UPSTASH_REDIS_REST_TOKEN", "--redis-token"),
    ):  # fmt: skip
        (desk.home / name).write_text(exported()[name])
        options += [option, f"@{desk.home / name}"]
    again = desk.run("setup", "--yes", "--no-write", *options)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "The database is as the schema says; nothing to push." in again.stdout
    assert "already in sync" in again.stdout
    assert "✓ ok: DATABASE_URL as given, written nowhere" in again.stdout
    assert everything_in(desk.project) == before

    stock = desk.run("setup", "--from-env", "--yes", "--no-write", "--engine", "native", **exported())
    assert stock.returncode == 3
    assert "Leave out --engine native" in stock.stderr


def python_for_everybody() -> Path | None:
    """A Python of our version that every user can run: ours, or the system's."""
    for python in (Path(sys.executable), Path("/usr/bin") / f"python3.{sys.version_info.minor}"):
        real = python.resolve()
        if real.exists() and all(folder.stat().st_mode & 0o005 == 0o005 for folder in real.parents):
            return python
    return None


@pytest.fixture
def place(engine_folder: Path) -> Iterator[Path]:
    """A folder of a user who is not root, with the engine in it and a project that nobody can write."""
    folder = Path("/var/tmp") / f"soundcheck-read-only-{os.getpid()}"
    (folder / "project").mkdir(parents=True)
    # What the user's own Python finds, its children too: our code and what it rests on.
    packages = folder / "home" / ".local" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    packages.mkdir(parents=True)
    places = dict.fromkeys((str(ROOT), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (packages / "soundcheck.pth").write_text("\n".join(places) + "\n")
    (folder / "project" / "main.py").write_text("print('mine')\n")
    shutil.copytree(engine_folder, folder / "engine", symlinks=True)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, folder / "home", folder / "engine", *(folder / "engine").rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    (folder / "project").chmod(0o555)
    yield folder
    (folder / "project").chmod(0o755)
    shutil.rmtree(folder)


def test_a_project_that_cannot_be_written_is_set_up_all_the_same_with_a_word(
    place: Path, exported: Callable[[], dict[str, str]]
) -> None:
    python = python_for_everybody()
    if python is None:
        pytest.skip("every Python of this version lies where only root may read")
    nobody = pwd.getpwnam("nobody")
    somebody: dict[str, Any] = {}
    if os.geteuid() == 0:
        somebody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(place / "home"), "SOUNDCHECK_HOME": str(place / "home" / "sc"),
        "SOUNDCHECK_ENGINE": str(place / "engine"), "PYTHONDONTWRITEBYTECODE": "1", **exported(),
    }  # fmt: skip

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-P", "-m", "soundcheck", *words], cwd=place / "project", env=environ, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=100, check=False, **somebody,
        )  # fmt: skip

    before = everything_in(place / "project")
    done = run("setup", "--from-env", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The project's folder cannot be written, so nothing is" in done.stdout
    assert "✓ ok: DATABASE_URL from the environment" in done.stdout
    assert "All 9 criteria are met." in done.stdout
    assert everything_in(place / "project") == before
    checked = run("doctor", "--only", "prisma.client", "files.env", "files.source", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    findings = {one["id"]: one["finding"] for one in json.loads(checked.stdout)["checks"]}
    assert str(place / "home" / "sc") in findings["prisma.client"]["summary"]
    assert findings["files.env"]["status"] == "skip"
    assert findings["files.env"]["skipped_because"] == "the values come from the environment, not from a file"
    assert "from the environment" in findings["files.source"]["summary"]
