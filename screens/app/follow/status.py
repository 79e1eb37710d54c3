"""The status of following: off, live or paused, and how often it asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FollowState(StrEnum):
    """Whether it is asking."""

    OFF = "off"
    LIVE = "live"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class FollowStatus:
    """The state, the reason for a pause, and the seconds between two looks."""

    state: FollowState = FollowState.OFF
    why: str = ""
    wait: float = 0.0

    @property
    def is_on(self) -> bool:
        """Whether it was started, paused or not."""
        return self.state is not FollowState.OFF
