"""The palette (F6, ctrl+p): every action that works on this screen, with what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from textual.app import SystemCommand
from textual.binding import ActiveBinding
from textual.command import DiscoveryHit, Hit, Hits, Provider


class ScreenActions(Provider):
    """All actions of ours on the screen below, those of the key line first; the framework's own have no tooltip."""

    def _actions(self) -> dict[str, ActiveBinding]:
        found: dict[str, ActiveBinding] = {}
        for active in sorted(self.screen.active_bindings.values(), key=lambda active: not active.binding.show):
            binding = active.binding
            if binding.tooltip and active.enabled and not binding.system:
                found.setdefault(f"{binding.description} ({self.app.get_key_display(binding)})", active)
        return found

    async def discover(self) -> Hits:
        """Everything, before a letter is typed."""
        for label, active in self._actions().items():
            yield DiscoveryHit(label, partial(self._run, active), help=active.tooltip or None)

    async def search(self, query: str) -> Hits:
        """What fits the typed letters, in the word or in its explanation."""
        matcher = self.matcher(query)
        for label, active in self._actions().items():
            score = max(matcher.match(label), matcher.match(active.tooltip) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(label), partial(self._run, active), help=active.tooltip or None)

    async def _run(self, active: ActiveBinding) -> None:
        await self.app.run_action(active.binding.action, active.node)


def app_commands(
    *, vim_keys: bool, zone: str, just_looking: bool, act: Callable[[str], Callable[[], Awaitable[object]]]
) -> Iterator[SystemCommand]:
    """What is not a key of a screen: the theme, vim's keys, the zone of times, and what works on the whole project.

    `act` makes the callback of an action of the app's, as a binding names it.
    """
    yield SystemCommand("Theme", "Choose other colours", act("change_theme"))
    yield SystemCommand(
        f"Vim keys {'off' if vim_keys else 'on'}",
        "Back to arrows, home and end alone" if vim_keys else "hjkl, gg, G, ctrl+d, ctrl+u; the help (?) tells which",
        act("toggle_vim_keys"),
    )
    yield SystemCommand(
        "Time zone", f"Show times in another zone than {zone}, and read filters in it", act("choose_zone")
    )
    if not just_looking:
        for half, what in (("database", "password"), ("cache", "token")):
            yield SystemCommand(
                f"Replace the {half}'s credential",
                f"Paste a new {what}: tested, written to every file, the old one seen refused",
                act(f"replace_credential('{half}')"),
            )
        yield SystemCommand(
            "Move", "Database and cache to the cloud, to this machine, or back: the commands for it", act("move")
        )
        yield SystemCommand(
            "Remove", "What Soundcheck created here: a list to tick, undone after the app has ended", act("remove")
        )
    yield SystemCommand("Quit", "Leave Soundcheck", act("quit"))
