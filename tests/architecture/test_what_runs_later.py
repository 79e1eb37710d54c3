"""What a widget asks to run later goes through `screens/app/parts/later.py`, which drops it once the widget closes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "screens" / "app"
ONE_PLACE = APP / "parts" / "later.py"
SIGNALS_OF_THE_PROCESS = {APP / "terminal_driver.py", APP / "ending.py"}
"""They hand the process's signals and a lost terminal to the loop; no widget is asked anything."""

RAW = {
    "set_timer", "set_interval", "call_later", "call_next", "call_soon", "call_at", "call_after_refresh",
    "run_worker", "create_task", "ensure_future", "TaskGroup", "subscribe", "add_done_callback",
    "call_soon_threadsafe", "run_coroutine_threadsafe", "call_from_thread", "add_signal_handler", "run_in_executor",
    "work", "Thread",
}  # fmt: skip
"""Names by which asyncio, threads and Textual begin what ends later."""


def raw_uses(source: str) -> list[str]:
    """Every use of such a name as `line: name`, and every callback handed to a dialog or listener as it is."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")))):
                pass  # an override that goes on to Textual's own
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in RAW - {"work"}:
                found.append(f"{node.lineno}: {name}")
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in {"textual", "asyncio", "threading"}:
                taken = {alias.name for alias in node.names} & RAW
                found += [f"{node.lineno}: {name}" for name in taken]
            case ast.Call(func=ast.Attribute(attr="push_screen"), args=args, keywords=words) if (
                len(args) + len(words) > 1
            ):
                found.append(f"{node.lineno}: push_screen with a callback")
            case ast.Call(func=ast.Attribute(value=teller, attr="listen" | "tell" as name), args=[heard]):
                tells_later = name == "listen" or ast.unparse(teller).endswith("database")
                if tells_later and "while_open" not in ast.unparse(heard):
                    found.append(f"{node.lineno}: {name}")
    return found


FILES = sorted(set(APP.rglob("*.py")) - SIGNALS_OF_THE_PROCESS - {ONE_PLACE})


def test_only_one_file_of_the_app_starts_what_runs_later() -> None:
    assert len(FILES) > 100
    uses = {str(path.relative_to(APP)): raw_uses(path.read_text()) for path in FILES}
    assert {file: found for file, found in uses.items() if found} == {}


@pytest.mark.parametrize(
    "source",
    [
        "self.set_timer(1, self.look)",
        "self.call_after_refresh(self.draw)",
        "node.app.run_worker(self.read())",
        "asyncio.create_task(read())",
        "from textual import on, work",
        "from asyncio import ensure_future",
        "self.app.push_screen(Dialog(), self.answered)",
        "self.app.push_screen(Dialog(), callback=self.answered)",
        "self.app.activity.listen(self.wake)",
        "self._database.tell(self.say)",
        "signal.subscribe(self, self.draw)",
        "threading.Thread(target=read).start()",
    ],
)
def test_a_raw_use_is_found(source: str) -> None:
    assert raw_uses(source)


def test_what_goes_through_the_one_place_passes() -> None:
    assert not raw_uses(
        "from soundcheck.screens.app import later\n"
        "later.after(self, 1, self.look)\n"
        "self.app.push_screen(Dialog())\n"
        "self.app.activity.listen(later.while_open(self, self.wake))\n"
    )
