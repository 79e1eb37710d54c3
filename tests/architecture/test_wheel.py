"""The wheel holds everything: installed elsewhere and run from another folder, it is the same program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    quiet = {"cwd": ROOT, "check": True, "capture_output": True}
    subprocess.run([sys.executable, "-P", "-m", "build", "--wheel", "--no-isolation", "-o", folder, "."], **quiet)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, wheel], **quiet
    )
    return target


def run(site: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(site), "SOUNDCHECK_HOME": str(cwd / "home")}
    return subprocess.run(
        [site / "bin" / "soundcheck", *words], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


def test_the_command_runs_from_another_folder(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, "soundcheck 0.1.0\n"), done.stderr


def test_the_version_is_the_one_of_the_package() -> None:
    import tomllib

    from screens.cli import VERSION

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_its_modules_are_the_wheel_s_own(site: Path, tmp_path: Path) -> None:
    code = "import stores, screens.cli; print(stores.__file__); print(screens.cli.__file__)"
    environ = {**os.environ, "PYTHONPATH": str(site)}
    out = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert all(line.startswith(str(site)) for line in out.stdout.splitlines())


@pytest.mark.parametrize("part", ["node", "node_query_engine"])
def test_the_schema_and_the_node_parts_travel(site: Path, part: str) -> None:
    assert (site / "stores" / "prisma" / "schema.prisma").read_bytes() == (ROOT / "schema.prisma").read_bytes()
    here = {p.name for p in (ROOT / "stores" / "prisma" / part).iterdir() if p.name != "node_modules"}
    there = {p.name for p in (site / "stores" / "prisma" / part).iterdir()}
    assert {"package.json", "package-lock.json", ".npmrc"} <= there
    assert here == there


def test_styles_travel(site: Path) -> None:
    here = sorted(p.relative_to(ROOT) for p in (ROOT / "screens").rglob("*.tcss"))
    assert here
    assert here == sorted(p.relative_to(site) for p in (site / "screens").rglob("*.tcss"))


def test_nothing_but_the_four_rooms_is_installed(site: Path) -> None:
    names = {p.name for p in site.iterdir() if not p.name.endswith(".dist-info")}
    assert names == {"stores", "checks", "wizard", "screens", "bin"}


def test_a_command_works_in_an_empty_folder(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "local", "status", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["postgres"]["state"] in {"down", "absent"}
