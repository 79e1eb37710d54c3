"""The step Credentials without a screen: both addresses and both readings of a password are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import psycopg
import pytest
from psycopg import sql

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import Address, ResolveError, ResolveFailure, SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Question, Unattended
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.progress import Progress
from soundcheck.wizard.setup.first_steps import credentials
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import SetupPath
from tests.conftest import Rest

NEON = "ep-a-1.eu-central-1.aws.neon.tech"
POOLED = "ep-a-1-pooler.eu-central-1.aws.neon.tech"


class Names(SystemResolver):
    """Every name is this machine, but for those that are `unknown`."""

    def __init__(self, *unknown: str) -> None:
        super().__init__()
        self._unknown = unknown

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        if host in self._unknown:
            raise ResolveError(ResolveFailure.UNKNOWN_NAME, host)
        return (Address("127.0.0.1"),)


@dataclass
class Listening(Unattended):
    """Answers with the defaults, and remembers what was asked."""

    asked: list[str] = field(default_factory=list)

    async def ask(self, question: Question) -> str:
        self.asked.append(question.text)
        return await super().ask(question)


@dataclass
class Try:
    """One run of the step with these credentials."""

    project: Project
    rest: Rest
    asker: Listening = field(default_factory=Listening)
    said: list[str] = field(default_factory=list)

    async def __call__(self, url: PostgresUrl, direct: PostgresUrl | None = None, *unknown: str) -> Credentials:
        held = Credentials(url, direct, self.rest.url, self.rest.token)
        services = Services(self.project, SystemClock(), Names(*unknown), environ={})
        state = SetupState(services, Session(path=SetupPath.CREDENTIALS), FoundCredentials(held))
        after = await credentials(state, self.asker, lambda event: self.said.append(_words(event)))
        await after.services.close()
        assert after.verified
        return after.services.credentials


def _words(event: Progress) -> str:
    return f"{event.text} {event.hint}"


@pytest.fixture
def attempt(project: Project, rest: Rest) -> Try:
    return Try(project, rest)


@pytest.fixture
def roles(database_url: PostgresUrl, administrator: psycopg.Connection) -> Iterator[Mapping[str, PostgresUrl]]:
    """Two roles, by their password; each address as if its password needed no encoding."""
    made = {password: database_url.database + f"_{number}" for number, password in enumerate(("p%41ss", "pAss"))}
    for password, name in made.items():
        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        administrator.execute(statement)
    yield {
        password: PostgresUrl.parse(
            f"postgresql://{name}:p%41ss@{database_url.endpoint}/{database_url.database}?sslmode=disable"
        )
        for password, name in made.items()
    }
    for name in made.values():
        administrator.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.mark.parametrize(("password", "told"), [("p%41ss", "as it is written"), ("pAss", "")])
async def test_both_readings_of_a_password_are_tried_and_the_one_that_works_is_told(
    attempt: Try, roles: Mapping[str, PostgresUrl], password: str, told: str
) -> None:
    used = await attempt(roles[password])
    assert used.database_url is not None
    assert used.database_url.password == Secret(password)
    assert any("reading" in line or "works" in line for line in attempt.said) is bool(told)
    assert told in " ".join(attempt.said)
    assert "p%41ss" not in " ".join(attempt.said)


async def test_where_neither_reading_is_right_that_is_said(attempt: Try, roles: Mapping[str, PostgresUrl]) -> None:
    wrong = replace(roles["pAss"], password=Secret("pBss"), other_password=Secret("p%42ss"))
    with pytest.raises(StepFailed, match="Both readings") as refused:
        await attempt(wrong)
    assert "DATABASE_URL" in f"{refused.value.message} {refused.value.hint}"


async def test_the_direct_address_is_tried_too_and_its_failure_names_it(
    attempt: Try, database_url: PostgresUrl
) -> None:
    with pytest.raises(StepFailed) as refused:
        await attempt(database_url, replace(database_url, password=Secret("an-old-one")))
    assert "DIRECT_URL" in refused.value.message
    assert "DATABASE_URL" not in refused.value.message


async def test_a_pooled_address_that_fails_is_left_for_the_direct_one_that_works(
    attempt: Try, database_url: PostgresUrl
) -> None:
    given = replace(database_url, host=NEON).with_params({"sslmode": "disable"})
    used = await attempt(given.pooled(), given, POOLED)
    assert used.database_url == given
    assert used.direct == given
    assert [question for question in attempt.asker.asked if "pooled address fails" in question]


async def test_who_keeps_the_pooled_address_hears_what_is_wrong_with_it(
    attempt: Try, database_url: PostgresUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no(question: Question) -> str:
        return "no"

    monkeypatch.setattr(attempt.asker, "ask", no)
    given = replace(database_url, host=NEON).with_params({"sslmode": "disable"})
    with pytest.raises(StepFailed) as failed:
        await attempt(given.pooled(), given, POOLED)
    assert POOLED in failed.value.message or "DATABASE_URL" in failed.value.message


async def test_where_the_pooled_address_works_nothing_is_asked(attempt: Try, database_url: PostgresUrl) -> None:
    given = replace(database_url, host=NEON).with_params({"sslmode": "disable"})
    used = await attempt(given.pooled(), given)
    assert used.database_url == given.pooled()
    assert not attempt.asker.asked
