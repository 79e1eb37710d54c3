"""What is easy to get wrong is written once: threads that quitting never waits for, file locks, quoted names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens")

PLACES = {
    "threading.Thread": {
        "stores/daemon_thread.py",
        "stores/local/children.py",
        "stores/cache/in_thread.py",
        "stores/cache/loader_threads.py",
    },
    "fcntl.flock": {"stores/file_lock.py"},
    "'\"'.replace": {"stores/postgres/sql_text.py", "stores/rows/spelled/csv_field.py"},
}
"""Where each may be called. CSV doubles its quotes as SQL does."""


def ways(source: str) -> set[str]:
    """The ways of `PLACES` that a module goes by itself."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            if called in PLACES:
                found.add(called)
            doubles = [arg.value for arg in node.args if isinstance(arg, ast.Constant)] == ['"', '""']
            if node.func.attr == "replace" and doubles:
                found.add("'\"'.replace")
    return found


@pytest.mark.parametrize("way", PLACES)
def test_there_is_one_place_for_it(way: str) -> None:
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts]
    assert {path.relative_to(ROOT).as_posix() for path in paths if way in ways(path.read_text("utf-8"))} == PLACES[way]


@pytest.mark.parametrize(
    ("source", "way"),
    [
        ("threading.Thread(target=work).start()", "threading.Thread"),
        ("fcntl.flock(descriptor, fcntl.LOCK_EX)", "fcntl.flock"),
        ("""'"' + name.replace('"', '""') + '"'""", "'\"'.replace"),
    ],
)
def test_each_way_is_seen(source: str, way: str) -> None:
    assert ways(source) == {way}
