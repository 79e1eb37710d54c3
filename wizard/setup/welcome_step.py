"""The step Welcome: the ways to start, the likeliest first, and what each of them makes of what is there."""

from __future__ import annotations

from typing import Final

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused
from soundcheck.wizard.asking import Answer, Declined, Question
from soundcheck.wizard.setup.criteria import BOTH, has, missing_halves
from soundcheck.wizard.setup.local_step import local_halves
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import SetupPath, StepId

USE: Final = "use"
"""The answer that takes what was found; the others are named like their paths."""

_USE: Final = Answer(USE, "Use what is here", "It is tested before anything else happens")
WAYS: Final = {
    SetupPath.CREDENTIALS: Answer(
        SetupPath.CREDENTIALS, "I have credentials", "Paste what you copied, in whatever form"
    ),
    SetupPath.LOCAL: Answer(
        SetupPath.LOCAL, "Local stack, no account", "PostgreSQL and Redis on this machine, in seconds"
    ),
    SetupPath.GUIDE: Answer(
        SetupPath.GUIDE, "Show me how to get the two accounts", "Free, about ten minutes, no credit card"
    ),
    SetupPath.TEAM: Answer(SetupPath.TEAM, "My team already has them", "What to ask your colleagues for"),
    SetupPath.INSTANT: Answer(
        SetupPath.INSTANT, "Cloud now, no account", "72 hours unless claimed, or lasting with API keys"
    ),
}

_OPTIONS: Final = (
    "Add --local for a database and a cache on this machine, --instant for temporary ones in the cloud, or "
    "--from-env with the four variables exported."
)


def ways(state: SetupState) -> tuple[Answer, ...]:
    """The answers, the likeliest first: what is there, local where nothing is; the cloud where a store is missing."""
    found = state.found.credentials
    order = [SetupPath.CREDENTIALS, SetupPath.LOCAL] if _has_values(state) else [SetupPath.LOCAL, SetupPath.CREDENTIALS]
    order += [SetupPath.GUIDE, SetupPath.TEAM, *([SetupPath.INSTANT] if missing_halves(state.services, found) else [])]
    return (*([_USE] if _has_values(state) else []), *(WAYS[path] for path in order))


def question(state: SetupState) -> Question:
    """How to start. What the command line said is not asked again, nor whether to use what is complete."""
    answers = ways(state)
    nothing = Declined("No credentials were found. How do you want to start?", _OPTIONS)
    likely = answers[0].key if _has_values(state) else SetupPath.CREDENTIALS.value
    return Question(
        "How do you want to start?",
        answers,
        answers[0].key,
        id="path",
        with_yes=likely if state.found.anything else nothing,
        given=_given(state),
    )


def _given(state: SetupState) -> str:
    options, found = state.options, state.found
    if options.path is not None:
        return options.path
    if options.given.has_database or options.given.has_cache:
        return SetupPath.CREDENTIALS
    if found.credentials.is_complete and state.revisited is not StepId.WELCOME:
        return USE
    return SetupPath.LOCAL if options.local_if_none and not found.anything else ""


def _has_values(state: SetupState) -> bool:
    return state.found.credentials.has_database or state.found.credentials.has_cache


def start_on(state: SetupState, answer: str) -> SetupState:
    """The state with Welcome answered."""
    found = state.found.credentials
    if answer == USE:
        return state.choose(_path_of_what_is_here(state)).holding(found)
    if answer == SetupPath.LOCAL:
        return state.choose(SetupPath.LOCAL).holding(Credentials())
    was_local = state.path is SetupPath.LOCAL
    return (state.holding(found) if was_local else state).choose(SetupPath(answer))


def words_of(answer: str) -> str:
    """What an answer says."""
    return _USE.text if answer == USE else WAYS[SetupPath(answer)].text


def _path_of_what_is_here(state: SetupState) -> SetupPath:
    """The local stack's where all that is there is its own; the cloud's where a store that it made has ended."""
    found = state.found.credentials
    here = frozenset(half for half in BOTH if has(half, found))
    if here == local_halves(state.services.project, found):
        return SetupPath.LOCAL
    if state.path is SetupPath.INSTANT and missing_halves(state.services, found):
        return SetupPath.INSTANT
    return SetupPath.CREDENTIALS


def refuse_conflict(state: SetupState) -> None:
    """Two different databases at once are nobody's guess: say both, unless a profile was named or a value given."""
    conflicts, options = state.found.conflicts, state.options
    chosen = state.services.project.profile.named or options.given.has_database or options.path is SetupPath.LOCAL
    if conflicts and not chosen:
        first = conflicts[0]
        raise Refused(
            f"{first.name} is {first.in_file} in the env file and {first.exported} in the environment.",
            f"Unset {first.name} to use the file, or add --from-env to use the exported one.",
        )
