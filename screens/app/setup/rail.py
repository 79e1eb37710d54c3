"""The eight steps at the left: done, here, to come."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import STEPS, StepId


class StepRail(Widget):
    """A line for each step. It is not a menu: Back and Next move, so that no step is left half done unseen."""

    state: reactive[SetupState | None] = reactive(None)
    here: reactive[StepId] = reactive(StepId.WELCOME)

    def render(self) -> Content:
        """`✓ Welcome`, `● Credentials`, `○ Database`; `–` where the path has nothing to ask."""
        lines = []
        for step in STEPS:
            symbol, style = self._look(step.id)
            title = Content.styled(f" {step.title}", style)
            lines.append(Content.assemble(symbol, title))
        gap = "\n\n" if self.size.height >= 2 * len(STEPS) - 1 else "\n"
        return Content(gap).join(lines)

    def _look(self, step: StepId) -> tuple[Content, str]:
        if step is self.here:
            return Content.styled("●", "bold $primary"), "bold $primary"
        state = self.state
        if state is not None and state.passes_over(step):
            return Content.styled("–", "$secondary"), "$secondary"
        if state is not None and step in state.session.done:
            return Content.styled("✓", "$success"), "$foreground"
        return Content.styled("○", "$secondary"), "$secondary"


def progress_words(here: StepId) -> str:
    """`3/8 Credentials`: the rail where there is no room for it."""
    index = list(StepId).index(here)
    return f"{index + 1}/{len(STEPS)} {STEPS[index].title}"
