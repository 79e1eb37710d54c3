"""The question before the cache is written to: what, where, and a yes; a name to type where it may be production."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.project import ProfileKind
from soundcheck.wizard.guard import Consent, Intent, decide
from soundcheck.wizard.target import same_name


class ConsentScreen(ModalScreen[Consent | None]):
    """Closes with the consent that the guard wanted, or None. Dropping is asked everywhere, so Cancel has the focus."""

    CSS_PATH = "keys.tcss"
    AUTO_FOCUS = ""
    HELP = (
        "Nothing was changed yet. The button does it; where this may be production, its name is typed first.\n\n"
        "Development or Production writes what the profile is for into soundcheck.toml, and is not asked again."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", tooltip="Change nothing"),
        Binding("left,up", "app.focus_previous", "Previous", show=False, tooltip="To the button before"),
        Binding("right,down", "app.focus_next", "Next", show=False, tooltip="To the next button"),
    ]

    def __init__(
        self,
        intent: Intent,
        title: str,
        lines: Sequence[str],
        verb: str,
        record: Callable[[ProfileKind], Intent] | None = None,
    ) -> None:
        """`record` writes what the profile is for, once for all; the intent of afterwards."""
        super().__init__()
        self._intent = intent
        self._record = record
        self._title = title
        self._lines = lines
        self._verb = verb
        self._verdict = decide(intent, Consent(frozenset(intent.losses)))

    @property
    def _wanted(self) -> str:
        return self._verdict.needs_production_name

    def compose(self) -> ComposeResult:
        """Words, perhaps a name, two buttons."""
        with Vertical(id="consent") as box:
            box.border_title = Content(visible(self._title))
            words = [*map(visible, self._lines), "", f"Cache: {visible(str(self._intent.target))}"]
            yield CommandText(Content("\n".join(words)), id="consent-words")
            if self._record is not None and self._verdict.unnamed_profile:
                yield Static(Content("Nobody has said yet what the profile is for. Once for all:"), id="kind-ask")
                with Horizontal(id="kind-buttons"):
                    yield Button("Development", id="kind-dev", compact=True)
                    yield Button("Production", id="kind-production", compact=True)
            if self._wanted:
                asked = f"This may be production. To go on, type its name: {self._wanted}"
                yield CommandText(Content.styled(asked, "$warning"), id="consent-ask")
                yield Input(id="consent-name")
            with Horizontal(id="consent-buttons"):
                yield Button(self._verb, id="consent-yes", compact=True, disabled=bool(self._wanted))
                yield Button("Cancel", id="consent-no", compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """The harmless answer first."""
        self.title = self._title
        self.query_one("#consent-name" if self._wanted else "#consent-no").focus()

    @on(Input.Changed, "#consent-name")
    def _compare(self, event: Input.Changed) -> None:
        self.query_one("#consent-yes", Button).disabled = not same_name(event.value, self._wanted)

    @on(Input.Submitted, "#consent-name")
    @on(Button.Pressed, "#consent-yes")
    def _accept(self) -> None:
        if not self.query_one("#consent-yes", Button).disabled:
            self.dismiss(Consent(frozenset(self._intent.losses), self._wanted))

    @on(Button.Pressed, "#kind-dev, #kind-production")
    def _say_kind(self, event: Button.Pressed) -> None:
        """Write it down, and ask only what is still to be asked."""
        kind = ProfileKind.DEV if event.button.id == "kind-dev" else ProfileKind.PRODUCTION
        try:
            self._intent = self._record(kind) if self._record is not None else self._intent
        except SoundcheckError as problem:
            self.app.notify(f"{problem.message} {problem.hint}", severity="error", markup=False)
            return
        self.app.notify(f"{self._intent.profile} is {kind} from now on, in soundcheck.toml.", markup=False)
        self._verdict = decide(self._intent, Consent(frozenset(self._intent.losses)))
        for name in ("#kind-ask", "#kind-buttons"):
            self.query_one(name).display = False
        if self._wanted:
            self.query_one("#consent-ask", Static).update(
                Content.styled(f"This is production. To go on, type its name: {self._wanted}", "$warning")
            )
            self.query_one("#consent-name").focus()
        else:
            for name in ("#consent-ask", "#consent-name"):
                self.query_one(name).display = False
            self.query_one("#consent-yes", Button).disabled = False
            self.query_one("#consent-no").focus()

    @on(Button.Pressed, "#consent-no")
    def _cancel(self) -> None:
        self.dismiss(None)
