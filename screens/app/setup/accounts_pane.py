"""Accounts: the two names, what to click, what to copy; or what to ask colleagues for. The words are `wizard`'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.hanging_text import HangingRow, HangingText, row
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.cloud.accounts import ACCOUNTS, TEAM_LINES, Account, message_to_team
from soundcheck.wizard.step import SetupPath, StepId


class AccountsPane(StepPane):
    """A page to read beside the browser; nothing is typed here. API keys make the clicking unnecessary."""

    STEP = StepId.ACCOUNTS

    def compose(self) -> ComposeResult:
        """The page for this path."""
        if self.state.path is SetupPath.TEAM:
            first, *others = TEAM_LINES
            yield CommandText(_team_line(first), classes="section")
            yield Button("Copy a message to send", id="copy-message", tooltip="It asks for what stands below")
            for line in others:
                yield CommandText(_team_line(line), classes="section")
        else:
            yield Button(
                "Create both with my API keys",
                id="own-keys",
                classes="other-way",
                tooltip="For those who have the accounts",
            )
            for number, account in enumerate(ACCOUNTS, start=1):
                yield from _account(number, account)
        yield StepTrouble()

    @on(Button.Pressed, "#copy-message")
    async def _copy_message(self, event: Button.Pressed) -> None:
        """Ready to send: what to share, by a password manager, and whether it is production."""
        event.stop()
        services = self.state.services
        message = message_to_team(services.project.name)
        otherwise = "`soundcheck setup --plain` prints it"
        await copy_text(self.app, message, "The message", services.environ, otherwise=otherwise)

    @on(Button.Pressed, "#own-keys")
    def _with_own_keys(self, event: Button.Pressed) -> None:
        """Who has the accounts and a key of each needs no console."""
        event.stop()
        self.post_message(self.Instead(replace(self.state.choose(SetupPath.INSTANT), own_keys=True)))

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


def _bullet(text: str, name: str) -> HangingRow:
    """One thing to do, with the name to type set off."""
    before, found, after = text.partition(name)
    return row("· ", "$primary", before, (found, "bold"), after)


def _team_line(line: str) -> Content:
    """`NAME=value` with what is to be known of it below, or a sentence."""
    value, _, note = line.partition("   ")
    if "=" not in value:
        return Content(spelled(line))
    return Content.assemble((value, "bold"), "\n", (note.strip(), "$secondary"))
