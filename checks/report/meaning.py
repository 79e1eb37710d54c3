"""What a check asks, and what each of its findings means: the rows of its table, with what a run fills in named."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from soundcheck.checks.advice import spelled
from soundcheck.checks.check import Check, Registry
from soundcheck.checks.explanation import DEEDS
from soundcheck.checks.finding import Status

FILLED_IN: Final = "what stands between < and > is filled in by a run"

_BAD: Final = frozenset({Status.FAIL, Status.WARN, Status.UNKNOWN})

_WORDS: Final[Mapping[str, str]] = {
    "apart": "so long",
    "code": "code of the failure",
    "count": "number",
    "expected": "number",
    "failure.cause": "why, as its own check says",
    "failure.hint": "what its own check says to do",
    "failure.summary": "what failed",
    "free": "so many MB",
    "hint": "what to do, for what the run finds",
    "http_status": "status",
    "message": "what is wrong, as the run finds it",
    "not_after": "day",
    "others": "what else is wrong",
    "problem": "what is wrong with it",
    "room": "so many MB",
    "servers": "which",
    "text": "its words",
    "there": "number",
    "usable": "number",
    "used": "number",
    "way": "ahead of or behind",
    "why": "why",
    "witness": "another host",
}
"""Fields whose name alone would not say what a run fills in."""

_LEFT_OUT: Final = frozenset({"towards"})
"""Half a sentence that is only there at times."""


def worded(template: str) -> str:
    """The template for people, without braces."""
    parts = string.Formatter().parse(template)
    return "".join(words + ("" if name is None else _word(name)) for words, name, _, _ in parts)


def _word(name: str) -> str:
    return "" if name in _LEFT_OUT else f"<{_WORDS.get(name, name.replace('_', ' '))}>"


def _named(template: str) -> str:
    """The template with `{name}` for what is filled in, without how it is written; a choice of words stays."""
    parts = string.Formatter().parse(template)
    return "".join(words + ("" if name is None else _field(name, form or "")) for words, name, form, _ in parts)


def _field(name: str, form: str) -> str:
    if name in DEEDS:
        return spelled((DEEDS[name](_named(form)),))
    return form if "/" in form else f"{{{name}}}"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One way in which a check can end badly. Texts are templates."""

    status: str
    summary: str
    cause: str
    hint: str
    blame: str = ""


@dataclass(frozen=True, slots=True)
class CheckMeaning:
    """A check explained. `needed_by` are the checks that rest on it; `deadline` is in seconds."""

    id: str
    group: str
    title: str
    requires: tuple[str, ...]
    needed_by: tuple[str, ...]
    deadline: float
    findings: tuple[Meaning, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """For people."""
        told = [
            f"{self.id}: {self.title}",
            f"  rests on: {', '.join(self.requires) or 'nothing'}",
            f"  needed by: {', '.join(self.needed_by) or 'nothing'}",
            f"  deadline: {self.deadline:g} s",
        ]
        found = []
        for meaning in self.findings:
            found += ["", f"{meaning.status}: {worded(meaning.summary)}"]
            found += [f"  why: {worded(meaning.cause)}"] if meaning.cause else []
            found += [f"  do:  {worded(meaning.hint)}"] if meaning.hint else []
        return (*told, *([f"  {FILLED_IN}"] if any("<" in line for line in found) else []), *found)


def explain_checks(registry: Registry, name: str = "") -> tuple[CheckMeaning, ...]:
    """The check of that id, those of that group, or all. Raises `UsageError` for a name that fits nothing."""
    if name:
        registry.select([name])
    named = [check for check in registry if not name or check.id == name or check.id.startswith(f"{name}.")]
    return tuple(
        CheckMeaning(
            id=check.id,
            group=check.group.value,
            title=check.title,
            requires=check.requires,
            needed_by=tuple(other.id for other in registry if check.id in other.requires),
            deadline=check.deadline,
            findings=_meanings(check),
        )
        for check in named
    )


def _meanings(check: Check) -> tuple[Meaning, ...]:
    rows = [row for row in check.endings.values() if row.status in _BAD]
    found = [
        Meaning(row.status, _named(row.summary), _named(row.cause), _named(row.hint), row.blame or "") for row in rows
    ]
    return tuple({(meaning.status, meaning.summary, meaning.cause): meaning for meaning in found}.values())
