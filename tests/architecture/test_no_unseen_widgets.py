"""A widget is something you see: what only asks, follows or remembers is an object that a widget holds."""

from __future__ import annotations

import ast
from pathlib import Path

APP = Path(__file__).parents[2] / "screens" / "app"

ALLOWED = {"CacheWatcher": "it outlives every screen, so it is mounted below all of them"}


def unseen(source: str) -> list[str]:
    """Classes whose whole style is that they are not displayed."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        for one in node.body
        if isinstance(one, ast.Assign | ast.AnnAssign) and isinstance(one.value, ast.Constant)
        if str(one.value.value).replace(" ", "").rstrip("}").rstrip(";") == f"{node.name}{{display:none"
    ]


def test_no_widget_is_there_only_to_be_asked() -> None:
    found = [name for path in APP.rglob("*.py") for name in unseen(path.read_text("utf-8"))]
    assert found == list(ALLOWED)


def test_one_that_shows_itself_now_and_then_is_seen() -> None:
    assert unseen('class Asker(Widget):\n    DEFAULT_CSS = "Asker { display: none; }"\n') == ["Asker"]
    assert unseen('class Line(Static):\n    DEFAULT_CSS = "Line { height: auto; display: none; }"\n') == []
