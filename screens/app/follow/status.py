"""How following stands: off, live or paused, and how often it asks. A value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FollowState(StrEnum):
    """Whether it asks now."""

    OFF = "off"
    LIVE = "live"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class FollowStatus:
    """How following stands: why it is paused, and the seconds between two looks."""

    state: FollowState = FollowState.OFF
    why: str = ""
    wait: float = 0.0

    @property
    def is_on(self) -> bool:
        """Whether it was begun, paused or not."""
        return self.state is not FollowState.OFF
