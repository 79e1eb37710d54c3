"""The first three steps at a prompt: Welcome, Accounts, Credentials."""

from __future__ import annotations

from dataclasses import replace

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import DATABASE_URL, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.secret import Secret
from soundcheck.wizard.asking import Answer, Asker, Question, Unattended, ask_all, confirmed
from soundcheck.wizard.cloud.account_keys import KEY_PLACES
from soundcheck.wizard.cloud.accounts import guide_lines, team_lines
from soundcheck.wizard.cloud.instant import AnswerLost
from soundcheck.wizard.plain_line import agreed_to_plain
from soundcheck.wizard.progress import Mark, Progress, Reporter, tell_plan
from soundcheck.wizard.recognise.recogniser import recognise
from soundcheck.wizard.recognise.recognition import Recognition, Severity
from soundcheck.wizard.setup import cloud_step, welcome_step
from soundcheck.wizard.setup.authority_step import given_authority
from soundcheck.wizard.setup.check_progress import as_observer
from soundcheck.wizard.setup.cloud_step import CloudPlan, Origin
from soundcheck.wizard.setup.local_step import start_local, wake_local
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.verify import WAY_AROUND, reading_words, verify, verify_readings
from soundcheck.wizard.setup.welcome_step import refuse_conflict, start_on
from soundcheck.wizard.step import SetupPath, StepId


async def welcome(state: SetupState, asker: Asker, report: Reporter) -> SetupState:
    """Which of the ways."""
    refuse_conflict(state)
    question = welcome_step.question(state)
    answer = (await ask_all([question], asker, report))[question.id]
    report(Progress(welcome_step.words_of(answer), Mark.OK))
    return start_on(state, answer)


async def accounts(state: SetupState, asker: Asker, report: Reporter) -> SetupState:
    """Where to click and what to copy; nothing to do for those who have it."""
    if state.passes_over(StepId.ACCOUNTS):
        report(Progress("Nothing to create", Mark.SKIP))
        return state
    guided = state.session.path is SetupPath.GUIDE
    for line in guide_lines() if guided else team_lines(state.services.project.name):
        report(Progress(line))
    if not isinstance(asker, Unattended):
        ready = Answer("ready", "I have them, go on")
        await asker.ask(Question("Come back when you have copied them.", (ready,), "ready"))
    return state


async def credentials(state: SetupState, asker: Asker, report: Reporter) -> SetupState:
    """Find, paste or start them, and verify them layer by layer."""
    if state.session.path is SetupPath.LOCAL:
        services = state.services.using(await start_local(state.services, report))
        await state.services.close()
        if (problem := (await verify(services, as_observer(report))).problem) is not None:
            raise problem
        return state.verified_with(services)
    known = state.options.given.over(state.found.credentials)
    if state.session.path is SetupPath.INSTANT and state.revisited is not StepId.CREDENTIALS:
        known = await from_cloud(state, known, asker, report)
    again = state.revisited is StepId.CREDENTIALS
    for name, words in state.found.mended.items():
        report(Progress(f"{name}: {words}", Mark.WARN))
    while True:
        if again or not known.is_complete:
            known = await _paste(known, state, asker, report)
            if not known.is_complete:
                continue  # what is missing is asked for; half of it proves nothing
        services = state.services.using(known)
        await state.services.close()
        services = await wake_local(services, report)
        state = state.with_services(services)
        tried = await verify_readings(services, as_observer(report))
        if tried.is_other_reading:
            report(Progress(reading_words(tried.credentials), Mark.OK))
            known, services = tried.credentials, services.using(tried.credentials)
            await state.services.close()
            state = state.with_services(services)
        problem = tried.problem
        if problem is None:
            return state.verified_with(services)
        if (direct := tried.direct_alone) is not None and await confirmed(asker, f"{WAY_AROUND}?", default=True):
            known, again = direct, False
            continue
        if await agreed_to_plain(services, asker, tried.report.outcomes):
            again = False
            continue
        if (trusted := await given_authority(services, asker, tried.report.outcomes, report)) is not None:
            state, again = state.with_services(trusted), False
            continue
        if isinstance(asker, Unattended) or tried.is_network:
            raise problem
        report(Progress(problem.message, Mark.FAIL, hint=problem.hint))
        again = True


async def from_cloud(state: SetupState, known: Credentials, asker: Asker, report: Reporter) -> Credentials:
    """Both stores: created with consent, as they were given, or of this machine."""
    step = cloud_step.look(state, known)
    step = await _with_keys(step.choosing(await ask_all(step.choices, asker, report)), asker)
    tell_plan(step.lines, report)
    await ask_all(step.questions, asker, report)
    try:
        return await cloud_step.obtain(state.services, step, report, again=state.options.instant_again)
    except AnswerLost as lost:
        await ask_all([cloud_step.again(lost)], asker, report)
    return await cloud_step.obtain(state.services, step, report, again=True)


async def _with_keys(step: CloudPlan, asker: Asker) -> CloudPlan:
    """The step with what lacks of the keys asked for."""
    while step.lacking:
        half = next(half for half in Half if half in step.from_(Origin.ACCOUNT) and step.keys.lacking(half))
        where = f"{step.lacking} It is made at {KEY_PLACES[half]}"
        keys = step.keys
        if half is Half.DATABASE:
            keys = replace(keys, neon=await asker.ask_secret(Question(where, consent="Give it with --neon-api-key.")))
        elif not (keys.upstash_email and "@" in keys.upstash_email.reveal()):
            keys = replace(
                keys, upstash_email=Secret(await asker.ask(Question(step.lacking, consent="--upstash-email")))
            )
        else:
            given = "Give it with --upstash-api-key."
            keys = replace(keys, upstash=await asker.ask_secret(Question(where, consent=given)))
        step = replace(step, keys=keys)
    return step


async def _paste(known: Credentials, state: SetupState, asker: Asker, report: Reporter) -> Credentials:
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


def _say(recognition: Recognition, report: Reporter) -> None:
    """Field by field what was recognised, then what is wrong with it, the cure, and a mended value, masked."""
    for field in recognition.fields:
        note = f" ({field.note})" if field.note else ""
        report(Progress(f"{field.name} from line {field.line}: {field.masked}{note}", Mark.OK))
    for problem in recognition.findings:
        where = f"line {problem.line}: " if problem.line else ""
        report(Progress(where + problem.message, SEVERITY_MARKS[problem.severity], hint=problem.cure))
        if problem.repair is not None:
            report(Progress(problem.repair.preview))
