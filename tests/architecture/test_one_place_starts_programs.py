"""Only `stores/programs/starting.py` starts a program; what that sees of the environment is an `Environment`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens", "soundcheck")
PLACE = "stores/programs/starting.py"
STARTS = {
    "subprocess": {"run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput"},
    "asyncio": {"create_subprocess_exec", "create_subprocess_shell"},
    "os": {
        "system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile",
        *(f"{way}{how}" for way in ("exec", "spawn") for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
    },
    "pty": {"fork", "spawn"},
    "multiprocessing": {"Process", "Pool"},
    "webbrowser": {"open", "open_new", "open_new_tab", "get"},
}  # fmt: skip
WITHOUT_A_MODULE = {"create_subprocess_exec", "create_subprocess_shell", "subprocess_exec", "subprocess_shell"}


def starts(source: str) -> list[str]:
    """What in a module starts a program, under whatever name it was imported."""
    tree, found = ast.parse(source), []
    modules = {
        (one.asname or one.name): one.name
        for node in ast.walk(tree) if isinstance(node, ast.Import)
        for one in node.names
    }  # fmt: skip
    imported = {
        (one.asname or one.name): (node.module or "", one.name)
        for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        for one in node.names
    }  # fmt: skip
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            module, name = modules.get(called.value.id, ""), called.attr
        elif isinstance(called, ast.Name):
            module, name = imported.get(called.id, ("", ""))
        else:
            module, name = "", called.attr if isinstance(called, ast.Attribute) else ""
        if name in STARTS.get(module.partition(".")[0], ()) or name in WITHOUT_A_MODULE:
            found.append(f"{module}.{name}")
    return found


def test_nobody_else_starts_a_program() -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "prisma_client" not in path.parts]
    found = {path.relative_to(ROOT).as_posix() for path in modules if starts(path.read_text("utf-8"))}
    assert found == {PLACE}


@pytest.mark.parametrize(
    "line",
    [
        "import subprocess\nsubprocess.run(['git'])",
        "import subprocess as s\ns.Popen(['git'])",
        "from subprocess import check_output as ask\nask(['git'])",
        "import os\nos.execvpe('git', [], {})",
        "import asyncio\nasyncio.create_subprocess_shell('git')",
        "loop.subprocess_exec(factory, 'git')",
    ],
)
def test_the_test_sees_what_starts(line: str) -> None:
    assert starts(line)
    assert not starts(line.rpartition("\n")[0])
