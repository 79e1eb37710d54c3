"""How often followed rows are looked at: often while something happens, ever less while nothing does. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stores.postgres_url import PostgresUrl

QUIET_LOOKS: Final = 5
"""Looks without a change after which the wait begins to double."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two looks: at first, and at most."""

    every: float
    most: float

    def wait(self, quiet: int) -> float:
        """Seconds to the next look after so many looks at which nothing had changed."""
        doublings = min(max(quiet - QUIET_LOOKS + 1, 0), 16)
        return min(self.every * float(1 << doublings), self.most)


LOCAL: Final = Pace(1.0, 8.0)
REMOTE: Final = Pace(15.0, 60.0)


def pace_of(url: PostgresUrl) -> Pace:
    """A database on this machine is asked more often than one across a network."""
    return LOCAL if url.is_loopback else REMOTE


def what_it_costs(url: PostgresUrl) -> str:
    """A sentence for people about what asking again and again does there; "" on this machine."""
    if url.is_loopback:
        return ""
    if url.is_neon:
        return "Following keeps a sleeping Neon database awake, and its compute hours count."
    return "Following keeps the database busy: one that sleeps when nobody asks stays awake."
