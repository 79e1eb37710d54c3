"""Copying and saving: said as it was, and never over another file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import Input, Static

from soundcheck.screens.app.parts.clipboard import OSC52_MOST, clipboard_tool, copy_text
from soundcheck.screens.app.parts.save_screen import SaveScreen
from soundcheck.screens.app.theme import use_themes
from tests.screens.app.driving import until
from tests.special_files import KINDS, put


class Bare(App[None]):
    """Remembers what it said."""

    def __init__(self) -> None:
        super().__init__()
        use_themes(self, {})
        self.said: list[str] = []

    def notify(self, message: str, **_: object) -> None:  # type: ignore[override]
        self.said.append(message)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def program(folder: Path, name: str, script: str) -> dict[str, str]:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{folder}:{os.defpath}", "WAYLAND_DISPLAY": "wayland-0"}


async def test_the_systems_program_gets_the_text_and_copied_is_said(programs: Path) -> None:
    environ = program(programs, "wl-copy", f"cat > {programs}/clipboard")
    app = Bare()
    async with app.run_test():
        await copy_text(app, "a•b", "name", environ)
        assert (programs / "clipboard").read_text() == "a•b"
        assert app.said == ["name copied."]


async def test_a_program_that_fails_is_not_believed(programs: Path) -> None:
    app = Bare()
    async with app.run_test():
        await copy_text(app, "text", "name", program(programs, "wl-copy", "exit 1"))
        assert app.clipboard == "text"
        assert "sent to the terminal's clipboard" in app.said[0]


async def test_what_is_too_long_for_the_terminal_is_offered_as_a_file() -> None:
    app = Bare()
    async with app.run_test():
        await copy_text(app, "x" * (OSC52_MOST + 1), "bio", {})
        assert app.clipboard == ""
        assert "s saves to a file" in app.said[0]


def test_over_ssh_the_far_machines_clipboard_is_not_used(programs: Path) -> None:
    environ = program(programs, "wl-copy", "true")
    assert clipboard_tool(environ) == (str(programs / "wl-copy"),)
    assert clipboard_tool(environ | {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}) is None


@pytest.mark.parametrize("kind", KINDS)
async def test_saving_leaves_a_device_or_a_pipe_alone(tmp_path: Path, kind: str) -> None:
    app = Bare()
    target = tmp_path / "value.txt"
    is_same = put(kind, target)
    async with app.run_test() as pilot:
        await app.push_screen(SaveScreen("text", "users-bio"))
        app.screen.query_one(Input).value = str(target)
        await pilot.press("enter")
        said = app.screen.query_one("#save-said", Static)
        await until(pilot, lambda: not said.has_class("hidden"))
        assert "not a file, and is left alone. Name a file instead." in str(said.content)
    assert is_same()


async def test_saving_to_a_home_nobody_has_is_told(tmp_path: Path) -> None:
    app = Bare()
    async with app.run_test() as pilot:
        await app.push_screen(SaveScreen("text", "users-bio"))
        app.screen.query_one(Input).value = "~nobody-of-that-name/value.txt"
        await pilot.press("enter")
        said = app.screen.query_one("#save-said", Static)
        await until(pilot, lambda: "is not known" in str(said.content))


async def test_half_a_surrogate_pair_is_saved_as_its_escape(tmp_path: Path) -> None:
    app = Bare()
    async with app.run_test() as pilot:
        await app.push_screen(SaveScreen("a\ud83d", "users-bio"))
        app.screen.query_one(Input).value = str(tmp_path / "value.txt")
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, SaveScreen))
    assert (tmp_path / "value.txt").read_text() == "a\\ud83d"


async def test_saving_writes_for_the_owner_alone_and_never_over_another_file(tmp_path: Path) -> None:
    app = Bare()
    async with app.run_test() as pilot:
        target = tmp_path / "value.txt"
        target.write_text("mine")
        await app.push_screen(SaveScreen("a\tb\n", "users-bio"))
        field = app.screen.query_one(Input)
        assert field.value.endswith("users-bio.txt")
        field.value = str(target)
        await pilot.press("enter")
        await until(pilot, lambda: not app.screen.query_one("#save-said").has_class("hidden"))
        assert target.read_text() == "mine"
        other = tmp_path / "other.txt"
        field.value = str(other)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, SaveScreen))
        assert other.read_text() == "a\tb\n"
        assert stat.S_IMODE(other.stat().st_mode) == 0o600
