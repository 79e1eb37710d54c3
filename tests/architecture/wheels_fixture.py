"""Both wheels, built once, and environments that hold nothing but what a test puts there. Import the fixtures."""

from __future__ import annotations

import fcntl
import importlib.metadata
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
OURS = frozenset({"soundcheck-cache", "soundcheck-console"})


@dataclass(frozen=True)
class Wheels:
    """The built wheels, side by side in one folder."""

    cache: Path
    console: Path

    @property
    def folder(self) -> Path:
        return self.cache.parent


def build(folder: Path, what: str, *kinds: str) -> None:
    words = [sys.executable, "-P", "-m", "build", "--no-isolation", *kinds, "-o", folder, what]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    """From the checkout, as `make wheels` builds them; all workers of a run share what one has built."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "wheels"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            build(folder, "packaging/cache", "--wheel")
            build(folder, ".", "--wheel")
            (folder / "whole").touch()
    (cache,), (console,) = folder.glob("soundcheck_cache-*.whl"), folder.glob("soundcheck_console-*.whl")
    return Wheels(cache, console)


def needed_by(names: Iterable[str]) -> dict[str, importlib.metadata.Distribution]:
    """These distributions and all that they need, as this environment has them."""
    found: dict[str, importlib.metadata.Distribution] = {}
    ahead = list(names)
    while ahead:
        name = canonicalize_name(ahead.pop())
        if name in found:
            continue
        found[name] = importlib.metadata.distribution(name)
        for one in map(Requirement, found[name].requires or ()):
            if one.marker is None or one.marker.evaluate({"extra": ""}):
                ahead.append(one.name)
    return found


def everything_else() -> dict[str, importlib.metadata.Distribution]:
    """All that this environment has, without us."""
    all_of_them = {canonicalize_name(one.name): one for one in importlib.metadata.distributions()}
    return {name: one for name, one in all_of_them.items() if name not in OURS}


class Environment:
    """A fresh virtual environment. What others wrote is lent to it by links, package by package; we are installed."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        self.folder = folder
        self.python = folder / "bin" / "python"
        (self.packages,) = folder.glob("lib/python*/site-packages")

    def lend(self, distributions: Iterable[importlib.metadata.Distribution]) -> None:
        """Link them in, with their metadata."""
        here = {Path(sysconfig.get_path(kind)).resolve() for kind in ("purelib", "platlib")}
        for one in distributions:
            for top in {file.parts[0] for file in one.files or () if not file.name.endswith(".pth")} - {
                "..",
                "__pycache__",
            }:
                place = Path(str(one.locate_file(top)))
                link = self.packages / top
                if place.parent.resolve() in here and place.exists() and not link.exists():
                    link.symlink_to(place)

    def pip(self, *words: str | Path, check: bool = True) -> str:
        """What pip of the tests' environment says when it works on this one."""
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", self.python, *words],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def install(self, *wheels: Path) -> None:
        self.pip("install", "-q", "--no-deps", "--no-index", "--no-compile", *wheels)

    def uninstall(self, name: str) -> None:
        self.pip("uninstall", "-q", "-y", name)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Environment]:
    """Makes one."""
    folder = tmp_path_factory.mktemp("environments")
    return lambda name: Environment(folder / name)
