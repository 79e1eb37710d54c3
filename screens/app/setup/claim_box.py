"""Temporary stores at the end of Set-up: when they go, and their links once somebody asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from screens.app.clipboard import copy_text
from stores.own_command import spelled
from wizard.claims_in_setup import claims_said
from wizard.claims_list import Claim


class ClaimBox(Static, can_focus=True):
    """Hidden where nothing is temporary. Enter shows the links and hides them again; `c` copies them once shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "reveal", "Links", key_display="enter", tooltip="Show or hide the links that claim them"),
        Binding("c", "copy", "Copy", tooltip="Copy the links, once they are shown"),
    ]
    DEFAULT_CSS = """
    ClaimBox { height: auto; border: round $warning; border-title-color: $warning; padding: 0 1; margin: 1 0 0 0; }
    ClaimBox:focus { border: round $primary; border-title-color: $primary; }
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(markup=False)
        self.display = False
        self.border_title = Content("Temporary")
        self._environ = environ
        self._claims: Sequence[Claim] = ()
        self._shown = False

    def tell(self, claims: Sequence[Claim]) -> None:
        """Say when they end; links stay hidden."""
        self._claims, self._shown = claims, False
        self.display = bool(claims)
        self._draw()

    @property
    def links(self) -> str:
        """One a line."""
        return "\n".join(claim.link.reveal() for claim in self._claims if claim.link is not None)

    def _draw(self) -> None:
        *ends, otherwise = claims_said(self._claims) or [""]
        lines = [Content(spelled(line)) for line in ends]
        if self._shown:
            lines.append(Content.styled("Open each and log in; whoever has a link can take the store:", "$secondary"))
            lines += [Content.styled(link, "underline") for link in self.links.splitlines()]
        else:
            lines.append(Content.styled(f"Enter shows the links here. Later: {spelled(otherwise)}", "$secondary"))
        self.update(Content("\n").join(lines))

    def action_reveal(self) -> None:
        """Show them, or hide them again."""
        self._shown = not self._shown
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is not shown is not copied."""
        return self._shown if action == "copy" else super().check_action(action, parameters)

    def action_copy(self) -> None:
        """Copy, and say how that went."""
        self.run_worker(
            copy_text(self.app, self.links, "The links", self._environ, otherwise="`soundcheck claims --show-links`"),
            exclusive=True,
        )
