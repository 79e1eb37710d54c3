"""What was recognised, field by field, and what is wrong with it, as text for the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from textual.content import Content

from soundcheck.screens.app.parts.hanging_text import HangingRow, row
from soundcheck.screens.app.parts.paste_box import MOST_CHARACTERS
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.recognition import Problem, Recognition, Severity
from soundcheck.wizard.setup.state import SetupState

LABELS: Final = {
    DATABASE_URL: "Database URL",
    DIRECT_URL: "Direct URL",
    REST_URL: "REST URL",
    REST_TOKEN: "REST token",
}

WANTED: Final = {
    DATABASE_URL: "Neon's connection string",
    REST_URL: "Upstash's https address",
    REST_TOKEN: "Upstash's REST token",
}

_CANDIDATE: Final[Mapping[bool | None, tuple[str, str, str]]] = {
    None: ("? ", "$warning", "to be tried"),
    True: ("✓ ", "$success", "tried, it works"),
    False: ("✗ ", "bold $error", "tried, it does not work"),
}
"""A value that may not be the right one: before its test, and after it."""

_MARKS: Final = {
    Severity.INFO: ("· ", "$secondary"),
    Severity.WARN: ("! ", "$warning"),
    Severity.ERROR: ("✗ ", "bold $error"),
}


def field_rows(
    recognition: Recognition | None,
    in_use: Credentials,
    *,
    here: Mapping[str, str],
    tested: Mapping[str, bool] | None = None,
) -> list[HangingRow]:
    """A row for each of the four: from which line and in what shape, already there, derived, or still missing.

    `here` says, by name, how a value stands that was not pasted now; `tested`, by name, how the values did in a test.
    """
    values, tested = in_use.as_env(), tested or {}
    rows = []
    for name, label in LABELS.items():
        found = recognition.found(name) if recognition is not None else None
        mark, style = "✓ ", "$success"
        if found is not None:
            note = found.note
            if found.candidate:
                mark, style, note = _CANDIDATE[tested.get(name)]
            elif tested.get(name) is False:
                mark, style = "✗ ", "bold $error"
            words = " · ".join(part for part in (f"line {found.line}", found.how, note) if part)
        elif name == DIRECT_URL and in_use.direct_follows:
            if in_use.database_url is None:
                continue
            words = "derived from the database URL" if in_use.database_url.is_pooled else "the same as the database URL"
        elif name in values:
            words = here.get(name, "in use already")
        else:
            mark, style, words = "○ ", "$secondary", f"not found yet: {WANTED.get(name, '')}"
        symbol = Content.styled(mark, style)
        rows.append((Content.assemble(symbol, f"{label:<14}"), Content.styled(words, "$secondary")))
    return rows


def problem_rows(problem: Problem) -> list[HangingRow]:
    """What is wrong, what to do, and the mended value as it would look. A mere note is one quiet row."""
    mark, style = _MARKS[problem.severity]
    where = f"line {problem.line}: " if problem.line else ""
    if problem.severity is Severity.INFO:
        return [row(mark, style, (where + problem.message, "$secondary"))]
    rows = [row(mark, style, (where, "$secondary"), (problem.message, "bold"))]
    if problem.cure:
        rows.append(row("→ ", "bold $primary", problem.cure))
    if problem.repair is not None:
        rows.append(row("  ", "", (problem.repair.preview, "$secondary")))
    return rows


_MISSING: Final = frozenset({"missing_token", "missing_rest_url"})
"""What the text alone lacks, though it may be known already."""


def left_to_say(recognition: Recognition | None, in_use: Credentials, *, is_tested: bool) -> Recognition | None:
    """The recognition less what is settled: what is known from elsewhere, and a guess that was tested."""
    if recognition is None:
        return None
    values = in_use.as_env()
    return replace(
        recognition,
        findings=tuple(
            one
            for one in recognition.findings
            if not (one.code in _MISSING and one.field in values) and not (is_tested and one.code == "candidate_token")
        ),
    )


def missing_words(in_use: Credentials) -> str:
    """What is not there yet, in a sentence; "" where nothing is missing."""
    values = in_use.as_env()
    missing = [f"{name} ({what})" for name, what in WANTED.items() if name not in values]
    return f"Still missing: {', '.join(missing)}." if missing else ""


def how_it_stands(state: SetupState, known: Credentials) -> dict[str, str]:
    """By name, of the values that are here already: whether the env file has it, or only this run knows it."""
    found = {} if state.written else state.found.credentials.as_env()
    only_here = "tested, not written yet" if state.verified else "given before, not written yet"
    return {
        name: "in use already" if state.written or found.get(name) == value else only_here
        for name, value in known.as_env().items()
    }


def as_pasted(recognition: Recognition, text: Secret) -> Recognition:
    """What was recognised, and that the box took no more where it is full."""
    if len(text.reveal()) < MOST_CHARACTERS:
        return recognition
    message = f"The box takes {MOST_CHARACTERS:,} characters; what came after them is left out."
    full = Problem("cut", message, "Press ctrl+u, then paste only the lines with the credentials.", Severity.WARN)
    return replace(recognition, findings=(full, *recognition.findings))
