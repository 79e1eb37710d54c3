"""The lines that connected the backend a moment ago, and what they printed, ready to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from screens.app.clipboard import copy_text
from stores.cells import visible
from wizard.client_outlook import ClientOutlook

if TYPE_CHECKING:
    from collections.abc import Mapping


class ClientBox(Static, can_focus=True):
    """Hidden until there is something that was run. `c` and Enter copy the lines, without what they printed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c,enter", "copy", "Copy", key_display="c", tooltip="Copy the lines that connect"),
    ]
    DEFAULT_CSS = """
    ClientBox { height: auto; border: round $panel; border-title-color: $secondary; padding: 0 1; margin: 1 0 0 0; }
    ClientBox:focus { border: round $primary; border-title-color: $primary; }
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(markup=False)
        self.display = False
        self._environ = environ
        self._lines = ""

    def tell(self, outlook: ClientOutlook) -> None:
        """Show the lines with their output, or nothing where none were run."""
        self.display = bool(outlook.snippet)
        self._lines = "\n".join(outlook.snippet) + "\n"
        self.border_title = Content(visible(f"run with {outlook.interpreter}"))
        lines = [Content(visible(line)) for line in outlook.snippet]
        self.update(Content("\n").join([*lines, Content.styled(f"→ {visible(outlook.output)}", "bold $success")]))

    def action_copy(self) -> None:
        """Copy, and say how that went."""
        self.run_worker(
            copy_text(self.app, self._lines, "The lines", self._environ, otherwise="`soundcheck doctor --json` has it"),
            exclusive=True,
        )
