"""The Python versions that are supported: the same ones wherever they are named."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from soundcheck.checks.machine.packages import NEWEST, OLDEST, PYTHON

ROOT = Path(__file__).parents[2]
SUPPORTED = [f"3.{minor}" for minor in range(11, 16)]
RANGE = f"{SUPPORTED[0]} to {SUPPORTED[-1]}"
AFTER = int(SUPPORTED[-1].removeprefix("3.")) + 1


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_package_declares_them() -> None:
    project = pyproject()["project"]
    assert project["requires-python"] == f">={SUPPORTED[0]},<3.{AFTER}"
    prefix = "Programming Language :: Python :: "
    assert [line.removeprefix(prefix) for line in project["classifiers"] if line.startswith(prefix)] == SUPPORTED


def test_the_tools_aim_at_the_oldest() -> None:
    tools = pyproject()["tool"]
    assert tools["mypy"]["python_version"] == SUPPORTED[0]
    assert tools["ruff"]["target-version"] == "py" + SUPPORTED[0].replace(".", "")
    assert f"--python-version {SUPPORTED[0]} " in (ROOT / "tools" / "lock.sh").read_text()


def test_the_first_install_takes_them_and_looks_for_the_newest_first() -> None:
    text = (ROOT / "tools" / "install.sh").read_text()
    assert f"{' | '.join(SUPPORTED)})" in text
    assert f"{' '.join(f'python{version}' for version in reversed(SUPPORTED))} python3 python;" in text
    assert f"< (3, {AFTER}))" in text


def test_the_check_of_the_machine_knows_them() -> None:
    assert [f"{major}.{minor}" for major, minor in (OLDEST, NEWEST)] == [SUPPORTED[0], SUPPORTED[-1]]
    assert f"Python {SUPPORTED[0]} or newer" in PYTHON.finding({"major": 3, "minor": 10, "python": "3.10.1"}).cause
    assert f"up to Python {SUPPORTED[-1]}" in PYTHON.finding({"major": 3, "minor": AFTER, "python": "3.x"}).cause


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "tools/install.sh"])
def test_the_words_name_them(name: str) -> None:
    text = (ROOT / name).read_text()
    ranges = re.findall(r"Python (3\.\d+ to 3\.\d+)", text)
    assert ranges
    assert set(ranges) == {RANGE}
