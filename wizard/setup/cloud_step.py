"""Credentials in the cloud: where each store that is missing comes from, what is created, and the creating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import NO, YES, Answer, Answers, Declined, Question, QuestionKind
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.cloud.creating import create_stores
from soundcheck.wizard.cloud.instant import AnswerLost, over_half, what_is_created
from soundcheck.wizard.progress import PlanLine, Reporter
from soundcheck.wizard.setup.criteria import BOTH, has, missing_halves
from soundcheck.wizard.setup.local_step import start_local
from soundcheck.wizard.setup.state import SetupOptions, SetupState

KEPT_NOWHERE: Final = "Keys are used for this alone and written nowhere."


class Origin(StrEnum):
    """Where a store that is missing comes from."""

    TEMPORARY = "temporary"
    ACCOUNT = "account"
    HERE = "here"


ORIGINS: Final = (
    Answer(Origin.TEMPORARY, "no account"),
    Answer(Origin.ACCOUNT, "my API key"),
    Answer(Origin.HERE, "this machine"),
)


@dataclass(frozen=True, slots=True)
class CloudPlan:
    """What will be obtained, and how. `known` is what is there already; `choices` ask where the rest comes from."""

    known: Credentials
    missing: frozenset[Half]
    choices: tuple[Question, ...]
    origins: Mapping[Half, Origin]
    keys: AccountKeys = field(default_factory=AccountKeys)
    consented: bool = False

    def choosing(self, answers: Answers) -> CloudPlan:
        """The step with its choices made."""
        return replace(self, origins={half: Origin(answers[half]) for half in self.missing})

    def from_(self, *origins: Origin) -> frozenset[Half]:
        """The missing stores for which one of these was chosen."""
        return frozenset(half for half in self.missing if self.origins[half] in origins)

    @property
    def create(self) -> frozenset[Half]:
        """The stores that are made in the cloud."""
        return self.from_(Origin.TEMPORARY, Origin.ACCOUNT)

    @property
    def local(self) -> frozenset[Half]:
        """The stores that are of this machine."""
        return self.from_(Origin.HERE)

    @property
    def keys_used(self) -> AccountKeys:
        """The keys of the stores that are made in the person's own accounts."""
        own = self.from_(Origin.ACCOUNT)
        keys = self.keys
        if Half.DATABASE not in own:
            keys = replace(keys, neon=None, neon_org="")
        return keys if Half.CACHE in own else replace(keys, upstash_email=None, upstash=None)

    @property
    def lacking(self) -> str:
        """What is missing of the keys, in words."""
        own = self.from_(Origin.ACCOUNT)
        return next((words for half in Half if half in own and (words := self.keys.lacking(half))), "")

    @property
    def created(self) -> tuple[PlanLine, ...]:
        """What is created, where, how small, and its end."""
        lines = what_is_created(self.create, self.keys_used if self.from_(Origin.ACCOUNT) else None)
        if self.from_(Origin.ACCOUNT):
            lines.append(KEPT_NOWHERE)
        return tuple(PlanLine("·", "", line) for line in lines or ["Nothing is created in the cloud."])

    @property
    def rest(self) -> tuple[PlanLine, ...]:
        """The stores that are not created."""
        return tuple(self._rest(half) for half in Half if half not in self.create)

    def _rest(self, half: Half) -> PlanLine:
        if half in self.missing:
            return PlanLine("–", "", f"The {half}: on this machine, with the local stack")
        url = self.known.database_url.endpoint if self.known.database_url is not None else ""
        place = url if half is Half.DATABASE else str(self.known.rest_url)
        return PlanLine("✓", "", f"The {half} is here already: {place}")

    @property
    def lines(self) -> tuple[PlanLine, ...]:
        """All of it."""
        return (*self.created, *self.rest)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The consent to creating, which `--yes` never gives."""
        if not self.create:
            return ()
        refusal = Declined("Nothing was created.", "Run `soundcheck setup` again and choose another way.")
        given = YES.key if self.consented else ""
        return (
            Question(
                "Create this now", (YES, NO), None, "--instant", id="create", kind=QuestionKind.CONSENT,
                or_stop=refusal, given=given,
            ),
        )  # fmt: skip


def look(state: SetupState, known: Credentials) -> CloudPlan:
    """What is missing, and where each may come from; `--instant` names those that may be created."""
    options, services = state.options, state.services
    missing = missing_halves(services, known)
    if options.instant:
        missing |= missing_halves(services, known, options.instant, replace_all=options.replace)
    keys = options.keys or AccountKeys()
    origins = {half: _likely(half, state, keys) for half in missing}
    choices = tuple(_choice(half, origins[half], options) for half in Half if half in missing)
    return CloudPlan(known, missing, choices, origins, keys, consented=bool(options.instant))


def _likely(half: Half, state: SetupState, keys: AccountKeys) -> Origin:
    if state.options.instant and half not in state.options.instant:
        return Origin.HERE
    return Origin.ACCOUNT if state.own_keys or keys.covers(half) else Origin.TEMPORARY


def _choice(half: Half, likely: Origin, options: SetupOptions) -> Question:
    """On a command line nothing is started that was not named."""
    left_out = bool(options.instant) and half not in options.instant
    other = next(iter(BOTH - {half}))
    gap = Declined(
        f"--instant {other} leaves the {half} open.",
        f"Add --local for a {half} on this machine, or give its credentials; --instant alone creates both.",
    )
    named = bool(options.instant) and (not left_out or options.local_rest)
    return Question(
        f"Where does the {half} come from?", ORIGINS, likely, id=half,
        with_yes=gap if left_out else None, given=likely if named else "",
    )  # fmt: skip


def again(lost: AnswerLost) -> Question:
    """Whether to ask for another store, where an answer was lost."""
    refusal = Declined("Nothing more was asked for.", lost.hint)
    text = f"{lost.message} Ask for another one?"
    return Question(text, (YES, NO), None, "--again", id="again", kind=QuestionKind.CONSENT, or_stop=refusal)


async def obtain(services: Services, step: CloudPlan, report: Reporter, *, again: bool = False) -> Credentials:
    """The chosen ones from the vendors, what is here as it is, the rest of this machine. Consent was given before.

    Raises as `create_stores` and `start_local` do.
    """
    credentials = step.known
    if step.create:
        keys = step.keys_used if step.from_(Origin.ACCOUNT) else None
        made = await create_stores(services, step.create, keys, report, again=again)
        credentials = over_half(made, step.create, credentials)
    rest = step.local | frozenset(half for half in BOTH - step.create if not has(half, credentials))
    if rest:
        credentials = over_half(await start_local(services, report), rest, credentials)
    return credentials


def keys_given(keys: AccountKeys) -> AccountKeys | None:
    """The keys where there is any, else None."""
    return keys if any(keys.covers(half) for half in Half) else None
