"""Questions as data, so that one flow serves a person at a prompt, `--yes` and a test alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from soundcheck.stores.errors import Refused
from soundcheck.stores.secret import Secret


class WentBack(Exception):
    """The person typed `back`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that can be chosen: what is typed, and what it means."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `default` is what Enter and `--yes` give; None where nobody may decide it for the person.

    `consent` names the option that answers it on a command line, for the refusal's text. Without `answers` it asks
    for text; `typed_name` asks for that very name to be typed.
    """

    text: str
    answers: tuple[Answer, ...] = ()
    default: str | None = None
    consent: str = ""
    typed_name: str = ""


class Asker(Protocol):
    """Whoever answers. Any method may raise `WentBack`."""

    async def ask(self, question: Question) -> str:
        """The key of an answer, or the text typed."""
        ...

    async def ask_secret(self, question: Question) -> Secret:
        """A line, or several ended by an empty one, that are not shown while typed."""
        ...


YES: Final = Answer("yes", "yes")
NO: Final = Answer("no", "no")


class Unattended:
    """`--yes`: every default, and a refusal with the option's name where there is none."""

    async def ask(self, question: Question) -> str:
        """The default, or `Refused`."""
        if question.default is None:
            hint = f"Add {question.consent}." if question.consent else "Run `soundcheck setup` on a terminal."
            raise Refused(question.text, hint)
        return question.default

    async def ask_secret(self, question: Question) -> Secret:
        """Nobody can type a secret here."""
        raise Refused(question.text, question.consent or "Give it with --from-env, or --database-url env:NAME.")


async def confirmed(asker: Asker, text: str, *, default: bool | None, consent: str = "") -> bool:
    """A yes-or-no question."""
    key = None if default is None else "yes" if default else "no"
    return await asker.ask(Question(text, (YES, NO), key, consent)) == "yes"
