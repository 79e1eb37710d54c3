"""Accounts: the two names, what to click, what to copy; or what to ask colleagues for. The words are `wizard`'s."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from screens.app.setup.hanging_text import HangingText, Row, row
from screens.app.setup.step_pane import StepPane
from screens.app.setup.trouble import Trouble
from wizard.accounts import ACCOUNTS, TEAM_LINES, Account
from wizard.step import Path, StepId


class AccountsPane(StepPane):
    """A page to read beside the browser; nothing is typed here."""

    STEP = StepId.ACCOUNTS

    def compose(self) -> ComposeResult:
        """The page for this path."""
        if self.journey.path is Path.TEAM:
            for line in TEAM_LINES:
                yield Static(_team_line(line), classes="section")
        else:
            for number, account in enumerate(ACCOUNTS, start=1):
                yield from _account(number, account)
        yield Trouble()

    def on_mount(self) -> None:
        """Reading is all there is to it."""
        self.ready = True
        self.next_label = "I have them"


def _account(number: int, account: Account) -> Sequence[Widget]:
    """One account: its link in full on a line of its own, so that every terminal can select it."""
    rows: list[Widget] = [
        Static(_heading(f"{number}  {account.provider}", account.name), classes="account"),
        Static(Content.styled(account.link, "underline")),
    ]
    todo = [_bullet(click, account.name) for click in account.clicks]
    todo.append(row("→ ", "bold $primary", "Copy ", (account.copies, "bold")))
    todo.append(row("  ", "", (account.free, "$secondary")))
    return [*rows, HangingText(todo)]


def _heading(text: str, name: str) -> Content:
    return Content.assemble((text, "bold $primary"), "   ", (name, "bold"))


def _bullet(text: str, name: str) -> Row:
    """One thing to do, with the name to type set off."""
    before, found, after = text.partition(name)
    return row("· ", "$primary", before, (found, "bold"), after)


def _team_line(line: str) -> Content:
    """`NAME=value` with what is to be known of it below, or a sentence."""
    value, _, note = line.partition("   ")
    if "=" not in value:
        return Content(line)
    return Content.assemble((value, "bold"), "\n", (note.strip(), "$secondary"))
