"""The first four steps without the screen: Welcome, Accounts, Credentials, .env."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import replace

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.run import Report as CheckReport
from soundcheck.checks.run import run_checks
from soundcheck.stores.credentials import DATABASE_URL, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.project.own_command import spelled_in_file
from soundcheck.stores.project.project import is_own_checkout
from soundcheck.wizard.asking import Answer, Asker, Question, Unattended, confirmed
from soundcheck.wizard.cloud.accounts import guide_lines, team_lines
from soundcheck.wizard.env.step import EnvConsent, LineKind, plan_env, unwritten_words, write_env
from soundcheck.wizard.plain_line import agreed_to_plain
from soundcheck.wizard.progress import Mark, Progress, Report
from soundcheck.wizard.recognise import Recognition, recognise
from soundcheck.wizard.recognise.recognition import Severity
from soundcheck.wizard.setup.check_progress import as_observer, hint_in_setup
from soundcheck.wizard.setup.flow_state import SetupState
from soundcheck.wizard.setup.instant_step import instant_credentials
from soundcheck.wizard.setup.local_step import start_local, wake_local
from soundcheck.wizard.setup.team_files import plan_team_files, write_team_files
from soundcheck.wizard.step import Path, StepId

START_LOCAL = "soundcheck local up"

WELCOME_ANSWERS = {
    Path.LOCAL: Answer("local", "A local stack: PostgreSQL and Redis on this machine, no account"),
    Path.CREDENTIALS: Answer("credentials", "I have credentials"),
    Path.GUIDE: Answer("guide", "Show me how to get the two accounts"),
    Path.TEAM: Answer("team", "My team already has them"),
    Path.INSTANT: Answer("instant", "Cloud now, no account: gone after 72 hours unless claimed"),
}


async def welcome(state: SetupState, asker: Asker, report: Report) -> SetupState:
    """Which of the four ways. What the command line or an earlier run said is not asked again."""
    _refuse_conflict(state)
    options, found = state.options, state.found
    given = options.given.has_database or options.given.has_cache
    if options.path is not None or given:
        path = options.path or Path.CREDENTIALS
    elif found.credentials.is_complete and state.revisited is not StepId.WELCOME:
        path = state.session.path or Path.CREDENTIALS
    elif options.local_if_none and not found.anything:
        path = Path.LOCAL
    else:
        order = list(WELCOME_ANSWERS)
        if found.anything:
            order.sort(key=lambda p: p is not Path.CREDENTIALS)
        unattended = isinstance(asker, Unattended)
        text = (
            "No credentials were found. How do you want to start?"
            if not found.anything
            else "How do you want to start?"
        )
        default = Path.CREDENTIALS.value if found.anything else None if unattended else order[0].value
        consent = (
            "--local for a database and a cache on this machine, --instant for temporary ones in the cloud, or "
            "--from-env with the four variables exported"
        )
        path = Path(await asker.ask(Question(text, tuple(WELCOME_ANSWERS[p] for p in order), default, consent)))
    report(Progress(WELCOME_ANSWERS[path].text, Mark.OK))
    return replace(state, session=replace(state.session, path=path), local=path is Path.LOCAL)


def _refuse_conflict(state: SetupState) -> None:
    """Two different databases at once are nobody's guess: say both, unless a profile was named or a value given."""
    conflicts = state.found.conflicts
    chosen = (
        state.services.project.profile.named or state.options.given.has_database or state.options.path is Path.LOCAL
    )
    if conflicts and not chosen:
        first = conflicts[0]
        raise Refused(
            f"{first.name} is {first.in_file} in the env file and {first.exported} in the environment.",
            f"Unset {first.name} to use the file, or add --from-env to use the exported one.",
        )


async def accounts(state: SetupState, asker: Asker, report: Report) -> SetupState:
    """Where to click and what to copy; nothing to do for those who have it."""
    if state.session.path not in {Path.GUIDE, Path.TEAM}:
        report(Progress("Nothing to create", Mark.SKIP))
        return state
    guided = state.session.path is Path.GUIDE
    for line in guide_lines() if guided else team_lines(state.services.project.name):
        report(Progress(line))
    if not isinstance(asker, Unattended):
        ready = Answer("ready", "I have them, go on")
        await asker.ask(Question("Come back when you have copied them.", (ready,), "ready"))
    return state


async def credentials(state: SetupState, asker: Asker, report: Report) -> SetupState:
    """Find, paste or start them, and verify them layer by layer."""
    if state.session.path is Path.LOCAL:
        started = await start_local(state.services, report)
        services = state.services.using(started)
        await state.services.close()
        state = replace(state, services=services, local=True)
        await _verify(state, report)
        return replace(state, session=state.session.verified(started))
    known = state.options.given.over(state.found.credentials)
    if state.session.path is Path.INSTANT and state.revisited is not StepId.CREDENTIALS:
        known = await instant_credentials(state, known, asker, report)
    again = state.revisited is StepId.CREDENTIALS
    while True:
        if again or not known.is_complete:
            known = await _paste(known, state, asker, report)
            if not known.is_complete:
                continue  # what is missing is asked for; half of it proves nothing
        services = state.services.using(known)
        await state.services.close()
        services = await wake_local(services, report)
        state = replace(state, services=services)
        problem = await _problem(state, report)
        if problem is None:
            return replace(state, session=state.session.verified(services.credentials))
        if await agreed_to_plain(services, asker, problem.outcomes):
            again = False
            continue
        if isinstance(asker, Unattended) or problem.blame is Blame.NETWORK:
            raise StepFailed(problem.message, problem.hint)
        report(Progress(problem.message, Mark.FAIL, hint=problem.hint))
        again = True


async def _paste(known: Credentials, state: SetupState, asker: Asker, report: Report) -> Credentials:
    missing = [
        name
        for name, there in (
            (DATABASE_URL, known.has_database),
            (REST_URL, known.rest_url is not None),
            (REST_TOKEN, known.rest_token is not None),
        )
        if not there
    ]
    for name, sentence in state.found.problems.items():
        report(Progress(f"{name}: {sentence}", Mark.WARN))
    what = f"Missing: {', '.join(missing)}." if missing else "These are complete; what you paste takes their place."
    hint = "Export them and add --from-env, or give them with --database-url env:NAME, --redis-url …, --redis-token …"
    text = what if isinstance(asker, Unattended) else f"{what} Paste what you copied."
    pasted = await asker.ask_secret(Question(text, consent=hint))
    recognition = recognise(pasted.reveal())
    _say(recognition, report)
    repaired = [problem.repair for problem in recognition.findings if problem.repair is not None]
    if repaired:
        one = "the repaired value" if len(repaired) == 1 else "the repaired values"
        if not await confirmed(asker, f"Use {one}, as shown above?", default=True):
            return known
    return recognition.credentials.over(known)


SEVERITY_MARKS = {Severity.INFO: Mark.INFO, Severity.WARN: Mark.WARN, Severity.ERROR: Mark.FAIL}


def _say(recognition: Recognition, report: Report) -> None:
    """Field by field what was recognised, then what is wrong with it, the cure, and a mended value, masked."""
    for field in recognition.fields:
        note = f" ({field.note})" if field.note else ""
        report(Progress(f"{field.name} from line {field.line}: {field.masked}{note}", Mark.OK))
    for problem in recognition.findings:
        where = f"line {problem.line}: " if problem.line else ""
        report(Progress(where + problem.message, SEVERITY_MARKS[problem.severity], hint=problem.cure))
        if problem.repair is not None:
            report(Progress(problem.repair.preview))


class _Problem:
    """Why verification did not pass, with its blame."""

    def __init__(self, message: str, hint: str, blame: Blame | None, outcomes: tuple[Outcome, ...]) -> None:
        self.message, self.hint, self.blame, self.outcomes = message, hint, blame, outcomes


async def _problem(state: SetupState, report: Report) -> _Problem | None:
    checked = await _run_verification(state, report)
    for outcome in checked.outcomes:
        finding = outcome.finding
        if finding.status in {Status.FAIL, Status.UNKNOWN}:
            message = f"{finding.summary} {finding.cause}".strip()
            return _Problem(message, hint_in_setup(finding.hint), finding.blame, checked.outcomes)
    return None


async def _verify(state: SetupState, report: Report) -> None:
    problem = await _problem(state, report)
    if problem is not None:
        raise StepFailed(problem.message, problem.hint)


async def _run_verification(state: SetupState, report: Report) -> CheckReport:
    wanted = default_registry().select(["database.query", "cache.write"])
    return await run_checks(wanted, state.services, as_observer(report))


async def env(state: SetupState, asker: Asker, report: Report) -> SetupState:
    """Show the difference, ask, write."""
    project = state.services.project
    if not project.writes_env_file:
        report(Progress(unwritten_words(project, asked=not state.options.write_files), Mark.SKIP))
        return state
    plan = await asyncio.to_thread(
        plan_env, project, state.services.credentials, local=state.local, start_command=spelled_in_file(START_LOCAL)
    )
    for line in plan.lines:
        if line.kind is not LineKind.KEEP:
            report(Progress(f"{line.symbol} {line.text}" + (f"   {line.note}" if line.note else "")))
    for warning in plan.warnings:
        report(Progress(warning.message, Mark.WARN, hint=warning.hint))
    for name in plan.old_readers:
        report(Progress(f"{name} still reads DATABASE_URL as MongoDB's; it is MONGODB_URI now", Mark.WARN))
    replacing = not plan.replaces or state.options.replace
    if plan.replaces and not state.options.replace and not plan.blocked:
        text = f"{plan.shown} holds other values for {', '.join(plan.replaces)}. Replace them? The old file is kept."
        if not await confirmed(asker, text, default=None, consent="--replace"):
            raise StepFailed("The env file was left as it is.", "Run `soundcheck setup` again to choose otherwise.")
        replacing = True
    if plan.changes and not plan.blocked and not await confirmed(asker, f"Write {plan.shown}?", default=True):
        raise StepFailed(f"{plan.shown} was not written.", "Run `soundcheck setup` again when you are ready.")
    ignore = bool(plan.ignores) and await confirmed(
        asker, f"Add {plan.shown} to {', '.join(i.file.name for i in plan.ignores)}?", default=True
    )
    target = None
    if plan.link_target is not None and await confirmed(
        asker,
        f"{plan.shown} is a link; write {plan.link_target}?",
        default=None,
        consent=f"--env-file {shlex.quote(str(plan.link_target))} to write that file",
    ):
        target = plan.link_target
    consent = EnvConsent(replace=replacing, ignore_files=ignore, link_target=target)
    written = await asyncio.to_thread(write_env, project, plan, consent, clock=state.services.clock)
    for text in written.warnings:
        report(Progress(text, Mark.WARN))
    done = f"{plan.shown} is written, mode 0600" if written.written else f"{plan.shown} is as it should be"
    undo = "Undo with `soundcheck setup --undo`" if written.written else ""
    report(Progress(done, Mark.OK, hint=undo, changed=written.written or bool(written.ignored_in)))
    await _team_files(state, asker, report)
    return replace(state, env=written)


async def _team_files(state: SetupState, asker: Asker, report: Report) -> None:
    """The two files that a team commits, where they are not there yet; our own source needs none."""
    if is_own_checkout(state.services.project.root) or state.services.project.read_only:
        return
    plan = await asyncio.to_thread(plan_team_files, state.services.project)
    for file in plan.files:
        for problem in file.problems:
            report(Progress(problem.message, Mark.WARN, hint=problem.hint))
    wanted = [file.shown for file in plan.files if file.changes]
    if wanted and await confirmed(
        asker, f"Write {' and '.join(wanted)} for your team? They hold no secret.", default=True
    ):
        await asyncio.to_thread(write_team_files, plan)
        said = f"{' and '.join(wanted)}: no secrets in them, commit them for your team"
        report(Progress(said, Mark.OK, changed=True))
