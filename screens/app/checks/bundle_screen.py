"""One file for support: what it holds and what was taken out is shown before it is written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static
from textual.worker import Worker

from soundcheck.screens.app.checks.asking import services_of_now
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.timed_text import TimedText
from soundcheck.screens.app.parts.worker_errors import problem_of
from soundcheck.stores import amounts
from soundcheck.stores.errors import CouldNotRun, SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.plain_file import refuse_special
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.typed_path import typed_path

if TYPE_CHECKING:
    from soundcheck.checks.report.bundle import Bundle
    from soundcheck.checks.run import Report
    from soundcheck.stores.services import Services


class BundleScreen(ModalScreen[None]):
    """Collects, proves, lists; writes only when asked, and never over another file."""

    CSS_PATH = "detail.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", tooltip="Stop, and write nothing more"),
    ]

    @dataclass
    class Made(Message):
        """It is there and proven clean; nothing is written yet."""

        bundle: Bundle

    @dataclass
    class Saved(Message):
        """It is written."""

        path: Path

    @dataclass
    class Failed(Message):
        """It could not be made, or not be written."""

        problem: SoundcheckError

    def __init__(self, report: Report, services: Services, *, just_looking: bool = False) -> None:
        super().__init__()
        self._report = report
        self._services = services
        self._just_looking = just_looking
        self._bundle: Bundle | None = None
        self._path = Path.home() / f"soundcheck-{report.run_id}.zip"

    def compose(self) -> ComposeResult:
        """What it holds, where it goes, two buttons."""
        with VerticalScroll(id="detail", can_focus=True) as box:
            box.border_title = Content("Bundle for support")
            box.border_subtitle = Content("tab Buttons   esc Close")
            yield TimedText(Content.styled("◐ collecting…", "$warning"), id="bundle-holds")
            yield Input(str(self._path), id="bundle-path", classes="hidden")
            yield CommandText(id="bundle-said", classes="hidden", markup=False)
            with Horizontal(id="fix-buttons"):
                yield Button("Save", id="bundle-save", compact=True, disabled=True)
                yield Button("Close", id="bundle-close", compact=True)

    def on_mount(self) -> None:
        """Make it aside."""
        self._make()

    @later.worker("Making the bundle", group="bundle", exclusive=True)
    async def _make(self) -> None:
        from soundcheck.checks.report.bundle import make_bundle

        try:
            async with services_of_now(self._services, just_looking=self._just_looking) as now:
                bundle = await make_bundle(self._report, now)
        except SoundcheckError as problem:
            self.post_message(self.Failed(problem))
        else:
            self.post_message(self.Made(bundle))

    @on(Made)
    def _show(self, event: Made) -> None:
        self._bundle = event.bundle
        lines = [Content.styled(f"{amounts.size(len(event.bundle.data))} in one file, no rows of yours", "bold")]
        for member in event.bundle.members:
            taken = member.masked + member.removed
            told = f"  {amounts.number_of(taken, 'value')} taken out" if taken else ""
            lines.append(
                Content.assemble(
                    f"{member.name:<20}",
                    (f"{amounts.size(member.size):>8}", "$faint"),
                    f"  {visible(member.what)}",
                    (told, "$warning"),
                )
            )
        lines.append(
            Content.styled("Opened again and searched: no secret that Soundcheck knows, nothing like one.", "$success")
        )
        self.query_one("#bundle-holds", Static).update(Content("\n").join(lines))
        path = self.query_one("#bundle-path", Input)
        path.remove_class("hidden")
        self.query_one("#bundle-save", Button).disabled = False
        path.focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#bundle-save")
    def _save(self) -> None:
        if self._bundle is not None and not self.query_one("#bundle-save", Button).disabled:
            self._write(self._bundle, self.query_one("#bundle-path", Input).value.strip())

    @later.worker("Writing the bundle", group="bundle", exclusive=True)
    async def _write(self, bundle: Bundle, typed: str) -> None:
        from soundcheck.checks.report.bundle import write_bundle

        try:
            path = typed_path(typed)
            refuse_special(path)
            if path.exists():
                raise CouldNotRun(f"{path} is there already.", "Choose another name.")
            await asyncio.to_thread(write_bundle, bundle, path)
        except SoundcheckError as problem:
            self.post_message(self.Failed(problem))
        else:
            self.post_message(self.Saved(path))

    @on(Saved)
    def _show_saved(self, event: Saved) -> None:
        self._say(
            Content.assemble(("✓ ", "$success"), f"Saved to {visible(str(event.path))}, for your eyes alone (0600).")
        )
        self.query_one("#bundle-save", Button).disabled = True
        self.query_one("#bundle-path").add_class("hidden")
        self.query_one("#bundle-close").focus()

    @on(Failed)
    def _show_failure(self, event: Failed) -> None:
        problem = event.problem
        if self._bundle is None:
            self.query_one("#bundle-holds", Static).update(Content("Nothing is written."))
        self._say(
            Content.assemble(("✗ ", "bold $error"), visible(problem.message), f"\n  {visible(spelled(problem.hint))}")
        )

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What nobody foresaw is a failure like any other."""
        if (problem := problem_of(event)) is not None:
            self.post_message(self.Failed(problem))

    def _say(self, text: Content) -> None:
        said = self.query_one("#bundle-said", Static)
        said.remove_class("hidden")
        said.update(text)

    @on(Button.Pressed, "#bundle-close")
    def _close(self) -> None:
        self.dismiss()
