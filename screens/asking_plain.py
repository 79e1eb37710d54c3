"""Questions at a plain prompt: one at a time, hidden input for secrets, `back` everywhere. The accessible way.

A terminal that does not show what is typed: for pasted secrets, several lines at once.
"""

from __future__ import annotations

import contextlib
import select
import sys
import termios
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TextIO, TypeVar

from soundcheck.screens.aloud import aloud
from soundcheck.screens.plain import printable
from soundcheck.screens.terminal import in_foreground
from soundcheck.stores.amounts import number_of
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.secret import Secret
from soundcheck.wizard.asking import Asker, Question, WentBack
from soundcheck.wizard.target import same_name

MORE: Final = 0.2
"""Seconds in which the rest of a paste arrives after an empty line in its middle."""

_LOCAL_FLAGS: Final = 3
"""Where the local flags stand in what `tcgetattr` returns."""


@contextlib.contextmanager
def hidden(stream: TextIO) -> Iterator[None]:
    """Show nothing of what is typed until this ends, however it ends; then drop what nobody asked for.

    `getpass` throws away what is already waiting each time it begins, which is the rest of a pasted block, and leaves
    the terminal silent where its thread is abandoned; so the terminal is changed here, once, without a flush. Does
    nothing where the stream is no terminal.
    """
    try:
        terminal = stream.fileno()
        before = termios.tcgetattr(terminal)
    except (OSError, ValueError, termios.error):
        yield
        return
    quiet = list(before)
    quiet[_LOCAL_FLAGS] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        if in_foreground(terminal):  # else a shell has set its own meanwhile
            with contextlib.suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def more_is_coming(stream: TextIO, seconds: float = MORE) -> bool:
    """Whether another line follows at once, as in a paste with empty lines or with two characters for a line's end."""
    try:
        return bool(select.select([stream], [], [], seconds)[0])
    except (OSError, ValueError):
        return False


T = TypeVar("T")


class InputEnded(SoundcheckError):
    """Standard input was closed in the middle of a question."""


def plain_asker(environ: Mapping[str, str]) -> Asker | None:
    """An asker where a person can type, else None."""
    from soundcheck.screens.terminal import this_terminal

    return PlainAsker() if this_terminal(environ).interactive else None


class PlainAsker:
    """Asks on standard output, reads standard input; secrets come in unseen."""

    def __init__(self) -> None:
        self._helped = False

    async def ask(self, question: Question) -> str:
        """The key of an answer, by its number or its key; the text where there are no answers."""
        self._help()
        self._say(question.asked)
        for number, answer in enumerate(question.answers, start=1):
            default = "  (default)" if answer.key == question.default else ""
            meaning = f": {answer.meaning}" if answer.meaning else ""
            self._say(f"  {number}. {answer.text}{meaning}{default}")
        while True:
            typed = (await _in_thread(lambda: input("> "))).strip()
            if typed.lower() == "back":
                raise WentBack
            if not typed and question.default is not None:
                return question.default
            if not question.answers:
                if question.typed_name and same_name(typed, question.typed_name):
                    return question.typed_name
                if typed and not question.typed_name:
                    return typed
                self._say(f"Type {question.typed_name or 'an answer'}, or back.")
                continue
            for number, answer in enumerate(question.answers, start=1):
                if typed.lower() in {str(number), answer.key.lower(), answer.key[0].lower()}:
                    return answer.key
            self._say(f"Type a number from 1 to {len(question.answers)}, or back.")

    async def ask_secret(self, question: Question) -> Secret:
        """Lines until an empty one, not shown while they are typed or pasted.

        An empty line in the middle of a paste ends nothing.
        """
        self._help()
        self._say(question.text)
        self._say("It is not shown. Enter on an empty line ends it; back goes back.")
        lines: list[str] = []
        with hidden(sys.stdin):
            while True:
                if not lines:
                    sys.stdout.write("> ")
                    sys.stdout.flush()
                line = await _in_thread(_line)
                if line.strip():
                    if line.strip().lower() == "back":
                        raise WentBack
                    lines.append(line)
                elif lines and not await _in_thread(lambda: more_is_coming(sys.stdin)):
                    break
        self._say("")
        self._say(f"Taken: {number_of(len(lines), 'line')}.")
        return Secret("\n".join(lines))

    def _help(self) -> None:
        """Before the first question: how to answer, how to go back, how to leave."""
        if not self._helped:
            self._helped = True
            self._say("Type the number of an answer and press Enter. back goes back; ctrl+c leaves and loses nothing.")

    def _say(self, text: str) -> None:
        sys.stdout.write(printable(aloud(spelled(text))) + "\n")
        sys.stdout.flush()


def _line() -> str:
    """One line without its end. Raises EOFError where there is none any more."""
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


async def _in_thread(read: Callable[[], T]) -> T:
    """Read in a daemon thread, so that leaving never waits for a line that is not coming."""
    try:
        return await beside(read, "prompt")
    except EOFError:
        raise InputEnded("The input ended in the middle of set-up.", "Start again: it goes on where it was.") from None
    except OSError as problem:
        raise InputEnded(f"The input could not be read: {problem.strerror}.", "Use --yes or --from-env.") from None
