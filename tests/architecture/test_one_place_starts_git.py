"""Only `stores/project/git_command.py` starts git, with everything off that a repository could have it run."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from soundcheck.stores.project.git_command import ask_git

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens")
STARTS = {
    "run", "Popen", "call", "check_call", "check_output", "getoutput", "which", "system", "popen", "execvp", "spawnvp",
    "create_subprocess_exec", "create_subprocess_shell", "converse", "follow", "start_server",
}  # fmt: skip


def starters(source: str) -> list[int]:
    """The lines of a module that start git: it leads a list of words, or is itself the word of a call that starts."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.List | ast.Tuple) and node.elts and _is_git(node.elts[0], alone=True):
            found.append(node.lineno)
        if isinstance(node, ast.Call) and node.args and _is_git(node.args[0], alone=False):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found += [node.lineno] * (called in STARTS)
    return found


def _is_git(node: ast.expr, *, alone: bool) -> bool:
    words = node.value.split() if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
    return bool(words) and words[0].rpartition("/")[2] == "git" and (not alone or len(words) == 1)


def test_nobody_else_starts_git() -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in modules if starters(path.read_text("utf-8"))}
    assert found == {"stores/project/git_command.py"}


@pytest.mark.parametrize(
    "source",
    ['run(["git", "log"])', 'words = ("/usr/bin/git", "log")', 'shutil.which("git")', 'os.system("git log")',
     'await create_subprocess_exec("git", "log")'],
)  # fmt: skip
def test_the_test_sees_it_started(source: str) -> None:
    assert starters(source) == [1]


def test_every_git_is_started_quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    fake = tmp_path / "git"
    fake.write_text(f"#!/bin/sh\nenv > '{told}'; echo \"$@\" >> '{told}'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name in ("GIT_DIR", "GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_ALLOW_PROTOCOL"):
        monkeypatch.setenv(name, "theirs")
    assert ask_git(tmp_path, "log", seconds=20).code == 0
    lines = told.read_text().splitlines()
    assert {"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "GIT_OPTIONAL_LOCKS=0", "GIT_ASKPASS="} <= set(lines)
    assert not [line for line in lines if "theirs" in line]
    assert "core.fsmonitor=false" in lines[-1]
    assert lines[-1].endswith(" log")


def test_a_git_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(subprocess.TimeoutExpired):
        ask_git(tmp_path, "log", seconds=0.2)
