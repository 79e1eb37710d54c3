"""What to do about a finding, as data: text mixed with things to run, paste or press, which each face spells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias

from soundcheck.stores.project.own_command import OwnCommand


class Deed(StrEnum):
    """What is done."""

    RUN = "run"
    PASTE = "paste"
    PRESS = "press"


class Shortcut(StrEnum):
    """What can be pressed."""

    SETUP = "setup"
    DATABASE_STEP = "database_step"
    BACK_TO_DATABASE = "back_to_database"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Do:
    """One thing to do. `what` is a command without our own name in front, or an `Shortcut` to press."""

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
        return cls(Deed.PRESS, Shortcut(action).value)


Do.PASTE = Do(Deed.PASTE)

Advice: TypeAlias = tuple[str | Do, ...]
"""A hint in parts, in reading order."""


BARE: Final = OwnCommand()
"""Our name alone, for documents and for others, who have an installation of their own."""


class Face(StrEnum):
    """Where a hint is read."""

    ANYWHERE = "anywhere"
    """In a shell, on a screen, in a document."""
    SETUP = "setup"
    """Inside set-up, where most hints send people."""


_ANYWHERE: Final[Mapping[Do, str]] = {
    Do.PASTE: "Open Setup (key 1, or `{setup}`) and paste",
    Do.PRESS(Shortcut.SETUP): "key 1, or `{setup}`",
    Do.PRESS(Shortcut.DATABASE_STEP): "Run `{setup}`: the step Database",
    Do.PRESS(Shortcut.BACK_TO_DATABASE): "Run `{setup}`: it goes on at the step Database",
    Do.PRESS(Shortcut.AGAIN): "run `{doctor}` again",
}
_IN_SETUP: Final[Mapping[Do, str]] = {
    **_ANYWHERE,
    Do.PASTE: "Paste",
    Do.PRESS(Shortcut.DATABASE_STEP): "The step Database",
    Do.PRESS(Shortcut.BACK_TO_DATABASE): "Go back to the step Database; it shows what is missing",
    Do.PRESS(Shortcut.AGAIN): "test again",
}


def spelled(advice: Advice, face: Face = Face.ANYWHERE, own: OwnCommand = BARE) -> str:
    """The hint as it reads on a face; `own` is how our commands are called there."""
    words = _IN_SETUP if face is Face.SETUP else _ANYWHERE

    def part_words(part: str | Do) -> str:
        if isinstance(part, str):
            return part
        if part.deed is Deed.RUN:
            return own.command(part.what)
        return words[part].format(setup=own.command("setup"), doctor=own.command("doctor"))

    return "".join(map(part_words, advice))
