"""Where the app opens, and the names of its four places."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """The four places, in the order of their keys 1 to 4."""

    SETUP = "setup"
    TABLES = "tables"
    CACHE = "cache"
    CHECKS = "checks"

    @property
    def label(self) -> str:
        """The word on screen."""
        return self.value.capitalize()

    @property
    def digit(self) -> str:
        """The key that leads here when no text field has the focus."""
        return str(list(Place).index(self) + 1)


@dataclass(frozen=True, slots=True)
class Start:
    """How the app was asked to open.

    `problem` is one plain line for the banner: why a store cannot be reached, found out before the screen opened.
    `table` opens that table at once. `just_looking` says that nothing is written anywhere (a URL was given).
    `ask_project` asks for the project's folder first (started in Soundcheck's own source).
    """

    place: Place = Place.TABLES
    table: str = ""
    problem: str = ""
    just_looking: bool = False
    ask_project: bool = False
