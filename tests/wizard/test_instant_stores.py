"""Temporary stores: noted before the call, never asked for twice unseen, and told by when they end."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from fake_neon_api import CLAIMABLE, KEY, PROJECTS, FakeNeon
from fake_upstash_api import DATABASE, EMAIL, START, FakeUpstash
from fake_upstash_api import KEY as UPSTASH_KEY
from fake_vendor import HTML, Asked, Told

from soundcheck.checks.report.known_secrets import known_secrets
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.cloud.exchange import Exchange
from soundcheck.stores.cloud.made import FILE, Half, keep_made, made_stores
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun, Refused, StepFailed
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.journal import Cloud, Journal
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.asking import Question, Unattended
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.cloud.claims_list import ClaimState, check_claims, claims_of
from soundcheck.wizard.cloud.instant import AnswerLost, make_stores
from soundcheck.wizard.cloud.lasting import make_lasting
from soundcheck.wizard.env.step import EnvConsent, plan_env, write_env
from soundcheck.wizard.progress import Progress, silent
from soundcheck.wizard.setup.criteria import BOTH, missing_halves
from soundcheck.wizard.setup.first_steps import from_cloud
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupOptions, SetupState

URL = "postgresql://neondb_owner:npg_s3cretWord@ep-cool-darkness-a1b2c3d4-pooler.us-east-2.aws.neon.tech/neondb"
REST, TOKEN = "https://tidy-mallard-133200.upstash.io", "gQAAAAAAAghQAQIgcDJmNjRkOGI0ZDQxNGU0"
OTHER = Credentials(
    PostgresUrl.parse("postgresql://me:sesame-open@db.example.org/music"),
    None,
    RestUrl.parse("https://mine.upstash.io"),
    Secret("AbCdEf1234567890AbCdEf"),
)
SHORT = Exchange(SystemResolver(), deadline=0.3)
"""For an answer that never comes."""


@dataclass
class MovedClock(SystemClock):
    """The clock, `ahead` of its time."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
def neon() -> Iterator[FakeNeon]:
    with FakeNeon(lambda: URL) as fake:
        yield fake


@pytest.fixture
def upstash() -> Iterator[FakeUpstash]:
    with FakeUpstash(lambda: (REST, TOKEN)) as fake:
        yield fake


@pytest.fixture
def services(project: Project, neon: FakeNeon, upstash: FakeUpstash) -> Services:
    environ = {"SOUNDCHECK_TEST_NEON": neon.url, "SOUNDCHECK_TEST_UPSTASH": upstash.url}
    return Services(project, SystemClock(), SystemResolver(), environ=environ)


def later(services: Services, hours: float) -> Services:
    return replace(services, clock=MovedClock(timedelta(hours=hours)))


async def test_both_are_made_and_noted_privately(services: Services, project: Project) -> None:
    made = await make_stores(services, BOTH, silent)
    assert made.database_url is not None
    assert made.database_url.reveal() == URL
    assert (str(made.rest_url), made.rest_token) == (REST, Secret(TOKEN))
    assert stat.S_IMODE((project.state / FILE).stat().st_mode) == 0o600
    known = {secret.reveal() for secret in known_secrets(services)}
    for one in made_stores(project).values():
        assert {secret.reveal() for secret in one.secrets()} <= known
        assert one.claim_url is not None
        assert one.claim_url.reveal() in known
    clouds = [record for record in Journal(project).records() if isinstance(record, Cloud)]
    assert {cloud.provider for cloud in clouds} == {"Neon", "Upstash"}
    assert all(cloud.expires_at for cloud in clouds)
    assert not any(secret.reveal() in Journal(project).file.read_text() for secret in made.secrets())


async def test_the_note_stands_before_the_call(services: Services, project: Project, upstash: FakeUpstash) -> None:
    seen: list[dict[str, object]] = []
    answer = upstash.answer

    def look(asked: Asked) -> Told:
        seen.append(json.loads((project.state / FILE).read_text())["stores"]["cache"])
        return answer(asked)

    upstash.answer = look  # type: ignore[method-assign]
    await make_stores(services, {Half.CACHE}, silent)
    assert seen[0]["key"] == upstash.posted(START)[0].headers["idempotency-key"]
    assert seen[0]["ends"] is None


async def test_asked_again_they_are_the_same_without_another_request(
    services: Services, neon: FakeNeon, upstash: FakeUpstash
) -> None:
    first = await make_stores(services, BOTH, silent)
    assert await make_stores(services, BOTH, silent) == first
    assert len(neon.seen) == len(upstash.seen) == 1


@pytest.mark.parametrize("told", [Told(hang=True), Told("", 502), HTML, Told({"id": "x"}, cut=True)])
async def test_a_lost_answer_of_neon_needs_a_yes_for_another(services: Services, neon: FakeNeon, told: Told) -> None:
    neon.instead = [told]
    with pytest.raises(StepFailed) as lost:
        await make_stores(services, {Half.DATABASE}, silent, exchange=SHORT if told.hang else None)
    assert "One may exist" in lost.value.message
    with pytest.raises(AnswerLost) as again:
        await make_stores(services, {Half.DATABASE}, silent)
    assert "--again" in again.value.hint
    assert len(neon.made) == 1
    assert claims_of(services)[0].state is ClaimState.LOST
    made = await make_stores(services, {Half.DATABASE}, silent, again=True)
    assert made.has_database
    assert len(neon.posted(CLAIMABLE)) == 2


async def test_a_lost_answer_is_forgotten_once_the_database_must_be_gone(services: Services, neon: FakeNeon) -> None:
    neon.instead = [Told("", 502)]
    with pytest.raises(StepFailed):
        await make_stores(services, {Half.DATABASE}, silent)
    assert (await make_stores(later(services, 73), {Half.DATABASE}, silent)).has_database


@pytest.mark.parametrize(
    "told", [Told({"message": "slow down"}, 429), Told({"message": "Failed to create the database."}, 500)]
)
async def test_what_made_nothing_is_simply_tried_again(
    services: Services, project: Project, neon: FakeNeon, told: Told
) -> None:
    neon.instead = [told]
    with pytest.raises(StepFailed):
        await make_stores(services, {Half.DATABASE}, silent)
    assert made_stores(project) == {}
    assert (await make_stores(services, {Half.DATABASE}, silent)).has_database


async def test_half_an_answer_is_completed_without_a_second_database(services: Services, neon: FakeNeon) -> None:
    answer = neon.answer

    def half(asked: Asked) -> Told:
        told = answer(asked)
        if asked.method == "POST" and isinstance(told.body, dict):
            return Told({"id": told.body["id"], "status": "UNCLAIMED"})
        return told

    neon.answer = half  # type: ignore[method-assign]
    with pytest.raises(StepFailed):
        await make_stores(services, {Half.DATABASE}, silent)
    assert (await make_stores(services, {Half.DATABASE}, silent)).has_database
    assert len(neon.made) == 1


@pytest.mark.parametrize("told", [Told(hang=True), Told("", 500), HTML, Told("# Your Redis", cut=True)])
async def test_a_lost_answer_of_upstash_is_asked_for_with_the_same_key(
    services: Services, upstash: FakeUpstash, told: Told
) -> None:
    upstash.instead = [told]
    with pytest.raises(StepFailed, match="brings the same one"):
        await make_stores(services, {Half.CACHE}, silent, exchange=SHORT if told.hang else None)
    assert (await make_stores(services, {Half.CACHE}, silent)).has_cache
    assert len(upstash.made) == 1
    assert len({asked.headers["idempotency-key"] for asked in upstash.posted(START)}) == 1


async def test_the_failure_of_one_does_not_lose_the_other(
    services: Services, neon: FakeNeon, upstash: FakeUpstash
) -> None:
    neon.instead = [Told({"message": "slow down"}, 429)]
    with pytest.raises(StepFailed):
        await make_stores(services, BOTH, silent)
    assert (await make_stores(services, BOTH, silent)).is_complete
    assert len(upstash.posted(START)) == 1


async def test_with_an_unreadable_note_nothing_is_asked_for(
    services: Services, project: Project, neon: FakeNeon, upstash: FakeUpstash
) -> None:
    project.prepare_state()
    (project.state / FILE).write_text("{")
    with pytest.raises(CouldNotRun):
        await make_stores(services, BOTH, silent)
    assert neon.seen == upstash.seen == []


async def test_once_the_file_holds_them_they_are_fetched_again_by_their_keys(
    services: Services, project: Project, neon: FakeNeon, upstash: FakeUpstash
) -> None:
    made = await make_stores(services, BOTH, silent)
    write_env(project, plan_env(project, made, local=False), EnvConsent())
    assert TOKEN not in (project.state / FILE).read_text()
    assert "s3cretWord" not in (project.state / FILE).read_text()
    project.env_file.unlink()
    again = await make_stores(services, BOTH, silent)
    assert again.as_env() == made.as_env()
    assert len(neon.posted(CLAIMABLE)) == len(upstash.made) == 1


async def test_a_claimed_database_is_told_and_not_made_again(
    services: Services, project: Project, neon: FakeNeon
) -> None:
    made = await make_stores(services, {Half.DATABASE}, silent)
    write_env(project, plan_env(project, made, local=False), EnvConsent())
    neon.claim()
    assert await check_claims(later(services, 80)) == []
    assert claims_of(services.using(made))[0].state is ClaimState.CLAIMED
    with pytest.raises(StepFailed, match="was claimed"):
        await make_stores(services, {Half.DATABASE}, silent)
    assert len(neon.posted(CLAIMABLE)) == 1
    plan = plan_env(project, made, local=False)
    assert plan.content is not None
    assert "# Temporary" not in plan.content.reveal()


async def test_the_file_says_when_each_ends_and_never_the_link(services: Services, project: Project) -> None:
    made = await make_stores(services, BOTH, silent)
    write_env(project, plan_env(project, made, local=False), EnvConsent())
    lines = project.env_file.read_text().splitlines()
    for name, word in (("DATABASE_URL", "database (Neon)"), ("UPSTASH_REDIS_REST_URL", "cache (Upstash)")):
        at = next(index for index, line in enumerate(lines) if line.startswith(f"{name}="))
        assert lines[at - 1].startswith(f"# Temporary {word}, expires at 20")
        assert lines[at - 1].endswith("Z unless claimed: soundcheck claims")
    assert "neon.new" not in project.env_file.read_text()
    assert not plan_env(project, made, local=False).changes
    write_env(project, plan_env(project, OTHER, local=False), EnvConsent(replace=True))
    assert "# Temporary" not in project.env_file.read_text()


async def test_what_ended_is_followed_by_a_new_one_without_replace(services: Services, project: Project) -> None:
    made = await make_stores(services, {Half.DATABASE}, silent)
    write_env(project, plan_env(project, made.over(OTHER), local=False), EnvConsent())
    then = later(services, 80)
    assert missing_halves(services, made.over(OTHER)) == frozenset()
    assert missing_halves(then, made.over(OTHER)) == {Half.DATABASE}
    assert claims_of(then.using(made))[0].state is ClaimState.ENDED
    new = Credentials(database_url=PostgresUrl.parse(URL.replace("s3cretWord", "another")))
    known = made_stores(project)[Half.DATABASE]
    keep_made(project, replace(known, follows=known.fingerprint, fingerprint="", ends=None))
    assert plan_env(project, new.over(OTHER), local=False).replaces == ()


@dataclass
class Scripted:
    """Answers in turn, and keeps the questions."""

    answers: list[str]
    asked: list[str] = field(default_factory=list)

    async def ask(self, question: Question) -> str:
        self.asked.append(question.text)
        return self.answers.pop(0)

    async def ask_secret(self, question: Question) -> Secret:
        raise AssertionError(question.text)


def state_of(services: Services, **options: object) -> SetupState:
    return SetupState(services, Session(), options=SetupOptions(**options))  # type: ignore[arg-type]


async def test_it_is_said_before_it_is_asked_and_asked_before_it_is_done(
    services: Services, neon: FakeNeon, upstash: FakeUpstash
) -> None:
    told: list[str] = []
    asker = Scripted(["temporary", "temporary", "no"])
    with pytest.raises(StepFailed, match="Nothing was created"):
        await from_cloud(state_of(services), Credentials(), asker, lambda event: told.append(event.text))
    said = " ".join(told)
    for text in ("Neon", "us-east-2", "100 MB", "Upstash", "72 hours", "personal data"):
        assert text in said
    assert asker.asked[-1] == "Create this now"
    assert neon.seen == upstash.seen == []


async def test_at_a_prompt_a_lost_answer_is_told_and_asked_about(services: Services, neon: FakeNeon) -> None:
    neon.instead = [Told("", 502)]
    known = replace(OTHER, database_url=None)
    with pytest.raises(StepFailed):
        await from_cloud(state_of(services, instant=BOTH), known, Scripted([]), silent)
    asker = Scripted(["yes"])
    got = await from_cloud(state_of(services, instant=BOTH), known, asker, silent)
    assert "its answer was lost" in asker.asked[0]
    assert got.database_url is not None
    assert got.rest_url == OTHER.rest_url


@pytest.mark.parametrize("half", list(Half))
async def test_each_half_combines_with_what_was_given(
    services: Services, neon: FakeNeon, upstash: FakeUpstash, half: Half
) -> None:
    known = replace(OTHER, database_url=None) if half is Half.DATABASE else Credentials(OTHER.database_url)
    got = await from_cloud(state_of(services, instant=BOTH), known, Unattended(), silent)
    assert got.is_complete
    assert (len(neon.seen), len(upstash.seen)) == ((1, 0) if half is Half.DATABASE else (0, 1))
    kept = got.rest_url == OTHER.rest_url if half is Half.DATABASE else got.database_url == OTHER.database_url
    assert kept


async def test_one_half_alone_leaves_no_gap_unseen(services: Services, neon: FakeNeon) -> None:
    with pytest.raises(Refused, match="leaves the cache open"):
        await from_cloud(state_of(services, instant=frozenset({Half.DATABASE})), Credentials(), Unattended(), silent)
    assert neon.seen == []


async def test_what_works_is_not_replaced_unless_that_was_said(services: Services, neon: FakeNeon) -> None:
    only = frozenset({Half.DATABASE})
    assert await from_cloud(state_of(services, instant=only), OTHER, Unattended(), silent) == OTHER
    assert neon.seen == []
    got = await from_cloud(state_of(services, instant=only, replace=True), OTHER, Unattended(), silent)
    assert got.database_url is not None
    assert got.database_url.reveal() == URL
    assert got.rest_token == OTHER.rest_token


KEYS = AccountKeys(Secret(KEY), "", Secret(EMAIL), Secret(UPSTASH_KEY))


async def test_with_own_keys_they_are_made_once_and_found_by_name(
    services: Services, project: Project, neon: FakeNeon, upstash: FakeUpstash
) -> None:
    first = await make_lasting(services, BOTH, KEYS, silent)
    assert first.is_complete
    assert await make_lasting(services, BOTH, KEYS, silent) == first
    assert [one["name"] for one in neon.projects] == ["music-streaming-app"]
    assert [one["database_name"] for one in upstash.databases] == ["music-app-cache"]
    assert made_stores(project) == {}
    linked = {r.link for r in Journal(project).records() if isinstance(r, Cloud) and r.ident}
    assert len(linked) == 2
    assert all(link.startswith("https://console.") for link in linked)


@pytest.mark.parametrize("told", [Told(hang=True), Told("", 503), HTML])
async def test_a_lost_answer_of_an_account_makes_no_second_one(
    services: Services, neon: FakeNeon, upstash: FakeUpstash, told: Told
) -> None:
    for fake, path, half in ((neon, PROJECTS, Half.DATABASE), (upstash, DATABASE, Half.CACHE)):
        answer = fake.answer

        def lose(asked: Asked, answer=answer, path=path) -> Told:
            real = answer(asked)
            return told if asked.method == "POST" and asked.path == path else real

        fake.answer = lose  # type: ignore[method-assign]
        with pytest.raises(StepFailed, match="found by its name"):
            await make_lasting(services, {half}, KEYS, silent, exchange=SHORT if told.hang else None)
        assert not (await make_lasting(services, {half}, KEYS, silent)).is_complete
    assert len(neon.projects) == len(upstash.databases) == 1


async def test_the_only_organisation_is_meant_and_several_are_asked_about(services: Services, neon: FakeNeon) -> None:
    neon.orgs = ["org-sunny-1", "org-rainy-2"]
    with pytest.raises(StepFailed) as several:
        await make_lasting(services, {Half.DATABASE}, KEYS, silent)
    assert "--neon-org" in several.value.hint
    named = replace(KEYS, neon_org="org-rainy-2")
    assert (await make_lasting(services, {Half.DATABASE}, named, silent)).has_database
    neon.orgs = ["org-sunny-1"]
    assert (await make_lasting(services, {Half.DATABASE}, KEYS, silent)).has_database
    assert len(neon.projects) == 1


async def test_a_key_for_one_account_makes_the_other_store_temporary(
    services: Services, neon: FakeNeon, upstash: FakeUpstash
) -> None:
    told: list[Progress] = []
    state = state_of(services, instant=BOTH, keys=replace(KEYS, upstash=None))
    got = await from_cloud(state, Credentials(), Unattended(), told.append)
    assert got.is_complete
    assert len(neon.projects) == 1
    assert len(upstash.made) == 1
    said = " ".join(event.text for event in told)
    assert "music-streaming-app in your account at Neon" in said
    assert "The cache is gone after 72 hours" in said
