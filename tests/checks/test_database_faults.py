"""Each way in which a PostgreSQL server cannot be used ends in one failed check that says whose move it is."""

from __future__ import annotations

import asyncio
import errno
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.run import Note, run_checks
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.resolver import Address, ResolveFailure
from tests.checks.conftest import CHECKS, NEON_HOST, PATIENT, Authority, FakeResolver, MakeServices, silent_at
from tests.checks.faults import assert_only, failed
from tests.checks.vendor_texts import NEON_TEXTS, POOLER_TEXTS, STOCK_TEXTS, TextRow
from tests.fake_postgres import FakePostgres
from tests.fault_proxy import CutAfter, FaultProxy, Reset, Say, Slow, Swallow, black_hole, closed_port

PASSWORD = "s3cret-of-the-band"


def credentials(host: str, port: int, query: str = "") -> Credentials:
    """A database at that place."""
    url = PostgresUrl.parse(f"postgresql://singer:{PASSWORD}@{host}:{port}/songs{query}")
    return Credentials(database_url=url, direct_url=url)


async def report_on(make: MakeServices, found: Credentials, deadlines: ProbeDeadlines = PATIENT, **options: object):
    wanted = default_registry(deadlines).select(["database.tables", "database.limits", "database.pooling"])
    return await run_checks(wanted, make(found, **options))


AUTHENTICATION = "database.authentication"


@pytest.mark.parametrize("row", NEON_TEXTS, ids=[row.text[:40] for row in NEON_TEXTS])
async def test_what_neon_says_at_the_log_in_is_explained(
    make_services: MakeServices, authority: Authority, row: TextRow
) -> None:
    tls = authority.server(authority.ca.issue_cert(NEON_HOST))
    async with FakePostgres(row.text, severity="ERROR", tls=tls) as server:
        found = credentials(NEON_HOST, server.port, "?sslmode=require")
        report = await report_on(make_services, found)
    assert_only(report, AUTHENTICATION, row.blame, row.words, row.hint)


@pytest.mark.parametrize("row", STOCK_TEXTS + POOLER_TEXTS, ids=[row.text[:40] for row in STOCK_TEXTS + POOLER_TEXTS])
async def test_what_a_server_or_a_pooler_says_at_the_log_in_is_explained(
    make_services: MakeServices, row: TextRow
) -> None:
    async with FakePostgres(row.text, sqlstate=row.sqlstate) as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port))
    assert_only(report, AUTHENTICATION, row.blame, row.words, row.hint)


async def test_the_same_refusal_of_neon_names_all_three_causes(
    make_services: MakeServices, authority: Authority
) -> None:
    tls = authority.server(authority.ca.issue_cert(NEON_HOST))
    async with FakePostgres("password authentication failed for user 'singer'", severity="ERROR", tls=tls) as server:
        report = await report_on(make_services, credentials(NEON_HOST, server.port, "?sslmode=require"))
    cause = next(o.finding.cause for o in report.outcomes if o.check.id == AUTHENTICATION)
    assert "password is wrong" in cause
    assert "no role singer" in cause
    assert f"no endpoint {NEON_HOST}" in cause


async def test_a_refused_port_is_told_as_such(make_services: MakeServices) -> None:
    with closed_port() as port:
        report = await report_on(make_services, credentials("127.0.0.1", port))
    assert_only(report, "database.tcp", Blame.YOU, "Can't reach the database server")


async def test_a_black_hole_costs_its_deadline_once(make_services: MakeServices) -> None:
    with black_hole() as port:
        report = await report_on(make_services, credentials("127.0.0.1", port), deadlines=silent_at("tcp"))
    assert_only(report, "database.tcp", Blame.NETWORK, "did not answer, no answer within 0.3 s")
    asked = [o for o in report.outcomes if o.evidence.get("status") == "failed"]
    assert [o.check.id for o in asked] == ["database.tcp"]


@pytest.mark.parametrize(
    ("fault", "blame", "words"),
    [
        (Reset(), Blame.NETWORK, "hung up in the middle"),
        (Swallow(), Blame.NETWORK, "did not answer"),
        (Say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Blame.YOU, "not PostgreSQL"),
    ],
    ids=["reset", "silence", "another program"],
)
async def test_a_port_that_is_no_postgresql_fails_before_the_log_in(
    make_services: MakeServices, fault: Reset | Swallow | Say, blame: Blame, words: str
) -> None:
    async with FaultProxy(fault) as proxy:
        found = credentials("127.0.0.1", proxy.port, "?sslmode=require")
        deadlines = silent_at("tls") if isinstance(fault, Swallow) else PATIENT
        report = await report_on(make_services, found, deadlines=deadlines)
    assert_only(report, "database.tls", blame, words)


async def test_a_connection_cut_in_the_middle_of_the_handshake_is_the_networks_matter(
    make_services: MakeServices, authority: Authority
) -> None:
    tls = authority.server(authority.ca.issue_cert("127.0.0.1"))
    async with FakePostgres("never said", tls=tls) as server, FaultProxy(CutAfter(server.port, sent=20)) as proxy:
        report = await report_on(make_services, credentials("127.0.0.1", proxy.port, "?sslmode=require"))
    assert_only(report, "database.tls", Blame.NETWORK, "hung up in the middle")


@pytest.mark.parametrize(("host", "attempts"), [("127.0.0.1", 1), (NEON_HOST, 2)])
async def test_a_silence_at_the_log_in_ends_at_its_deadline_and_only_neon_is_asked_once_more(
    make_services: MakeServices, authority: Authority, host: str, attempts: int
) -> None:
    tls = authority.server(authority.ca.issue_cert(NEON_HOST))
    deadlines = replace(PATIENT, authentication=1.5)
    async with FakePostgres("never said", tls=tls, waits=asyncio.Event()) as server:
        found = credentials(host, server.port, "?sslmode=require")
        report = await report_on(make_services, found, deadlines=deadlines)
    assert_only(report, AUTHENTICATION, Blame.NETWORK, "did not answer, no answer within 1.5 s")
    assert server.log_ins == attempts


async def test_a_server_without_tls_fails_where_tls_is_required(make_services: MakeServices) -> None:
    async with FakePostgres("never said") as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port, "?sslmode=require"))
    assert_only(report, "database.tls", Blame.YOU, "does not offer encryption")
    assert server.log_ins == 0


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
async def test_an_unknown_issuer_fails_where_the_mode_verifies(
    make_services: MakeServices, authority: Authority, tmp_path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    import trustme

    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    tls = authority.server(authority.ca.issue_cert("127.0.0.1"))
    async with FakePostgres("never said", tls=tls) as server:
        query = f"?sslmode={mode}&sslrootcert={stranger}"
        report = await report_on(make_services, credentials("127.0.0.1", server.port, query))
    assert_only(report, "database.tls", Blame.NETWORK, "Band Test Authority")


async def test_a_missing_root_certificate_is_told_with_its_cure(
    make_services: MakeServices, authority: Authority, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tls = authority.server(authority.ca.issue_cert("127.0.0.1"))
    async with FakePostgres("never said", tls=tls) as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port, "?sslmode=verify-full"))
    assert_only(report, "database.tls", Blame.YOU, "needs a root certificate")
    hint = next(o.finding.hint for o in report.outcomes if o.check.id == "database.tls")
    assert "sslrootcert=system" in hint


async def test_a_certificate_for_another_host_fails_only_where_the_name_is_checked(
    make_services: MakeServices, authority: Authority
) -> None:
    tls = authority.server(authority.ca.issue_cert("another.example.org"))
    async with FakePostgres("never said", tls=tls) as server:
        query = f"?sslmode=verify-full&sslrootcert={authority.file}"
        report = await report_on(make_services, credentials("127.0.0.1", server.port, query))
        assert_only(report, "database.tls", Blame.YOU, "another host")
        query = f"?sslmode=verify-ca&sslrootcert={authority.file}"
        lenient = await report_on(make_services, credentials("127.0.0.1", server.port, query))
    assert failed(lenient) == [AUTHENTICATION]


async def test_an_expired_certificate_asks_for_the_clock_first(
    make_services: MakeServices, authority: Authority
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    leaf = authority.ca.issue_cert("127.0.0.1", not_before=yesterday - timedelta(days=9), not_after=yesterday)
    async with FakePostgres("never said", tls=authority.server(leaf)) as server:
        query = f"?sslmode=verify-full&sslrootcert={authority.file}"
        report = await report_on(make_services, credentials("127.0.0.1", server.port, query))
    assert_only(report, "database.tls", Blame.PROVIDER, "expired")
    assert "date" in next(o.finding.hint for o in report.outcomes if o.check.id == "database.tls")


async def test_a_stranger_between_this_machine_and_neon_is_named_by_the_certificates_issuer(
    make_services: MakeServices, authority: Authority
) -> None:
    tls = authority.server(authority.ca.issue_cert(NEON_HOST))
    async with FakePostgres("whatever", tls=tls) as server:
        report = await report_on(make_services, credentials(NEON_HOST, server.port, "?sslmode=require"))
    finding = next(o.finding for o in report.outcomes if o.check.id == "database.tls")
    assert finding.status is Status.WARN
    assert finding.blame is Blame.NETWORK
    assert "Band Test Authority" in finding.summary


async def test_an_sslmode_that_does_not_exist_is_told(make_services: MakeServices) -> None:
    async with FakePostgres("never said") as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port, "?sslmode=sure"))
    assert_only(report, "database.tls", Blame.YOU, "sslmode")


async def test_a_mistyped_name_is_yours_while_other_names_are_found(make_services: MakeServices) -> None:
    resolver = FakeResolver(failing={NEON_HOST: ResolveFailure.UNKNOWN_NAME})
    report = await report_on(make_services, credentials(NEON_HOST, 5432, "?sslmode=require"), resolver=resolver)
    assert_only(report, "database.dns", Blame.YOU, "no host called")
    assert resolver.asked == [NEON_HOST, "neon.tech"]


@pytest.mark.parametrize("failure", list(ResolveFailure))
async def test_where_no_name_is_found_at_all_the_network_is_blamed(
    make_services: MakeServices, failure: ResolveFailure
) -> None:
    resolver = FakeResolver(otherwise=failure)
    report = await report_on(make_services, credentials(NEON_HOST, 5432, "?sslmode=require"), resolver=resolver)
    assert_only(report, "database.dns", Blame.NETWORK, "Can't reach the database server")
    assert "Your credentials need no change" in next(
        o.finding.hint for o in report.outcomes if o.check.id == "database.dns"
    )


async def test_a_lookup_without_an_answer_ends_at_its_deadline(make_services: MakeServices) -> None:
    resolver = FakeResolver(silent=frozenset({NEON_HOST}))
    found = credentials(NEON_HOST, 5432, "?sslmode=require")
    report = await report_on(make_services, found, resolver=resolver, deadlines=silent_at("dns"))
    assert_only(report, "database.dns", Blame.NETWORK, "did not answer")


async def test_a_name_with_ipv6_addresses_only_is_told_where_no_ipv6_leads_out(
    make_services: MakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_route(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr("soundcheck.stores.probe.tcp.asyncio.open_connection", no_route)
    resolver = FakeResolver(addresses=(Address("2001:db8::1", is_ipv6=True),))
    report = await report_on(make_services, credentials(NEON_HOST, 5432, "?sslmode=require"), resolver=resolver)
    assert_only(report, "database.tcp", Blame.NETWORK, "IPv6 addresses only", "another network")


async def test_no_way_out_at_all_is_told_otherwise(
    make_services: MakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_route(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr("soundcheck.stores.probe.tcp.asyncio.open_connection", no_route)
    report = await report_on(make_services, credentials(NEON_HOST, 5432, "?sslmode=require"))
    assert_only(report, "database.tcp", Blame.NETWORK, "no way to", "network connection")


async def test_a_slow_way_passes_and_is_told(make_services: MakeServices, database_url: PostgresUrl) -> None:
    async with FaultProxy(Slow(database_url.port or 0, 0.11)) as proxy:
        url = replace(database_url, port=proxy.port)
        services = make_services(Credentials(database_url=url, direct_url=url))
        report = await run_checks(CHECKS.select(["database.latency", "database.role"]), services)
    assert failed(report) == []
    found = {o.check.id: o.finding for o in report.outcomes}
    assert found["database.latency"].status is Status.WARN
    assert found["database.latency"].blame is Blame.NETWORK
    assert "where the backend runs" in found["database.latency"].hint


async def test_a_server_that_was_only_starting_is_asked_once_more(make_services: MakeServices) -> None:
    notes: list[str] = []
    texts = ("the database system is starting up", 'database "songs" does not exist')
    async with FakePostgres(*texts, sqlstate="57P03") as server:
        services = make_services(credentials("127.0.0.1", server.port))
        report = await run_checks(
            CHECKS.select([AUTHENTICATION]),
            services,
            lambda event: notes.append(event.text) if isinstance(event, Note) else None,
        )
    assert_only(report, AUTHENTICATION, Blame.YOU, "no database called songs")
    assert server.log_ins == 2
    assert len(notes) == 1


async def test_a_silent_neon_is_said_to_be_waking(
    make_services: MakeServices, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundcheck.stores.probe.postgres.WAKING_AFTER", 0.0)
    notes: list[Note] = []
    awake = asyncio.Event()

    def hear(event: object) -> None:
        if isinstance(event, Note):
            notes.append(event)
            awake.set()

    tls = authority.server(authority.ca.issue_cert(NEON_HOST))
    async with FakePostgres('database "songs" does not exist', severity="ERROR", tls=tls, waits=awake) as server:
        services = make_services(credentials(NEON_HOST, server.port, "?sslmode=require"))
        report = await run_checks(CHECKS.select([AUTHENTICATION]), services, hear)
    assert failed(report) == [AUTHENTICATION]
    assert server.log_ins == 1
    assert [(note.check.id, "waking" in note.text) for note in notes] == [(AUTHENTICATION, True)]


async def test_no_password_travels_into_any_outcome(make_services: MakeServices) -> None:
    async with FakePostgres(f"you sent {PASSWORD} to me", sqlstate="28000") as server:
        report = await report_on(make_services, credentials("127.0.0.1", server.port))
    assert failed(report) == [AUTHENTICATION]
    assert "you sent" in repr(report.outcomes)
    assert PASSWORD not in repr(report.outcomes)


def test_nothing_is_held_by_a_black_hole_that_is_left() -> None:
    with ExitStack() as stack:
        assert stack.enter_context(black_hole()) != stack.enter_context(closed_port())
