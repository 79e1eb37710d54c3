"""Credentials on the instant path: what is missing is created at the vendors, what is there or local stays."""

from __future__ import annotations

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.wizard.asking import NO, YES, Answer, Asker, Question, Unattended
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.cloud.creating import create_stores
from soundcheck.wizard.cloud.instant import AnswerLost, over_half, what_is_created
from soundcheck.wizard.progress import Mark, Progress, Report
from soundcheck.wizard.setup.criteria import BOTH, has, missing_halves
from soundcheck.wizard.setup.local_step import start_local
from soundcheck.wizard.setup.state import SetupState

HALVES = (
    Answer("both", "Both"),
    Answer("database", "Only the database; the cache is what is here, or the local stack"),
    Answer("cache", "Only the cache; the database is what is here, or the local stack"),
)


async def instant_credentials(state: SetupState, known: Credentials, asker: Asker, report: Report) -> Credentials:
    """Both stores: created with consent, as they were given, or of this machine.

    What is created, where, how small, and its end are said before the question. `--instant` on the command line is
    the consent; `--yes` is none.
    """
    options, services = state.options, state.services
    wanted = options.instant
    if not wanted:
        wanted = await _which(asker) if missing_halves(services, known) == BOTH else BOTH
    create = missing_halves(services, known, wanted, replace_all=options.replace and bool(options.instant))
    here = frozenset(half for half in BOTH - create if has(half, known))
    local = BOTH - create - here
    _refuse_gap(state, local, asker)
    credentials = known
    if create:
        for line in what_is_created(create, options.keys):
            report(Progress(line))
        if not options.instant:
            await _consent(asker)
        credentials = over_half(await _created(state, create, asker, report), create, credentials)
    else:
        report(Progress("Nothing is created: both are here already", Mark.SKIP))
    if local:
        credentials = over_half(await start_local(services, report), local, credentials)
    return credentials


async def _which(asker: Asker) -> frozenset[Half]:
    answer = await asker.ask(Question("Which of the two do you want from the cloud?", HALVES, "both"))
    return BOTH if answer == "both" else frozenset({Half(answer)})


async def _consent(asker: Asker) -> None:
    question = Question("Create this now?", (YES, NO), None, "--instant")
    if await asker.ask(question) != "yes":
        raise StepFailed("Nothing was created.", "Run `soundcheck setup` again and choose another way.")


def _refuse_gap(state: SetupState, local: frozenset[Half], asker: Asker) -> None:
    """On a command line nothing is started that was not named."""
    if local and isinstance(asker, Unattended) and not state.options.local_rest:
        half = next(iter(local))
        raise Refused(
            f"--instant {next(iter(BOTH - local))} leaves the {half} open.",
            f"Add --local for a {half} on this machine, or give its credentials; --instant alone creates both.",
        )


async def _created(state: SetupState, create: frozenset[Half], asker: Asker, report: Report) -> Credentials:
    options, services = state.options, state.services
    try:
        return await create_stores(services, create, options.keys, report, again=options.instant_again)
    except AnswerLost as lost:
        question = Question(f"{lost.message} Ask for another one?", (YES, NO), None, "--again")
        if await asker.ask(question) != "yes":
            raise StepFailed("Nothing more was asked for.", lost.hint) from None
    return await create_stores(services, create, options.keys, report, again=True)


def keys_given(keys: AccountKeys) -> AccountKeys | None:
    """The keys where there is any, else None."""
    return keys if any(keys.covers(half) for half in Half) else None
