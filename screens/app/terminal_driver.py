"""The terminal while the app runs. It is given back however the app ends, also where the terminal itself is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import select
import signal
import termios
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from textual.drivers.linux_driver import LinuxDriver

from soundcheck.screens.app.exact_columns import anchored
from soundcheck.screens.terminal import in_foreground

if TYPE_CHECKING:
    from typing import TextIO

log = logging.getLogger("soundcheck.app")

_LEFT_BEHIND: Final = "\x1b[?1016l\x1b[?2026l"
"""What Textual turns on and never off: the mouse in pixels, and an update that was cut in its middle."""

_GIVE_BACK: Final = (
    "\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l" + _LEFT_BEHIND + "\x1b[<u"
    "\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""What the driver writes when it ends in order: paste, wrapping, resizing, mouse, keys, screen, cursor, focus."""

_POINTER: Final = "\x1b]22;"
"""What gives the mouse another shape begins so."""

_AT_ONCE: Final = 1 << 16
"""Bytes after which a long frame is written without waiting for its end."""


class LastingOutput:
    """What the driver writes to. A terminal that is gone takes nothing more, and that is told once."""

    def __init__(self, stream: TextIO, lost: Callable[[], None]) -> None:
        self._descriptor = stream.fileno()
        self._encoding = stream.encoding
        self._lost: Callable[[], None] | None = lost
        self._waiting = bytearray()

    def fileno(self) -> int:
        """The terminal's descriptor."""
        return self._descriptor

    def write(self, text: str) -> None:
        """Keep it until `flush`, or until it is much."""
        self._waiting += text.encode(self._encoding, "replace")
        if len(self._waiting) > _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write all of it; a slow terminal is waited for."""
        data, self._waiting = memoryview(bytes(self._waiting)), bytearray()
        while data and self._lost is not None:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except OSError:
                lost, self._lost = self._lost, None
                lost()


class TerminalDriver(LinuxDriver):
    """Textual's own driver, but for what it does when stopped, continued, or left without a terminal.

    Its handlers of signals work within the loop: in a signal handler proper, writing could wait for itself for ever.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._loop = asyncio.get_running_loop()
        self.has_terminal = False
        """Whether the screen, the keys and the mouse are the app's now."""
        self._shaped_pointer = False
        self._forced = False
        assert self._file is not None  # noqa: S101 - whoever starts the app looks for a terminal first
        self._descriptor = self._file.fileno()
        self._file = LastingOutput(self._file, self._lose_terminal)  # type: ignore[assignment]

    # ── taking the terminal and giving it back ──

    def start_application_mode(self) -> None:
        """Take the terminal. In the background that has to wait until a shell brings us to the front."""
        self._writer_thread = None
        self.has_terminal = True
        try:
            super().start_application_mode()  # type: ignore[no-untyped-call]
        except Exception:  # whatever broke half-way, the terminal may be raw already; the error itself goes on
            self.give_back()
            raise
        self.has_terminal = self._writer_thread is not None

    def write(self, data: str) -> None:
        """Nothing is written while the terminal is somebody else's."""
        if self.has_terminal and self._writer_thread is not None and self._writer_thread.is_alive():
            self._shaped_pointer = self._shaped_pointer or data.startswith(_POINTER)
            super().write(anchored(data))

    def disable_input(self) -> None:
        """Read no more keys; there is nothing to stop where the terminal is somebody else's."""
        if self.has_terminal:
            super().disable_input()

    def stop_application_mode(self) -> None:
        """Give it back, once."""
        if not self.has_terminal:
            return
        attributes = self.attrs_before
        if not in_foreground(self.fileno):
            self.attrs_before = None  # whatever is in front has set its own
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # and touching the terminal would stop us instead
        self.write(_LEFT_BEHIND)
        if self._shaped_pointer:
            self.write(f"{_POINTER}default\x07")
        try:
            super().stop_application_mode()
        except Exception:  # the last chance to leave a usable terminal, whatever Textual's own way out ran into
            log.exception("The terminal was not given back in order")
            self.give_back()
        self.has_terminal = False
        self.attrs_before = attributes

    def give_back(self, *, at_once: bool = False) -> None:
        """All of it in one go, past whatever broke; `at_once` waits for nothing that is still to be written."""
        unwritten = self._writer_thread is not None and self._writer_thread.is_alive()
        if unwritten and not at_once:
            self.close()  # where the app broke while it closed, they would die with the thread that is to write them
        if self._forced or not (self.has_terminal or (unwritten and at_once)):
            return
        self._forced, self.has_terminal = at_once, False  # signals that come meanwhile do it no second time
        self.exit_event.set()
        with contextlib.suppress(OSError):
            os.write(self._descriptor, _GIVE_BACK.encode())
        if self.attrs_before is not None and in_foreground(self.fileno):
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)

    # ── stopped and continued ──

    def _sigtstp_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop_for_now)

    def _stop_for_now(self) -> None:
        if not self._auto_restart or not self.has_terminal:
            os.kill(os.getpid(), signal.SIGSTOP)
            return
        super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self) -> None:
        """Take the terminal again, unless the app was told to end meanwhile.

        Stopped by SIGSTOP nobody could give it back before: what we changed then is not how it was in the beginning.
        """
        if not self._auto_restart or self._app._exit or not self._app._running:
            return
        before = None
        if self.has_terminal:
            if not in_foreground(self.fileno):
                return
            before, self.attrs_before = self.attrs_before, None
            self.suspend_application_mode()
        self.resume_application_mode()
        if self.has_terminal:
            self.attrs_before = before or self.attrs_before
            self._app.refresh(layout=True)
            self._app.screen.refresh(layout=True)

    # ── lost ──

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._lose_terminal()
        except Exception as problem:  # noqa: BLE001 - a thread's boundary: the app says it and ends
            self._tell(self._app._handle_exception, problem)

    def _lose_terminal(self) -> None:
        """End as at a hangup: without a terminal there is nobody to go on for."""
        self._tell(lambda: self._app.exit(return_code=128 + signal.SIGHUP))

    def _tell(self, call: Callable[..., object], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(call, *args)
