"""What the database is for: asked once, before anything is written to it, and kept in `soundcheck.toml`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from soundcheck.stores.errors import Refused, UsageError
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Answer, Answers, Question
from soundcheck.wizard.kind_in_force import is_own_stack, kind_in_force
from soundcheck.wizard.profile_kind import plan_kind, record_kind
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import StepId

KIND: Final = "kind"
UNSURE: Final = "unsure"
"""A person's answer. `--yes` answers `unknown` instead, so that the next set-up with a person asks."""
OF_LOCAL_STACK: Final = "local"
"""Noted where the kind was not asked, because the database was our own."""

ANSWERS: Final = (
    Answer(ProfileKind.DEV, "Development", "it may be filled, changed and emptied"),
    Answer(ProfileKind.PRODUCTION, "Production", "anything that writes asks for the database's name first"),
    Answer(UNSURE, "Not sure", "treated as production until you say"),
)
_QUESTION: Final = Question("What is this database for?", ANSWERS, UNSURE, id=KIND, with_yes=ProfileKind.UNKNOWN.value)


def kind_questions(state: SetupState) -> tuple[Question, ...]:
    """The question; none where the answer is known, was given in an earlier run, or could not be kept."""
    services, answers = state.services, state.session.answers
    project = services.project
    if services.credentials.database_url is None or project.read_only or is_own_stack(services):
        return ()
    outdated = answers.get(KIND) == OF_LOCAL_STACK and project.profile.kind is ProfileKind.DEV
    if project.profile.kind is not ProfileKind.UNKNOWN and not outdated:
        return ()
    if answers.get(KIND) == UNSURE and StepId.ENV in state.session.done:
        return ()
    try:
        plan_kind(project, project.profile.name, ProfileKind.DEV)
    except (Refused, UsageError):
        return ()
    return (_QUESTION,)


def answered_kind(services: Services, answers: Answers) -> ProfileKind:
    """What it is for, by the answer; without a question, what is known."""
    given = answers.get(KIND)
    if given is None:
        return kind_in_force(services)
    return ProfileKind.UNKNOWN if given == UNSURE else ProfileKind(given)


def keep_kind(state: SetupState, answers: Answers, *, team_agreed: bool) -> SetupState:
    """Write the answer where it is not there yet, and note what the next run has to know. Blocking.

    `team_agreed` says that `soundcheck.toml` was written for the team, with what is known in it. Raises as
    `record_kind` does.
    """
    services, kind = state.services, answered_kind(state.services, answers)
    project, noted = services.project, ""
    if KIND in answers:
        noted = UNSURE if answers[KIND] == UNSURE else ""
        services = services if kind is project.profile.kind else record_kind(services, kind)
    elif team_agreed and kind is not project.profile.kind:
        noted = OF_LOCAL_STACK
        services = replace(services, project=replace(project, profile=replace(project.profile, kind=kind)))
    else:
        return state
    kept = {name: answer for name, answer in state.session.answers.items() if name != KIND}
    session = replace(state.session, answers=kept | ({KIND: noted} if noted else {}))
    return replace(state, services=services, session=session)
