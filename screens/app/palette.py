"""The palette (F6, ctrl+p): every action that works on this screen, with what it does."""

from __future__ import annotations

from functools import partial

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
