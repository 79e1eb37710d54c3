"""A widget that overrides one of Textual's own watchers goes on to it: what Textual does there is styling."""

from __future__ import annotations

import ast
from pathlib import Path

from textual.screen import Screen
from textual.widget import Widget

APP = Path(__file__).parents[2] / "screens" / "app"
OWN = {name for name in {*dir(Widget), *dir(Screen)} if name.startswith(("watch_", "_watch_"))}


def overrides_without_super(source: str) -> list[str]:
    """Each such method as `Class.method`."""
    return [
        f"{owner.name}.{method.name}"
        for owner in ast.walk(ast.parse(source))
        if isinstance(owner, ast.ClassDef)
        for method in owner.body
        if isinstance(method, ast.FunctionDef) and method.name in OWN
        if f"super().{method.name}(" not in ast.unparse(method)
    ]


def test_a_watcher_of_textuals_is_called_too() -> None:
    swallowed = {str(path.relative_to(APP)): overrides_without_super(path.read_text()) for path in APP.rglob("*.py")}
    assert len(swallowed) > 100
    assert {file: names for file, names in swallowed.items() if names} == {}


def test_one_that_is_swallowed_is_found() -> None:
    assert "watch_has_focus" in OWN
    source = "class Bar(Widget):\n    def watch_has_focus(self, focused):\n        self.refresh()\n"
    assert overrides_without_super(source) == ["Bar.watch_has_focus"]
