"""One check as lines of text for the width there is. Pure.

From `WIDE` columns on everything stands in one line: how it stands, what holds, the time, what was found. Under that,
what holds and the time stay whole; what was found gives way where all is well, and gets lines of its own where not.

How a status looks: always symbol, word and colour.
"""

from __future__ import annotations

from typing import Final

from textual.content import Content

from soundcheck.checks.check import Check, Outcome
from soundcheck.checks.finding import Status
from soundcheck.stores import amounts
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.rows.cells import fit

SYMBOLS: Final = {
    Status.OK: ("✓", "$success"),
    Status.WARN: ("!", "$warning"),
    Status.FAIL: ("✗", "$error"),
    Status.SKIP: ("–", "$muted"),
    Status.UNKNOWN: ("?", "$warning"),
}
WORDS: Final = {
    Status.OK: "ok",
    Status.WARN: "warning",
    Status.FAIL: "failed",
    Status.SKIP: "skipped",
    Status.UNKNOWN: "unknown",
}
RUNNING: Final = ("◐", "$warning", "running")
WAITING: Final = ("○", "$faint", "waiting")
WORD_WIDTH: Final = 7

TROUBLED: Final = frozenset({Status.FAIL, Status.UNKNOWN, Status.WARN})
"""What somebody has to look at."""


WIDE: Final = 104
_TITLE: Final = 46
_TIME: Final = 8
_LEAD: Final = 2 + WORD_WIDTH + 1
_MOST_LINES: Final = 3
"""Of what was found; the rest is behind Enter."""


def row_lines(check: Check, outcome: Outcome | None, said: str, width: int) -> list[Content]:
    """The lines of a check. Without an outcome it waits, or is at work on what `said` names."""
    width = max(width, 30)
    if outcome is None:
        return _unfinished(check, said, width)
    status = outcome.finding.status
    symbol, color = SYMBOLS[status]
    lead = Content.assemble((f"{symbol} {WORDS[status]:<{WORD_WIDTH}} ", color))
    found = _found(outcome)
    time = "" if status is Status.SKIP else amounts.milliseconds(outcome.duration_ms)
    if width >= WIDE:
        return _one_line(lead, check, time, found, width, whole=status in TROUBLED)
    if status is Status.SKIP:
        room = width - _LEAD - Content(visible(check.title)).cell_length - 2
        reason = _reason(outcome)
        return _titled(lead, check, fit(reason, room) if room >= 10 else "", width)
    lines = _titled(lead, check, time, width)
    return [*lines, *_below(found, "", width)] if status in TROUBLED else lines


def _unfinished(check: Check, said: str, width: int) -> list[Content]:
    symbol, color, word = RUNNING if said else WAITING
    lead = Content.styled(f"{symbol} {word:<{WORD_WIDTH}} ", color)
    if not said or said == RUNNING[2]:
        return _titled(lead, check, "", width, "" if said else "$faint")
    if width >= WIDE:
        return _one_line(lead, check, "", visible(said), width, whole=False)
    return [*_titled(lead, check, "", width), *_below(visible(said), "$muted", width)]


def _one_line(lead: Content, check: Check, time: str, found: str, width: int, *, whole: bool) -> list[Content]:
    room = width - _LEAD - _TITLE - _TIME - 4
    titles = Content(visible(check.title)).wrap(_TITLE)
    founds = _wrapped(found, room) if whole else [Content.styled(fit(found, room), "$muted")]
    lines = []
    for index in range(max(len(titles), len(founds))):
        title = titles[index].rstrip() if index < len(titles) else Content("")
        text = founds[index] if index < len(founds) else Content("")
        front = lead if index == 0 else Content(" " * _LEAD)
        clock = f"{time if index == 0 else '':>{_TIME}}"
        gap = " " * (_TITLE - title.cell_length)
        lines.append(Content.assemble(front, title, gap, "  ", (clock, "$faint"), "  ", text))
    return lines


def _titled(lead: Content, check: Check, right: str, width: int, style: str = "") -> list[Content]:
    """What holds, and something at the right edge of its first line."""
    edge = Content(right).cell_length
    room = width - _LEAD - (max(edge, _TIME) if right else 0) - (2 if right else 0)
    titles = [title.rstrip() for title in Content.styled(visible(check.title), style).wrap(max(room, 8))]
    gap = " " * max(width - _LEAD - titles[0].cell_length - edge, 0)
    first = Content.assemble(lead, titles[0], gap, (right, "$faint"))
    return [first, *(Content.assemble(" " * _LEAD, title) for title in titles[1:])]


def _below(text: str, style: str, width: int) -> list[Content]:
    return [Content.assemble(" " * _LEAD, (line.plain, style)) for line in _wrapped(text, width - _LEAD)]


def _wrapped(text: str, width: int) -> list[Content]:
    lines = [line.rstrip() for line in Content(text).wrap(max(width, 8))]
    if len(lines) <= _MOST_LINES:
        return lines
    return [
        *lines[: _MOST_LINES - 1],
        Content(fit(f"{lines[_MOST_LINES - 1].plain} {lines[_MOST_LINES].plain}", width)),
    ]


def _found(outcome: Outcome) -> str:
    """In one line; what was not needed says why."""
    finding = outcome.finding
    if finding.status is Status.SKIP and " " in finding.skipped_because:
        return visible(finding.skipped_because)
    return spelled(visible(finding.summary))


def _reason(outcome: Outcome) -> str:
    """Why it was not asked, short: another check's id, or the reason in words."""
    because = visible(outcome.finding.skipped_because)
    return f"needs {because}" if "." in because and " " not in because else because
