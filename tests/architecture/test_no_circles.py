"""No file imports itself by way of others: imports inside functions, for types alone and by name count too."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens")


def module_name(path: Path) -> str:
    return "soundcheck." + ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(source: str, modules: set[str]) -> set[str]:
    """The modules of ours that a file names, in an import or as a dotted string."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            named = {f"{node.module}.{alias.name}" for alias in node.names} & modules
            found |= named or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found & modules


def circles(imports: Mapping[str, set[str]]) -> list[set[str]]:
    """The sets of modules that reach one another, or of one that imports itself."""
    reached: dict[str, set[str]] = {}
    for start in imports:
        seen, ahead = set(), [start]
        while ahead:
            for module in imports[ahead.pop()] - seen:
                seen.add(module)
                ahead.append(module)
        reached[start] = seen
    found: list[set[str]] = []
    for module in sorted(imports):
        if module in reached[module] and not any(module in circle for circle in found):
            found.append({module} | {other for other in reached[module] if module in reached[other]})
    return found


def graph() -> dict[str, set[str]]:
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts]
    modules = {module_name(path) for path in paths}
    return {module_name(path): imported(path.read_text("utf-8"), modules) for path in paths}


def test_no_circle_of_files() -> None:
    assert circles(graph()) == []


def test_a_circle_is_seen_through_every_kind_of_import() -> None:
    modules = {"soundcheck.stores.a", "soundcheck.stores.b", "soundcheck.stores.c"}
    sources = {
        "soundcheck.stores.a": "def f():\n    from soundcheck.stores import b\n",
        "soundcheck.stores.b": "if TYPE_CHECKING:\n    from soundcheck.stores.c import C\n",
        "soundcheck.stores.c": 'import_module("soundcheck.stores.a")\n',
    }
    assert circles({name: imported(text, modules) for name, text in sources.items()}) == [modules]


def test_a_module_that_imports_itself_is_seen() -> None:
    modules = {"soundcheck.stores.a", "soundcheck.stores.b"}
    sources = {"soundcheck.stores.a": "from soundcheck.stores import a, b\n", "soundcheck.stores.b": ""}
    assert circles({name: imported(text, modules) for name, text in sources.items()}) == [{"soundcheck.stores.a"}]
