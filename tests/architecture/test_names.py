"""One word, one thing: a public class or alias is defined once, and is not called as something from outside is."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens")


def modules() -> dict[str, str]:
    """The product's modules by their path, as text."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}


def defined(source: str) -> set[str]:
    """The public classes, and the types that are assigned to a name, of a module."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign) and not _makes_a_variable(node.value):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in found if name[0].isupper() and not name.isupper()}


def _makes_a_variable(value: ast.expr) -> bool:
    """A type variable belongs to its module alone."""
    return (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in {"TypeVar", "ParamSpec"}
    )


def from_outside(source: str) -> set[str]:
    """What a module imports that is not ours, by the name it has there."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] != "soundcheck":
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def places(sources: dict[str, str]) -> dict[str, list[str]]:
    """Where each name is defined."""
    found = defaultdict(list)
    for path, source in sources.items():
        for name in defined(source):
            found[name].append(path)
    return dict(found)


def test_each_class_is_defined_once() -> None:
    assert {name: paths for name, paths in places(modules()).items() if len(paths) > 1} == {}


def test_no_class_of_ours_is_called_as_one_that_we_import() -> None:
    sources = modules()
    outside = set().union(*map(from_outside, sources.values()))
    assert {name: paths for name, paths in places(sources).items() if name in outside} == {}


def test_no_module_is_taken_for_a_test() -> None:
    """Test runners collect `test_*.py` and `*_test.py`."""
    names = [Path(path).stem for path in modules()]
    assert [name for name in names if name.startswith("test_") or name.endswith("_test")] == []


def test_every_way_to_define_a_name_is_seen() -> None:
    source = """
class Row: ...
Pair = tuple[Row, Row]
Rows: TypeAlias = "list[Row]"
WhatT = TypeVar("WhatT")
MOST = 3
_Own = int
"""
    assert defined(source) == {"Row", "Pair", "Rows"}
    assert from_outside("from pathlib import Path as P\nfrom soundcheck.stores.secret import Secret\n") == {"P"}


def test_the_words_of_the_glossary_are_in_the_code() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = [
        line.split("|")[1:4] for line in text.partition("## Words")[2].partition("\n## ")[0].splitlines() if "|" in line
    ]
    words = {word.strip(): code for word, _, code in rows[2:]}
    assert len(words) >= 40
    code = "\n".join(modules().values())
    names = [name for column in words.values() for name in re.findall(r"`(?:\w+\.)?(\w+)`", column)]
    assert [name for name in names if not re.search(rf"(class|def) {name}\b|^ +{name}:|^{name}\b", code, re.M)] == []


def test_every_folder_has_its_line_in_the_tree() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    folders = {path.rpartition("/")[0] for path in modules() if "node_modules" not in path}
    assert sorted(folder for folder in folders if f"`{folder}/`" not in text) == []
