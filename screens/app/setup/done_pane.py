"""Done: the nine success criteria with their ticks, and the commands to go on with.

Temporary stores at the end of Set-up: when they go, and their links once somebody asks for them.

The lines that connected the backend a moment ago, and what they printed, ready to copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from soundcheck.checks.run import CheckEvent, Finished
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.hanging_text import HangingRow, HangingText, row
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.setup.plan_rows import STYLES
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.cloud.claims_list import Claim
from soundcheck.wizard.progress import Mark, PlanLine, Progress
from soundcheck.wizard.setup.client_outlook import ClientOutlook
from soundcheck.wizard.setup.criteria import claims_said
from soundcheck.wizard.setup.next_commands import NextCommand
from soundcheck.wizard.step import StepId

if TYPE_CHECKING:
    from soundcheck.wizard.setup.done_step import LastLook


class ClaimBox(Static, can_focus=True):
    """Hidden where nothing is temporary. Enter shows the links and hides them again; `c` copies them once shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "reveal", "Links", key_display="enter", tooltip="Show or hide the links that claim them"),
        Binding("c", "copy", "Copy", tooltip="Copy the links, once they are shown"),
    ]
    DEFAULT_CSS = """
    ClaimBox { height: auto; border: round $warning; border-title-color: $warning; padding: 0 1; margin: 1 0 0 0; }
    ClaimBox:focus { border: round $primary; border-title-color: $primary; }
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(markup=False)
        self.display = False
        self.border_title = Content("Temporary")
        self._environ = environ
        self._claims: Sequence[Claim] = ()
        self._shown = False

    def tell(self, claims: Sequence[Claim]) -> None:
        """Say when they end; links stay hidden."""
        self._claims, self._shown = claims, False
        self.display = bool(claims)
        self._draw()

    @property
    def links(self) -> str:
        """One a line."""
        return "\n".join(claim.link.reveal() for claim in self._claims if claim.link is not None)

    def _draw(self) -> None:
        *ends, otherwise = claims_said(self._claims) or [""]
        lines = [Content(spelled(line)) for line in ends]
        if self._shown:
            lines.append(Content.styled("Open each and log in; whoever has a link can take the store:", "$secondary"))
            lines += [Content.styled(link, "underline") for link in self.links.splitlines()]
        else:
            lines.append(Content.styled(f"Enter shows the links here. Later: {spelled(otherwise)}", "$secondary"))
        self.update(Content("\n").join(lines))

    def action_reveal(self) -> None:
        """Show them, or hide them again."""
        self._shown = not self._shown
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is not shown is not copied."""
        return self._shown if action == "copy" else super().check_action(action, parameters)

    def action_copy(self) -> None:
        """Copy, and say how that went."""
        otherwise = "`soundcheck claims --show-links`"
        copy = partial(copy_text, self.app, self.links, "The links", self._environ, otherwise=otherwise)
        later.run(self, copy, "Copying", exclusive=True)


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
        otherwise = "`soundcheck doctor --json` has it"
        copy = partial(copy_text, self.app, self._lines, "The lines", self._environ, otherwise=otherwise)
        later.run(self, copy, "Copying", exclusive=True)


LONGEST_NOTE: Final = 60


class DonePane(StepPane):
    """All checks once more, from a clean start: what is ticked here was seen just now."""

    STEP = StepId.DONE

    class Judged(Message):
        """The nine judged, and what is said beside them."""

        def __init__(self, step: LastLook) -> None:
            super().__init__()
            self.step = step

    def compose(self) -> ComposeResult:
        """What is being checked, then the ticks, then the commands to go on with."""
        yield LiveLines(self.state.services.clock)
        yield HangingText(id="ticks")
        yield ClaimBox(self.state.services.environ)
        yield HangingText(id="client")
        yield ClientBox(self.state.services.environ)
        yield HangingText(id="next-commands")
        yield StepTrouble()

    def on_mount(self) -> None:
        """Judge at once."""
        self._begin()

    def _begin(self) -> None:
        self.ready, self.next_label = False, "Open the tables"
        for name in ("#ticks", "ClaimBox", "#client", "ClientBox", "#next-commands"):
            self.query_one(name).display = False
        lines = self.query_one(LiveLines)
        lines.display = True
        lines.expect([])
        self.start("last look", self._judge)

    async def _judge(self) -> None:
        from soundcheck.wizard.setup.done_step import look

        self.report(Progress("Looking at everything once more", Mark.RUNNING, key="all"))
        self.post_message(self.Judged(await look(self.state, self._count)))

    def _count(self, event: CheckEvent) -> None:
        if isinstance(event, Finished):
            self.report(Progress(f"Looking at everything once more: {event.outcome.check.title}", Mark.RUNNING, "all"))

    @on(Judged)
    def _show(self, event: Judged) -> None:
        event.stop()
        step = event.step
        self.query_one(LiveLines).display = False
        ticks = self.query_one("#ticks", HangingText)
        ticks.show(_ticks(step.criteria))
        ticks.display = True
        self.query_one(ClaimBox).tell(step.claims)
        client = self.query_one("#client", HangingText)
        client.show(_client(step.outlook))
        client.display = bool(step.outlook)
        self.query_one(ClientBox).tell(step.client)
        if step.problem is not None:
            self.show_failure(step.problem)
            return
        commands = self.query_one("#next-commands", HangingText)
        commands.show(_next_commands(step.commands))
        commands.display = True
        self.offer_next("Open the tables")

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason, and Next becomes the way to look again."""
        super().show_failure(error)
        self.offer_next("Look again")

    def cancel(self) -> None:
        """Looking stops; Next looks again."""
        super().cancel()
        self.offer_next("Look again")

    def proceed(self) -> None:
        """To the tables, or look again."""
        if self.next_label == "Look again":
            self._begin()
        else:
            self.pass_on(self.state)


def _ticks(criteria: tuple[PlanLine, ...]) -> list[HangingRow]:
    """The nine, each on one line."""
    return [
        row(f"{line.mark} ", f"bold {STYLES[line.mark]}", line.head, (shortened(line.text), "$secondary"))
        for line in criteria
    ]


def shortened(note: str) -> str:
    """A reason on one line: the list of nine stays a list."""
    return note if len(note) <= LONGEST_NOTE else note[: LONGEST_NOTE - 1].rstrip() + "…"


def _next_commands(commands: tuple[NextCommand, ...]) -> list[HangingRow]:
    """The commands, spelled as they work here, with what each is for; one that takes a line has that above it."""
    rows = [row("", "", ("Tomorrow", "bold $primary"))]
    for one in commands:
        command = spelled(f"`{one.text}`").strip("`")
        if command == one.text:
            rows.append(row("› ", "$primary", (command, "bold"), "  ", (one.what, "$secondary")))
        else:
            rows += [row("› ", "$primary", (one.what, "$secondary")), row("  ", "", (command, "bold"))]
    return rows


def _client(outlook: tuple[PlanLine, ...]) -> list[HangingRow]:
    """How the backend's own client does; a dot where that is no tick."""
    first = "·" if outlook and outlook[0].mark == " " else "✓"
    style = f"bold {STYLES['✓']}" if first == "✓" else "$secondary"
    return [row(f"{first} " if not at else "  ", style, spelled(line.words)) for at, line in enumerate(outlook)]
