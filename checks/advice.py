"""What to do about a finding, as data: text mixed with things to run, paste or press, which each face spells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias


class Deed(StrEnum):
    """What is done."""

    RUN = "run"
    PASTE = "paste"
    PRESS = "press"


class Action(StrEnum):
    """What can be pressed."""

    SETUP = "setup"
    DATABASE_STEP = "database_step"
    BACK_TO_DATABASE = "back_to_database"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Do:
    """One thing to do. `what` is a command without our own name in front, or an `Action` to press."""

    PASTE: ClassVar[Do]
    deed: Deed
    what: str = ""

    @classmethod
    def RUN(cls, command: str) -> Do:  # noqa: N802 - reads as the constant beside it
        """Run our own command, as `doctor --only cache`."""
        return cls(Deed.RUN, command)

    @classmethod
    def PRESS(cls, action: str) -> Do:  # noqa: N802
        """Press the key for an action. Raises `ValueError` for anything else."""
        return cls(Deed.PRESS, Action(action).value)


Do.PASTE = Do(Deed.PASTE)

Advice: TypeAlias = tuple[str | Do, ...]
"""A hint in parts, in reading order."""


class Face(StrEnum):
    """Where a hint is read."""

    ANYWHERE = "anywhere"
    """In a shell, on a screen, in a document. Commands have our bare name; whatever prints them spells it out."""
    SETUP = "setup"
    """Inside set-up, where most hints send people."""


_ANYWHERE: Final[Mapping[Do, str]] = {
    Do.PASTE: "Open Setup (key 1, or `soundcheck setup`) and paste",
    Do.PRESS(Action.SETUP): "key 1, or `soundcheck setup`",
    Do.PRESS(Action.DATABASE_STEP): "Run `soundcheck setup`: the step Database",
    Do.PRESS(Action.BACK_TO_DATABASE): "Run `soundcheck setup`: it goes on at the step Database",
    Do.PRESS(Action.AGAIN): "run `soundcheck doctor` again",
}
_IN_SETUP: Final[Mapping[Do, str]] = {
    **_ANYWHERE,
    Do.PASTE: "Paste",
    Do.PRESS(Action.DATABASE_STEP): "The step Database",
    Do.PRESS(Action.BACK_TO_DATABASE): "Go back to the step Database; it shows what is missing",
    Do.PRESS(Action.AGAIN): "test again",
}


def spelled(advice: Advice, face: Face = Face.ANYWHERE) -> str:
    """The hint as it reads on a face."""
    words = _IN_SETUP if face is Face.SETUP else _ANYWHERE
    return "".join(part if isinstance(part, str) else words.get(part) or f"soundcheck {part.what}" for part in advice)
