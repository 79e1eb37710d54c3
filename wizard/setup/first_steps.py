"""The first three steps at a prompt: Welcome, Accounts, Credentials."""

from __future__ import annotations

from soundcheck.stores.credentials import DATABASE_URL, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.errors import Refused
from soundcheck.wizard.asking import Answer, Asker, Question, Unattended, confirmed
from soundcheck.wizard.cloud.accounts import guide_lines, team_lines
from soundcheck.wizard.progress import Mark, Progress, Report
from soundcheck.wizard.recognise import Recognition, recognise
from soundcheck.wizard.recognise.recognition import Severity
from soundcheck.wizard.setup.check_progress import as_observer
from soundcheck.wizard.setup.instant_step import instant_credentials
from soundcheck.wizard.setup.local_step import start_local, wake_local
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.verify import verify
from soundcheck.wizard.step import Path, StepId

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
    return state.choose(path)


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
    if state.passes_over(StepId.ACCOUNTS):
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
        services = state.services.using(await start_local(state.services, report))
        await state.services.close()
        if (problem := (await verify(services, as_observer(report))).problem) is not None:
            raise problem
        return state.verified_with(services)
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
        state = state.with_services(services)
        tried = await verify(services, as_observer(report))
        problem = tried.problem
        if problem is None:
            return state.verified_with(services)
        if isinstance(asker, Unattended) or tried.is_network:
            raise problem
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
