"""Questions as data, so that one flow serves a person at a prompt, `--yes`, JSON, a screen and a test alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.secret import Secret
from soundcheck.wizard.progress import Progress, Reporter


class WentBack(Exception):
    """The person typed `back`."""


class QuestionKind(StrEnum):
    """What an answer is: one of several ways, a yes to something being done, or trust in what is a stranger's."""

    CHOICE = "choice"
    CONSENT = "consent"
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that can be chosen: what is typed, what it says, and what that means."""

    key: str
    text: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """Words in place of an answer: what is not done, and what to do about it."""

    message: str
    hint: str = ""


YES: Final = Answer("yes", "yes")
NO: Final = Answer("no", "no")

Answers: TypeAlias = Mapping[str, str]
"""What was answered, by the question's id: an answer's key, the name that was typed, or the text."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `default` is what Enter gives; None where nobody may decide it for the person.

    `consent` names the option that answers it on a command line, for the refusal's text. Without `answers` it asks
    for text; `typed_name` asks for that very name to be typed. `text` needs no question mark: a screen draws the same
    words as a switch or a button.
    """

    text: str
    answers: tuple[Answer, ...] = ()
    default: str | None = None
    consent: str = ""
    typed_name: str = ""
    id: str = ""
    """What its answer is known by, among the answers of a step and in the notes of a run."""
    kind: QuestionKind = QuestionKind.CHOICE
    with_yes: str | Declined | None = None
    """What `--yes` answers, or why it does not; None for the default, or a refusal with `consent`."""
    given: str = ""
    """What the command line answered already: then nobody is asked."""
    remembered: bool = False
    """Whether the answer is noted, to be the default of the next run."""
    or_stop: Declined | None = None
    """What is said where the answer is no, and nothing can go on without a yes."""
    about: tuple[str, ...] = ()
    """What a yes does, line by line, told before it is asked."""

    @property
    def asked(self) -> str:
        """The question as a prompt puts it."""
        return self.text if self.text.endswith((".", "?", ":")) or self.typed_name else f"{self.text}?"

    def with_default(self) -> str:
        """What `--yes` answers. Raises `Refused` where nobody may answer it for the person."""
        if self.given:
            return self.given
        if isinstance(self.with_yes, Declined):
            raise Refused(self.with_yes.message, self.with_yes.hint)
        answer = self.default if self.with_yes is None else self.with_yes
        if answer is None:
            raise Refused(
                self.asked, f"Add {self.consent}." if self.consent else "Run `soundcheck setup` on a terminal."
            )
        return answer


class Asker(Protocol):
    """Whoever answers. Any method may raise `WentBack`."""

    async def ask(self, question: Question) -> str:
        """The key of an answer, or the text typed."""
        ...

    async def ask_secret(self, question: Question) -> Secret:
        """A line, or several ended by an empty one, that are not shown while typed."""
        ...


class Unattended:
    """`--yes`: what each question lets it answer, and a refusal with the option's name where there is nothing."""

    async def ask(self, question: Question) -> str:
        """The answer, or `Refused`."""
        return question.with_default()

    async def ask_secret(self, question: Question) -> Secret:
        """Nobody can type a secret here."""
        raise Refused(question.text, question.consent or "Give it with --from-env, or --database-url env:NAME.")


async def ask_all(questions: Iterable[Question], asker: Asker, report: Reporter) -> Answers:
    """Ask one after the other, each after what it is about; what the command line answered is asked of nobody.

    Raises `StepFailed` with the first no that nothing goes on without.
    """
    answers = {}
    for question in questions:
        for line in question.about:
            report(Progress(f"  {line}"))
        nobody = question.given and not isinstance(asker, Unattended)
        answer = answers[question.id] = await (Unattended() if nobody else asker).ask(question)
        stop_at_no(question, answer)
    return answers


def stop_at_no(question: Question, answer: str) -> None:
    """Raise `StepFailed` where nothing goes on without a yes, and this is none."""
    if question.or_stop is not None and answer == NO.key:
        raise StepFailed(question.or_stop.message, question.or_stop.hint)


def said_yes(answers: Answers, name: str) -> bool:
    """Whether a question was put, and answered with yes."""
    return answers.get(name) == YES.key


async def confirmed(asker: Asker, text: str, *, default: bool | None, consent: str = "") -> bool:
    """A yes-or-no question by itself."""
    key = None if default is None else YES.key if default else NO.key
    return await asker.ask(Question(text, (YES, NO), key, consent, kind=QuestionKind.CONSENT)) == YES.key
