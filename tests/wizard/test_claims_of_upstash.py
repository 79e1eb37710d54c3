"""Upstash does not tell whether a temporary cache was claimed: what is said, and what its life shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from fake_upstash_api import FakeUpstash

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.cloud.made import Half, made_stores
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.cloud.claims_list import ClaimState, check_claims, claims_of
from soundcheck.wizard.cloud.instant import make_stores
from soundcheck.wizard.progress import silent
from soundcheck.wizard.setup.criteria import missing_halves
from tests.conftest import Rest

CACHE = frozenset({Half.CACHE})


@dataclass
class MovedClock(SystemClock):
    """The clock, `ahead` of its time."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() + self.ahead


@pytest.fixture
def upstash(rest: Rest) -> Iterator[FakeUpstash]:
    with FakeUpstash(lambda: (str(rest.url), rest.token.reveal())) as fake:
        yield fake


@pytest.fixture
def services(project: Project, upstash: FakeUpstash) -> Services:
    environ = {"SOUNDCHECK_TEST_UPSTASH": upstash.url}
    return Services(project, SystemClock(), SystemResolver(), environ=environ)


async def made_and_in_use(services: Services) -> Services:
    return replace(services, credentials=await make_stores(services, CACHE, silent))


def later(services: Services, days: float) -> Services:
    return replace(services, clock=MovedClock(timedelta(days=days)))


async def test_before_its_end_it_is_said_that_nobody_tells_and_where_to_look(services: Services) -> None:
    (said,) = await check_claims(await made_and_in_use(services))
    assert "Upstash does not tell" in said
    assert "console.upstash.com" in said
    assert claims_of(services)[0].state is ClaimState.UNCLAIMED


async def test_one_that_answers_a_day_after_its_end_was_claimed_and_is_not_made_again(
    services: Services, project: Project
) -> None:
    used = await made_and_in_use(services)
    (said,) = await check_claims(later(used, 3.5))
    assert "claimed, or is about to go" in said
    assert not made_stores(project)[Half.CACHE].claimed
    assert await check_claims(later(used, 5)) == []
    assert claims_of(later(used, 5))[0].state is ClaimState.CLAIMED
    assert missing_halves(later(used, 5), used.credentials, CACHE) == frozenset()


async def test_one_that_refuses_after_its_end_stays_ended(services: Services, upstash: FakeUpstash, rest: Rest) -> None:
    upstash.give = lambda: (str(rest.url), "a-token-of-nobody")
    used = await made_and_in_use(services)
    assert await check_claims(later(used, 5)) == []
    assert claims_of(later(used, 5))[0].state is ClaimState.ENDED


async def test_one_that_is_not_in_use_cannot_be_seen(services: Services) -> None:
    await made_and_in_use(services)
    (said,) = await check_claims(later(services, 5))
    assert "the env file names another" in said


async def test_where_upstash_forgot_it_both_reasons_are_named(services: Services, upstash: FakeUpstash) -> None:
    used = await made_and_in_use(services)
    upstash.made.clear()
    (said,) = await check_claims(used)
    assert "knows no temporary cache" in said
    assert "if you claimed it" in said
