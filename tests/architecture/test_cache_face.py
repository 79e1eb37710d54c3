"""`soundcheck.cache` is the one face that applications import: complete, typed, documented, and light to import."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import soundcheck.cache as face

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "docs" / "cache.md", ROOT / "packaging" / "cache" / "README.md")
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
NOT_PUBLIC = {"clock", "resolver", "first_pause"}
"""Parameters that the page says are nobody's but ours."""


def test_every_name_is_there_once_and_in_order() -> None:
    assert len(set(face.__all__)) == len(face.__all__)
    assert [name for name in face.__all__ if not hasattr(face, name)] == []
    imported = {name for name in vars(face) if not name.startswith("_")} - {"annotations"}
    assert imported == set(face.__all__)


def types_in(annotation: Any) -> Iterator[type]:
    """The classes of ours that an annotation names, at any depth."""
    if isinstance(annotation, list | tuple):
        for part in annotation:
            yield from types_in(part)
    elif isinstance(annotation, type) and annotation.__module__.startswith("soundcheck."):
        yield annotation
    for part in typing.get_args(annotation):
        yield from types_in(part)


def annotations_of(thing: Any) -> Iterator[tuple[str, Any]]:
    """Of a function: its parameters and what it returns. Of a class: its fields and public methods."""
    if inspect.isclass(thing):
        if dataclasses.is_dataclass(thing) or getattr(thing, "_is_protocol", False):
            yield from typing.get_type_hints(thing).items()
        for name, member in inspect.getmembers(thing):
            if name.startswith("_") and name != "__init__":
                continue
            member = member.fget if isinstance(member, property) else member
            if inspect.isfunction(member) or inspect.ismethod(member):
                module = str(getattr(member, "__module__", ""))
                if module.startswith("soundcheck."):
                    yield from annotations_of(member)
    elif callable(thing):
        yield from typing.get_type_hints(thing).items()


@pytest.mark.parametrize("name", sorted(set(face.__all__) - {"KEY_PLAN"}))
def test_whatever_a_public_name_takes_or_returns_is_public(name: str) -> None:
    needed = {
        (where, found.__name__)
        for where, annotation in annotations_of(getattr(face, name))
        if where not in NOT_PUBLIC
        for found in types_in(annotation)
    }
    assert {one for one in needed if one[1] not in face.__all__} == set()


def test_importing_it_loads_no_driver() -> None:
    code = (
        "import sys, soundcheck.cache\n"
        "print(*sorted({'httpx', 'httpcore', 'redis', 'psycopg', 'textual', 'psutil'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def imports_of_ours(source: str) -> set[tuple[str, str]]:
    return {
        (node.module or "", alias.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "soundcheck"
        for alias in node.names
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_the_pages_imports_the_face_alone(page: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        found = imports_of_ours(f"async def page():\n    {block.replace(chr(10), chr(10) + '    ')}")
        assert found
        assert {one for one in found if one[0] != "soundcheck.cache" or one[1] not in face.__all__} == set()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_examples_import_the_face_alone(example: Path) -> None:
    found = imports_of_ours(example.read_text())
    assert {module for module, _ in found} == {"soundcheck.cache"}
    assert "sys.path" not in example.read_text()


def test_the_page_lists_every_public_name() -> None:
    promise = PAGES[0].read_text().partition("## What stays as it is")[2].partition("\n- ")[0]
    listed = re.findall(r"`([A-Za-z_]+)`(?= ·| \|)", promise)
    assert sorted(listed) == sorted(face.__all__)
    for name in NOT_PUBLIC:
        assert f"`{name}`" in promise


TYPED = """
from collections.abc import Mapping, Sequence
from typing import TypedDict
from soundcheck.cache import SyncTwoLevelCache, TwoLevelCache

class User(TypedDict):
    id: str

def load() -> User:
    return {"id": "7"}

async def load_later() -> User | None:
    return None

def load_many(keys: Sequence[str]) -> Mapping[str, User]:
    return {}

async def load_many_later(keys: Sequence[str]) -> dict[str, int]:
    return {}

async def use(cache: TwoLevelCache) -> None:
    reveal_type(await cache.get_or_load("user:7", load_later))
    reveal_type(await cache.get_many(["user:7"], load_many_later))
    await cache.get_or_load("user:7", load)  # wrong

def use_in_threads(cache: SyncTwoLevelCache) -> None:
    reveal_type(cache.get_or_load("user:7", load))
    reveal_type(cache.get_or_load("user:7", lambda: 7, ttl=5))
    reveal_type(cache.get_many(["user:7"], load_many))
    name: str = cache.get_or_load("user:7", lambda: 7)  # wrong
"""


def test_a_value_has_the_type_that_its_loader_returns(tmp_path: Path) -> None:
    """As `mypy --strict` sees it from a backend, where nothing of Soundcheck's own settings holds."""
    (tmp_path / "backend.py").write_text(TYPED)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mypy", "--strict", "--hide-error-context", "--cache-dir", tmp_path / "cache",
         "--config-file", "/dev/null", "--python-executable", sys.executable, "backend.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    revealed = re.findall(r'Revealed type is "(.*)"', done.stdout)
    shown = [re.sub(r"TypedDict\('?(backend\.User)'?, \{.*?\}\)", r"\1", text) for text in revealed]
    assert [text.replace("builtins.", "").removesuffix("?") for text in shown] == [
        "backend.User | None", "dict[str, int | None]", "backend.User", "int", "dict[str, backend.User | None]",
    ], done.stdout  # fmt: skip
    errors = {int(number) for number in re.findall(r"backend\.py:(\d+): error", done.stdout)}
    wrong = {number for number, line in enumerate(TYPED.splitlines(), 1) if line.endswith("# wrong")}
    assert errors == wrong
    assert "import-not-found" not in done.stdout
    assert "import-untyped" not in done.stdout
