"""Standard streams that are closed, full, or read by nobody: one line with its cure, and a documented exit code."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ready_program import SOUNDCHECK

from soundcheck.screens.cli import ONLY_SHOW
from soundcheck.stores.exit_codes import ExitCode
from tests.end_to_end.conftest import Desk

WORDS = {
    "--version": "--version", "no command": "", "doctor": "doctor --json --only machine.python", "tables": "tables",
    "setup": "setup --yes --json", "local": "local status", "completion": "completion bash",
    "an error": "doctor --nope", "remove": "remove --dry-run", "look": "--plain postgresql://u@127.0.0.1:1/x",
}  # fmt: skip
CODES = {int(code) for code in ExitCode}


def shell(desk: Desk, line: str) -> subprocess.CompletedProcess[str]:
    """A line of the shell; `$S` is the command."""
    done = subprocess.run(
        ["bash", "-c", line], cwd=desk.project, env={**desk.environ, "S": str(SOUNDCHECK)}, check=False,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_every_command_ends_well_whatever_its_streams_are(desk: Desk, words: str) -> None:
    usual = shell(desk, f'"$S" {words} 2>/dev/full <&-')
    assert usual.returncode in CODES
    closed = shell(desk, f'"$S" {words} >&-')
    assert closed.returncode == ExitCode.COULD_NOT_RUN
    assert "✗ error: Standard output is closed" in closed.stderr
    assert "Next: " in closed.stderr
    assert shell(desk, f'"$S" {words} <&- >&- 2>&-').returncode == ExitCode.COULD_NOT_RUN
    if usual.stdout:
        full = shell(desk, f'"$S" {words} >/dev/full')
        assert full.returncode == ExitCode.COULD_NOT_RUN
        assert "✗ error: Standard output could not be written: No space left on device." in full.stderr


@pytest.mark.parametrize("words", ["completion bash", "doctor --list", "--help"])
def test_what_only_shows_is_content_when_nobody_reads_on(desk: Desk, words: str) -> None:
    assert words.partition(" ")[0] in ONLY_SHOW | {"--help"}
    done = shell(desk, f'"$S" {words} | true; echo "${{PIPESTATUS[0]}}"')
    assert done.stdout.strip() == str(int(ExitCode.OK))
    assert done.stderr == ""


def test_what_does_something_says_that_it_stopped(desk: Desk, tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    line = f'mkfifo {fifo}; (exec 3<{fifo}; exec 3<&-) & exec 4>{fifo}; wait; "$S" local status >&4; echo $? >&2'
    done = shell(desk, line)
    assert "Nobody reads the output any more" in done.stderr
    assert done.stderr.splitlines()[-1] == str(int(ExitCode.COULD_NOT_RUN))


def test_without_a_terminal_an_address_is_looked_at_in_plain_lines(desk: Desk) -> None:
    done = shell(desk, '"$S" --plain postgresql://u@127.0.0.1:1/x')
    assert done.returncode == ExitCode.FAILED
    assert "127.0.0.1:1 does not answer" in done.stderr
    assert done.returncode in CODES
