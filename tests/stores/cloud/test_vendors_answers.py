"""What the vendors answer, as documented and as not: every failure is words, and says whether something may exist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fake_neon_api import CLAIMABLE, KEY, FakeNeon
from fake_upstash_api import EMAIL, FakeUpstash
from fake_upstash_api import KEY as UPSTASH_KEY
from fake_vendor import HTML, Told
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.cloud.addresses import TEST_NEON, TEST_UPSTASH, CloudAddresses, cloud_addresses
from soundcheck.stores.cloud.exchange import CloudProblem, CloudReply, Exchange, words_of
from soundcheck.stores.cloud.neon_api import NeonApi
from soundcheck.stores.cloud.neon_claimable import Claimable, HalfAnswer, create_claimable, fetch_claimable, is_link
from soundcheck.stores.cloud.upstash_api import UpstashApi
from soundcheck.stores.cloud.upstash_start import StartedRedis, new_key, read_started, start_redis, started_state
from soundcheck.stores.errors import UsageError
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

URL = "postgresql://neondb_owner:npg_s3cretWord@ep-cool-darkness-a1b2c3d4-pooler.us-east-2.aws.neon.tech/neondb"
TOKEN = "gQAAAAAAAghQAQIgcDJmNjRkOGI0ZDQxNGU0"
ASKED = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)

ODD = {
    "a log-in page": (HTML, "unusable", True),
    "half an answer": (Told({"id": "short"}), "unusable", True),
    "nothing": (Told(""), "unusable", True),
    "a list": (Told([1, 2]), "unusable", True),
    "cut off": (Told({"id": "x"}, cut=True), "cut", True),
    "no answer": (Told(hang=True), "timeout", True),
    "fault": (Told("<html>Bad gateway", 502, "text/html"), "failed", True),
    "too often": (Told({"message": "slow down"}, 429, headers={"Retry-After": "120"}), "limited", False),
    "refused": (Told({"message": "Missing referrer"}, 400), "refused", False),
    "elsewhere": (Told("", 302, headers={"Location": "https://example.org/"}), "redirect", False),
}


@pytest.fixture
def neon() -> Iterator[FakeNeon]:
    with FakeNeon(lambda: URL) as fake:
        yield fake


@pytest.fixture
def upstash() -> Iterator[FakeUpstash]:
    with FakeUpstash(lambda: ("https://tidy-mallard-133200.upstash.io", TOKEN)) as fake:
        yield fake


@pytest.fixture
def addresses(neon: FakeNeon, upstash: FakeUpstash) -> CloudAddresses:
    return cloud_addresses({TEST_NEON: neon.url, TEST_UPSTASH: upstash.url})


def exchange(told: Told | None = None) -> Exchange:
    """Nobody waits long for an answer that never comes; for any other there is all the time."""
    return Exchange(deadline=0.3 if told is not None and told.hang else 30)


async def test_a_claimable_database_is_read_whole_and_fetched_again(neon: FakeNeon, addresses: CloudAddresses) -> None:
    made = await create_claimable(exchange(), addresses.neon_claimable)
    assert isinstance(made, Claimable)
    assert made.url is not None
    assert made.url.reveal() == URL
    assert made.url.direct().host == "ep-cool-darkness-a1b2c3d4.us-east-2.aws.neon.tech"
    assert made.claim_url.reveal() == f"https://neon.new/claim/{made.id.reveal()}"
    assert timedelta(hours=71) < made.ends - datetime.now(UTC) < timedelta(hours=73)
    asked = neon.posted(CLAIMABLE)[0]
    assert asked.body == {"ref": "soundcheck"}
    assert asked.headers["user-agent"].startswith("soundcheck")
    again = await fetch_claimable(exchange(), addresses.neon_claimable, made.id)
    assert again == made
    neon.claim()
    claimed = await fetch_claimable(exchange(), addresses.neon_claimable, made.id)
    assert isinstance(claimed, Claimable)
    assert (claimed.status, claimed.url) == ("CLAIMED", None)
    gone = await fetch_claimable(exchange(), addresses.neon_claimable, Secret("0000-not-there"))
    assert isinstance(gone, CloudProblem)
    assert gone.code == "gone"


async def test_a_temporary_redis_is_read_from_its_text_and_the_key_brings_it_again(addresses: CloudAddresses) -> None:
    key = new_key()
    now = datetime.now(UTC)
    made = await start_redis(exchange(), addresses.upstash_start, key, now)
    assert isinstance(made, StartedRedis)
    assert str(made.rest_url) == "https://tidy-mallard-133200.upstash.io"
    assert made.rest_token.reveal() == TOKEN
    assert made.claim_url.reveal() == f"https://upstash.com/start-redis/console/{key.reveal()}"
    assert made.ends == now + timedelta(days=3)
    assert await start_redis(exchange(), addresses.upstash_start, key, now) == made
    state = await started_state(exchange(), addresses.upstash_start, key)
    assert not isinstance(state, CloudProblem)
    assert state.commands == 7
    gone = await started_state(exchange(), addresses.upstash_start, new_key())
    assert isinstance(gone, CloudProblem)
    assert gone.code == "gone"


@pytest.mark.parametrize("case", ODD)
async def test_an_odd_answer_of_neon_is_words(neon: FakeNeon, addresses: CloudAddresses, case: str) -> None:
    told, code, maybe_done = ODD[case]
    neon.instead = [told]
    problem = await create_claimable(exchange(told), addresses.neon_claimable)
    assert isinstance(problem, CloudProblem)
    assert (problem.code, problem.maybe_done) == (code, maybe_done)
    assert "Neon" in problem.message
    assert problem.hint or code in {"refused"}
    assert "<" not in problem.message


@pytest.mark.parametrize("case", ODD)
async def test_an_odd_answer_of_upstash_is_words(upstash: FakeUpstash, addresses: CloudAddresses, case: str) -> None:
    told, code, maybe_done = ODD[case]
    upstash.instead = [told]
    problem = await start_redis(exchange(told), addresses.upstash_start, new_key(), ASKED)
    assert isinstance(problem, CloudProblem)
    assert (problem.code, problem.maybe_done) == (code, maybe_done)
    assert "Upstash" in problem.message


async def test_half_an_answer_with_an_id_is_asked_for_the_rest(neon: FakeNeon, addresses: CloudAddresses) -> None:
    neon.instead = [Told({"id": "019beb39-37fb-709d-87ac", "status": "UNCLAIMED", "connection_string": URL})]
    half = await create_claimable(exchange(), addresses.neon_claimable)
    assert isinstance(half, HalfAnswer)
    assert half.id.reveal() == "019beb39-37fb-709d-87ac"
    assert half.problem.maybe_done


async def test_the_documented_500_of_neon_made_nothing(neon: FakeNeon, addresses: CloudAddresses) -> None:
    neon.instead = [Told({"message": "Failed to create the database."}, 500)]
    problem = await create_claimable(exchange(), addresses.neon_claimable)
    assert isinstance(problem, CloudProblem)
    assert not problem.maybe_done


async def test_a_limit_says_when_to_try_again(neon: FakeNeon, addresses: CloudAddresses) -> None:
    neon.instead = [ODD["too often"][0]]
    problem = await create_claimable(exchange(), addresses.neon_claimable)
    assert isinstance(problem, CloudProblem)
    assert problem.retry_after == 120
    assert "2 min" in problem.hint


async def test_what_never_left_this_machine_made_nothing(neon: FakeNeon) -> None:
    url = RestUrl.parse(neon.url)
    neon.__exit__()
    problem = await create_claimable(exchange(), url)
    assert isinstance(problem, CloudProblem)
    assert (problem.code, problem.maybe_done) == ("unreachable", False)


async def test_an_unknown_name_made_nothing() -> None:
    problem = await create_claimable(exchange(), RestUrl.parse("https://neon.invalid"))
    assert isinstance(problem, CloudProblem)
    assert not problem.maybe_done


def test_only_a_server_of_this_machine_takes_a_vendor_s_place() -> None:
    assert str(cloud_addresses({}).neon_claimable) == "https://neon.new"
    assert str(cloud_addresses({}).upstash_api) == "https://api.upstash.com"
    for name in (TEST_NEON, TEST_UPSTASH):
        for address in ("https://evil.example", "127.0.0.1:1", "http://127.0.0.1.evil.example"):
            with pytest.raises(UsageError):
                cloud_addresses({name: address})


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)", "http://neon.new/claim/1", "https://a b", "https://a/\x1b[31m", "ftp://neon.new/", "",
        "https://neon.new/'", "https://user:pw@neon.new/claim", "https://neon.new/" + "a" * 600,
    ],
)  # fmt: skip
def test_a_link_that_is_not_to_be_opened_is_none(text: str) -> None:
    assert not is_link(text)


@given(st.text(max_size=400))
def test_any_text_of_a_start_is_read_or_told(text: str) -> None:
    read = read_started(CloudReply(200, text), new_key(), ASKED)
    assert isinstance(read, StartedRedis | CloudProblem)


@pytest.mark.parametrize(
    "label", ["**Token:** ", "Token: `", "__Token__: ", "__Token:__ ", "- Token=", "**Token**: **"]
)
@pytest.mark.parametrize("token", ["_" + TOKEN, TOKEN + "_", f"__{TOKEN}__", f"-{TOKEN}=="])
def test_a_token_keeps_the_marks_that_are_its_own(label: str, token: str) -> None:
    around = label[len(label.rstrip("*`")) :]
    text = (
        f"**Endpoint:** https://tidy-mallard-133200.upstash.io\n{label}{token}{around}\n"
        "https://upstash.com/start-redis/console/5c0f352a\n"
    )
    read = read_started(CloudReply(200, text), new_key(), ASKED)
    assert isinstance(read, StartedRedis)
    assert read.rest_token.reveal() == token


@given(st.text(max_size=500))
def test_a_vendor_s_words_are_one_plain_line(text: str) -> None:
    said = words_of(text)
    assert said.isprintable()
    assert len(said) <= 200


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        ("2026-11-25 (3 days from creation).", datetime(2026, 11, 25, 18, 30, tzinfo=UTC)),
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-25T10:00:00Z", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("in three days", datetime(2026, 11, 25, 18, 30, tzinfo=UTC)),
        ("2026-99-99", datetime(2026, 11, 25, 18, 30, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_start_is_read_in_every_form(day: str, ends: datetime) -> None:
    text = f"Endpoint: x.upstash.io\nToken: `{TOKEN}`\nExpires: {day}\nhttps://upstash.com/start-redis/console/1"
    read = read_started(CloudReply(200, text), new_key(), ASKED)
    assert isinstance(read, StartedRedis)
    assert read.ends == ends


async def test_a_project_is_made_found_and_measured(neon: FakeNeon, addresses: CloudAddresses) -> None:
    api = NeonApi(Secret(KEY), addresses.neon_api, exchange())
    assert await api.projects("music") == []
    project = await api.create_project("music-streaming-app", "us-east-1")
    assert not isinstance(project, CloudProblem)
    assert (project.name, project.region) == ("music-streaming-app", "aws-us-east-1")
    assert await api.projects("music") == [project]
    url = await api.connection_uri(project.id)
    assert not isinstance(url, CloudProblem)
    assert url.reveal() == URL
    usage = await api.usage(project.id)
    assert not isinstance(usage, CloudProblem)
    assert (usage.compute_seconds, usage.transfer_bytes, usage.storage_bytes) == (7200, 4096, None)


async def test_a_database_is_made_found_and_measured(addresses: CloudAddresses) -> None:
    api = UpstashApi(Secret(EMAIL), Secret(UPSTASH_KEY), addresses.upstash_api, exchange())
    made = await api.create_database("music-app-cache", "us-east-1")
    assert not isinstance(made, CloudProblem)
    listed = await api.databases()
    assert not isinstance(listed, CloudProblem)
    assert [(one.name, one.rest_token) for one in listed] == [("music-app-cache", None)]
    assert await api.database(made.id) == made
    usage = await api.usage(made.id)
    assert not isinstance(usage, CloudProblem)
    assert (usage.monthly_requests, usage.storage) == (1234, 789)


@pytest.mark.parametrize("key", ["wrong-key-0123456789", "with a blank", "with\nbreak"])
async def test_a_wrong_key_is_told_without_it(addresses: CloudAddresses, key: str) -> None:
    for problem in (
        await NeonApi(Secret(key), addresses.neon_api, exchange()).projects(),
        await UpstashApi(Secret(EMAIL), Secret(key), addresses.upstash_api, exchange()).databases(),
    ):
        assert isinstance(problem, CloudProblem)
        assert problem.code == "unauthorized"
        assert key not in problem.message + problem.hint


@pytest.mark.parametrize("case", ODD)
async def test_odd_answers_of_the_management_interfaces_are_words(
    neon: FakeNeon, upstash: FakeUpstash, addresses: CloudAddresses, case: str
) -> None:
    told = ODD[case][0]
    api = NeonApi(Secret(KEY), addresses.neon_api, exchange(told))
    other = UpstashApi(Secret(EMAIL), Secret(UPSTASH_KEY), addresses.upstash_api, exchange(told))
    for call in (api.create_project("a", "us-east-1"), api.connection_uri("a"), api.usage("a")):
        neon.instead = [told]
        answer = await call
        assert isinstance(answer, CloudProblem)
    for ask in (other.create_database("a", "us-east-1"), other.database("a")):
        upstash.instead = [told]
        assert isinstance(await ask, CloudProblem)
