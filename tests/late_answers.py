"""To look for races: every answer of every socket comes late, by another time each.

    LATE_MS=100 LATE_SEED=3 .venv/bin/python -m pytest -p tests.late_answers tests/screens/app

A test that waits for one thing and asserts another that comes by a later answer fails with it. A test that is about a
deadline may fail with it and be right.
"""

from __future__ import annotations

import contextlib
import os
import random
import selectors
import time
from asyncio import selector_events
from collections.abc import Iterator
from typing import Any, Final

_BREATH: Final = 0.0005
"""Seconds between two looks while everything that came is held back."""


@contextlib.contextmanager
def late_answers(longest: float, seed: int) -> Iterator[None]:
    """Within it what can be read is held back, by up to `longest` seconds; what can be written goes on at once."""
    chance = random.Random(seed)
    process_events = selector_events.BaseSelectorEventLoop._process_events  # type: ignore[attr-defined]

    def process_late(self: Any, events: list[tuple[selectors.SelectorKey, int]]) -> None:
        due: dict[int, float] = self.__dict__.setdefault("_due", {})
        now, ready = time.monotonic(), []
        for key, mask in events:
            when = due.setdefault(key.fd, now + chance.random() ** 2 * longest)
            if now >= when or mask & selectors.EVENT_WRITE:
                del due[key.fd]
                ready.append((key, mask))
        if events and not ready:
            time.sleep(_BREATH)
        process_events(self, ready)

    selector_events.BaseSelectorEventLoop._process_events = process_late  # type: ignore[attr-defined]
    try:
        yield
    finally:
        selector_events.BaseSelectorEventLoop._process_events = process_events  # type: ignore[attr-defined]


def pytest_configure() -> None:
    """As a plugin: for the whole run."""
    longest, seed = float(os.environ.get("LATE_MS", "40")) / 1000, int(os.environ.get("LATE_SEED", "1"))
    contextlib.ExitStack().enter_context(late_answers(longest, seed))
