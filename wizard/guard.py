"""The one object that stands before everything that writes.

It knows the profile's kind, the endpoint that will be touched, what would be lost, and what was consented to. It is a
pure decision: the caller shows `Decision.question` and asks again with the consent, or raises `Refused`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from soundcheck.stores.errors import Refused
from soundcheck.stores.project.project import ProfileKind
from soundcheck.wizard.target import Target, same_name


class Action(StrEnum):
    """What is about to be written."""

    PUSH = "push"
    SEED = "seed"
    EDIT = "edit"
    DROP = "drop"
    LOAD = "load"
    MIGRATE = "migrate"
    MOVE = "move"
    REMOVE = "remove"
    REPLACE = "replace"
    TEST = "test"


_MAY_ONLY_ADD: Final = frozenset({Action.PUSH, Action.REPLACE, Action.MOVE, Action.TEST})


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person said yes to. `--yes` sets nothing here: it accepts defaults and no loss.

    `losses` are the names given to `--accept-data-loss`; `production` is the name given to `--production`.
    """

    losses: frozenset[str] = field(default_factory=frozenset)
    production: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """One write, described before it happens.

    `target` is always shown. `losses` names every object that would be dropped or emptied. `only_adds` says that
    nothing that is there changes. `read_only` is how the session was opened: it means the database and the cache alike.
    """

    action: Action
    target: Target
    kind: ProfileKind
    is_local: bool = False
    losses: tuple[str, ...] = ()
    only_adds: bool = False
    read_only: bool = False
    profile: str = ""
    """The profile's name, so that its kind can be said once for all; "" where it has none to write it into."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the write may go on; where not, what has to be said, and the option that says it."""

    allowed: bool
    question: str = ""
    missing_losses: tuple[str, ...] = ()
    needs_production_name: str = ""
    unnamed_profile: str = ""
    """The profile whose kind nobody has said yet, which is why a name is asked for."""

    @property
    def way_to_say_the_kind(self) -> str:
        """The command that says it once for all; "" where it is known."""
        if not self.unnamed_profile:
            return ""
        return f"soundcheck profiles kind {shlex.quote(self.unnamed_profile)} dev"

    @property
    def production_option(self) -> str:
        """The option that gives the name on a command line."""
        return f"--production {shlex.quote(self.needs_production_name)}"

    @property
    def asked(self) -> str:
        """The question as a prompt puts it, with the name to type and the other way out; "" where no name is wanted."""
        if not self.needs_production_name:
            return ""
        text = f"{self.question} To go on, type {self.needs_production_name}."
        if way := self.way_to_say_the_kind:
            text += f" Or go back and say once that it is for development: {way}"
        return text

    def or_refuse(self) -> None:
        """Raise `Refused` with the question and the option that would consent."""
        if not self.allowed:
            raise Refused(self.question, self.consent_hint)

    @property
    def consent_hint(self) -> str:
        """The option that would consent, and the other way out."""
        if not self.missing_losses and not self.needs_production_name:
            return "Allow writing first: W in the app."
        options = []
        if self.missing_losses:
            options.append(loss_option(*self.missing_losses))
        if self.needs_production_name:
            options.append(self.production_option)
        hint = f"If that is what you want, add: {' '.join(options)}"
        if self.way_to_say_the_kind:
            hint += f" — or say once that it is for development: {self.way_to_say_the_kind}"
        return hint


def loss_option(*names: str) -> str:
    """The option that accepts these losses on a command line."""
    return f"--accept-data-loss {shlex.join(names)}"


def decide(intent: Intent, consent: Consent) -> Decision:
    """The rule, in one place.

    The local stack is development. Each loss needs its own name, everywhere. A push that only adds passes on a
    database of unknown kind, and so does another credential or another cache in the files, which changes no row, and
    the key that a test of the cache writes; everything else on unknown or production needs the target's name. Where a
    session is read-only no consent helps.
    """
    if intent.read_only:
        return Decision(False, "This session is read-only, for the database and the cache alike.")
    kind = ProfileKind.DEV if intent.is_local else intent.kind
    missing = tuple(name for name in intent.losses if name not in consent.losses)
    harmless = intent.action in _MAY_ONLY_ADD and intent.only_adds and kind is ProfileKind.UNKNOWN
    guarded = kind is not ProfileKind.DEV and not harmless
    target = intent.target
    needs_name = target.name if guarded and not same_name(consent.production, target.name) else ""
    if not missing and not needs_name:
        return Decision(True)
    said = []
    if missing:
        said.append(f"{intent.action.capitalize()} on {target} would lose: {', '.join(missing)}.")
    if needs_name:
        what = "production" if kind is ProfileKind.PRODUCTION else "of unknown kind, which counts as production"
        said.append(f"{target} is {what}; {intent.action} needs the {target.what}'s name, {needs_name}.")
    unnamed = intent.profile if needs_name and kind is ProfileKind.UNKNOWN else ""
    return Decision(False, " ".join(said), missing, needs_name, unnamed)
