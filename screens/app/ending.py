"""Running the app to its end, whatever ends it: its signals, and the terminal as it was before."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NoReturn

from soundcheck.screens.app.terminal_driver import TerminalDriver
from soundcheck.screens.ending_signals import SIGNALS, code_of
from soundcheck.screens.terminal import in_foreground

if TYPE_CHECKING:
    from soundcheck.screens.app.app import SoundcheckApp

GRACE: Final = 10.0
"""Seconds that an app that was told to end may take; then the terminal is given back and the process ends."""

AGAIN: Final = 1.0
"""Seconds after which a further signal is meant: a closing terminal, or systemd, sends two or three in one go."""


class Ending:
    """The first signal quits the app as its key does; one later, or `GRACE` without an end, ends the process."""

    def __init__(self, app: SoundcheckApp) -> None:
        self._app = app
        self._terminal = sys.__stdin__.fileno() if sys.__stdin__ is not None else 0
        self._before = _attributes(self._terminal)
        self.number = 0
        """The signal that ended the app, 0 for none."""
        self._heard_at = 0.0

    def hear(self, number: int, _frame: object = None) -> None:
        """A signal came in: between any two steps of the program, so only what is safe there is done here."""
        loop = self._app._loop
        if number == signal.SIGALRM or loop is None or (self.number and time.monotonic() - self._heard_at > AGAIN):
            self._end_process(self.number or number)
        if self.number:
            return
        self.number, self._heard_at = number, time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, GRACE)
        loop.call_soon_threadsafe(lambda: self._app.exit(return_code=code_of(number)))

    def _end_process(self, number: int) -> NoReturn:
        self.give_back(at_once=True)
        os._exit(code_of(number))

    def run_app(self) -> None:
        """To its end; what breaks while it closes is said like any other crash."""
        try:
            self._app.run()
        except Exception as problem:  # noqa: BLE001 - nobody is above it but the shell
            self._app._handle_exception(problem)
            self.give_back()
            self._app._print_error_renderables()

    def give_back(self, *, at_once: bool = False) -> None:
        """Whatever the driver did not come to."""
        driver = self._app._driver
        if isinstance(driver, TerminalDriver):
            driver.give_back(at_once=at_once)
        if self._before is not None and in_foreground(self._terminal) and _attributes(self._terminal) != self._before:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._terminal, termios.TCSANOW, self._before)


@contextlib.contextmanager
def ended_in_order(app: SoundcheckApp) -> Iterator[Ending]:
    """Run the app within this. Signals, and the terminal, are as before when it is left."""
    ending = Ending(app)
    kept = {number: signal.getsignal(number) for number in (*SIGNALS, signal.SIGALRM, signal.SIGTSTP, signal.SIGCONT)}
    for number in (*SIGNALS, signal.SIGALRM):
        signal.signal(number, ending.hear)
    try:
        yield ending
    finally:
        ending.give_back()
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in kept.items():
            signal.signal(number, handler)


def _attributes(terminal: int) -> list[Any] | None:
    try:
        return termios.tcgetattr(terminal)
    except termios.error:
        return None
