"""A step's questions on screen: a line of answers for a choice, a switch for a consent, a field for a typed name."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input

from soundcheck.screens.app.parts.hanging_text import HangingText, row
from soundcheck.screens.app.setup.choice_line import ChoiceLine
from soundcheck.screens.app.setup.consent_box import ConsentBox
from soundcheck.stores.project.own_command import spelled
from soundcheck.wizard.asking import NO, YES, Answers, Question, QuestionKind
from soundcheck.wizard.target import same_name


class Consents(Vertical):
    """The question whose words are on the step's `button` is answered by pressing that; the others stand here."""

    DEFAULT_CSS = "Consents { height: auto; }"

    class Changed(Message):
        """Something was answered, or taken back."""

    def __init__(self, questions: Sequence[Question], button: str) -> None:
        super().__init__()
        self._questions = questions
        self._shown = [one for one in questions if one.text != button]
        self._typed = {one.id: one.given for one in self._names if one.given}

    def compose(self) -> ComposeResult:
        """The choices, a switch for each yes or no with what it is about below it, then the first name that lacks."""
        for question in self._choices:
            yield HangingText([row("  ", "", (question.asked, "bold"))], classes="choice-question")
            answers = {one.key: one.text for one in question.answers}
            yield ChoiceLine("Answer", answers, question.default or "", id=f"choice-{question.id}")
        for question in self._switches:
            ticked = question.given == YES.key or (not question.given and question.default == YES.key)
            yield ConsentBox(question.text, ticked, id=f"consent-{question.id}", needed=question.or_stop is not None)
            if question.about:
                rows = [row("  ", "", (spelled(line), "$secondary")) for line in question.about]
                yield HangingText(rows, id=f"about-{question.id}")
        if self._names:
            yield HangingText(id="typed-question")
            yield Input(placeholder="the name, then Enter", id="typed-name", compact=True)

    def on_mount(self) -> None:
        """Ask for the first name."""
        self._ask_for_name()

    @property
    def _switches(self) -> list[Question]:
        return [one for one in self._shown if not one.typed_name and one.kind is not QuestionKind.CHOICE]

    @property
    def _choices(self) -> list[Question]:
        return [one for one in self._shown if one.kind is QuestionKind.CHOICE and one.answers]

    @property
    def _names(self) -> list[Question]:
        return [one for one in self._shown if one.typed_name]

    @property
    def answers(self) -> Answers:
        """What is answered so far; pressing the button says yes to what it names."""
        ticked = {one.id: YES.key if self._box(one).value else NO.key for one in self._switches}
        pressed = {one.id: YES.key for one in self._questions if one not in self._shown}
        chosen = {one.id: self.query_one(f"#choice-{one.id}", ChoiceLine).value for one in self._choices}
        return {**chosen, **ticked, **self._typed, **pressed}

    @property
    def first_open(self) -> Widget | None:
        """What still stands in the way: the field of a name, or a switch that has to be on."""
        if any(one.id not in self._typed for one in self._names):
            return self.query_one("#typed-name", Input)
        needed = (self._box(one) for one in self._switches if one.or_stop is not None)
        return next((box for box in needed if not box.value), None)

    @property
    def lacking(self) -> str:
        """The same in words; "" where nothing stands in the way."""
        name = next((one.typed_name for one in self._names if one.id not in self._typed), "")
        if name:
            return f"type {name} in full"
        open_ones = (one for one in self._switches if one.or_stop is not None and not self._box(one).value)
        return next((one.text for one in open_ones), "")

    def _box(self, question: Question) -> ConsentBox:
        return self.query_one(f"#consent-{question.id}", ConsentBox)

    @on(Checkbox.Changed)
    @on(ChoiceLine.Changed)
    def _switched(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(Input.Submitted, "#typed-name")
    def _accept_name(self, event: Input.Submitted) -> None:
        """A name typed in full is a consent to that one thing, whichever was asked for first."""
        event.stop()
        typed = event.value
        event.input.clear()
        agreed = {one.id: one.typed_name for one in self._names if same_name(typed, one.typed_name)}
        if not agreed:
            self.app.notify("That is another name: type it as it stands above.", severity="warning", markup=False)
        self._typed |= agreed
        self._ask_for_name()
        self.post_message(self.Changed())

    def _ask_for_name(self) -> None:
        if not self._names:
            return
        lacking = next((one for one in self._names if one.id not in self._typed), None)
        question, field = self.query_one("#typed-question", HangingText), self.query_one("#typed-name", Input)
        question.display = field.display = lacking is not None
        if lacking is not None:
            why, *ways = lacking.about
            asked, name, _ = lacking.text.rpartition(lacking.typed_name)
            rows = [
                row("! ", "bold $error", (why, "bold")),
                row("→ ", "bold $primary", asked, (name, "bold")),
                *(row("  ", "", (spelled(way), "$secondary")) for way in ways),
            ]
            question.show(rows)
