"""What Soundcheck created here, as a list to tick: it is undone when the app has ended, so that nothing uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Button, Input, SelectionList
from textual.widgets.selection_list import Selection

from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.journal import Kind
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.guard import Consent, decide
from soundcheck.wizard.remove.plan import Item, RemovalPlan
from soundcheck.wizard.target import same_name


@dataclass(frozen=True, slots=True)
class RemovalChoice:
    """What was ticked, by kind and name; `edited` names what goes although it was edited since."""

    chosen: frozenset[tuple[Kind, str]]
    edited: tuple[str, ...]
    consent: Consent


_BOX = "▐"
"""How the framework's own mark begins."""


class TickList(SelectionList[int]):
    """A selection list whose ticks are a letter and a blank: the framework tells them apart by colour alone."""

    def render_line(self, y: int) -> Strip:
        """The framework's line with `[x]` or `[ ]` in front."""
        strip = super().render_line(y)
        first, *rest = strip
        at = first.style.meta.get("option") if first.style is not None else None
        if at is None or len(rest) < 2 or first.text != _BOX:
            return strip
        mark = "x" if self.get_option_at_index(at).value in self.selected else " "
        plain = rest[2].style if len(rest) > 2 else None
        return Strip([Segment(f"[{mark}]", (plain or Style()) + Style(meta={"option": at})), *rest[2:]])


class RemovalScreen(ModalScreen[RemovalChoice | None]):
    """Closes with the choice, or None. Cancel has no danger and esc is it."""

    CSS_PATH = "removal_screen.tcss"
    AUTO_FOCUS = "#removal-list"
    HELP = (
        "Everything that Soundcheck created for this project. space ticks a line, Remove ends the app and undoes what"
        " is ticked: lines and files only where they still are as written. What stays is named below the list.\n\n"
        "The same without the app: soundcheck remove --dry-run"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", tooltip="Remove nothing"),
        Binding("tab", "app.focus_next", "Next", tooltip="To the list, the buttons, the name", show=False),
    ]

    def __init__(self, plan: RemovalPlan) -> None:
        super().__init__()
        self._plan = plan
        verdict = None if plan.intent is None else decide(plan.intent, Consent())
        self._wanted = verdict.needs_production_name if verdict else ""
        self._other_way = verdict.way_to_say_the_kind if verdict else ""

    def compose(self) -> ComposeResult:
        """The list, what stays, perhaps a name, two buttons."""
        with Vertical(id="removal") as box:
            box.border_title = Content("Remove what Soundcheck created here")
            box.border_subtitle = Content("space ticks · tab to the buttons")
            yield TickList(*self._selections(), id="removal-list", compact=True)
            yield CommandText(Content("\n".join(visible(line) for line in self._notes())), id="removal-notes")
            if self._wanted:
                asked = f"The env file leads to what may be production. To go on, type its name: {self._wanted}"
                if self._other_way:
                    asked += f"\nOr say once that it is for development: {spelled(self._other_way)}"
                yield CommandText(Content.styled(visible(asked), "$warning"), id="removal-ask")
                yield Input(id="removal-name", compact=True)
            with Horizontal(id="removal-buttons"):
                yield Button("Remove and leave", id="removal-yes", compact=True)
                yield Button("Cancel", id="removal-no", compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """Whether the button works depends on the ticks."""
        self.title = "Remove"
        self._weigh()

    def _selections(self) -> list[Selection[int]]:
        width = max(len(item.name) for item in self._plan.items)
        return [
            Selection(Content(visible(f"{item.name:<{width}}  {item.what}")), at, item.chosen)
            for at, item in enumerate(self._plan.items)
        ]

    def _notes(self) -> list[str]:
        lines = [f"{item.name}: {item.reason.partition('; to remove')[0]}" for item in self._plan.items if item.reason]
        if self._plan.stays:
            lines.append("Not deleted by Soundcheck:")
            lines += [f"  {one.what} {one.link}".rstrip() for one in self._plan.stays]
        return lines

    def _ticked(self) -> list[Item]:
        return [self._plan.items[at] for at in self.query_one("#removal-list", SelectionList).selected]

    @on(SelectionList.SelectedChanged)
    @on(Input.Changed)
    def _weigh(self) -> None:
        ticked = self._ticked()
        asks = bool(self._wanted) and any(item.kind in {Kind.ENV, Kind.LOCAL} for item in ticked)
        named = not asks or same_name(self.query_one("#removal-name", Input).value, self._wanted)
        self.query_one("#removal-yes", Button).disabled = not ticked or not named

    @on(Input.Submitted)
    @on(Button.Pressed, "#removal-yes")
    def _accept(self) -> None:
        if self.query_one("#removal-yes", Button).disabled:
            return
        ticked = self._ticked()
        edited = tuple(item.name for item in ticked if item.edited and not item.chosen)
        self.dismiss(
            RemovalChoice(
                frozenset((item.kind, item.name) for item in ticked), edited, Consent(production=self._wanted)
            )
        )

    @on(Button.Pressed, "#removal-no")
    def _cancel(self) -> None:
        self.dismiss(None)
