"""What a folder holds in place of a file that is looked into: nobody waits for a pipe or reads a device without end.

Git carries links, so `package.json` may lead to a device in any repository that is cloned.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from soundcheck.stores.backend.command import CommandProblem, read_command
from soundcheck.stores.backend.node_backend import find_node_backend
from soundcheck.stores.backend.prisma_cli import prisma_line
from soundcheck.stores.backend.python_backend import find_backend_python
from soundcheck.stores.prisma.client_folder import foreign_files
from soundcheck.stores.prisma.client_place import client_state, holds_partial_types
from soundcheck.stores.project.project import Project, is_own_checkout, open_project

SCHEMA = """
generator py {
  provider = "prisma-client-py"
  output   = "./out"
}
"""


def _with_schema(project: Project) -> Project:
    schema = project.root / "schema.prisma"
    schema.write_text(SCHEMA)
    return replace(project, schema=schema)


def _client(name: str) -> Callable[[Project], object]:
    def look(project: Project) -> object:
        (project.root / "out").mkdir(exist_ok=True)
        (project.root / "out" / "client.py").touch()
        own = _with_schema(project)
        assert own.schema is not None
        if name == "state":
            return client_state(own, own.schema, {})
        return holds_partial_types(own.root / "out") or foreign_files(own.root / "out")

    return look


def _command(line: str) -> Callable[[Project], object]:
    def look(project: Project) -> object:
        with contextlib.suppress(CommandProblem):
            return read_command(line, project.root, {"PATH": "/usr/bin:/bin"})
        return None

    return look


LOOKS: Mapping[str, tuple[str, Callable[[Project], object]]] = {
    "a package.json that may name a schema": ("package.json", lambda project: open_project(project.root)),
    "a package.json of a Node backend": ("package.json", find_node_backend),
    "a package that is installed": ("node_modules/prisma/package.json", lambda p: prisma_line(p.root, "generate")),
    "a lock file": ("package-lock.json", lambda project: prisma_line(project.root, "generate")),
    "a pyproject.toml that may be ours": ("pyproject.toml", lambda project: is_own_checkout(project.root)),
    "a pyproject.toml of a Python backend": ("pyproject.toml", lambda project: find_backend_python(project, {})),
    "a package.json with a script": ("package.json", _command("npm start")),
    "a program that is a script": ("start", _command("./start")),
    "a client's own note": ("out/.soundcheck.json", _client("state")),
    "a client's copy of the schema": ("out/schema.prisma", _client("state")),
    "a client's partial types": ("out/partials.py", _client("types")),
    "a client's module": ("out/__init__.py", _client("types")),
}


@pytest.mark.parametrize("kind", ["pipe", "link to a pipe"])
@pytest.mark.parametrize("look", LOOKS)
def test_nobody_waits_for_it(project: Project, home: Path, look: str, kind: str) -> None:
    name, read = LOOKS[look]
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name != "pyproject.toml":
        (project.root / "requirements.txt").touch()
    pipe = path if kind == "pipe" else project.root / "pipe"
    os.mkfifo(pipe, 0o755)
    if path != pipe:
        path.symlink_to(pipe)
    done = threading.Event()

    def looked() -> None:
        read(project)
        done.set()

    threading.Thread(target=looked, daemon=True).start()
    ended = done.wait(20)
    if not ended:  # let it go, so that the run itself can end
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    assert ended
