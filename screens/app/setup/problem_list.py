"""What there is to say about the pasted text: each problem with its cure, and buttons for what can be done about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button

from soundcheck.screens.app.parts.hanging_text import HangingText, row
from soundcheck.screens.app.setup.recognised_text import problem_rows
from soundcheck.stores.credentials import REST_TOKEN
from soundcheck.wizard.recognise.recognition import Candidate, Problem, Recognition, Severity

MOST_PROBLEMS: Final = 12
"""A pasted log can hold a thousand addresses, each with something to say about it."""

URGENCY: Final = {Severity.ERROR: 0, Severity.WARN: 1, Severity.INFO: 2}


class ProblemList(Vertical):
    """Empty until there is something to say."""

    class Repaired(Message):
        """A mended value was agreed to; it stands in the recognition already."""

        def __init__(self, problem: Problem) -> None:
            super().__init__()
            self.problem = problem

    class Chosen(Message):
        """Another value is to be tried in the token's place."""

        def __init__(self, candidate: Candidate) -> None:
            super().__init__()
            self.candidate = candidate

    class WentAround(Message):
        """The direct address is to be used for the application too."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._problems: tuple[Problem, ...] = ()
        self._candidates: tuple[Candidate, ...] = ()

    async def show(
        self,
        recognition: Recognition | None,
        accepted: Collection[str],
        *,
        said: Sequence[str] = (),
        way_around: str = "",
    ) -> None:
        """Draw all of it anew. `said` is what a test found out; `way_around` offers what works instead, if anything."""
        await self.remove_children()
        self._problems = recognition.findings if recognition is not None else ()
        self._candidates = recognition.candidates if recognition is not None else ()
        rows: list[Widget] = [HangingText([row("· ", "$secondary", text)]) for text in said]
        if way_around:
            rows.append(HangingText([row("! ", "$warning", (way_around, "bold"))]))
            rows.append(Button("Use the direct address", id="way-around", classes="repair"))
        urgent_first = sorted(enumerate(self._problems), key=lambda one: URGENCY[one[1].severity])
        for index, problem in urgent_first[:MOST_PROBLEMS]:
            rows.append(HangingText(problem_rows(problem)))
            if problem.repair is not None:
                done = repair_key(problem) in accepted
                label = "✓ Repaired" if done else "Use the repaired value"
                rows.append(Button(Content(label), id=f"repair-{index}", classes="repair", disabled=done))
        if (more := len(urgent_first) - MOST_PROBLEMS) > 0:
            rows.append(HangingText([row("· ", "$secondary", f"and {more} more: paste only the credentials' lines")]))
        for index, candidate in enumerate(self._candidates[:MOST_PROBLEMS]):
            if candidate.name == REST_TOKEN:
                label = f"Try line {candidate.line} as the token"
                rows.append(Button(Content(label), id=f"candidate-{index}", classes="candidate"))
        await self.mount_all(rows)

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        name, _, number = (event.button.id or "").rpartition("-")
        if name == "way":
            self.post_message(self.WentAround())
        elif name == "repair":
            self.post_message(self.Repaired(self._problems[int(number)]))
        elif name == "candidate":
            self.post_message(self.Chosen(self._candidates[int(number)]))


def repair_key(problem: Problem) -> str:
    """What a repair is known by while the text around it changes; the mended value itself is part of it, hashed."""
    repair = problem.repair
    return f"{problem.code} {problem.field} {repair.value.fingerprint() if repair is not None else ''}"
