"""The proof before anything leaves: what is finished is scanned once more, and stays here where anything remains.

The scan is no second scrubbing: it looks for known secrets and for what the net would still mask, and knows nothing of
what the scrubber did or left undone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from soundcheck.checks.check import Check, Group
from soundcheck.checks.finding import Blame, FixKind, Json, Status
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.run import Report
from soundcheck.stores.amounts import number_of
from soundcheck.stores.errors import CouldNotRun


class NotClean(CouldNotRun):
    """Something that may be a secret was about to leave. Names no part of it."""

    def __init__(self, what: str, count: int) -> None:
        super().__init__(
            f"{what} is kept back: {number_of(count, 'place')} in it may still hold a secret.",
            "Nothing was written. This is a fault of Soundcheck: please report which command it was.",
        )
        self.count = count


def own_words(checks: Iterable[Check]) -> frozenset[str]:
    """Texts that every document of ours has, whole: one of them reveals nothing, though a password may be the same."""
    words = {str(word) for kinds in (Status, Blame, Group, FixKind) for word in kinds}
    for check in checks:
        words |= {check.id, check.title}
    return frozenset(words)


def report_words(report: Report) -> frozenset[str]:
    """The same of one report, with the texts that only name it: its id and its time."""
    return own_words(outcome.check for outcome in report.outcomes) | {report.run_id, report.started_at.isoformat()}


def prove_text(redactor: Redactor, text: str, what: str) -> None:
    """Raise `NotClean` where anything remains in a finished text."""
    if hits := redactor.remains(text):
        raise NotClean(what, len(hits))


def proven_json(redactor: Redactor, document: Json, words: frozenset[str], what: str) -> str:
    """The document as it leaves, with a line break at its end; read back and scanned. Raises `NotClean`."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if hits := redactor.remains_in_json(json.loads(text), words):
        raise NotClean(what, len(hits))
    return text
