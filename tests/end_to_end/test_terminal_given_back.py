"""However the app ends, the terminal is as it was before, and the app ended as if it had been quit."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from pty_terminal import Terminal
from ready_program import PYTHON, ROOT, SOUNDCHECK
from terminal_state import assert_given_back, is_raw, line_settings, modes_left

WELCOME = "How do you want to start?"
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
each_signal = pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)


@contextmanager
def the_app(desk, *words: str, from_its_start: bool = False) -> Iterator[tuple[Terminal, list[Any]]]:
    """Soundcheck in a terminal, and the line's settings before."""
    words = words or (str(SOUNDCHECK),)
    size: dict[str, Any] = {"columns": 80, "rows": 24}
    with Terminal(*words, cwd=desk.project, environ=desk.environ, from_its_start=from_its_start, **size) as terminal:
        yield terminal, line_settings(terminal)


def at_its_first_words(terminal: Terminal) -> None:
    terminal.wait_until(lambda _: b"\x1b[?1049h" in terminal.raw, "the other screen")


def at_welcome(terminal: Terminal) -> None:
    terminal.wait_for(WELCOME)
    assert is_raw(terminal)


def in_a_dialog(terminal: Terminal) -> None:
    at_welcome(terminal)
    terminal.press("f6")
    terminal.wait_for("Search for commands")


def stop(terminal: Terminal, number: signal.Signals) -> None:
    """Stop the program and wait until it has."""
    terminal.process.send_signal(number)
    process = psutil.Process(terminal.process.pid)
    terminal.wait_until(lambda _: process.status() == psutil.STATUS_STOPPED, "it is stopped")
    while terminal.read():
        pass


def go_on(terminal: Terminal) -> None:
    """Continue it, and wait until the screen is drawn anew."""
    terminal.screen.reset()
    terminal.process.send_signal(signal.SIGCONT)
    at_welcome(terminal)


def once_stopped_and_continued(terminal: Terminal) -> None:
    at_welcome(terminal)
    stop(terminal, signal.SIGTSTP)
    assert not is_raw(terminal)
    assert modes_left(terminal.raw) == {}
    go_on(terminal)


def once_stopped_without_being_asked(terminal: Terminal) -> None:
    at_welcome(terminal)
    stop(terminal, signal.SIGSTOP)
    go_on(terminal)


MOMENTS = [
    at_its_first_words,
    at_welcome,
    in_a_dialog,
    once_stopped_and_continued,
    once_stopped_without_being_asked,
]


@each_signal
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_a_signal_ends_it_as_its_key_does(desk, moment: Callable[[Terminal], None], number: signal.Signals) -> None:
    with the_app(desk) as (terminal, before):
        moment(terminal)
        terminal.process.send_signal(number)
        assert terminal.wait_ended(60) == 128 + number
        assert_given_back(terminal, before)
        said = {signal.SIGINT: "interrupted", signal.SIGHUP: ""}.get(number, f"ended by {number.name}")
        assert terminal.raw.rpartition(b"\x1b[?1004l")[2].decode().strip() == said


@each_signal
def test_a_signal_before_it_has_begun(desk, number: signal.Signals) -> None:
    with the_app(desk, from_its_start=True) as (terminal, before):
        terminal.process.send_signal(number)
        assert terminal.wait_ended(60) in {128 + number, -number}
        assert_given_back(terminal, before)


@each_signal
def test_a_signal_while_it_is_stopped_ends_it_without_taking_the_terminal_again(desk, number: signal.Signals) -> None:
    with the_app(desk) as (terminal, before):
        at_welcome(terminal)
        stop(terminal, signal.SIGTSTP)
        drawn = terminal.raw.count(b"\x1b[?1049h")
        terminal.process.send_signal(number)
        terminal.process.send_signal(signal.SIGCONT)
        assert terminal.wait_ended(60) == 128 + number
        assert terminal.raw.count(b"\x1b[?1049h") == drawn
        assert_given_back(terminal, before)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize("how", [signal.SIGTSTP, signal.SIGSTOP], ids=["SIGTSTP", "SIGSTOP"])
def test_a_stopped_job_is_ended_from_its_shell(desk, how: signal.Signals) -> None:
    environ = {**desk.environ, "PS1": "ready> "}
    with Terminal("bash", "--norc", "-i", cwd=desk.project, environ=environ, columns=80, rows=24) as terminal:
        terminal.wait_for("ready>")
        terminal.type(f"{SOUNDCHECK}\n")
        terminal.wait_for(WELCOME)
        (job,) = psutil.Process(terminal.process.pid).children()
        job.send_signal(how)
        terminal.wait_until(lambda _: b"Stopped" in terminal.raw, "the shell is told")
        terminal.type("kill %1\n")
        terminal.wait_until(lambda _: b"ended by SIGTERM" in terminal.raw, "its last word", 60)
        terminal.wait_until(lambda _: not job.is_running(), "the shell has seen it end", 60)
        assert modes_left(terminal.raw.replace(b"\x1b[?2004h", b"")) == {}  # the shell's own prompt takes pastes


@pytest.mark.parametrize("moment", [at_its_first_words, at_welcome, in_a_dialog], ids=lambda moment: moment.__name__)
def test_a_terminal_that_is_gone_ends_it(desk, moment: Callable[[Terminal], None]) -> None:
    with the_app(desk) as (terminal, _before):
        moment(terminal)
        os.close(terminal._main)
        try:
            assert terminal.process.wait(60) == 128 + signal.SIGHUP
        finally:
            terminal._main = os.open(os.devnull, os.O_RDONLY)


def test_the_mouse_in_pixels_is_turned_off_again(desk) -> None:
    """A terminal that tells its size by itself is asked for the mouse in pixels."""
    with the_app(desk) as (terminal, before):
        at_welcome(terminal)
        terminal.type("\x1b[?2048;2$y")
        terminal.wait_until(lambda _: b"\x1b[?1016h" in terminal.raw, "pixels")
        terminal.press("ctrl+q")
        assert terminal.wait_ended(60) == 0
        assert_given_back(terminal, before)


STUCK = """
def stuck(_):
    import time
    print(end="stuck", file=sys.__stderr__, flush=True)
    time.sleep(60)

SoundcheckApp.action_explain = stuck
"""


def test_a_second_signal_ends_what_hangs(desk) -> None:
    with the_app(desk, *program(STUCK)) as (terminal, before):
        at_welcome(terminal)
        terminal.press("f1")
        terminal.wait_until(lambda _: b"stuck" in terminal.raw, "it hangs")
        while terminal.process.poll() is None:
            terminal.process.send_signal(signal.SIGTERM)
            terminal.read()
        assert terminal.wait_ended() == 128 + signal.SIGTERM
        assert_given_back(terminal, before)


def test_signals_that_come_together_are_one(desk) -> None:
    """systemd sends SIGTERM and SIGHUP in one go; the app still ends in order."""
    with the_app(desk) as (terminal, before):
        at_welcome(terminal)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGHUP):
            terminal.process.send_signal(number)
        assert terminal.wait_ended(60) in {128 + signal.SIGTERM, 128 + signal.SIGHUP}
        assert_given_back(terminal, before)


PROGRAM = """
import sys
import time
sys.path.insert(0, {root!r})
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.setup.screen import SetupScreen
from soundcheck.screens.app.terminal_driver import TerminalDriver
from soundcheck.screens.cli import main

def broken(*_):
    password = "sesame-open"
    raise ValueError(password)

def write_slowly():
    from soundcheck.screens.app.terminal_driver import LastingOutput
    at_once = LastingOutput.flush
    LastingOutput.flush = lambda output: (time.sleep(0.2), at_once(output))

{fault}
sys.exit(main([]))
"""


def program(fault: str) -> list[str]:
    """The app with something broken in it."""
    return [*PYTHON, PROGRAM.format(root=str(ROOT), fault=fault)]


CRASHES = {
    "at mount": ("SoundcheckApp.on_mount = broken", ""),
    "in the screen's mount": ("SetupScreen.begin = broken", ""),
    "while drawing": ("SetupScreen._name_stage = broken", ""),
    "by a key": ("SoundcheckApp.action_explain = broken", "f1"),
    "in a timer": ("SoundcheckApp.action_explain = lambda self: later.after(self, 0.01, broken) and None", "f1"),
    "in a callback": ("SoundcheckApp.action_explain = lambda self: later.once_drawn(self, broken)", "f1"),
    "in the thread that reads keys": ("TerminalDriver.run_input_thread = broken", ""),
    "while it takes the terminal": ("TerminalDriver._query_in_band_window_resize = broken", ""),
    "while it gives the terminal back": (
        "SoundcheckApp.action_explain = broken; TerminalDriver._enable_line_wrap = broken",
        "f1",
    ),
    "while it closes": ("SoundcheckApp.action_explain = broken; SoundcheckApp.on_unmount = broken", "f1"),
    "while it closes, its last words unwritten": (
        "SoundcheckApp.action_explain = broken; SoundcheckApp.on_unmount = broken; write_slowly()",
        "f1",
    ),
}


@pytest.mark.parametrize(("fault", "key"), CRASHES.values(), ids=CRASHES)
def test_a_crash_leaves_one_line_and_no_secret(desk, fault: str, key: str) -> None:
    with the_app(desk, *program(fault)) as (terminal, before):
        if key:
            at_welcome(terminal)
            terminal.press(key)
        assert terminal.wait_ended(60) == 4
        assert_given_back(terminal, before)
        assert b"sesame-open" not in terminal.raw
        told = terminal.raw.decode("utf-8", "replace").rpartition("\x1b[?1049l")[2]
        assert told.count("Soundcheck crashed (ValueError at ") == 1
        assert "Traceback" not in told
        assert "soundcheck.log" in told.replace("\r\n", "")
    assert "ValueError" in next((desk.home / "sc").rglob("soundcheck.log")).read_text()


def test_a_worker_that_breaks_ends_nothing(desk) -> None:
    fault = "SoundcheckApp.action_explain = lambda self: later.run(self, broken, 'Explaining') and None"
    with the_app(desk, *program(fault)) as (terminal, before):
        at_welcome(terminal)
        terminal.press("f1")
        terminal.wait_for("Explaining broke: ValueError.")
        terminal.press("ctrl+q")
        assert terminal.wait_ended(60) == 0
        assert_given_back(terminal, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_while_prisma_works_takes_its_children_along(desk, number: signal.Signals) -> None:
    with the_app(desk) as (terminal, before):
        at_welcome(terminal)
        terminal.press("enter")
        for ready in ("✓ write, read", "Write .env"):
            terminal.wait_for(ready, seconds=90)
            terminal.wait_for("ctrl+n", seconds=60)
            terminal.press("ctrl+n")
        terminal.wait_for("Generate and push", seconds=90)
        program = psutil.Process(terminal.process.pid)
        servers = set(program.children(recursive=True))  # the local stack, which stays
        terminal.press("ctrl+n")
        terminal.wait_until(lambda _: bool(set(program.children()) - servers), "a child", 90)
        children = set(program.children(recursive=True)) - servers
        terminal.process.send_signal(number)
        assert terminal.wait_ended(60) == 128 + number
        assert_given_back(terminal, before)
        _, alive = psutil.wait_procs(children, timeout=60)
        assert not [child for child in alive if child.is_running()]
