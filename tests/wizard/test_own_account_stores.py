"""Lasting stores with the person's own keys, where the vendor refuses or its answer is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fake_neon_api import KEY, PROJECTS, FakeNeon
from fake_upstash_api import DATABASE, EMAIL, FakeUpstash
from fake_upstash_api import KEY as UPSTASH_KEY
from fake_vendor import HTML, Asked, FakeVendor, Told

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.project.journal import Cloud, Journal
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.cloud.creating import create_stores
from soundcheck.wizard.cloud.instant import AnswerLost
from soundcheck.wizard.cloud.lasting import OrganisationWanted, make_lasting
from soundcheck.wizard.progress import Mark, Progress, silent
from soundcheck.wizard.remove.stays import what_stays

KEYS = AccountKeys(Secret(KEY), "", Secret(EMAIL), Secret(UPSTASH_KEY))
BOTH = frozenset(Half)
URL = "postgresql://neondb_owner:npg_s3cretWord@ep-cool-darkness-a1b2c3d4-pooler.us-east-2.aws.neon.tech/neondb"
LIMIT = Told({"code": "PROJECTS_LIMIT_EXCEEDED", "message": "user projects limit of 1 exceeded, got 1"}, 422)


@pytest.fixture
def neon() -> Iterator[FakeNeon]:
    with FakeNeon(lambda: URL) as fake:
        yield fake


@pytest.fixture
def upstash() -> Iterator[FakeUpstash]:
    with FakeUpstash(
        lambda: ("https://tidy-mallard-133200.upstash.io", "gQAAAAAAAghQAQIgcDJmNjRkOGI0ZDQxNGU0")
    ) as fake:
        yield fake


@pytest.fixture
def services(project: Project, neon: FakeNeon, upstash: FakeUpstash) -> Services:
    environ = {"SOUNDCHECK_TEST_NEON": neon.url, "SOUNDCHECK_TEST_UPSTASH": upstash.url}
    return Services(project, SystemClock(), SystemResolver(), environ=environ)


def refuse_creation(fake: FakeVendor, path: str, told: Told) -> Callable[[], None]:
    """From now on a creation is not carried out and told this; what is returned ends it."""
    answer = fake.answer
    fake.answer = (  # type: ignore[method-assign]
        lambda asked: told if (asked.method, asked.path) == ("POST", path) else answer(asked)
    )

    def end() -> None:
        fake.answer = answer  # type: ignore[method-assign]

    return end


@pytest.mark.parametrize("half", list(Half))
async def test_after_a_lost_answer_one_that_is_not_listed_is_made_only_with_a_yes(
    services: Services, project: Project, neon: FakeNeon, upstash: FakeUpstash, half: Half
) -> None:
    fake, path = (neon, PROJECTS) if half is Half.DATABASE else (upstash, DATABASE)
    end = refuse_creation(fake, path, Told("", 503))
    with pytest.raises(StepFailed, match="found by its name"):
        await make_lasting(services, {half}, KEYS, silent)
    end()
    with pytest.raises(AnswerLost, match="answer was lost, and your account does not list it") as lost:
        await make_lasting(services, {half}, KEYS, silent)
    assert "--again" in lost.value.hint
    assert len(fake.posted(path)) == 1
    await create_stores(services, frozenset({half}), KEYS, silent, again=True)
    assert len(fake.posted(path)) == 2
    await make_lasting(services, {half}, KEYS, silent)
    assert len(fake.posted(path)) == 2


async def test_what_a_lost_answer_made_is_noted_once_it_is_found(
    services: Services, project: Project, neon: FakeNeon
) -> None:
    answer = neon.answer

    def lose(asked: Asked) -> Told:
        real = answer(asked)
        return HTML if (asked.method, asked.path) == ("POST", PROJECTS) else real

    neon.answer = lose  # type: ignore[method-assign]
    with pytest.raises(StepFailed):
        await make_lasting(services, {Half.DATABASE}, KEYS, silent)
    assert (await make_lasting(services, {Half.DATABASE}, KEYS, silent)).has_database
    await make_lasting(services, {Half.DATABASE}, KEYS, silent)
    notes = [record for record in Journal(project).records() if isinstance(record, Cloud)]
    assert [note.ident for note in notes] == ["", neon.projects[0]["id"]]


async def test_a_limit_of_the_plan_says_where_to_make_room_and_nothing_counts_as_made(
    services: Services, project: Project, neon: FakeNeon
) -> None:
    end = refuse_creation(neon, PROJECTS, LIMIT)
    told: list[Progress] = []
    with pytest.raises(StepFailed, match=r"limit of your plan .*HTTP 422.*limit of 1 exceeded") as refused:
        await make_lasting(services, {Half.DATABASE}, KEYS, told.append)
    assert "raise the plan" in refused.value.hint
    assert told[-1].mark is Mark.FAIL
    assert what_stays(services, Journal(project).records()) == ()
    end()
    assert (await make_lasting(services, {Half.DATABASE}, KEYS, silent)).has_database


@pytest.mark.parametrize(
    ("told", "message", "hint"),
    [
        (Told({"message": "project already exists"}, 409), "already exists", "looked for first"),
        (Told({"message": "region is not supported"}, 400), "HTTP 400", "Nothing was made"),
        (Told({"message": "slow down"}, 429, headers={"Retry-After": "90"}), "HTTP 429", "90 s"),
        (Told({"message": "plan required"}, 402), "limit of your plan", "raise the plan"),
    ],
)
async def test_every_refusal_of_a_creation_has_a_next_step(
    services: Services, neon: FakeNeon, told: Told, message: str, hint: str
) -> None:
    refuse_creation(neon, PROJECTS, told)
    with pytest.raises(StepFailed) as refused:
        await make_lasting(services, {Half.DATABASE}, KEYS, silent)
    assert message in refused.value.message
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("half", "keys", "place"),
    [
        (Half.DATABASE, replace(KEYS, neon=Secret("napi_wrong")), "console.neon.tech/app/settings/api-keys"),
        (Half.CACHE, replace(KEYS, upstash=Secret("wrong")), "console.upstash.com/account/api"),
    ],
)
async def test_a_refused_key_says_where_keys_are_made(
    services: Services, half: Half, keys: AccountKeys, place: str
) -> None:
    with pytest.raises(StepFailed, match="HTTP 401") as refused:
        await make_lasting(services, {half}, keys, silent)
    assert place in refused.value.hint


async def test_the_organisations_to_choose_from_come_with_the_question(services: Services, neon: FakeNeon) -> None:
    neon.orgs = ["org-sunny-1", "org-rainy-2"]
    with pytest.raises(OrganisationWanted) as wanted:
        await make_lasting(services, {Half.DATABASE}, KEYS, silent)
    assert wanted.value.organisations == ("org-sunny-1", "org-rainy-2")


def test_what_a_pair_of_keys_lacks_is_named() -> None:
    assert [KEYS.lacking(half) for half in Half] == ["", ""]
    none = AccountKeys(Secret(""), "", Secret("person"), Secret(""))
    assert none.lacking(Half.DATABASE) == "Neon's API key is missing."
    assert "e-mail" in none.lacking(Half.CACHE)
    assert "API key" in replace(none, upstash_email=Secret(EMAIL)).lacking(Half.CACHE)
