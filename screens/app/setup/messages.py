"""What Set-up says to the app around it."""

from __future__ import annotations

from textual.message import Message

from soundcheck.checks.services import Services


class SetupFinished(Message):
    """Done was reached and the person wants the tables. The services are theirs who hear this: they close them."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
