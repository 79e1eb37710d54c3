"""Welcome: what is there already, and the five ways to start.

Where set-up cannot start at all: another wizard runs, or its folder cannot be written.
"""

from __future__ import annotations

import asyncio

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.setup.trouble import StepTrouble
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, ENV_NAMES, REST_TOKEN, Credentials
from soundcheck.stores.errors import SoundcheckError
from soundcheck.wizard.asking import Answer
from soundcheck.wizard.discover import Source
from soundcheck.wizard.progress import Progress
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.welcome_step import USE, start_on, ways
from soundcheck.wizard.step import STEPS, StepId

RESUME = "resume"
"""The answer that only a screen gives: it looks where an earlier run stopped while the question stands there."""


class WelcomePane(StepPane):
    """One question with five answers, and before them what makes them unnecessary: an earlier run, values found."""

    STEP = StepId.WELCOME

    class GoOn(Message):
        """An earlier run goes on at this step."""

        def __init__(self, step: StepId, state: SetupState) -> None:
            super().__init__()
            self.step = step
            self.state = state

    class Resumable(Message):
        """Where an earlier run stopped, asked of the stores."""

        def __init__(self, step: StepId, reason: str, state: SetupState) -> None:
            super().__init__()
            self.step = step
            self.reason = reason
            self.state = state

    def __init__(self, state: SetupState) -> None:
        super().__init__(state)
        self._resume: WelcomePane.Resumable | None = None
        self._goes_on = False
        self._ways = ways(state)

    def compose(self) -> ComposeResult:
        """What was found, the question, the answers."""
        yield CommandText(self._found(), id="found", markup=False)
        yield Static(Content.styled("How do you want to start?", "bold"), classes="question")
        yield OptionList(*(_option(way) for way in self.ways()), id="ways", markup=False)
        yield Static(id="looking", markup=False)
        yield StepTrouble()

    def on_mount(self) -> None:
        """Offer the likeliest answer, and find out where an earlier run stopped."""
        self.ready = True
        self.query_one("#found").display = self.state.found.anything
        self.query_one("#looking").display = False
        ids = [way.key for way in self.ways()]
        answered = self.state.session.path
        self.query_one(OptionList).highlighted = ids.index(answered) if answered in ids and USE not in ids else 0
        session = self.state.session
        if not self.state.begun and (session.path is not None or session.done):
            self.query_one("#looking", Static).update(Content.styled("◐ Looking where set-up stopped…", "$secondary"))
            self.query_one("#looking").display = True
            self.start("looking", self._look)

    def first_focus(self) -> Widget | None:
        """The answers."""
        return self.query_one(OptionList)

    def ways(self) -> list[Answer]:
        """The answers, the likeliest first: going on, where an earlier run stopped."""
        return [*self._resume_way(), *self._ways]

    def _resume_way(self) -> list[Answer]:
        if self._resume is None:
            return []
        title = next(step.title for step in STEPS if step.id is self._resume.step)
        return [Answer(RESUME, f"Go on at {title}", self._resume.reason or "Everything before it passes")]

    def go_on_by_itself(self) -> None:
        """An earlier run was cut off: open the step where its checks stop passing, unless a key is pressed first."""
        self._goes_on = self.state.session.path is not None

    def _say(self, event: Progress) -> None:
        """What the stack says while it starts; it may start for seconds after a reboot."""
        self.query_one("#looking", Static).update(Content.styled(f"◐ {event.text}", "$secondary"))

    async def _look(self) -> None:
        from soundcheck.wizard.setup.local_step import wake_local, with_local
        from soundcheck.wizard.setup.resume import where_to_resume

        state = self.state
        services = await wake_local(with_local(state.services, state.path), later.while_open(self, self._say))
        resume = await where_to_resume(services, state.session)
        if list(StepId).index(resume.step) > list(StepId).index(StepId.CREDENTIALS):
            opened = await asyncio.to_thread(services.using, services.credentials)
            self.post_message(self.Opened(opened))
            state = state.verified_with(opened)
        self.post_message(self.Resumable(resume.step, resume.reason, state))

    @on(Resumable)
    def _offer_resume(self, event: Resumable) -> None:
        event.stop()
        self._resume = event
        self.busy = ""
        self.query_one("#looking").display = False
        if event.step is StepId.WELCOME:
            return
        if self._goes_on:
            self._goes_on = False
            title = next(step.title for step in STEPS if step.id is event.step)
            self.app.notify(
                event.reason or "All before it passes.", title=f"Going on at {title}", markup=False, timeout=4
            )
            self.post_message(self.GoOn(event.step, event.state))
            return
        ways = self.query_one(OptionList)
        untouched = ways.highlighted in {0, None}
        ways.set_options(_option(way) for way in self.ways())
        ways.highlighted = 0 if untouched else ways.highlighted

    def show_failure(self, error: SoundcheckError) -> None:
        """The reason; the answers stay."""
        super().show_failure(error)
        self.query_one("#looking").display = False

    def cancel(self) -> None:
        """Looking stops; the answers are there anyway."""
        self._goes_on = False
        super().cancel()
        self.query_one("#looking").display = False

    @on(OptionList.OptionHighlighted, "#ways")
    def _point(self, event: OptionList.OptionHighlighted) -> None:
        """Point at the answer with a symbol too: the colour alone is nothing where there are no colours."""
        event.stop()
        for index, way in enumerate(self.ways()[: event.option_list.option_count]):
            event.option_list.replace_option_prompt_at_index(index, _prompt(way, here=index == event.option_index))

    @on(OptionList.OptionSelected, "#ways")
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._answer(event.option_id or "")

    def proceed(self) -> None:
        """Next takes the answer that is highlighted."""
        ways = self.query_one(OptionList)
        if ways.highlighted is not None:
            self._answer(ways.get_option_at_index(ways.highlighted).id or "")

    def _answer(self, way: str) -> None:
        self._goes_on = False
        self.cancel()
        if way == RESUME and self._resume is not None:
            self.post_message(self.GoOn(self._resume.step, self._resume.state))
        else:
            self.pass_on(start_on(self.state, way))

    def _found(self) -> Content:
        """Each variable that is there: host or mask, and where it stands."""
        found, project = self.state.found, self.state.services.project
        lines = [Content.styled("Already here", "$secondary")]
        for name in ENV_NAMES:
            if name not in found.sources:
                continue
            in_file = found.sources[name] is Source.FILE
            source = project.shown(project.env_file) if in_file else "environment"
            problem = found.problems.get(name)
            told = problem or found.mended.get(name)
            mark = ("! ", "$warning") if told else ("✓ ", "$success")
            value = "" if problem else shown_value(name, found.credentials)
            lines.append(Content.assemble(mark, name, "  ", (source, "$faint"), "  ", (value, "$secondary")))
            if told:
                lines.append(Content.styled(f"  {told}", "$secondary"))
        lines.extend(
            Content.assemble(
                ("! ", "$warning"),
                f"{c.name} is also exported: the file's is used,",
                (f"\n  not {c.exported}", "$secondary"),
            )
            for c in found.conflicts
        )
        return Content("\n").join(lines)


def shown_value(name: str, credentials: Credentials) -> str:
    """What may be seen of a value: the host and database, or the mask."""
    url = {DATABASE_URL: credentials.database_url, DIRECT_URL: credentials.direct}.get(name)
    if url is not None:
        return f"{url.endpoint}/{url.database}"
    if name == REST_TOKEN:
        return str(credentials.rest_token or "")
    return str(credentials.rest_url or "")


def _option(way: Answer) -> Option:
    return Option(_prompt(way), id=way.key)


def _prompt(way: Answer, *, here: bool = False) -> Content:
    mark = Content.styled("› " if here else "  ", "bold $primary")
    return Content.assemble(mark, (way.text, "bold"), "\n  ", (way.meaning, "$secondary"))


class BlockedPane(Vertical):
    """The reason, its cure, and a button to try again."""

    class TryAgain(Message):
        """The person has done something about it."""

    def __init__(self, error: SoundcheckError) -> None:
        super().__init__(id="blocked")
        self._error = error

    def compose(self) -> ComposeResult:
        """The reason, then the button."""
        yield StepTrouble()
        yield Button("Try again", id="try-again")

    def on_mount(self) -> None:
        """Show the reason."""
        self.query_one(StepTrouble).tell(self._error)

    def first_focus(self) -> Widget | None:
        """The only thing to press."""
        return self.query_one("#try-again")

    @on(Button.Pressed, "#try-again")
    def _again(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.TryAgain())
