"""The step .env: what the file becomes, what else is written beside it, the consents, and the writing."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass
from typing import Final

from soundcheck.stores.errors import Refused, SoundcheckError
from soundcheck.stores.project.own_command import spelled_in_file
from soundcheck.stores.project.project import is_own_checkout
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import NO, YES, Answers, Declined, Question, QuestionKind, said_yes
from soundcheck.wizard.env.plan import EnvLine, EnvPlan
from soundcheck.wizard.env.step import EnvConsent, EnvWritten, plan_env, unwritten_words, write_env
from soundcheck.wizard.kind_in_force import kind_in_force
from soundcheck.wizard.progress import Mark, PlanLine, Progress, Reporter
from soundcheck.wizard.setup.criteria import BOTH
from soundcheck.wizard.setup.kind_question import answered_kind, keep_kind, kind_questions
from soundcheck.wizard.setup.local_step import START_LOCAL, local_halves
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.team_files import TeamPlan, plan_team_files, write_team_files

ELSEWHERE: Final = "For a file of its own: start Soundcheck with --env-file F, in a folder that you may write."


@dataclass(frozen=True, slots=True)
class EnvStepPlan:
    """What the step will do. `env` is None where no env file is written, and `unwritten` says why.

    `team` is None where nothing is missing of the files that a team commits.
    """

    env: EnvPlan | None
    team: TeamPlan | None = None
    unwritten: str = ""
    questions: tuple[Question, ...] = ()

    @property
    def difference(self) -> tuple[PlanLine, ...]:
        """What the file becomes, every value masked; or why it is not written."""
        if self.env is None:
            return (PlanLine("–", self.unwritten, hint="" if "--no-write" in self.unwritten else ELSEWHERE),)
        if self.env.blocked:
            return tuple(PlanLine("✗", "", one.message, hint=one.hint) for one in self.env.problems)
        return tuple(_line(line) for line in self.env.lines)

    @property
    def notes(self) -> tuple[PlanLine, ...]:
        """What should be known before writing, the loudest first, and how to take it back."""
        plan = self.env
        if plan is None or plan.blocked:
            return ()
        urgent_first = sorted(plan.warnings, key=lambda warning: warning.code != "tracked")
        notes = [PlanLine("✗" if one.code == "tracked" else "!", one.message, hint=one.hint) for one in urgent_first]
        if plan.old_readers:
            notes.append(PlanLine("!", "", f"Still read DATABASE_URL as MongoDB's: {', '.join(plan.old_readers)}"))
        for file in self.team.files if self.team is not None else ():
            notes += [PlanLine("!", one.message, hint=one.hint) for one in file.problems]
        if plan.changes:
            kept = "A copy of today's file is kept. " if plan.exists else ""
            notes.append(PlanLine(" ", "", f"{kept}Undo with `soundcheck setup --undo`"))
        return tuple(notes)

    @property
    def lines(self) -> tuple[PlanLine, ...]:
        """All of it, under the file's name and how it stands; an obstacle is said by itself."""
        if self.env is None:
            return self.difference
        told = () if self.env.blocked else (*self.difference, *self.notes)
        return (PlanLine(" ", self.env.shown, f"  {self.env.standing}"), *told)

    @property
    def obstacle(self) -> SoundcheckError | None:
        """What has to be mended in the file before anything can be written."""
        if self.env is None or not self.env.blocked:
            return None
        return Refused(self.env.problems[0].message, self.env.problems[0].hint)

    @property
    def button(self) -> str:
        """What going on is called."""
        if any(question.id == "write" for question in self.questions):
            return _write_words(self.env)
        return "Write" if self.questions else "Next"


def _write_words(plan: EnvPlan | None) -> str:
    return f"Write {plan.shown}" if plan is not None else "Next"


def _line(line: EnvLine) -> PlanLine:
    name, equals, value = line.text.partition("=")
    before = line.before.removeprefix(f"{name}=")
    was = (f"was {before}",) if before and line.before != line.text else ()
    note = (line.note,) if line.note else ()
    return PlanLine(line.symbol, name, equals + value, (*was, *note), quiet=line.symbol == " ")


async def look(state: SetupState, _: Reporter) -> EnvStepPlan:
    """Read the file and what is beside it; writes nothing."""
    services = state.services
    project = services.project
    if not project.writes_env_file:
        return EnvStepPlan(None, unwritten=unwritten_words(project))
    plan = await asyncio.to_thread(
        plan_env,
        project,
        services.credentials,
        local=local_halves(project, services.credentials) == BOTH,
        start_command=spelled_in_file(START_LOCAL),
    )
    if plan.blocked:
        return EnvStepPlan(plan)
    team = await asyncio.to_thread(_team_plan, services)
    kind = await asyncio.to_thread(kind_questions, state)
    return EnvStepPlan(plan, team, questions=(*kind, *_questions(plan, team, state)))


def _team_plan(services: Services) -> TeamPlan | None:
    """The two files a team commits, where something is missing of them or wrong; our own source needs none."""
    project = services.project
    if is_own_checkout(project.root) or project.read_only:
        return None
    plan = plan_team_files(project, kind=kind_in_force(services))
    return plan if any(file.changes or file.problems for file in plan.files) else None


def _questions(plan: EnvPlan, team: TeamPlan | None, state: SetupState) -> tuple[Question, ...]:
    """A consent for each thing that is written; the file itself comes last."""
    answers = state.session.answers
    asked = []
    if plan.replaces:
        names = ", ".join(plan.replaces)
        asked.append(
            Question(
                f"Put new values for {names}", (YES, NO), None, "--replace", id="replace", kind=QuestionKind.CONSENT,
                with_yes=Declined(
                    f"{plan.shown} holds other values for {names}.", "Add --replace to put the new ones there."
                ),
                given=YES.key if state.options.replace else "",
                or_stop=Declined(
                    "The env file was left as it is.", "Run `soundcheck setup` again to choose otherwise."
                ),
            )
        )  # fmt: skip
    if plan.link_target is not None:
        option = f"--env-file {shlex.quote(str(plan.link_target))} to write that file"
        said = f"{plan.shown} is a link to {plan.link_target}."
        asked.append(
            Question(
                f"Write {state.services.project.shown(plan.link_target)}",
                (YES, NO), None, option, id="link", kind=QuestionKind.CONSENT,
                with_yes=Declined(said, f"Add {option}."),
                or_stop=Declined(said, f"Agree to writing {plan.link_target}, or replace the link by a file."),
            )
        )  # fmt: skip
    if plan.held is not None and plan.changes:
        path = plan.link_target or plan.path
        declined = Declined(plan.held.words(plan.shown), plan.held.hint(path))
        asked.append(
            Question(
                f"Replace {plan.shown} all the same", (YES, NO), None, id="held", kind=QuestionKind.CONSENT,
                with_yes=declined, or_stop=declined,
            )
        )  # fmt: skip
    if plan.ignores:
        files = " and ".join(dict.fromkeys(ignore.file.name for ignore in plan.ignores))
        asked.append(_offer("gitignore", f"Add {plan.path.name} to {files}", answers))
    if team is not None and (wanted := [file.shown for file in team.files if file.changes]):
        asked.append(_offer("team", f"For your team: {' and '.join(wanted)}", answers))
    if plan.changes:
        refusal = Declined(f"{plan.shown} was not written.", "Run `soundcheck setup` again when you are ready.")
        words = _write_words(plan)
        where = (f"The whole path: {plan.path}",)
        asked.append(
            Question(words, (YES, NO), YES.key, id="write", kind=QuestionKind.CONSENT, or_stop=refusal, about=where)
        )
    return tuple(asked)


def _offer(name: str, text: str, before: Answers) -> Question:
    """Something that a no does not stop; the answer is the next run's default."""
    default = NO.key if before.get(name) == NO.key else YES.key
    return Question(text, (YES, NO), default, id=name, kind=QuestionKind.CONSENT, remembered=True)


async def apply(state: SetupState, step: EnvStepPlan, answers: Answers, report: Reporter) -> SetupState:
    """Write what was shown and agreed to. Raises `Refused` where it is no longer so, or consent lacks."""
    plan = step.env
    if plan is None:
        return state
    consent = EnvConsent(
        replace=said_yes(answers, "replace"),
        ignore_files=said_yes(answers, "gitignore"),
        link_target=plan.link_target if said_yes(answers, "link") else None,
        held=plan.held if said_yes(answers, "held") else None,
    )
    project, clock = state.services.project, state.services.clock
    # Shielded: once writing began, Esc must not leave a backup without its file.
    written = await asyncio.shield(asyncio.to_thread(write_env, project, plan, consent, clock=clock))
    _tell(plan, written, report)
    team_agreed = step.team is not None and said_yes(answers, "team")
    if step.team is not None and team_agreed:
        wanted = " and ".join(file.shown for file in step.team.files if file.changes)
        team = step.team.saying(answered_kind(state.services, answers))
        await asyncio.shield(asyncio.to_thread(write_team_files, team))
        report(Progress(f"{wanted}: no secrets in them, commit them for your team", Mark.OK, changed=True))
    state = await asyncio.shield(asyncio.to_thread(keep_kind, state, answers, team_agreed=team_agreed))
    return state.with_all_written().remembering(step.questions, answers)


def _tell(plan: EnvPlan, written: EnvWritten, report: Reporter) -> None:
    for text in written.warnings:
        report(Progress(text, Mark.WARN))
    done = (
        f"{plan.shown} is written, mode {plan.mode_after:04o}"
        if written.written
        else f"{plan.shown} is as it should be"
    )
    report(Progress(done, Mark.OK, changed=written.written or bool(written.ignored_in)))
