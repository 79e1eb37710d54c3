"""A class of ours has at most one more of ours above it: what it is made of stands in it, not up a tower.

Textual's and Python's own classes do not count, nor does `SoundcheckError`: like `Exception` it is the root of a
family, which `except` and the exit codes go by, and not a part of what its children do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("stores", "checks", "wizard", "screens", "benchmarks", "tools", "tests")
MOST = 2
ROOTS = {"SoundcheckError"}

Class = tuple[str, str]
"""The file of a class, and its name there."""


_BLOCKS = ast.stmt | ast.ExceptHandler | ast.match_case


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Every class and import of a file, at whatever depth. Expressions hold neither, and are most of a tree."""
    found: list[ast.AST] = [ast.parse(source)]
    for node in found:
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            found += [one for one in getattr(node, part, ()) if isinstance(one, _BLOCKS)]
    return tuple(found)


def classes(source: str) -> Iterator[tuple[str, list[str]]]:
    """Every class, also one inside another, with the names of its bases."""
    for node in nodes(source):
        if isinstance(node, ast.ClassDef):
            yield node.name, [base for one in node.bases if (base := _name(one))]


def _name(base: ast.expr) -> str:
    """`Base`, also of `Base[T]` and `module.Base`; "" for a call."""
    match base:
        case ast.Subscript(value=value):
            return _name(value)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def imported(source: str) -> dict[str, Class]:
    """Which name in a file is which class of which module."""
    found = {}
    for node in nodes(source):
        if isinstance(node, ast.ImportFrom) and node.module:
            file = node.module.removeprefix("soundcheck.").replace(".", "/") + ".py"
            found |= {alias.asname or alias.name: (file, alias.name) for alias in node.names}
    return found


def meant(name: str, file: str, imports: Mapping[str, Class], own: set[Class]) -> Class | None:
    """The class of ours that a base names: of its own file, or an import; tests import one another by short names."""
    path, original = imports.get(name, (file, name))
    return next((one for one in ((file, name), (path, original), (f"tests/{path}", original)) if one in own), None)


def parents(sources: Mapping[str, str]) -> dict[Class, list[Class]]:
    """The classes of ours that each class of ours inherits from."""
    own = {(file, name) for file, source in sources.items() for name, _ in classes(source)}
    found: dict[Class, list[Class]] = {}
    for file, source in sources.items():
        known = imported(source)
        for name, bases in classes(source):
            named = [meant(base, file, known, own) for base in bases]
            above = [one for one in named if one is not None and one != (file, name) and one[1] not in ROOTS]
            found.setdefault((file, name), []).extend(above)
    return found


def tower(above: Mapping[Class, list[Class]], one: Class) -> list[str]:
    """The longest way up, from the class itself on."""
    return [one[1], *max((tower(above, parent) for parent in above[one]), key=len, default=[])]


def towers(sources: Mapping[str, str]) -> set[str]:
    above = parents(sources)
    return {" < ".join(way) for one in above if len(way := tower(above, one)) > MOST}


def our_sources() -> dict[str, str]:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths}


def test_no_class_stands_on_more_than_one_other_of_ours() -> None:
    assert towers(our_sources()) == set()


@pytest.mark.parametrize(
    "sources",
    [
        {"a.py": "class A: ...\nclass B(A): ...\nclass C(B): ...\n"},
        {"a.py": "class A(App[None]): ...\nclass B(A[int], Generic[T]): ...\nclass D: ...\nclass C(D, B): ...\n"},
        {
            "a.py": "class A: ...\n",
            "tests/b.py": "from soundcheck.a import A as Root\nclass B(Root): ...\n",
            "c.py": "if TYPE_CHECKING:\n    pass\nfrom b import B\nclass C(B): ...\n",
        },
    ],
    ids=["in one file", "beside others", "over files"],
)
def test_a_tower_is_found(sources: dict[str, str]) -> None:
    assert towers(sources) == {"C < B < A"}


def test_names_that_happen_to_be_the_same_are_no_tower() -> None:
    sources = {"a.py": "class A: ...\nclass B(A): ...\n", "b.py": "from textual import B\nclass C(B): ...\n"}
    assert towers(sources) == set()
