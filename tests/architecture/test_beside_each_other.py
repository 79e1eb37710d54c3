"""A backend installs the cache alone, with httpx and redis; the console comes and goes beside it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from wheels_fixture import Environment, Wheels, build, environment, everything_else, needed_by, wheels  # noqa: F401

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens")
EXAMPLES = {
    "publishing_app.py": ("--requests", "100", "--rate", "2000", "--interval", "1"),
    "threaded_app.py": ("--requests", "100"),
}

THROUGH_A_BACKEND = """
import runpy, sys
import checks, screens, stores, wizard
assert {room.MINE for room in (checks, screens, stores, wizard)} == {"the backend's"}
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
import soundcheck
loaded = {name.partition(".")[0] for name in sys.modules}
print(soundcheck.__version__, *sorted(loaded & {"psycopg", "textual", "psutil", "platformdirs", "prisma"}))
"""


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has folders with our rooms' names, and the examples beside them."""
    folder = tmp_path_factory.mktemp("backend")
    for room in ROOMS:
        (folder / room).mkdir()
        (folder / room / "__init__.py").write_text('MINE = "the backend\'s"\n')
    for example in EXAMPLES:
        shutil.copy(ROOT / "examples" / example, folder)
    return folder


@pytest.fixture(scope="module")
def alone(environment: Callable[[str], Environment], wheels: Wheels) -> Environment:  # noqa: F811
    """The cache with httpx, redis and what these two need, in an environment that was empty."""
    made = environment("backend")
    lent = needed_by(["httpx", "redis"])
    assert not lent.keys() & {"textual", "psycopg", "platformdirs", "psutil", "hiredis"}
    made.lend(lent.values())
    made.install(wheels.cache)
    return made


def run(example: str, environment: Environment, backend: Path, rest: Any) -> list[str]:  # noqa: F811
    """The lines of an example that runs inside the backend."""
    variables = {"UPSTASH_REDIS_REST_URL": str(rest.url), "UPSTASH_REDIS_REST_TOKEN": rest.token.reveal()}
    if example == "publishing_app.py":
        variables["REDIS_URL"] = rest.redis_url.reveal()
    done = subprocess.run(
        [environment.python, "-W", "error", "-c", THROUGH_A_BACKEND, example, *EXAMPLES[example]], cwd=backend,
        env={"PATH": os.environ["PATH"], **variables}, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def assert_it_worked(said: list[str]) -> None:
    counted = re.fullmatch(r"100 requests: (\d+) from L1, (\d+) from L2, (\d+) loaded\.", said[-2])
    assert counted is not None, said
    assert int(counted[3]) > 0
    assert said[-1] == "0.1.0", "and nothing of the console's is loaded"


def modules_of(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def modules_in(environment: Environment) -> set[str]:  # noqa: F811
    return {
        str(path.relative_to(environment.packages))
        for path in (environment.packages / "soundcheck").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_no_file_is_in_both(wheels: Wheels) -> None:  # noqa: F811
    cache, console = modules_of(wheels.cache), modules_of(wheels.console)
    assert cache & console == set()
    assert {name.partition("/")[0] for name in cache | console} == {"soundcheck"}
    assert "soundcheck/py.typed" in cache


def test_a_wheel_of_the_cache_from_its_source_archive_is_the_same(wheels: Wheels, tmp_path: Path) -> None:  # noqa: F811
    build(tmp_path, "packaging/cache")
    (again,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheels.cache) as one, zipfile.ZipFile(again) as other:
        assert set(one.namelist()) == set(other.namelist())


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_backend_runs_the_examples_with_the_cache_alone(
    alone: Environment, backend: Path, rest: Any, example: str
) -> None:
    assert_it_worked(run(example, alone, backend, rest))
    assert not (alone.folder / "bin" / "soundcheck").exists()


def test_the_console_comes_and_goes_beside_the_cache(
    alone: Environment,
    backend: Path,
    rest: Any,
    wheels: Wheels,  # noqa: F811
) -> None:
    assert "No broken requirements" in alone.pip("check")
    alone.lend(everything_else().values())
    alone.install(wheels.console)
    assert "No broken requirements" in alone.pip("check")
    said = subprocess.run(
        [alone.folder / "bin" / "soundcheck", "--version"], cwd=backend, capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "soundcheck 0.1.0\n", "")
    *_, counted, loaded = run("publishing_app.py", alone, backend, rest)
    assert counted.startswith("100 requests: ")
    assert loaded.split()[0] == "0.1.0"
    alone.uninstall("soundcheck-console")
    assert modules_in(alone) == modules_of(wheels.cache)
    assert "No broken requirements" in alone.pip("check")
    assert_it_worked(run("publishing_app.py", alone, backend, rest))


def test_the_cache_comes_and_goes_beside_the_console(
    environment: Callable[[str], Environment],  # noqa: F811
    wheels: Wheels,  # noqa: F811
    backend: Path,
) -> None:
    made = environment("console")
    made.lend(everything_else().values())
    made.install(wheels.console)
    made.install(wheels.cache)
    made.uninstall("soundcheck-cache")
    assert modules_in(made) == modules_of(wheels.console)
    assert "soundcheck-console 0.1.0 requires soundcheck-cache" in made.pip("check", check=False)
    made.install(wheels.cache)
    said = subprocess.run(
        [made.folder / "bin" / "soundcheck", "--version"], cwd=backend, capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "soundcheck 0.1.0\n", "")
