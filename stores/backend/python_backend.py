"""The Python backend of a project: where it starts, its own interpreter, and how a package gets into its environment.

Looked for on disk, nothing is started. Sources: uv `UV_PROJECT_ENVIRONMENT`, poetry `EnvManager.generate_env_name`
(the folder's name ends in a hash of the project's path), pip.
"""

from __future__ import annotations

import base64
import glob
import hashlib
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from soundcheck.stores.plain_file import read_plain_text
from soundcheck.stores.programs.search_path import found_program
from soundcheck.stores.project.project import Project, is_own_checkout

_MANIFESTS: Final = ("pyproject.toml", "requirements.txt", "setup.py", "Pipfile", "manage.py", "uv.lock", "poetry.lock")
_ENVIRONMENTS: Final = (".venv", "venv", "env")


class Installer(StrEnum):
    """What puts a package into the backend's environment."""

    PIP = "pip"
    UV = "uv"
    POETRY = "poetry"


@dataclass(frozen=True, slots=True)
class BackendPython:
    """A Python backend. `interpreter` is None where the project is one and has no environment that was found.

    `folder` is where it is started from; `origin` says in words where the interpreter was found.
    """

    folder: Path
    interpreter: Path | None
    origin: str
    installer: Installer

    @property
    def environment(self) -> Path | None:
        """The environment's folder. The interpreter is a link out of it, which is not followed."""
        return self.interpreter.parent.parent if self.interpreter else None

    def install_command(self, package: str, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
        """The command, typed in `folder`, that puts a package there."""
        if self.installer is Installer.UV:
            return ("uv", "add", package)
        if self.installer is Installer.POETRY:
            return ("poetry", "add", package)
        python = self._named_interpreter()
        if not self._has_pip() and found_program("uv", environ) is not None:
            return ("uv", "pip", "install", "--python", python, package)
        return (python, "-m", "pip", "install", package)

    def install_line(self, package: str, environ: Mapping[str, str] = os.environ) -> str:
        """The same as it is typed."""
        return shlex.join(self.install_command(package, environ))

    def _named_interpreter(self) -> str:
        """By its path from the folder where it lies below it, so that the line is short and can be copied."""
        if self.interpreter is None:
            return "python"
        inside = self.interpreter.is_relative_to(self.folder)
        return str(self.interpreter.relative_to(self.folder) if inside else self.interpreter)

    def _has_pip(self) -> bool:
        folder = self.environment
        return folder is None or any(folder.glob("lib/python3*/site-packages/pip/__init__.py"))


def find_backend_python(project: Project, environ: Mapping[str, str] = os.environ) -> BackendPython | None:
    """The project's Python backend; None where nothing says that it has one.

    The interpreter is the one that was named, else that of `VIRTUAL_ENV`, of an environment in the backend's folder or
    the project's, or of poetry. Soundcheck's own environment says nothing about the backend.
    """
    folder = backend_folder(project)
    installer = _installer(folder, project.root)
    if project.backend_python is not None:
        return BackendPython(folder, project.backend_python, "named with --backend-python", installer)
    for place, origin in _environments(project, folder, environ):
        if (found := _interpreter(place)) is not None:
            return BackendPython(folder, found, origin, installer)
    if is_python_folder(folder) or is_python_folder(project.root):
        return BackendPython(folder, None, "", installer)
    return None


def backend_folder(project: Project) -> Path:
    """Where the backend is started: `backend/` where there is one, else the project's own folder."""
    backend = project.root / "backend"
    return backend if backend.is_dir() else project.root


def is_python_folder(folder: Path) -> bool:
    """Whether a Python program lives there: a manifest, or a source file in it or one folder below.

    A generated client is no program, and neither is anything hidden or installed.
    """
    if any((folder / name).is_file() for name in _MANIFESTS) or _has_source(folder):
        return True
    try:
        below = [p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".") and p.name != "node_modules"]
    except OSError:
        return False
    return any(_has_source(p) and not (p / "_base_client.py").is_file() for p in below)


def _has_source(folder: Path) -> bool:
    return next(folder.glob("*.py"), None) is not None


def _environments(project: Project, folder: Path, environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Where an environment may be, with its name in words."""
    if (named := environ.get("VIRTUAL_ENV")) and not _is_ours(Path(named)):
        yield Path(named), "VIRTUAL_ENV"
    own_source = is_own_checkout(project.root)
    names = [*([environ["UV_PROJECT_ENVIRONMENT"]] if environ.get("UV_PROJECT_ENVIRONMENT") else []), *_ENVIRONMENTS]
    for base in dict.fromkeys((folder, project.root)):
        for name in names:
            place = base / name
            if not (own_source and _is_ours(place)):
                yield place, project.shown(place)
    for base in dict.fromkeys((folder, project.root)):
        if (base / "pyproject.toml").is_file():
            yield from ((place, f"poetry's {place.name}") for place in _of_poetry(base, environ))


def _of_poetry(folder: Path, environ: Mapping[str, str]) -> list[Path]:
    digest = hashlib.sha256(os.fsencode(os.path.realpath(folder))).digest()
    ending = base64.urlsafe_b64encode(digest).decode()[:8]
    home = Path(environ.get("HOME") or Path.home())
    named = [Path(environ["POETRY_CACHE_DIR"])] if environ.get("POETRY_CACHE_DIR") else []
    caches = [*named, home / ".cache/pypoetry", home / "Library/Caches/pypoetry"]
    return [place for cache in caches for place in sorted(cache.glob(f"virtualenvs/*-{glob.escape(ending)}-py*"))]


def _is_ours(environment: Path) -> bool:
    return environment.resolve() == Path(sys.prefix).resolve()


def _interpreter(environment: Path) -> Path | None:
    found = (environment / "bin" / name for name in ("python", "python3"))
    return next((path for path in found if os.access(path, os.X_OK)), None)


def _installer(folder: Path, root: Path) -> Installer:
    for base in dict.fromkeys((folder, root)):
        if (base / "uv.lock").is_file():
            return Installer.UV
        if (base / "poetry.lock").is_file():
            return Installer.POETRY
        try:
            text = read_plain_text(base / "pyproject.toml")
        except (OSError, UnicodeDecodeError):
            continue
        for mark, installer in (("[tool.uv", Installer.UV), ("[tool.poetry", Installer.POETRY)):
            if mark in text:
                return installer
    return Installer.PIP
