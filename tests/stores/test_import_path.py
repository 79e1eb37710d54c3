"""The project that is looked at is never importable in our own interpreter, nor in a child of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from soundcheck.stores.import_path import child_import_path, installed_places, own_root

ROOT = str(own_root())
LIBRARIES = ("httpx", "redis", "psycopg", "textual", "prisma", "pydantic", "uvicorn", "dotenv", "platformdirs", "rich")


def plant(folder: Path, *names: str) -> Path:
    """Modules that leave a mark when they are imported; the mark."""
    mark = folder / "imported"
    for name in names:
        (folder / f"{name}.py").write_text(
            f"open({str(mark)!r}, 'a').write({name!r} + ' ')\nraise ImportError('trap')\n"
        )
    return mark


def test_what_belongs_to_the_interpreter_stays_and_the_rest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, packages = tmp_path / "project", tmp_path / "packages"
    project.mkdir()
    (packages / "thing-1.0.dist-info").mkdir(parents=True)
    script = "import sys; print('\\n'.join(sys.path))"
    bare = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
    usual = [line for line in bare.stdout.splitlines() if line]
    for inside in (project, project / "vendor"):  # a project may say of itself that it is installed
        (inside / "trap-1.0.dist-info").mkdir(parents=True)
    monkeypatch.chdir(project)
    mixed = ["", ".", str(project), str(project / "vendor"), *usual, str(packages), str(tmp_path / "gone")]
    assert installed_places(mixed) == [*usual, str(packages)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", str(project), str(packages), ROOT]))
    assert child_import_path() == os.pathsep.join([ROOT, str(packages)])


@pytest.mark.parametrize("way", ["PYTHONPATH", "-m in its folder"])
@pytest.mark.parametrize(
    "words",
    [("--version",), ("tables",), ("cache",), ("doctor", "--only", "cache", "database"), ("setup", "--yes"), ()],
    ids=" ".join,
)
def test_no_command_imports_a_module_of_the_project(
    project: object, tmp_path: Path, home: Path, way: str, words: tuple[str, ...]
) -> None:
    root = tmp_path / "music-app"
    mark = plant(root, *LIBRARIES)
    (root / ".env").write_text(
        'DATABASE_URL="postgresql://app:x@127.0.0.1:1/music"\nUPSTASH_REDIS_REST_URL="http://127.0.0.1:1"\n'
        'UPSTASH_REDIS_REST_TOKEN="token"\n'
    )
    paths = [ROOT] if way.startswith("-m") else [".", str(root), ROOT]
    safe = ["-P"] if way == "PYTHONPATH" else []
    done = subprocess.run(
        [sys.executable, *safe, "-m", "soundcheck", *words], cwd=root, capture_output=True, text=True, timeout=100,
        stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, check=False,
    )  # fmt: skip
    assert not mark.exists(), (mark.read_text(), done.stderr)
    assert "Traceback" not in done.stderr
