"""How we were installed, and the command that adds a package: each as the installer itself takes it."""

from __future__ import annotations

import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from soundcheck.stores.prisma.node import OLDEST, WHEEL, wheel_command
from soundcheck.stores.project.own_installation import InstalledBy, own_installation

ROOT = Path(__file__).parents[2]


def test_this_checkout_is_one() -> None:
    found = own_installation(ROOT / ".venv")
    assert (found.by, found.prefix) == (InstalledBy.CHECKOUT, ROOT)


@pytest.mark.parametrize(
    ("left", "by", "words"),
    [
        ("uv-receipt.toml", InstalledBy.UV, ["uv", "pip", "install", "--python", "{python}", WHEEL]),
        ("pipx_metadata.json", InstalledBy.PIPX, ["pipx", "inject", "soundcheck-console", WHEEL]),
        ("", InstalledBy.OTHER, ["{python}", "-m", "pip", "install", WHEEL]),
    ],
)
def test_an_installer_is_known_by_what_it_left(tmp_path: Path, left: str, by: InstalledBy, words: list[str]) -> None:
    prefix = tmp_path / "my tools" / "soundcheck-console"
    package = prefix / "lib" / "site-packages" / "soundcheck"
    package.mkdir(parents=True)
    if left:
        (prefix / left).touch()
    found = own_installation(prefix, prefix / "bin" / "python", package)
    assert found.by is by
    python = str(prefix / "bin" / "python")
    assert shlex.split(found.adding(WHEEL)) == [python if word == "{python}" else word for word in words]


def test_in_a_checkout_make_installs_what_is_missing(tmp_path: Path) -> None:
    root = tmp_path / "my checkout"
    (root / "tools").mkdir(parents=True)
    (root / "tools" / "install.sh").touch()
    found = own_installation(root / ".venv", root / ".venv" / "bin" / "python", root / "soundcheck")
    assert shlex.split(found.adding(WHEEL)) == ["make", "-C", str(root), "run", "ARGS=--version"]


def test_the_wheel_of_node_is_the_one_of_the_extra_and_of_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"]["node"] == [WHEEL]
    assert (ROOT / "requirements" / "node.in").read_text().split() == [WHEEL]
    assert f">={OLDEST}," in WHEEL
    assert f"-ge {OLDEST} ]" in (ROOT / "tools" / "install.sh").read_text()


def test_the_command_of_the_tests_environment_runs_here() -> None:
    assert shlex.split(wheel_command())[0] in {"make", "uv", "pipx", sys.executable}
