"""The JSON document of a set-up run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from checks.finding import Json
from stores.clock import Clock
from stores.errors import SoundcheckError
from wizard.progress import Mark, Progress

_STEP = re.compile(r"^(\d)/\d (.+)$")


class SetupLog:
    """Collects the events of a run, step by step."""

    def __init__(self, clock: Clock) -> None:
        self._started: datetime = clock.now()
        self._steps: list[dict[str, Json]] = []
        self._lines: list[Json] = []

    def add(self, event: Progress) -> None:
        """Take an event; what is still running is left out, its end follows."""
        heading = _STEP.match(event.text)
        if heading and event.mark is Mark.INFO:
            self._lines = []
            self._steps.append({"step": heading.group(2), "lines": self._lines})
        elif event.mark is not Mark.RUNNING:
            line: dict[str, Json] = {"mark": str(event.mark), "text": event.text}
            if event.elapsed_ms is not None:
                line["elapsed_ms"] = round(event.elapsed_ms, 1)
            if event.hint:
                line["hint"] = event.hint
            self._lines.append(line)

    def document(self, problem: SoundcheckError | None) -> Mapping[str, Json]:
        """`{"kind": "setup", "schema_version": 1, …}`; `error` is null where Done was reached."""
        return {
            "kind": "setup",
            "schema_version": 1,
            "started_at": self._started.isoformat(),
            "ok": problem is None,
            "steps": list(self._steps),
            "error": None if problem is None else {"message": problem.message, "hint": problem.hint},
        }
