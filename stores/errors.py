"""The one exception family. Failures that are expected (a refused password, a failed check) are results instead.

SoundcheckError          message (what happened) + hint (the next thing to do)
├── UsageError           the call itself is wrong                      exit code 2
├── CouldNotRun          something needed is missing here              exit code 4
├── Refused              the guard stands before it, or consent lacks  exit code 3
└── StepFailed           a check or a step failed                      exit code 3
"""

from __future__ import annotations


class SoundcheckError(Exception):
    """What happened and what to do next, both in words a newcomer knows and both free of secrets."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SoundcheckError):
    """Wrong words on the command line, or options that contradict each other."""


class CouldNotRun(SoundcheckError):
    """A program, a file, a port, disk space or a network is missing here, so nothing could be tried."""


class Refused(SoundcheckError):
    """The guard, or a missing consent, stopped a write. `hint` names the option that gives the consent."""


class StepFailed(SoundcheckError):
    """A step ran and did not succeed."""
