"""To look for races: every answer of every socket comes late, by another time each.

    LATE_MS=100 LATE_SEED=3 .venv/bin/python -m pytest -p tests.late_answers tests/screens/app

A test that waits for one thing and asserts another that comes by a later answer fails with it. A test that is about a
deadline may fail with it and be right.
"""

from __future__ import annotations

import os
import random
import selectors
import time
from asyncio import selector_events
from typing import Any, Final

_LONGEST: Final = float(os.environ.get("LATE_MS", "40")) / 1000
_CHANCE: Final = random.Random(int(os.environ.get("LATE_SEED", "1")))
_BREATH: Final = 0.0005
"""Seconds between two looks while everything that came is held back."""

_process_events = selector_events.BaseSelectorEventLoop._process_events  # type: ignore[attr-defined]


def _process_late(self: Any, events: list[tuple[selectors.SelectorKey, int]]) -> None:
    """Hold what can be read back until its time; what can be written goes on at once."""
    due: dict[int, float] = self.__dict__.setdefault("_due", {})
    now, ready = time.monotonic(), []
    for key, mask in events:
        when = due.setdefault(key.fd, now + _CHANCE.random() ** 2 * _LONGEST)
        if now >= when or mask & selectors.EVENT_WRITE:
            del due[key.fd]
            ready.append((key, mask))
    if events and not ready:
        time.sleep(_BREATH)
    _process_events(self, ready)


selector_events.BaseSelectorEventLoop._process_events = _process_late  # type: ignore[attr-defined]
