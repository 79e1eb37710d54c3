"""The exit codes of every command, in one place."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script can rely on."""

    OK = 0
    WARNINGS = 1
    """Warnings, under `--strict` alone."""
    USAGE = 2
    FAILED = 3
    """A check or a step failed, or the guard refused."""
    COULD_NOT_RUN = 4
    INTERRUPTED = 130
    """By ctrl+c; other signals leave 128 and their number, see `screens.ending_signals`."""
