"""Earlier runs, and the difference between two of them in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.ages import form_for, time_words
from soundcheck.screens.app.parts.chosen_by_click import ClickedOptions
from soundcheck.screens.app.parts.timed_text import TimedText
from soundcheck.screens.app.parts.worker_errors import tell
from soundcheck.stores.hidden_characters import visible

if TYPE_CHECKING:
    from soundcheck.checks.report.comparison import Comparison
    from soundcheck.checks.report.stored_run import StoredRun
    from soundcheck.stores.services import Services

_SIGNS: Final = {"worse": ("▼ worse ", "$error"), "better": ("▲ better", "$success"), "other": ("· changed", "$muted")}


class HistoryScreen(ModalScreen[None]):
    """The run under the cursor against the one that is marked; the newest one is marked at first."""

    CSS_PATH = "detail.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", tooltip="Back to the checks"),
        Binding("space", "mark", "Mark", tooltip="Compare the others with this run, as enter or a second click does"),
    ]

    @dataclass
    class Read(Message):
        """The runs that are kept, and how their words are cleaned."""

        runs: tuple[StoredRun, ...]
        clean: Callable[[str], str]

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._runs: tuple[StoredRun, ...] = ()
        self._clean: Callable[[str], str] = visible
        self._marked = 0

    def compose(self) -> ComposeResult:
        """The runs, and under them what changed."""
        with VerticalScroll(id="detail", can_focus=False) as box:
            box.border_title = Content("Runs")
            box.border_subtitle = Content("enter Compare with this one   esc Close")
            yield ClickedOptions(id="runs")
            yield TimedText(Content.styled("◐ reading…", "$muted"), id="difference")

    def on_mount(self) -> None:
        """Read them aside."""
        self._read()

    @later.worker("Reading the runs", group="history", exclusive=True)
    async def _read(self) -> None:
        from soundcheck.checks.report.history import list_runs
        from soundcheck.checks.report.known_secrets import redactor_for

        redactor = await asyncio.to_thread(redactor_for, self._services)
        runs = await asyncio.to_thread(list_runs, self._services.project)
        self.post_message(self.Read(runs, redactor.scrub))

    @on(Read)
    def _show(self, event: Read) -> None:
        self._runs, scrub = event.runs, event.clean
        self._clean = lambda text: visible(scrub(text))
        if not self._runs:
            self._say(Content("No run is kept yet. Each run of all checks is kept here, the last fifty."))
            return
        self._fill()
        runs = self.query_one("#runs", OptionList)
        runs.focus()
        runs.highlighted = min(1, len(self._runs) - 1)

    def _fill(self) -> None:
        runs = self.query_one("#runs", OptionList)
        here = runs.highlighted
        runs.clear_options()
        now, moments = self._services.clock.now(), [run.started_at for run in self._runs]
        form = form_for(moments, now)
        whens = [time_words(moment, form, now) for moment in moments]
        width = max(map(len, whens), default=0)
        runs.add_options([Option(self._line(index, f"{when:>{width}}")) for index, when in enumerate(whens)])
        runs.highlighted = here

    def _line(self, index: int, when: str) -> Content:
        run = self._runs[index]
        sign = "● " if index == self._marked else "  "
        return Content.assemble(
            (sign, "$primary"), when, (f"  {visible(run.run_id)}  ", "$muted"), self._clean(run.sentence)
        ).truncate(max(self.app.size.width - 14, 24), ellipsis=True)

    @on(OptionList.OptionHighlighted)
    def _compare(self, event: OptionList.OptionHighlighted) -> None:
        from soundcheck.checks.report.comparison import compare

        if len(self._runs) < 2:
            self._say(Content("One run is kept. From the next one on, what changed stands here."))
            return
        here = event.option_index
        if here == self._marked:
            self._say(Content.styled("The others are compared with this run.", "$muted"))
            return
        older, newer = max(here, self._marked), min(here, self._marked)
        self._say(self._difference(compare(self._runs[older], self._runs[newer])))

    def _difference(self, comparison: Comparison) -> Content:
        lines = [Content.styled(f"\n{self._clean(comparison.lines[0])}", "bold")]
        for change in comparison.changes:
            sign, color = _SIGNS[change.direction.value]
            lines.append(Content.assemble((f"{sign}  ", color), self._clean(change.text)))
        if not comparison.changes:
            lines.append(Content("Nothing that matters differs."))
        return Content("\n").join(lines)

    @on(OptionList.OptionSelected)
    def action_mark(self) -> None:
        """Compare with this one from now on."""
        runs = self.query_one("#runs", OptionList)
        if runs.highlighted is not None and self._runs:
            self._marked = runs.highlighted
            self._fill()

    def _say(self, text: Content) -> None:
        self.query_one("#difference", Static).update(text)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A history that cannot be read is said at the edge."""
        tell(self, event)
