"""Through the guard to the cache, from any screen: ask where the guard wants it, do it aside, tell how it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from soundcheck.screens.app.keys.consent_screen import ConsentScreen
from soundcheck.screens.app.parts import later
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.project import ProfileKind
from soundcheck.wizard.cache_write import intent_of, loss_of
from soundcheck.wizard.guard import Action, Consent, Intent, decide
from soundcheck.wizard.profile_kind import record_kind

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from soundcheck.screens.app.shell import Shell


def guarded(
    node: DOMNode, action: Action, title: str, lines: Sequence[str], start: Callable[[], None], *, keys: int = 0
) -> None:
    """Start it at once where the guard lets it pass, after a yes where it wants one; else say why not.

    `keys` is how many values would be lost; 0 for a write that loses none.
    """
    app: Shell = node.app  # type: ignore[assignment]
    losses = [loss_of(keys)] if keys else []
    try:
        intent = intent_of(app.services, action, losses, read_only=not app.writing)
    except SoundcheckError as problem:
        app.notify(f"{problem.message} {problem.hint}", severity="error", markup=False)
        return
    verdict = decide(intent, Consent())
    if verdict.allowed:
        start()
        return
    if intent.read_only:
        way = "Open the project itself to write." if app.start.just_looking else "W allows writing."
        app.notify(f"{verdict.question} {way}", severity="warning", markup=False)
        return

    def record(kind: ProfileKind) -> Intent:
        app.services = record_kind(app.services, kind)
        return intent_of(app.services, action, losses)

    def answered(consent: Consent | None) -> None:
        if consent is not None and decide(intent_of(app.services, action, losses), consent).allowed:
            start()

    later.ask(node, ConsentScreen(intent, title, lines, str(action).capitalize(), record), answered)
