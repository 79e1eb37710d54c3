"""What the exchange of a credential shows: what is in use, what was pasted, its layers, the plan, the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from soundcheck.checks.advice import Face
from soundcheck.checks.run import CheckEvent, Finished
from soundcheck.screens.app.parts.hanging_text import HangingRow, row
from soundcheck.screens.app.parts.line_text import MARKS, Line
from soundcheck.screens.app.setup.check_lines import from_check
from soundcheck.screens.app.setup.recognised_text import LABELS, problem_rows
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import DATABASE_URL, REST_TOKEN, Credentials
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.progress import Mark, Progress
from soundcheck.wizard.replace.flow import BY_HAND, MAY_FAIL, left_words
from soundcheck.wizard.replace.pasted_credential import PastedCredential
from soundcheck.wizard.replace.plan import FileChange, LeftAlone

ASKS: Final = {
    Half.DATABASE: "paste the new connection string here",
    Half.CACHE: "paste the new token here, or the lines with it",
}
_MADE: Final = {
    Half.DATABASE: "Make the new password first: Neon, Roles & Databases, Reset password; elsewhere ALTER ROLE.",
    Half.CACHE: "Make the new token first: Upstash, Details, Reset credentials.",
}
_STYLES: Final = {"+": "$success", "-": "$error"}


def named(half: Half) -> str:
    """The store's credential in a title."""
    return "database's password" if half is Half.DATABASE else "cache's token"


def in_use_rows(half: Half, credentials: Credentials) -> list[HangingRow]:
    """Where the one in use leads, and what has to happen before there is a new one."""
    where = ""
    if half is Half.CACHE and credentials.rest_url is not None:
        where = str(credentials.rest_url)
    elif half is Half.DATABASE and (url := credentials.database_url) is not None:
        where = f"{url.endpoint}/{url.database} as {url.user}"
    return [
        row("", "", ("In use  ", "$secondary"), visible(where)),
        row("", "", (_MADE[half], "$secondary")),
    ]


def given_rows(given: PastedCredential | None) -> list[HangingRow]:
    """What was recognised, and what is wrong with it."""
    if given is None:
        return []
    rows: list[HangingRow] = []
    name = DATABASE_URL if given.half is Half.DATABASE else REST_TOKEN
    if given.is_complete:
        found = given.recognition.found(name)
        how = "one word, taken as it is" if found is None else f"line {found.line} · {found.how}"
        rows.append(row("✓ ", "$success", f"{LABELS[name]}  ", (how, "$secondary"), ("   F9 tests it", "$secondary")))
    return rows + [part for problem in given.findings for part in problem_rows(problem)]


def tested_line(event: CheckEvent) -> Line:
    """A layer of the new one; why it failed is told below all of them, and missing tables are only a warning."""
    line = from_check(event)
    if line.mark not in {Mark.FAIL, Mark.WARN} or not isinstance(event, Finished):
        return line
    finding = event.outcome.finding
    if line.key == MAY_FAIL:
        return replace(line, mark=Mark.WARN, explanation=(finding.summary, finding.hint_for(Face.SETUP)))
    return replace(line, detail=finding.summary if line.mark is Mark.WARN else "", explanation=())


def plan_rows(tested: Sequence[Line], files: Sequence[FileChange], left: Sequence[LeftAlone]) -> list[HangingRow]:
    """That the new one works, then each file with what it becomes, then those that are left."""
    passed = sum(line.mark is Mark.OK for line in tested)
    rows = [row("✓ ", "$success", ("The new one works", "bold"), (f"  {passed} layers passed", "$secondary"))]
    for file in files:
        rows += [row("", "", ""), row("", "", (visible(file.shown), "bold"))]
        for text in file.lines:
            style = _STYLES.get(text[:1], "")
            rows.append(
                row(f"{text[:2]}", f"bold {style}", (visible(text[2:]), "$secondary" if text[:1] == "-" else ""))
            )
    for one in left:
        rows += [row("! ", "$warning", visible(left_words(one))), row("→ ", "$primary", BY_HAND)]
    rows += [row("", "", "")] if any(line.mark is Mark.WARN for line in tested) else []
    for line in (one for one in tested if one.mark is Mark.WARN):
        said, *hints = line.explanation or (line.detail,)
        rows += [row("! ", "$warning", visible(said)), *(row("→ ", "$primary", visible(spelled(one))) for one in hints)]
    return rows


def progress_rows(lines: Iterable[Progress]) -> list[HangingRow]:
    """Lines of a step with what to do below them, nothing of them cut off."""
    rows = []
    for line in lines:
        symbol, style, word = MARKS[line.mark]
        rows.append(row(f"{symbol} ", style, (f"{word}: " if word else "", style), visible(line.text)))
        if line.hint:
            rows.append(row("→ ", "$primary", (visible(spelled(line.hint)), "$secondary")))
    return rows
