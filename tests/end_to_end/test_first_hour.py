"""The first hour and the next day by keys alone, in a pseudo-terminal and inside tmux, in both usual sizes.

Set-up, sample data, a user found by e-mail, his playlists and back, the newest first, a row copied as JSON, Cache,
Checks, leaving; and the next day it opens where one was.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from pty_terminal import Terminal
from ready_program import SOUNDCHECK
from set_up_by_keys import set_up

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Desk

SMALL, LARGE = (80, 24), (120, 40)
WHO = "seed_user_000005"
ADDRESS = "sakura.5@inbox.example"


@contextmanager
def sitting_down(desk: Desk, where: str, size: tuple[int, int]) -> Iterator[Terminal]:
    """Soundcheck in a terminal of its own, or inside a tmux that fills one."""
    if where == "pty":
        with Terminal(SOUNDCHECK, cwd=desk.project, environ=desk.environ, columns=size[0], rows=size[1]) as terminal:
            yield terminal
        return
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("tmux is not installed")
    server = [tmux, "-S", str(desk.home / "tmux"), "-f", "/dev/null"]
    options = [
        "set",
        "-g",
        "status",
        "off",
        ";",
        "set",
        "-g",
        "set-clipboard",
        "on",
        ";",
        "set",
        "-s",
        "escape-time",
        "0",
    ]
    window = ["new-session", "-s", "first-hour", str(SOUNDCHECK)]
    try:
        with Terminal(
            *server, *window, ";", *options,
            cwd=desk.project, environ=desk.environ, columns=size[0], rows=size[1],
        ) as terminal:  # fmt: skip
            yield terminal
    finally:
        subprocess.run([*server, "kill-server"], capture_output=True, check=False, env=desk.environ)


def fill(terminal: Terminal) -> None:
    terminal.wait_for("This table has no rows")
    terminal.press("f")
    terminal.wait_for("Allow writing and fill")
    terminal.press("enter")
    terminal.wait_for("rows in 11 tables", seconds=60)
    terminal.press("escape")
    terminal.wait_for("seed_chat_000000_000")


def find_by_mail(terminal: Terminal) -> None:
    terminal.press("escape", "/")
    terminal.type("users\r")
    terminal.wait_for("seed_user_000000")
    terminal.press("R", "J")
    terminal.type("email\r")
    terminal.wait_for(ADDRESS)
    terminal.press("/")
    terminal.wait_for("‹ email ›  ‹ contains ›")
    terminal.type("sakura.5@\r")
    terminal.wait_for("1 row, counted")
    terminal.press("enter")
    terminal.wait_for(f"users › {WHO}")
    terminal.wait_for(ADDRESS)


def look_at_playlists(terminal: Terminal) -> None:
    terminal.wait_for("tab Relations")
    terminal.press("tab", "down", "down")
    terminal.wait_for("← playlists")
    terminal.press("enter")
    terminal.wait_until(lambda screen: f"{WHO} › playlists" in screen and "seed_playlist" in screen, "the playlists")
    terminal.press("escape")
    terminal.wait_until(lambda screen: "← playlists" in screen and "seed_playlist" not in screen, "the record again")
    terminal.press("escape")
    terminal.wait_for("1 row, counted")


def sort_by_newest(terminal: Terminal) -> None:
    terminal.press("backspace")
    terminal.wait_until(lambda screen: "1 row, counted" not in screen and "email contains" not in screen, "all rows")
    terminal.press("J")
    terminal.type("createdAt\r")
    terminal.press("s")
    terminal.wait_for("by createdAt ▲")
    terminal.press("s")
    terminal.wait_for("by createdAt ▼")


def copied_row(terminal: Terminal) -> dict[str, Any]:
    """The row under the cursor, as the terminal was given it for its clipboard."""
    terminal.press("c")
    terminal.wait_for("Row as JSON")
    terminal.press("j")
    terminal.wait_for("row as JSON")

    def given(_screen: str) -> bool:
        return bool(re.search(rb"\x1b\]52;[^;]*;[A-Za-z0-9+/=]+", terminal.raw))

    terminal.wait_until(given, "the clipboard")
    (last, *_) = reversed(re.findall(rb"\x1b\]52;[^;]*;([A-Za-z0-9+/=]+)", terminal.raw))
    found = json.loads(base64.b64decode(last))
    return found[0] if isinstance(found, list) else found


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    assert terminal.wait_ended() == 0


@pytest.mark.parametrize(("where", "size", "next_day"), [("pty", SMALL, LARGE), ("tmux", LARGE, SMALL)])
def test_from_nothing_to_the_rows_one_looked_for_and_the_next_day(
    desk: Desk, where: str, size: tuple[int, int], next_day: tuple[int, int]
) -> None:
    with sitting_down(desk, where, size) as terminal:
        set_up(terminal)
        fill(terminal)
        find_by_mail(terminal)
        look_at_playlists(terminal)
        sort_by_newest(terminal)
        row = copied_row(terminal)
        assert row["id"].startswith("seed_user_")
        assert row["email"].endswith(".example"), "revealed for the session"
        terminal.press("3")
        terminal.wait_until(lambda screen: "hit rate" in screen and "ops/s" in screen, "the cache's figures")
        terminal.press("4")
        terminal.wait_for("Everything that was checked works", seconds=60)
        leave(terminal)
        if where == "pty":
            assert b"keep running" in terminal.raw
    with sitting_down(desk, where, next_day) as terminal:
        terminal.wait_for("by createdAt ▼")
        terminal.wait_for(row["id"])
        assert row["email"] not in terminal.text, "masked again"
        leave(terminal)
