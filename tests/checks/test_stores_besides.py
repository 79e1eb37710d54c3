"""What is asked of the stores besides an answer: clocks, distance, indexes, claims, issuers, kinds of address."""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import trustme

from soundcheck.checks.cache.room import RESP
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.interception import interceptor
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.models import expected_indexes
from soundcheck.stores.prisma.schema_text import packaged_schema
from soundcheck.stores.probe.resp import probe_resp
from soundcheck.stores.resolver import ResolveFailure, SystemResolver
from soundcheck.stores.secret import Secret
from tests.checks.conftest import NEON_HOST, Authority, FakeResolver, MakeServices
from tests.checks.faults import assert_row, finding_of, report_on
from tests.fake_postgres import FakePostgres
from tests.fault_proxy import closed_port

if TYPE_CHECKING:
    from tests.conftest import Rest

PASSWORD = "pw-of-the-band"
TOKEN = "AYNgAAIjcDE0123456789"
DATABASE = f'DATABASE_URL="postgresql://singer:{PASSWORD}@{NEON_HOST}/neondb?sslmode=require"\n'


WARN, FAIL, YOU = Status.WARN, Status.FAIL, Blame.YOU


@dataclass(frozen=True)
class ClockAt:
    """A clock that is wrong by a fixed time."""

    off: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def monotonic(self) -> float:
        return SystemClock().monotonic()


async def test_a_wrong_clock_is_told_against_the_real_server(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    services = make_services(Credentials(database_url=database_url))
    right = await report_on(services, "database.clock")
    wrong = await report_on(replace(services, clock=ClockAt(timedelta(minutes=-10))), "database.clock")
    assert finding_of(right, "database.clock").status is Status.OK
    assert_row(finding_of(wrong, "database.clock"), WARN, YOU, "10 min behind", "automatic time")


async def test_a_missing_index_is_told_by_the_real_server(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        columns: dict[str, set[str]] = {}
        for index in expected_indexes(packaged_schema()):
            columns.setdefault(index.table, set()).update(index.columns)
        for table in ("session_participants", "sessions", "users", "chat_messages", "lyrics", "recommendations"):
            columns.setdefault(table, set())
        for table, names in columns.items():
            listed = "".join(f', "{name}" text' for name in sorted(names))
            connection.execute(f'CREATE TABLE "{table}" (id text PRIMARY KEY{listed})')
        for at, index in enumerate(expected_indexes(packaged_schema())):
            listed = ", ".join(f'"{name}"' for name in index.columns)
            kind = "UNIQUE INDEX" if index.unique else "INDEX"
            connection.execute(f'CREATE {kind} "made_{at}" ON "{index.table}" ({listed})')
    services = make_services(Credentials(database_url=database_url))
    whole = await report_on(services, "database.indexes")
    assert finding_of(whole, "database.indexes").summary == "19 indexes of the schema, all there."
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute('DROP INDEX "made_0"')
    less = await report_on(services, "database.indexes")
    first = str(expected_indexes(packaged_schema())[0])
    assert_row(finding_of(less, "database.indexes"), WARN, YOU, first, "push would add")
    assert [fix.id for fix in finding_of(less, "database.indexes").fixes] == ["tables.push"]


NOTES = [
    "# Claimable DB expires at: {mail}\n# Claim it now to your account: https://neon.new/claim/x\n" + DATABASE,
    DATABASE + "# Claimable DB expires at: {mail}\nPUBLIC_POSTGRES_CLAIM_URL=https://neon.new/claim/x\n",
    "# temporary database, ends at {iso}; claim: https://neon.new/claim/x\n" + DATABASE,
]


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize(
    ("hours", "status", "words"),
    [(60, Status.OK, "stays until"), (5, Status.WARN, "ends in 5 h"), (-5, Status.FAIL, "time ended at")],
)
async def test_a_temporary_database_is_told_before_and_after_its_end(
    make_services: MakeServices, authority: Authority, note: str, hours: int, status: Status, words: str
) -> None:
    ends = datetime.now(UTC) + timedelta(hours=hours, minutes=1)
    text = note.format(mail=ends.strftime("%a, %d %b %Y %H:%M:%S GMT"), iso=ends.isoformat(timespec="seconds"))
    tls = authority.server(authority.ca.issue_cert(NEON_HOST))
    async with FakePostgres("password authentication failed for user 'singer'", severity="ERROR", tls=tls) as server:
        url = PostgresUrl.parse(f"postgresql://singer:{PASSWORD}@{NEON_HOST}:{server.port}/neondb?sslmode=require")
        services = make_services(Credentials(database_url=url))
        services.project.env_file.write_text(text)
        report = await report_on(services, "database.claim", "database.query", "cache.claim")
    finding = finding_of(report, "database.claim")
    assert finding.status is status
    assert words in finding.summary
    assert finding_of(report, "cache.claim").status is Status.SKIP
    assert "neon.new/claim/x" not in repr(report.outcomes)
    if status is Status.FAIL:
        assert report.verdict.check == "database.claim"
        assert "--local" in finding.hint


async def test_an_ended_note_over_a_database_that_answers_says_that_it_was_claimed(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    services = make_services(Credentials(database_url=database_url))
    services.project.env_file.write_text("# expires at: 2020-01-01\nDATABASE_URL=x\n")
    report = await report_on(services, "database.claim")
    assert_row(finding_of(report, "database.claim"), WARN, YOU, "it was claimed", "delete line 1")


async def test_offline_an_ended_note_is_no_failure_of_its_own(make_services: MakeServices) -> None:
    url = PostgresUrl.parse(f"postgresql://singer:{PASSWORD}@{NEON_HOST}/neondb?sslmode=require")
    resolver = FakeResolver(otherwise=ResolveFailure.NO_NETWORK)
    services = make_services(Credentials(database_url=url), resolver=resolver)
    services.project.env_file.write_text("# Claimable DB expires at: 2020-01-01T00:00:00Z\nDATABASE_URL=x\n")
    report = await report_on(services, "database.claim", "database.query")
    assert finding_of(report, "database.claim").status is Status.WARN
    assert report.verdict.check == "database.dns"


async def test_a_companys_proxy_is_named_by_its_certificate(make_services: MakeServices) -> None:
    ca = trustme.CA(organization_name="Zscaler Inc.")
    tls = Authority(ca, Path()).server(ca.issue_cert(NEON_HOST))
    async with FakePostgres("never mind", tls=tls) as server:
        url = PostgresUrl.parse(f"postgresql://singer:{PASSWORD}@{NEON_HOST}:{server.port}/neondb?sslmode=require")
        report = await report_on(make_services(Credentials(database_url=url)), "database.tls")
    finding = finding_of(report, "database.tls")
    assert_row(finding, WARN, Blame.NETWORK, "That is Zscaler", "who runs this network")


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("Fortinet, FG100E", "a Fortinet firewall"),
        ("Kaspersky Anti-Virus Personal Root Certificate", "Kaspersky's virus scanner"),
        ("Let's Encrypt, R11", ""),
        ("Amazon, Amazon RSA 2048 M02", ""),
    ],
)
def test_products_that_read_along_are_known_by_their_issuers(issuer: str, name: str) -> None:
    assert interceptor(issuer) == name


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("rediss://default:secret-word@clear-fox.upstash.io:6379", "address for TCP"),
        ("redis-cli --tls -u rediss://default:secret-word@x", "redis-cli command"),
        ("https://console.upstash.com/redis/1", "own web page"),
        ("postgresql://singer:secret-word@h/d", "another database's address"),
        ("clear-fox.upstash.io", "no address that can be read"),
    ],
)
async def test_another_kind_of_address_is_recognised_and_not_shown(
    make_services: MakeServices, value: str, words: str
) -> None:
    services = make_services(Credentials(rest_token=Secret(TOKEN)))
    services.project.env_file.write_text(f'UPSTASH_REDIS_REST_URL="{value}"\nUPSTASH_REDIS_REST_TOKEN="{TOKEN}"\n')
    report = await report_on(services, "cache.url")
    assert_row(finding_of(report, "cache.url"), FAIL, YOU, words, "UPSTASH_REDIS_REST_URL")
    assert "secret-word" not in repr(report.outcomes)


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1000):
        writer.write(data)


async def test_resp_is_reached_through_tls_with_the_password(authority: Authority, rest: Rest) -> None:
    store = PostgresUrl.parse(rest.redis_url.reveal().replace("redis://", "postgresql://", 1))
    assert store.password is not None

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection(store.host, store.port)
        halves = [asyncio.create_task(pipe(reader, outer)), asyncio.create_task(pipe(inner, writer))]
        await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        for half in halves:
            half.cancel()
        await asyncio.gather(*halves, return_exceptions=True)
        outer.transport.abort()
        writer.transport.abort()

    trusting = ssl.create_default_context(cafile=str(authority.file))
    tls = authority.server(authority.ca.issue_cert("127.0.0.1"))
    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    async with server:
        right, wrong = [
            await probe_resp("127.0.0.1", password, SystemResolver(), port=port, tls=trusting, deadline=10)
            for password in (store.password, Secret("x"))
        ]
    assert (right["reached"], right["accepted"]) == (True, True)
    assert (wrong["reached"], wrong["accepted"]) == (True, False)


async def test_resp_that_is_not_reached_is_no_failure() -> None:
    with closed_port() as port:
        facts = await probe_resp("127.0.0.1", Secret("x"), SystemResolver(), port=port)
    assert facts["code"] == "refused"
    finding = RESP.finding({"upstash": True, **facts})
    assert finding.status is Status.SKIP
    assert "6379 is closed" in finding.skipped_because


async def test_what_is_measured_besides_passes_on_the_real_stores(
    make_services: MakeServices, database_url: PostgresUrl, rest: Rest
) -> None:
    found = Credentials(database_url, database_url, rest.url, rest.token)
    report = await report_on(make_services(found), "database.latency", "cache.latency", "cache.commands")
    far = {f"{half}.latency": finding_of(report, f"{half}.latency") for half in ("database", "cache")}
    assert {finding.status for finding in far.values()} <= {Status.OK, Status.WARN}  # a busy machine is slow as well
    assert all(re.match(r"A round trip takes [0-9.]+ ms\.", finding.summary) for finding in far.values())
    assert finding_of(report, "cache.commands").summary == "Allowed: MGET, PTTL, SCAN, UNLINK, EVAL."
