"""How much sample data there will be, when it is set, and how large it becomes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from soundcheck.stores.errors import UsageError

PREFIX: Final = "seed_"
"""Every id begins with it; nothing else is ever removed."""

USERS: Final = 1000
"""How many there are where nobody says otherwise."""
MOST_USERS: Final = 200_000
FREE_TIER: Final = 512 * 1024 * 1024
"""Bytes: Neon's free tier, 0.5 GB for a project."""

_HISTORY: Final = timedelta(days=730)
_MILLISECOND: Final = timedelta(milliseconds=1)

_BYTES_A_ROW: Final[Mapping[str, int]] = {
    "users": 440,
    "user_settings": 350,
    "libraries": 760,
    "playlists": 740,
    "sessions": 1000,
    "session_participants": 420,
    "chat_messages": 380,
    "recently_played": 236,
    "recent_searches": 220,
    "recommendations": 340,
    "lyrics": 1710,
}
"""With indexes, freshly written; measured on PostgreSQL 18 with 1000 and 10,000 users (27 and 249 MB)."""


@dataclass(frozen=True, slots=True)
class SeedPlan:
    """What is generated: the same three values always give the same rows.

    `now` is the newest moment in the data, aware; times reach two years back from it.
    """

    users: int
    seed: int
    now: datetime

    @classmethod
    def of(cls, users: int, seed: int, now: datetime) -> SeedPlan:
        """A plan from what was asked for. Raises `UsageError` for a number that is out of range."""
        if not 1 <= users <= MOST_USERS:
            raise UsageError(f"--users is between 1 and {MOST_USERS:,}.", "1000 is a good start.")
        return cls(users, seed, now.astimezone(UTC).replace(microsecond=0))

    @property
    def songs(self) -> int:
        """Songs in the catalogue that the data points to."""
        return min(200 + self.users // 2, 5000)

    @property
    def albums(self) -> int:
        """Albums in the same catalogue."""
        return self.songs // 8

    @property
    def sessions(self) -> int:
        """Listening parties."""
        return max(3, self.users // 10)

    @property
    def now_ms(self) -> int:
        """`now` in milliseconds since 1970."""
        return (self.now - datetime(1970, 1, 1, tzinfo=UTC)) // _MILLISECOND

    @property
    def begin_ms(self) -> int:
        """The first sign-up, in milliseconds since 1970."""
        return self.now_ms - _HISTORY // _MILLISECOND

    def signed_up_ms(self, user: int) -> int:
        """When user number `user` signed up: later numbers later, all distinct."""
        step = (self.now_ms - 3_600_000 - self.begin_ms) // self.users
        return self.begin_ms + user * step + (user * 2_654_435_761 + self.seed * 40_503) % (step // 2)

    def expected_rows(self) -> Mapping[str, int]:
        """Rows of each table, in the order of filling; estimates where chance has a part."""
        return {
            "users": self.users,
            "user_settings": self.users,
            "libraries": self.users,
            "playlists": round(self.users * 2.5),
            "sessions": self.sessions,
            "session_participants": self.sessions * min(5, self.users),
            "chat_messages": self.sessions * 20,
            "recently_played": self.users * 78,
            "recent_searches": self.users * 9,
            "recommendations": self.songs,
            "lyrics": self.songs,
        }

    def expected_bytes(self) -> int:
        """What all of it takes on disk, indexes included."""
        return sum(rows * _BYTES_A_ROW[table] for table, rows in self.expected_rows().items())


def dice(plan: SeedPlan, name: str) -> Random:
    """The stream of chance for one table, or one thing in it: the same for the same plan."""
    return Random(f"{plan.seed} {name}")  # noqa: S311 - sample data, nothing secret


def moment(milliseconds: int) -> datetime:
    """Milliseconds since 1970 as a time in UTC, exact."""
    return datetime(1970, 1, 1, tzinfo=UTC) + milliseconds * _MILLISECOND


def own_millisecond(milliseconds: int, owner: int, owners: int) -> int:
    """The nearest earlier millisecond that belongs to this owner alone, so that no two owners share one."""
    return milliseconds - milliseconds % owners - owners + owner
