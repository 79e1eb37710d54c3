"""What was recognised, field by field, and what is wrong with it, as text for the screen."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL, Credentials
from wizard.recognise.recognition import Problem, Recognition, Severity

LABELS: Final = {
    DATABASE_URL: "Database URL",
    DIRECT_URL: "Direct URL",
    REST_URL: "REST URL",
    REST_TOKEN: "REST token",
}

WANTED: Final = {
    DATABASE_URL: "paste the connection string of Neon",
    REST_URL: "paste the https:// address of Upstash",
    REST_TOKEN: "paste the REST token of Upstash",
}

_MARKS: Final = {
    Severity.INFO: ("· ", "$secondary"),
    Severity.WARN: ("! ", "$warning"),
    Severity.ERROR: ("✗ ", "bold $error"),
}


def field_rows(recognition: Recognition | None, in_use: Credentials) -> Content:
    """A row for each of the four: from which line and in what shape, already there, derived, or still missing."""
    values = in_use.as_env()
    rows = []
    for name, label in LABELS.items():
        found = recognition.found(name) if recognition is not None else None
        mark, style = "✓ ", "$success"
        if found is not None:
            words = " · ".join(part for part in (f"line {found.line}", found.how, found.note) if part)
            if found.candidate:
                mark, style = "? ", "$warning"
        elif name == DIRECT_URL and in_use.direct_url is None:
            if in_use.database_url is None:
                continue
            words = "derived from the database URL" if in_use.database_url.is_pooled else "the same as the database URL"
        elif name in values:
            words = "in use already"
        else:
            mark, style, words = "○ ", "$secondary", f"not found yet: {WANTED.get(name, '')}"
        rows.append(Content.assemble((mark, style), f"{label:<14}", (words, "$secondary")))
    return Content("\n").join(rows)


def problem_rows(problem: Problem) -> Content:
    """What is wrong, what to do, and the mended value as it would look."""
    where = f"line {problem.line}: " if problem.line else ""
    rows = [Content.assemble(_MARKS[problem.severity], (where, "$secondary"), (problem.message, "bold"))]
    if problem.cure:
        rows.append(Content.assemble(("→ ", "$primary"), problem.cure))
    if problem.repair is not None:
        rows.append(Content.assemble(("  would be  ", "$secondary"), problem.repair.preview))
    return Content("\n").join(rows)
