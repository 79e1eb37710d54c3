"""Questions as data: what `--yes` answers, what an option answered, what a no stops, and what is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.asking import NO, YES, Declined, Question, QuestionKind, Unattended, ask_all
from soundcheck.wizard.discover import FoundCredentials, Source
from soundcheck.wizard.progress import silent
from soundcheck.wizard.setup import env_step, local_step, welcome_step
from soundcheck.wizard.setup.criteria import CRITERIA, Browsed, places_of, tick
from soundcheck.wizard.setup.last_steps import env
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupOptions, SetupState
from soundcheck.wizard.step import SetupPath, StepId
from tests.wizard.setup.conftest import Own

CONSENT = Question("Write it", (YES, NO), YES.key, id="it", kind=QuestionKind.CONSENT)
ELSEWHERE = Credentials(
    PostgresUrl.parse("postgresql://u:p@127.0.0.1:5433/d"), None, RestUrl.parse("http://127.0.0.1:5434"), Secret("t")
)


@dataclass
class Person:
    """Gives one answer to everything, and keeps the questions."""

    answer: str
    asked: list[str] = field(default_factory=list)

    async def ask(self, question: Question) -> str:
        self.asked.append(question.asked)
        return self.answer

    async def ask_secret(self, question: Question) -> Secret:
        raise AssertionError(question.text)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (CONSENT, "yes"),
        (replace(CONSENT, default="no"), "no"),
        (replace(CONSENT, with_yes="no"), "no"),
        (replace(CONSENT, default=None, given="yes"), "yes"),
        (replace(CONSENT, given="yes", with_yes=Declined("Not by itself.")), "yes"),
        (replace(CONSENT, default=None, consent="--it"), "Write it? Add --it."),
        (replace(CONSENT, with_yes=Declined("It has a name.", "Type it.")), "It has a name. Type it."),
    ],
)
async def test_what_yes_answers_or_why_it_does_not(question: Question, answer: str) -> None:
    try:
        given = await Unattended().ask(question)
    except Refused as refusal:
        given = f"{refusal.message} {refusal.hint}"
    assert given == answer


async def test_what_an_option_answered_is_asked_of_nobody() -> None:
    person = Person("no")
    answers = await ask_all([replace(CONSENT, given="yes"), replace(CONSENT, id="more")], person, silent)
    assert answers == {"it": "yes", "more": "no"}
    assert person.asked == ["Write it?"]


async def test_what_a_question_is_about_is_said_before_it() -> None:
    said: list[str] = []
    where = replace(CONSENT, about=("The whole path: /home/ana/my app/.env",))
    await ask_all([where], Person("no"), lambda event: said.append(event.text))
    assert said == ["  The whole path: /home/ana/my app/.env"]


async def test_a_no_stops_what_cannot_go_on_without_a_yes() -> None:
    needed = replace(CONSENT, or_stop=Declined("It was not written.", "Run it again."))
    with pytest.raises(StepFailed, match="It was not written"):
        await ask_all([needed, CONSENT], person := Person("no"), silent)
    assert len(person.asked) == 1


@pytest.fixture
def services(project: Project) -> Services:
    return Services(project, SystemClock(), SystemResolver(), credentials=ELSEWHERE)


async def test_what_was_said_about_other_files_is_the_next_run_s_default(services: Services) -> None:
    state = SetupState(services, Session(answers={"gitignore": "no"}))
    step = await env_step.look(state, silent)
    assert {one.id: one.default for one in step.questions if one.remembered} == {"gitignore": "no", "team": "yes"}
    after = await env(state, Unattended(), silent)
    assert not (services.project.root / ".gitignore").exists()
    assert (services.project.root / ".env.example").exists()
    assert after.session.answers == {"gitignore": "no", "team": "yes"}


@pytest.mark.parametrize(
    ("found", "ours", "path"),
    [
        (ELSEWHERE, Credentials(), SetupPath.CREDENTIALS),
        (ELSEWHERE, ELSEWHERE, SetupPath.LOCAL),
        (replace(ELSEWHERE, rest_url=None), ELSEWHERE, SetupPath.LOCAL),
        (ELSEWHERE, replace(ELSEWHERE, rest_url=None), SetupPath.CREDENTIALS),
        (ELSEWHERE, replace(ELSEWHERE, database_url=None), SetupPath.CREDENTIALS),
    ],
)
def test_what_is_here_is_the_local_stack_s_only_where_all_of_it_is(
    services: Services, own: Own, found: Credentials, ours: Credentials, path: SetupPath
) -> None:
    own(ours)
    state = SetupState(services, Session(), FoundCredentials(found, {"DATABASE_URL": Source.FILE}))
    assert welcome_step.start_on(state, welcome_step.USE).path is path


@pytest.mark.parametrize("ours", ["database_url", "rest_url"])
def test_only_the_store_of_this_machine_needs_no_account(services: Services, own: Own, ours: str) -> None:
    own(replace(Credentials(), **{ours: getattr(ELSEWHERE, ours)}))
    local = local_step.local_halves(services.project, ELSEWHERE)
    ticks = tick({}, local=local, places=places_of(ELSEWHERE, local), browsed=Browsed())
    accounts = [one.account for one, done in zip(CRITERIA, ticks, strict=True) if one.account in local and done]
    assert accounts == list(local)
    assert len(local) == 1
    elsewhere = [done.criterion.text for done in ticks if "127.0.0.1" in done.criterion.text]
    assert len(elsewhere) == 1, "the other one is no account either"


@pytest.mark.parametrize(
    ("options", "revisited", "given"),
    [
        (SetupOptions(), None, welcome_step.USE),
        (SetupOptions(), StepId.WELCOME, ""),
        (SetupOptions(path=SetupPath.LOCAL), None, SetupPath.LOCAL),
        (SetupOptions(given=ELSEWHERE), None, SetupPath.CREDENTIALS),
    ],
)
def test_how_to_start_is_not_asked_where_that_is_clear(
    services: Services, options: SetupOptions, revisited: StepId | None, given: str
) -> None:
    found = FoundCredentials(ELSEWHERE, {"DATABASE_URL": Source.FILE})
    state = SetupState(services, Session(), found, options, revisited=revisited)
    assert welcome_step.question(state).given == given
