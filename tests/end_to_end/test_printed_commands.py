"""Every command that is printed runs where it is read: in the shell's folder and in the project's."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from printed_commands import Printed, printed_in, takes
from pty_terminal import Terminal
from ready_program import SOUNDCHECK, run

from tests.end_to_end.conftest import Desk

PROGRAM = str(SOUNDCHECK)

ODD = "ana's müsic app"
"""Folders are called so, and a shell reads such a name as several words or none."""


@pytest.fixture
def desk_elsewhere(desk: Desk) -> Iterator[Desk]:
    """A newcomer who stands in another folder than the project's, whose name is an odd one.

    Its path and the program's are short enough for one line of a small window, whatever the checkout's are.
    """
    short = Path(tempfile.mkdtemp(prefix="sc"))
    project = short / ODD
    project.mkdir()
    (short / "soundcheck").symlink_to(SOUNDCHECK)
    elsewhere = replace(desk, project=project)
    yield elsewhere
    elsewhere.run("local", "down")
    shutil.rmtree(short)


def in_a_shell(line: str, folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the program that a line names, with the words that a shell reads there."""
    read = f"for word in {line}; do printf '%s\\0' \"$word\"; done"
    shell = subprocess.run(["sh", "-c", read], cwd=folder, env=environ, capture_output=True, text=True, check=True)
    words = shell.stdout.split("\0")[:-1]
    assert os.access(folder / words[0], os.X_OK), line
    return run(words, cwd=folder, env=environ)


@pytest.mark.timeout(600)
def test_commands_printed_by_a_headless_walk_run_in_both_folders(desk, desk_elsewhere) -> None:
    shell, project, environ = desk.project, desk_elsewhere.project, desk.environ
    program = str(project.with_name("soundcheck"))
    walk = ["setup --local --yes --plain", "doctor", "doctor --text", "local status", "tables", "rows nothing",
            "row users nobody", "claims", "profiles", "--plain", "local down", "doctor --only database cache machine",
            "rows", "rows users --sort", "doctor --only nothing", "remove --dry-run"]  # fmt: skip
    said: dict[Printed, str] = {}
    for words in walk:
        ran = in_a_shell(f"{program} --project {shlex.quote(str(project))} {words}", shell, environ)
        for one in printed_in(ran.stdout + ran.stderr):
            said.setdefault(one, words)
    in_env_file = list(printed_in((project / ".env").read_text()))
    assert [(one.program, one.command) for one in in_env_file] == [(program, "local")]
    said |= dict.fromkeys(in_env_file, ".env")
    names = {one.command for one in said}
    assert {"", "setup", "doctor", "seed", "local", "tables"} <= names, names
    run_each(said, (shell, project), desk)


def unwrapped(screen: str) -> str:
    """What stands in the right-hand pane, then in a toast, a paragraph a line: commands wrap between their words."""
    lines = [line.rstrip("┃│ ") for line in screen.splitlines()]
    pane = [line.rpartition("││")[2].strip() for line in lines if "▌" not in line]
    toast = [line.rpartition("▌")[2].strip() for line in lines if "▌" in line]
    return "\n".join(" ".join(part.split()) for part in "\n".join([*pane, "", *toast]).split("\n\n"))


@pytest.mark.timeout(600)
def test_commands_on_the_apps_screens_run_in_both_folders(desk, desk_elsewhere, music_client: Path) -> None:
    shell, project, environ = desk.project, desk_elsewhere.project, desk.environ
    shutil.copytree(music_client, project, dirs_exist_ok=True)
    program = str(project.with_name("soundcheck"))
    begun = in_a_shell(f"{program} --project {shlex.quote(str(project))} setup --local --yes", shell, environ)
    assert begun.returncode == 0, begun.stderr
    said: dict[Printed, str] = {}

    def read(terminal: Terminal, what: str, command: str) -> None:
        """Take in the commands of a screen, `command` among them, once all of the picture has come."""
        for _ in range(20):
            if not terminal.read(0.3):
                break
        found = dict.fromkeys(printed_in(unwrapped(terminal.text)), what)
        assert command in {one.command for one in found}, terminal.text
        said.update(found)

    with Terminal(program, "--project", project, cwd=shell, environ=environ, columns=80, rows=24) as terminal:
        terminal.wait_for("chat_messages", seconds=60)
        terminal.press("enter")
        terminal.wait_until(lambda s: "fills all eleven" in unwrapped(s), "the way to fill it", seconds=60)
        read(terminal, "an empty table", "seed")
        terminal.press("ctrl+p")
        terminal.wait_for("Search for commands")
        terminal.type("Move")
        terminal.wait_for("Database and cache to the cloud")
        terminal.press("enter")
        terminal.wait_until(lambda s: "asks first" in s, "the toast", seconds=60)
        read(terminal, "a toast", "move")
        terminal.press("4")
        terminal.wait_for("· run ", seconds=60)
        terminal.press("1")
        terminal.wait_for("Go on at Done", seconds=60)
        terminal.press("enter")
        terminal.wait_for("✓ The browser shows the tables", seconds=60)
        terminal.wait_for("ctrl+n", seconds=60)
        for command in ("doctor", "local", "run", "seed", "setup"):
            while command not in {one.command for one in printed_in(unwrapped(terminal.text))}:
                before = terminal.text
                terminal.press("pagedown")
                terminal.wait_until(lambda s, seen=before: s != seen, f"the page with {command}")
            read(terminal, "Done", command)
        terminal.press("ctrl+q")
        terminal.wait_ended()
    run_each(said, (shell, project), desk)


def run_each(said: dict[Printed, str], folders: tuple[Path, ...], desk) -> None:
    """Run them all; one home then knows one project."""
    for one, where in said.items():
        for folder in folders:
            ran = in_a_shell(one.line, folder, desk.environ)
            told = f"{where}: {one.line}\nin {folder}: {ran.returncode}\n{ran.stderr[-500:]}"
            assert ran.returncode not in {2, 126, 127}, told
    assert len(list((desk.home / "sc" / "projects").iterdir())) == 1, "another project was worked on"


def test_help_runs_as_it_is_printed(desk) -> None:
    from soundcheck.screens.cli import COMMANDS

    for command in ("", *COMMANDS):
        told = desk.run(*[command] if command else [], "--help")
        found = list(printed_in(told.stdout))
        assert found, command
        for one in found:
            assert one.program == PROGRAM, one
            assert takes(list(one.words)), one


def test_make_is_called_from_another_folder(desk) -> None:
    environ = {**desk.environ, "SOUNDCHECK_CALLED_FROM": str(desk.home)}
    told = in_a_shell(f"{shlex.quote(PROGRAM)} --plain", desk.project, environ).stdout
    assert f"{PROGRAM} --project {desk.project} setup --local --yes" in told
