"""The step Database: what generate and push would do, a name typed for each loss, then both, and a query engine."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

from soundcheck.checks.schema_engine import schema_engine
from soundcheck.stores.backend.folder_programs import when_connecting
from soundcheck.stores.errors import SoundcheckError, StepFailed
from soundcheck.stores.project.trust import FolderProgram, trust_in
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import NO, YES, Answers, Declined, Question, QuestionKind, said_yes
from soundcheck.wizard.guard import Consent, loss_option
from soundcheck.wizard.progress import Mark, PlanLine, Progress, Reporter
from soundcheck.wizard.setup.database_step import (
    OUTSIDE_OPTION,
    DatabasePlan,
    apply_database,
    client_outside,
    outputs_outside,
    plan_database,
    programs_of,
)
from soundcheck.wizard.setup.push_lines import push_lines
from soundcheck.wizard.setup.query_engine_step import EnginePlan, offer_or_reason, place_offered
from soundcheck.wizard.setup.resume import schema_fingerprint
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.trust import TRUST, agreed_trust, trust_lines, trust_question

OUTSIDE = "outside"
LOSS, PRODUCTION = "loss:", "production"
"""The questions whose answer is a name that is typed."""


@dataclass(frozen=True, slots=True)
class DatabaseStepPlan:
    """What the step will do. `engine` is the query engine that is offered to the backend's client."""

    plan: DatabasePlan
    engine: EnginePlan | None = None
    questions: tuple[Question, ...] = ()
    programs: tuple[FolderProgram, ...] = ()
    """What of the folder would run: to generate the client, and to see at the end whether the backend connects."""
    outside: tuple[Path, ...] = ()
    """The folders outside the project that the schema has a client written to."""

    @property
    def target(self) -> tuple[PlanLine, ...]:
        """Where it goes, and from which schema."""
        return (
            PlanLine(" ", "Database", f"  {self.plan.intent.target}"),
            PlanLine(" ", "Schema", f"    {self.plan.schema.shown}"),
        )

    @property
    def changes(self) -> tuple[PlanLine, ...]:
        """What the push would do."""
        return push_lines(self.plan.push)

    @property
    def lines(self) -> tuple[PlanLine, ...]:
        """All of it."""
        return (*self.target, *self.changes)

    @property
    def obstacle(self) -> SoundcheckError | None:
        """What is there that a push cannot get past."""
        if not self.plan.push.blocked or not self.plan.pushes:
            return None
        return StepFailed(
            f"The push cannot be done on what is there: {' '.join(self.plan.push.blocked)}",
            "Do what it says, then run `soundcheck setup` again.",
        )

    @property
    def button(self) -> str:
        """What going on is called."""
        return _button(self.plan)


def _button(plan: DatabasePlan) -> str:
    return "Generate and push" if plan.pushes and not plan.push.in_sync else "Generate"


async def look(state: SetupState, report: Reporter) -> DatabaseStepPlan:
    """Compare the schema with the database, and see whether a backend would miss a query engine. Writes nothing.

    Installs the schema engine where it is missing. Raises as `plan_database` does.
    """
    services, options = state.services, state.options
    engine = await schema_engine(services)
    if engine.is_installed:
        report(Progress("Comparing the schema with the database", Mark.RUNNING, key="plan"))
    plan = await plan_database(services, engine, report, dropping=options.consent.losses)
    report(Progress("Compared the schema with the database", Mark.OK, key="plan"))
    offered = None if options.native else await offer_or_reason(services, report)
    outside = await asyncio.to_thread(_outside, services, plan, native=options.native)
    generates = await asyncio.to_thread(_generates, services, plan, allowed=outside if options.outside else ())
    programs = await asyncio.to_thread(_programs, services, plan, native=options.native)
    questions = _questions(plan, offered, options.consent, generates=generates)
    if outside and (generates or options.native):
        questions = (_outside_question(outside, given=options.outside), *questions)
    if await asyncio.to_thread(trust_in, services.project, programs) is None:
        about = trust_lines(programs, services.project)
        questions = (trust_question(about, given=options.trusts), *questions)
    return DatabaseStepPlan(plan, offered, questions, programs, outside)


def _programs(services: Services, plan: DatabasePlan, *, native: bool) -> tuple[FolderProgram, ...]:
    """What cannot be read runs nothing: the checks say what is wrong with it."""
    project, schema = services.project, plan.schema.path
    found: list[FolderProgram] = []
    with contextlib.suppress(SoundcheckError):
        found += programs_of(project, schema, native=native)
    with contextlib.suppress(SoundcheckError):
        found += when_connecting(project, schema, services.environ)
    return tuple(dict.fromkeys(found))


def _outside(services: Services, plan: DatabasePlan, *, native: bool) -> tuple[Path, ...]:
    """The folders outside the project that would be written to; none for a schema that the checks find fault with."""
    schema = plan.schema.path
    if plan.schema.copied_to is not None:
        return ()
    with contextlib.suppress(SoundcheckError):
        if native:
            return outputs_outside(services, schema)
        return tuple(place for place in (client_outside(services, schema),) if place is not None)
    return ()


def _outside_question(places: tuple[Path, ...], *, given: bool) -> Question:
    """`--yes` leaves what is outside alone, and the client is made in our own folder."""
    where = " and ".join(map(str, places))
    return Question(
        f"Generate into {where}", (YES, NO), NO.key, OUTSIDE_OPTION,
        id=OUTSIDE, kind=QuestionKind.CONSENT, with_yes=NO.key, given=YES.key if given else "",
        about=("The schema has the client written outside this project.",),
    )  # fmt: skip


def _generates(services: Services, plan: DatabasePlan, *, allowed: tuple[Path, ...]) -> bool:
    """Whether a client would be generated: the schema asks for one, and it is not there as it should be.

    Where it was `allowed` to be outside the project, it should be there.
    """
    from soundcheck.stores.prisma.client_place import is_current
    from soundcheck.stores.prisma.schema_text import python_generator

    if python_generator(plan.schema.path) is None:
        return False
    if plan.schema.copied_to is not None:
        return True
    at = allowed[0] if allowed else None
    return not is_current(services.project, plan.schema.path, services.environ, at=at)


def _questions(
    plan: DatabasePlan, engine: EnginePlan | None, given: Consent, *, generates: bool
) -> tuple[Question, ...]:
    """Our schema, each loss by its name, production by its own, the engine, and the work itself last."""
    asked = []
    if plan.schema.copied_to is not None:
        refusal = Declined("Without a schema there is nothing to push.", "Name yours with --schema FILE.")
        text = f"Copy ours to {plan.schema.shown}"
        missing = ("This project has no Prisma schema.",)
        asked.append(
            Question(text, (YES, NO), YES.key, id="schema", kind=QuestionKind.CONSENT, or_stop=refusal, about=missing)
        )
    if plan.pushes:
        asked += _names(plan, given)
    if engine is not None:
        text = "Let the backend's client find a query engine"
        about = (*engine.lines, f"later {engine.removal}")
        asked.append(Question(text, (YES, NO), YES.key, id="engine", kind=QuestionKind.CONSENT, about=about))
    if generates or (plan.pushes and not plan.push.in_sync):
        refusal = Declined("Nothing was generated or pushed.", "Run `soundcheck setup` again when you are ready.")
        asked.append(Question(_button(plan), (YES, NO), YES.key, id="push", kind=QuestionKind.CONSENT, or_stop=refusal))
    return tuple(asked)


def _names(plan: DatabasePlan, given: Consent) -> list[Question]:
    """A question for each name that the guard wants typed; `--yes` types none, an option may have given it."""
    verdict, lacking = plan.verdict(Consent()), plan.verdict(given)
    refusal = Declined(lacking.question, lacking.consent_hint)
    asked = [
        _typed(
            f"{LOSS}{name}", verdict.question, name, loss_option(name), refusal,
            (f"The push would {plan.push.words_for(name)}.",), given=name in given.losses,
        )
        for name in verdict.missing_losses
    ]  # fmt: skip
    if name := verdict.needs_production_name:
        way = verdict.way_to_say_the_kind
        ways = (f"or say once that it is for development: {way}",) if way else ()
        is_given = not lacking.needs_production_name
        option = verdict.production_option
        asked.append(_typed(PRODUCTION, verdict.question, name, option, refusal, ways, given=is_given))
    return asked


def _typed(
    name: str, why: str, typed: str, option: str, refusal: Declined, ways: tuple[str, ...] = (), *, given: bool
) -> Question:
    return Question(
        f"If that is what you want, type its name: {typed}",
        consent=option, typed_name=typed, id=name, kind=QuestionKind.CONSENT, with_yes=refusal, about=(why, *ways),
        given=typed if given else "",
    )  # fmt: skip


def consent_of(answers: Answers, given: Consent) -> Consent:
    """What was typed, over what the command line gave."""
    losses = {typed for name, typed in answers.items() if name.startswith(LOSS)}
    return Consent(given.losses | losses, answers.get(PRODUCTION, given.production))


async def apply(state: SetupState, step: DatabaseStepPlan, answers: Answers, report: Reporter) -> SetupState:
    """Generate, push, and put the query engine there where that was agreed to. Raises as `apply_database` does."""
    services, options = state.services, state.options
    engine = await schema_engine(services)
    consent = consent_of(answers, options.consent)
    trusted = None
    if step.programs and said_yes(answers, TRUST):
        trusted = await agreed_trust(services.project, step.programs, report)
    done = await apply_database(
        services, engine, step.plan, consent, report,
        native=options.native, trusted=trusted,
        outside=step.outside if said_yes(answers, OUTSIDE) or options.outside else (),
    )  # fmt: skip
    if step.engine is not None and said_yes(answers, "engine"):
        await place_offered(done.services, step.engine, report)
    schema = done.services.project.schema or step.plan.schema.path
    pushed = await asyncio.to_thread(schema_fingerprint, schema)
    state = replace(state, session=state.session.pushed(pushed))
    return state.with_services(done.services).remembering(step.questions, answers)
