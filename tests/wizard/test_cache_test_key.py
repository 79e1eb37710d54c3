"""The cache test writes a key: never into a production cache unasked, and never into one that may be it unsaid."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import pytest

from soundcheck.checks.cache.layers import TEST_KEY, WRITE_NOT_AGREED
from soundcheck.checks.catalogue import ask
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Status
from soundcheck.checks.run import CheckEvent, Note
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.project.project import ProfileKind, Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.asking import NO, YES, Question, Unattended
from soundcheck.wizard.cache_test_key import (
    intent_of_test,
    left_untested,
    ordered,
    questions_of_test,
    with_consent,
)
from soundcheck.wizard.guard import Consent, decide
from soundcheck.wizard.progress import Progress
from soundcheck.wizard.setup import last_steps
from soundcheck.wizard.setup.criteria import CRITERIA, Browsed, tick
from soundcheck.wizard.setup.resume import judge_resume
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupOptions, SetupState
from soundcheck.wizard.setup.store_tests import CACHE_LINES
from soundcheck.wizard.setup.verify import verify
from soundcheck.wizard.step import StepId
from tests.checks.test_cache_faults import a_small_redis
from tests.conftest import Rest
from tests.fake_rest import FakeRest

DEV, UNKNOWN, PRODUCTION = ProfileKind.DEV, ProfileKind.UNKNOWN, ProfileKind.PRODUCTION
WRITES = {"SET", "SETEX", "DEL", "EXPIRE", "FLUSHDB"}


def services_for(project: Project, kind: ProfileKind, url: RestUrl, token: Secret | None = None) -> Services:
    of_kind = replace(project, profile=replace(project.profile, kind=kind))
    credentials = Credentials(rest_url=url, rest_token=token or Secret("AXtoken=="))
    return Services(of_kind, SystemClock(), SystemResolver(), credentials)


@dataclass
class Person:
    """Gives one answer, and keeps the questions."""

    answer: str
    asked: list[Question] = field(default_factory=list)

    async def ask(self, question: Question) -> str:
        self.asked.append(question)
        return self.answer

    async def ask_secret(self, question: Question) -> Secret:
        raise AssertionError(question.text)


async def write_test(services: Services) -> tuple[Outcome, list[str], list[list[str]]]:
    """The outcome of the write test, what was said before it, and the commands that wrote."""
    said: list[str] = []

    def observe(event: CheckEvent) -> None:
        if isinstance(event, Note) and event.check.id == "cache.write":
            said.append(event.text)

    async with FakeRest(a_small_redis()) as server:
        there = RestUrl("http", "127.0.0.1", server.port)
        own = replace(services, credentials=replace(services.credentials, rest_url=there))
        report = await ask(own, ["cache"], observe)
    outcome = next(one for one in report.outcomes if one.check.id == "cache.write")
    return outcome, said, [words for words in server.seen if words[0] in WRITES]


HERE = RestUrl("http", "127.0.0.1", 1)


async def test_only_what_is_agreed_to_is_written_and_what_may_be_production_is_told(project: Project) -> None:
    agreed = {"": (), "127.0.0.1": (PRODUCTION,), "another.upstash.io": ()}
    for kind, host in itertools.product(ProfileKind, agreed):
        services = replace(services_for(project, kind, HERE), tested_cache=host)
        outcome, said, wrote = await write_test(services)
        if kind is PRODUCTION and kind not in agreed[host]:
            assert wrote == []
            assert said == []
            assert outcome.finding.status is Status.SKIP
            assert left_untested(outcome)
            assert "127.0.0.1" in outcome.finding.summary
            assert "doctor --production 127.0.0.1" in outcome.finding.hint
            assert outcome.evidence["status"] == WRITE_NOT_AGREED
        else:
            assert [words[0] for words in wrote] == ["SET", "DEL"]
            assert all(words[1].startswith(TEST_KEY) for words in wrote)
            assert outcome.finding.status is Status.OK
            assert [TEST_KEY in text for text in said] == ([] if kind is DEV else [True])


async def test_what_rests_on_the_write_test_is_asked_all_the_same(project: Project) -> None:
    async with FakeRest(a_small_redis()) as server:
        url = RestUrl("http", "127.0.0.1", server.port)
        report = await ask(services_for(project, PRODUCTION, url), ["cache"])
    found = {outcome.check.id: outcome.finding.status for outcome in report.outcomes}
    assert found["cache.commands"] is Status.OK
    assert not report.in_the_way


@pytest.mark.parametrize(
    ("kind", "production", "question"),
    [
        (DEV, "", False),
        (UNKNOWN, "", False),
        (PRODUCTION, "", True),
        (PRODUCTION, "db.example.com", True),
        (PRODUCTION, "live.upstash.io", True),
    ],
)
async def test_who_is_asked_and_what_yes_answers(
    project: Project, kind: ProfileKind, production: str, question: bool
) -> None:
    services = services_for(project, kind, RestUrl.parse("https://live.upstash.io"))
    consent = Consent(production=production)
    intent = intent_of_test(services)
    assert intent is not None
    asked = questions_of_test(services, consent)
    assert bool(asked) is question is not decide(intent, Consent()).allowed
    named = production == "live.upstash.io"
    assert (with_consent(services, consent).tested_cache == "live.upstash.io") is named
    if asked:
        assert "live.upstash.io" in asked[0].text
        assert await Unattended().ask(asked[0]) == (YES.key if named else NO.key)
        assert any(TEST_KEY in line for line in asked[0].about)


def test_a_project_without_a_cache_is_asked_nothing(project: Project) -> None:
    services = Services(project, SystemClock(), SystemResolver())
    assert questions_of_test(services, Consent()) == ()
    assert with_consent(services, Consent()) is services
    assert ordered(services) is services


async def test_a_yes_is_for_this_cache_alone(project: Project, rest: Rest) -> None:
    services = ordered(services_for(project, PRODUCTION, RestUrl.parse("https://live.upstash.io")))
    other = services.using(Credentials(rest_url=rest.url, rest_token=rest.token))
    try:
        report = await ask(other, ["cache.write"])
        assert left_untested(report.outcomes[-1])
        named = replace(other, tested_cache=rest.url.host)
        assert (await ask(named, ["cache.write"])).outcomes[-1].finding.status is Status.OK
    finally:
        await other.close()


async def test_the_step_of_set_up_names_what_it_left_out(project: Project, rest: Rest) -> None:
    services = services_for(project, PRODUCTION, rest.url, rest.token)

    async def step(asker: object, consent: Consent = Consent()) -> tuple[SetupState, list[str]]:  # noqa: B008
        said: list[Progress] = []
        state = SetupState(services, Session(), options=SetupOptions(consent=consent))
        after = await last_steps.cache(state, asker, said.append)  # type: ignore[arg-type]
        return after, [f"{one.mark} {one.text}" for one in said]

    for asker in (Unattended(), Person(NO.key)):
        _, said = await step(asker)
        assert any(line.startswith("skip Not tested") for line in said)
        assert not any(line in text for text in said for line in CACHE_LINES[1:])
    for asker, consent in ((Person(YES.key), Consent()), (Unattended(), Consent(production=rest.url.host))):
        after, said = await step(asker, consent)
        assert all(any(line in text for text in said) for line in CACHE_LINES)
        assert after.services.tested_cache == rest.url.host, "for Done, which asks once more"
    assert not (await verify(services, lambda _: None)).problem


async def test_what_was_left_out_stands_in_the_way_of_no_criterion_and_reopens_no_step(project: Project) -> None:
    left, _, _ = await write_test(services_for(project, PRODUCTION, HERE))
    fine, _, _ = await write_test(services_for(project, DEV, HERE))
    names = {name for criterion in CRITERIA for name in criterion.checks}
    outcomes = {name: replace(fine, check=replace(fine.check, id=name)) for name in names} | {"cache.write": left}
    ticks = tick(outcomes, local=frozenset(), places={}, browsed=Browsed(11))
    assert all(one.met for one in ticks)
    assert [one.note for one in ticks if one.note] == [left.finding.summary]
    assert judge_resume(outcomes, Session()).step is StepId.DONE
    other = replace(left, evidence={**left.evidence, "status": ""})
    ticked = tick({**outcomes, "cache.write": other}, local=frozenset(), places={}, browsed=Browsed(11))
    assert [one.met for one in ticked].count(False) == 1
