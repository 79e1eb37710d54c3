"""The backend's own interpreter is found where people keep it, and the install line is that of their tool."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from soundcheck.stores.backend.python_backend import find_backend_python
from soundcheck.stores.project.project import Project, open_project


def environment(folder: Path, *, pip: bool = True) -> Path:
    """An environment as far as it is looked at; its interpreter."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    if pip:
        package = folder / "lib" / "python3.12" / "site-packages" / "pip"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
    return python


@pytest.mark.parametrize("name", [".venv", "venv", "env", "backend/.venv", "backend/venv"])
def test_an_environment_of_the_usual_name_is_found(project: Project, name: str) -> None:
    (project.root / "backend").mkdir()
    python = environment(project.root / name)
    found = find_backend_python(project, {"HOME": str(project.home)})
    assert found is not None
    assert (found.interpreter, found.origin, found.folder) == (python, name, project.root / "backend")


def test_the_backend_s_own_folder_comes_first_and_a_named_one_before_all(project: Project, tmp_path: Path) -> None:
    outer, inner = environment(project.root / ".venv"), environment(project.root / "backend" / ".venv")
    active = environment(tmp_path / "active")

    def chosen(environ: dict[str, str], of: Project = project) -> Path | None:
        found = find_backend_python(of, environ)
        return found.interpreter if found else None

    assert outer != inner
    assert chosen({}) == inner
    assert chosen({"VIRTUAL_ENV": str(tmp_path / "active")}) == active
    assert chosen({"VIRTUAL_ENV": sys.prefix}) == inner, "our own environment says nothing"
    assert chosen({"UV_PROJECT_ENVIRONMENT": str(tmp_path / "active")}) == active
    assert chosen({"VIRTUAL_ENV": str(tmp_path / "active")}, replace(project, backend_python=outer)) == outer


def test_poetry_keeps_its_environments_under_a_hash_of_the_project_s_path(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is that which poetry 1.8 makes for a project called `my band` in /srv/band."""
    real = os.path.realpath
    monkeypatch.setattr(
        "os.path.realpath", lambda path, **more: "/srv/band" if Path(path) == project.root else real(path, **more)
    )
    (project.root / "pyproject.toml").write_text('[tool.poetry]\nname = "my band"\n')
    python = environment(tmp_path / "cache" / "virtualenvs" / "my-band-8x-elJNh-py3.12")
    found = find_backend_python(project, {"POETRY_CACHE_DIR": str(tmp_path / "cache"), "HOME": str(tmp_path)})
    assert found is not None
    assert found.interpreter == python
    assert found.install_line("prisma") == "poetry add prisma"


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("uv.lock", "", "uv add prisma"),
        ("pyproject.toml", "[tool.uv]\n", "uv add prisma"),
        ("poetry.lock", "", "poetry add prisma"),
        ("requirements.txt", "prisma", ".venv/bin/python -m pip install prisma"),
    ],
)
def test_the_install_line_is_that_of_their_tool(project: Project, file: str, text: str, line: str) -> None:
    environment(project.root / ".venv")
    (project.root / file).write_text(text)
    found = find_backend_python(project, {})
    assert found is not None
    assert found.install_line("prisma", {"PATH": ""}) == line


def test_an_environment_without_pip_is_filled_by_uv_where_that_is_there(project: Project, tmp_path: Path) -> None:
    environment(project.root / ".venv", pip=False)
    found = find_backend_python(project, {})
    assert found is not None
    assert found.install_line("prisma", {"PATH": ""}).startswith(".venv/bin/python -m pip")
    (tmp_path / "uv").write_text("#!/bin/sh\n")
    (tmp_path / "uv").chmod(0o700)
    line = found.install_line("prisma", {"PATH": str(tmp_path)})
    assert line == "uv pip install --python .venv/bin/python prisma"


FILES = {
    "nothing": [],
    "a Node backend": ["package.json"],
    "a generated client alone": ["prisma_client/_base_client.py", "prisma_client/client.py"],
    "what npm installed": ["node_modules/setup.py"],
}


@pytest.mark.parametrize("what", list(FILES))
def test_what_is_no_python_backend(project: Project, what: str) -> None:
    for name in FILES[what]:
        (project.root / name).parent.mkdir(exist_ok=True)
        (project.root / name).write_text("")
    assert find_backend_python(project, {"HOME": str(project.home)}) is None


def test_a_python_backend_without_an_environment_is_one(project: Project) -> None:
    (project.root / "app").mkdir()
    (project.root / "app" / "main.py").write_text("")
    found = find_backend_python(project, {"HOME": str(project.home)})
    assert found is not None
    assert found.interpreter is None
    assert found.install_line("prisma") == "python -m pip install prisma"


def test_the_interpreter_may_be_named_for_the_team(project: Project) -> None:
    (project.root / "soundcheck.toml").write_text('[profiles.default]\nbackend_python = "tools/python"\n')
    assert open_project(project.root).backend_python == project.root / "tools" / "python"
