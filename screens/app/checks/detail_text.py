"""What is behind one check, as a page of text. Pure; nothing in it is markup."""

from __future__ import annotations

import json
from typing import Final

from textual.content import Content

from soundcheck.checks.advice import Face
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Blame, Status
from soundcheck.screens.app.checks.row_text import SYMBOLS, WORDS
from soundcheck.stores import amounts
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.own_command import here, spelled

_WHOSE_MOVE: Final = {
    Blame.YOU: "yours",
    Blame.NETWORK: "the network's",
    Blame.PROVIDER: "the provider's",
    Blame.US: "ours, a fault of Soundcheck",
}


def page(outcome: Outcome, *, notice: str = "") -> Content:
    """What it found, why, whose move it is, and what to do."""
    finding = outcome.finding
    symbol, color = SYMBOLS[finding.status]
    took = "" if finding.status is Status.SKIP else f"  {amounts.milliseconds(outcome.duration_ms)}"
    parts = [
        Content.assemble((visible(outcome.check.title), "bold"), (took, "$faint")),
        Content.assemble((f"{symbol} {WORDS[finding.status]}", color), f"  {_safe(finding.summary)}"),
    ]
    named = [
        ("Why", finding.cause),
        ("Whose move", _WHOSE_MOVE[finding.blame] if finding.blame else ""),
        ("What to do", finding.hint_for(Face.ANYWHERE, here())),
        ("Not asked because of", finding.skipped_because),
        ("Fixes", notice),
    ]
    for name, text in named:
        if text:
            parts.append(Content.assemble((f"\n{name}\n", "$muted"), _safe(text)))
    if finding.link:
        parts.append(Content.assemble(("\nRead more\n", "$muted"), (visible(finding.link), "underline")))
    return Content("\n").join(parts)


def evidence(outcome: Outcome) -> Content:
    """What it was judged on, and what it rests on."""
    parts = []
    if outcome.check.requires:
        parts.append(Content.assemble(("\nRests on\n", "$muted"), ", ".join(outcome.check.requires)))
    if outcome.evidence:
        facts = json.dumps(outcome.evidence, ensure_ascii=False, indent=2, default=str)
        parts.append(Content.assemble(("\nEvidence\n", "$muted"), (_safe(facts), "$secondary")))
    return Content("\n").join(parts)


def _safe(text: str) -> str:
    return "\n".join(visible(line) for line in spelled(text).split("\n"))
