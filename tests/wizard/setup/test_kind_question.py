"""What the database is for: where set-up asks it, what each answer writes, and what makes it ask again."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Profile, ProfileKind, Project, open_project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.asking import Asker, Question, Unattended
from soundcheck.wizard.kind_in_force import kind_in_force
from soundcheck.wizard.progress import silent
from soundcheck.wizard.setup import env_step
from soundcheck.wizard.setup.kind_question import KIND
from soundcheck.wizard.setup.last_steps import env
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import StepId
from tests.wizard.setup.conftest import Own

ELSEWHERE = Credentials(
    PostgresUrl.parse("postgresql://u:p@127.0.0.1:5433/d"), None, RestUrl.parse("http://127.0.0.1:5434"), Secret("t")
)
PASSED = frozenset({StepId.WELCOME, StepId.CREDENTIALS, StepId.ENV})


@dataclass
class Person:
    """Answers by the question's id, else with its default."""

    answers: Mapping[str, str]
    asked: list[str] = field(default_factory=list)

    async def ask(self, question: Question) -> str:
        self.asked.append(question.id)
        return self.answers.get(question.id, question.default or "")

    async def ask_secret(self, question: Question) -> Secret:
        raise AssertionError(question.text)


@pytest.fixture
def services(project: Project) -> Services:
    unknown = replace(project, profile=Profile("default", ProfileKind.UNKNOWN))
    return Services(unknown, SystemClock(), SystemResolver(), credentials=ELSEWHERE)


def of_kind(services: Services, kind: ProfileKind) -> Services:
    return replace(services, project=replace(services.project, profile=Profile("default", kind)))


def in_project(services: Services, **changes: bool) -> Services:
    return replace(services, project=replace(services.project, **changes))


@pytest.mark.parametrize(
    ("prepare", "session", "asked"),
    [
        (lambda s: s, Session(), True),
        (lambda s: of_kind(s, ProfileKind.DEV), Session(), False),
        (lambda s: of_kind(s, ProfileKind.PRODUCTION), Session(), False),
        (lambda s: in_project(s, read_only=True), Session(), False),
        (lambda s: in_project(s, writes_env_file=False), Session(), False),
        (lambda s: s, Session(done=PASSED, answers={KIND: "unsure"}), False),
        (lambda s: s, Session(done=PASSED - {StepId.ENV}, answers={KIND: "unsure"}), True),
        (lambda s: s, Session(done=PASSED), True),
        (lambda s: of_kind(s, ProfileKind.DEV), Session(answers={KIND: "local"}), True),
        (lambda s: of_kind(s, ProfileKind.PRODUCTION), Session(answers={KIND: "local"}), False),
    ],
    ids=[
        "unknown", "dev", "production", "a read-only folder", "--no-write", "not sure before", "back to it",
        "left open by --yes", "dev of the local stack, now another database", "production in spite of the local stack",
    ],
)  # fmt: skip
async def test_it_is_asked_where_nobody_has_said_it_and_the_answer_can_be_kept(
    services: Services, prepare: Callable[[Services], Services], session: Session, asked: bool
) -> None:
    step = await env_step.look(SetupState(prepare(services), session), silent)
    assert (KIND in [one.id for one in step.questions]) is asked


async def test_a_config_that_only_its_author_edits_is_not_asked_about(services: Services) -> None:
    (services.project.root / "soundcheck.toml").write_text("profiles = { default = { schema = 'a.prisma' } }\n")
    step = await env_step.look(SetupState(services, Session()), silent)
    assert KIND not in [one.id for one in step.questions]


def written_kind(project: Project) -> str | None:
    path = project.root / "soundcheck.toml"
    return tomllib.loads(path.read_text())["profiles"]["default"]["kind"] if path.exists() else None


@pytest.mark.parametrize("before", [None, "", 'kind = "unknown"\n'], ids=["no file", "no kind", "unknown"])
@pytest.mark.parametrize("team", ["yes", "no"])
@pytest.mark.parametrize(
    ("answer", "kind"), [("dev", ProfileKind.DEV), ("production", ProfileKind.PRODUCTION), ("unsure", None)]
)
async def test_an_answer_is_in_the_file_and_in_force_at_once(
    services: Services, before: str | None, team: str, answer: str, kind: ProfileKind | None
) -> None:
    path = services.project.root / "soundcheck.toml"
    if before is not None:
        path.write_text(f"# ours\n[profiles.default]\n{before}")
    person = Person({KIND: answer, "team": team})
    after = await env(SetupState(services, Session()), person, silent)
    assert person.asked[0] == KIND
    assert person.asked[-1] == "write"
    assert kind_in_force(after.services) is (kind or ProfileKind.UNKNOWN)
    if kind is not None:
        assert written_kind(services.project) == kind
        assert open_project(services.project.root).profile.kind is kind
    assert before is None or path.read_text().startswith("# ours\n")
    assert after.session.answers.get(KIND) == ("unsure" if kind is None else None)


async def test_yes_leaves_it_unknown_for_a_person_to_say(services: Services) -> None:
    after = await env(SetupState(services, Session()), Unattended(), silent)
    assert written_kind(services.project) == "unknown"
    assert KIND not in after.session.answers


@pytest.mark.parametrize("before", [None, 'kind = "unknown"\n'], ids=["no file", "unknown"])
@pytest.mark.parametrize("asker", [Person({}), Unattended()], ids=["person", "--yes"])
async def test_the_local_stack_is_development_in_the_file_too(
    services: Services, own: Own, before: str | None, asker: Asker
) -> None:
    own(ELSEWHERE)
    if before is not None:
        (services.project.root / "soundcheck.toml").write_text(f"[profiles.default]\n{before}")
    after = await env(SetupState(services, Session()), asker, silent)
    assert written_kind(services.project) == kind_in_force(after.services) == ProfileKind.DEV
    assert after.services.project.profile.kind is ProfileKind.DEV

    own(Credentials())  # another database takes its place: what was said of ours is not said of that
    again = await env(replace(after, session=replace(after.session, done=PASSED)), Unattended(), silent)
    assert written_kind(services.project) == kind_in_force(again.services) == ProfileKind.UNKNOWN
