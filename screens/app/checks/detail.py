"""What is behind one check: cause, whose move it is, what to do, and the evidence it was judged on."""

from __future__ import annotations

import json
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from checks.check import Outcome
from checks.finding import Blame
from screens.app.checks.marks import SYMBOLS, WORDS
from stores.cells import visible

_WHOSE_MOVE = {
    Blame.YOU: "yours",
    Blame.NETWORK: "the network's",
    Blame.PROVIDER: "the provider's",
    Blame.US: "ours, a fault of Soundcheck",
}


class CheckDetail(ModalScreen[None]):
    """A page over the checks; Esc closes it."""

    CSS_PATH = "detail.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Close", tooltip="Back to the checks")]

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self._outcome = outcome

    def compose(self) -> ComposeResult:
        """One page of text."""
        with VerticalScroll(id="detail") as page:
            page.border_title = Content(self._outcome.check.id)
            page.border_subtitle = Content("esc Close")
            yield Static(_page(self._outcome))


def _page(outcome: Outcome) -> Content:
    finding = outcome.finding
    symbol, color = SYMBOLS[finding.status]
    parts = [
        Content.styled(visible(outcome.check.title), "bold"),
        Content.assemble((f"{symbol} {WORDS[finding.status]}", color), f"  {visible(finding.summary)}"),
    ]
    named = [
        ("Why", finding.cause),
        ("Whose move", _WHOSE_MOVE[finding.blame] if finding.blame else ""),
        ("What to do", finding.hint),
        ("Not asked because of", finding.skipped_because),
        ("Mend it with", "\n".join(f"{fix.label} ({fix.kind})" for fix in finding.fixes)),
    ]
    for name, text in named:
        if text:
            parts.append(Content.assemble((f"\n{name}\n", "$muted"), _safe(text)))
    if finding.link:
        parts.append(Content.assemble(("\nRead more\n", "$muted"), (visible(finding.link), "underline")))
    if outcome.evidence:
        evidence = json.dumps(outcome.evidence, ensure_ascii=False, indent=2, default=str)
        parts.append(Content.assemble(("\nEvidence\n", "$muted"), (_safe(evidence), "$secondary")))
    return Content("\n").join(parts)


def _safe(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))
