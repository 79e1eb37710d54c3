"""Each way in which the cache cannot be used ends in one failed check that says whose move it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import redis

from soundcheck.checks.cache.layers import TEST_KEY
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.run import run_checks
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.resolver import ResolveFailure
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.checks.conftest import CHECKS, PATIENT, UPSTASH_HOST, Authority, FakeResolver, MakeServices, silent_at
from tests.checks.faults import assert_only, failed
from tests.checks.vendor_texts import UPSTASH_TEXTS, TextRow
from tests.fake_rest import Answer, FakeRest, error, result
from tests.fault_proxy import FaultProxy, Reset, Swallow, black_hole, closed_port

if TYPE_CHECKING:
    from tests.conftest import Rest

TOKEN = "AYNgAAIjcDEtokenOfTheBand0123456789abcdefgh"


def credentials(host: str, port: int, scheme: str = "http") -> Credentials:
    """A cache at that place."""
    return Credentials(rest_url=RestUrl(scheme, host, port), rest_token=Secret(TOKEN))


async def report_on(make: MakeServices, found: Credentials, deadlines: ProbeDeadlines = PATIENT, **options: object):
    return await run_checks(default_registry(deadlines).select(["cache"]), make(found, **options))


def a_small_redis() -> Callable[[list[str]], Answer]:
    """Just enough of a Redis for the write test."""
    kept: dict[str, str] = {}

    def answer(words: list[str]) -> Answer:
        match words:
            case ["PING"]:
                return result("PONG")
            case ["INFO", *_]:
                return result("# Server\r\nupstash_version:1.18.0\r\nredis_version:8.2.0\r\n")
            case ["SET", key, value, *_]:
                kept[key] = value
                return result("OK")
            case ["GET", key]:
                return result(kept.get(key))
            case ["TTL", key]:
                return result(60 if key in kept else -2)
            case ["MGET", *keys]:
                return result([kept.get(key) for key in keys])
            case ["PTTL", key]:
                return result(60_000 if key in kept else -2)
            case ["SCAN", *_]:
                return result(["0", []])
            case ["EVAL", *_]:
                return result(1)
            case ["DEL" | "UNLINK", key]:
                return result(1 if kept.pop(key, None) is not None else 0)
        return error("ERR unknown command")

    return answer


def only(*names: str, says: Answer) -> Callable[[list[str]], Answer]:
    """A small Redis that gives one answer to some commands."""
    fine = a_small_redis()
    return lambda words: says if words[0] in names else fine(words)


UNAUTHORISED = error("WRONGPASS invalid or missing auth token.", 401)
MONTHLY = error("ERR max requests limit exceeded. Limit: 500000, Usage: 500006. See https://upstash.com/docs")
FULL = error("ERR DB capacity quota exceeded. Threshold: 268435456 bytes, Usage: 268979370 bytes.")
READ_ONLY = error("NOPERM this user has no permissions to run the 'set' command or its subcommand")
HTML = Answer("<html><body>Please log in to the hotel's network</body></html>", 200, "text/html")


@pytest.mark.parametrize("row", UPSTASH_TEXTS, ids=[row.text[:40] for row in UPSTASH_TEXTS])
async def test_what_upstash_says_is_explained(make_services: MakeServices, row: TextRow) -> None:
    async with FakeRest(lambda _: error(row.text, row.status)) as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port))
    assert_only(report, "cache.ping", row.blame, row.words, row.hint)


PING_FAULTS = [
    ("limit with 200", Answer(MONTHLY.body, 200), Blame.PROVIDER, "used up", "--local"),
    ("log-in page", HTML, Blame.NETWORK, "not Upstash", "web page"),
    ("bad gateway", Answer("<html>502</html>", 502, "text/html"), Blame.NETWORK, "not Upstash", "web page"),
    ("another JSON", Answer('{"hello": 1}'), Blame.YOU, "REST interface", "REST address"),
    ("redirect", Answer("", 302), Blame.YOU, "sends the request elsewhere", "log-in page"),
    ("cut short", Answer('{"res', cut=True), Blame.NETWORK, "hung up in the middle", "VPN"),
]


@pytest.mark.parametrize(
    ("answer", "blame", "words", "hint"), [r[1:] for r in PING_FAULTS], ids=[r[0] for r in PING_FAULTS]
)
async def test_an_answer_that_upstash_would_not_give_is_explained(
    make_services: MakeServices, answer: Answer, blame: Blame, words: str, hint: str
) -> None:
    async with FakeRest(lambda _: answer) as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port))
    assert_only(report, "cache.ping", blame, words, hint)


async def test_an_answer_that_never_comes_ends_at_its_deadline(make_services: MakeServices) -> None:
    async with FakeRest(lambda _: Answer("", hang=True)) as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port), deadlines=silent_at("ping"))
    assert_only(report, "cache.ping", Blame.NETWORK, "did not answer, no answer within 0.3 s")


WRITE_FAULTS = [
    ("read-only token", only("SET", "DEL", says=READ_ONLY), Blame.YOU, "only read", "Read-Only Token"),
    ("full", only("SET", says=FULL), Blame.PROVIDER, "full", "Eviction"),
    ("monthly limit", only("GET", says=MONTHLY), Blame.PROVIDER, "used up", "--local"),
    ("forgets", only("GET", says=result(None)), Blame.PROVIDER, "not what was written", "--only cache"),
    ("no expiry", only("TTL", says=result(-1)), Blame.PROVIDER, "no expiry", "--only cache"),
]


@pytest.mark.parametrize(
    ("answer", "blame", "words", "hint"), [r[1:] for r in WRITE_FAULTS], ids=[r[0] for r in WRITE_FAULTS]
)
async def test_a_failed_write_is_explained_and_cleaned_up(
    make_services: MakeServices, answer: Callable[[list[str]], Answer], blame: Blame, words: str, hint: str
) -> None:
    async with FakeRest(answer) as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port))
    assert_only(report, "cache.write", blame, words, hint)
    written = [words for words in server.seen if words[0] == "SET"]
    assert len(written) == 1
    assert written[0][1].startswith(TEST_KEY)
    assert written[0][3:] == ["EX", "60"]
    if words not in {"only read", "full"}:
        assert ["DEL", written[0][1]] in server.seen


@pytest.mark.parametrize("fault", [Reset(), Swallow()], ids=["reset", "silence"])
async def test_a_port_that_answers_no_request_fails_the_ping(
    make_services: MakeServices, fault: Reset | Swallow
) -> None:
    async with FaultProxy(fault) as proxy:
        deadlines = silent_at("ping") if isinstance(fault, Swallow) else PATIENT
        report = await report_on(make_services, credentials("127.0.0.1", proxy.port), deadlines=deadlines)
    assert_only(report, "cache.ping", Blame.NETWORK, "Redis connection failed")


async def test_a_refused_port_is_told_as_such(make_services: MakeServices) -> None:
    with closed_port() as port:
        report = await report_on(make_services, credentials("127.0.0.1", port))
    assert_only(report, "cache.tcp", Blame.YOU, "Redis connection failed: nothing listens")


async def test_a_black_hole_costs_its_deadline_once(make_services: MakeServices) -> None:
    with black_hole() as port:
        report = await report_on(make_services, credentials("127.0.0.1", port), deadlines=silent_at("tcp"))
    assert_only(report, "cache.tcp", Blame.NETWORK, "did not answer")


async def test_a_name_that_is_gone_may_be_an_archived_database(make_services: MakeServices) -> None:
    resolver = FakeResolver(failing={UPSTASH_HOST: ResolveFailure.UNKNOWN_NAME})
    report = await report_on(make_services, credentials(UPSTASH_HOST, 443, "https"), resolver=resolver)
    assert_only(report, "cache.dns", Blame.YOU, "archived")


async def test_offline_is_blamed_on_the_network(make_services: MakeServices) -> None:
    resolver = FakeResolver(otherwise=ResolveFailure.UNKNOWN_NAME)
    report = await report_on(make_services, credentials(UPSTASH_HOST, 443, "https"), resolver=resolver)
    assert_only(report, "cache.dns", Blame.NETWORK, "offline")


async def test_an_untrusted_certificate_names_its_issuer(make_services: MakeServices, authority: Authority) -> None:
    tls = authority.server(authority.ca.issue_cert(UPSTASH_HOST))
    async with FakeRest(a_small_redis(), tls=tls) as server:
        report = await report_on(make_services, credentials(UPSTASH_HOST, server.port, "https"))
    assert_only(report, "cache.tls", Blame.NETWORK, "Band Test Authority")
    assert server.seen == []


async def test_a_trusted_certificate_passes_and_one_for_another_host_does_not(
    make_services: MakeServices, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    tls = authority.server(authority.ca.issue_cert(UPSTASH_HOST))
    async with FakeRest(a_small_redis(), tls=tls) as server:
        fine = await report_on(make_services, credentials(UPSTASH_HOST, server.port, "https"))
        other = await report_on(make_services, credentials("other.upstash.io", server.port, "https"))
    besides = {o.check.id: o.finding.status for o in fine.outcomes if o.finding.status is not Status.OK}
    besides.pop("cache.latency", None)  # how far away it seems is this machine's business
    assert besides == {"cache.claim": Status.SKIP, "cache.resp": Status.SKIP}
    assert_only(other, "cache.tls", Blame.NETWORK, "another host")


async def test_the_token_travels_into_no_outcome(make_services: MakeServices) -> None:
    async with FakeRest(lambda _: UNAUTHORISED) as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port))
    assert failed(report) == ["cache.ping"]
    assert TOKEN not in repr(report.outcomes)


async def test_without_credentials_the_way_to_set_up_is_named(make_services: MakeServices) -> None:
    report = await report_on(make_services, Credentials())
    assert_only(report, "cache.url", Blame.YOU, "UPSTASH_REDIS_REST_URL and no UPSTASH_REDIS_REST_TOKEN")


async def test_a_proxy_of_the_environment_leaves_name_and_port_to_it(
    make_services: MakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closed_port() as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        resolver = FakeResolver(otherwise=ResolveFailure.UNKNOWN_NAME)
        report = await report_on(make_services, credentials(UPSTASH_HOST, 443, "https"), resolver=resolver)
    assert failed(report) == ["cache.ping"]
    assert resolver.asked == []


async def test_the_write_test_leaves_nothing_in_a_real_store(make_services: MakeServices, rest: Rest) -> None:
    report = await report_on(make_services, Credentials(rest_url=rest.url, rest_token=rest.token))
    assert failed(report) == []
    assert keys_in(rest) == []


async def test_the_read_only_token_of_a_real_store_is_recognised(make_services: MakeServices, rest: Rest) -> None:
    report = await report_on(make_services, Credentials(rest_url=rest.url, rest_token=rest.readonly_token))
    assert_only(report, "cache.write", Blame.YOU, "may only read")
    assert keys_in(rest) == []


def keys_in(rest: Rest) -> list[bytes]:
    with redis.Redis.from_url(rest.redis_url.reveal()) as client:
        return list(client.keys("*"))


async def test_a_local_stack_that_is_down_is_told_with_its_command(
    make_services: MakeServices, stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closed_port() as port:
        monkeypatch.setattr(LocalStack, "owns_rest", lambda *_: True)
        monkeypatch.setattr(LocalStack, "owns", lambda *_: True)
        url = PostgresUrl.parse(f"postgresql://singer:pw-of-singer@127.0.0.1:{port}/songs")
        found = Credentials(url, url, RestUrl("http", "127.0.0.1", port), Secret(TOKEN))
        services = make_services(found)
        wanted = CHECKS.select(["database.query", "cache", "machine.local"])
        report = await run_checks(wanted, services)
    assert failed(report) == ["database.tcp", "cache.tcp", "machine.local"]
    hints = {o.finding.hint for o in report.outcomes if o.finding.status is Status.FAIL}
    assert hints == {"Type: soundcheck local up"}
    assert report.verdict.next_command == "soundcheck local up"
