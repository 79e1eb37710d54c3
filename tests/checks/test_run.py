"""The run of checks: a graph in which independent checks do not wait, failures skip, and cancelling ends everything."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading

import pytest

from soundcheck.checks.catalogue import ask, default_registry
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.finding import Blame, Evidence, Finding, Status
from soundcheck.checks.run import CheckEvent, Finished, Started, exit_code, run_checks
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.resolver import Address, SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.checks.conftest import CHECKS, NEON_HOST, FakeResolver, MakeServices
from tests.fake_postgres import FakePostgres
from tests.fault_proxy import FaultProxy, Swallow, black_hole
from tests.findings import fail, ok, skip, unknown, warn


async def nothing(_: Context) -> Evidence:
    return {}


def check(name: str, finding: Finding, *requires: str, collect=nothing, deadline: float = 10.0) -> Check:
    return Check(name, Group.DATABASE, name, collect, lambda _: finding, requires, deadline)


BAD = fail("it is broken", cause="because", blame=Blame.YOU, hint="mend it")
DOUBTFUL = warn("it is odd", cause="because", blame=Blame.YOU, hint="look at it")


async def test_checks_that_do_not_rest_on_each_other_run_at_the_same_time(make_services: MakeServices) -> None:
    meeting = asyncio.Barrier(2)

    async def meet(_: Context) -> Evidence:
        await meeting.wait()
        return {}

    checks = [check("a.one", ok("fine"), collect=meet), check("a.two", ok("fine"), collect=meet)]
    report = await run_checks(checks, make_services())
    assert [o.finding.status for o in report.outcomes] == [Status.OK, Status.OK]


async def test_what_rests_on_a_failure_is_skipped_in_the_name_of_its_root(make_services: MakeServices) -> None:
    checks = [check("a.one", BAD), check("a.two", ok("fine"), "a.one"), check("a.three", ok("fine"), "a.two")]
    report = await run_checks(checks, make_services())
    assert [o.finding.status for o in report.outcomes] == [Status.FAIL, Status.SKIP, Status.SKIP]
    assert [o.finding.skipped_because for o in report.outcomes[1:]] == ["a.one", "a.one"]


async def test_the_first_in_the_way_is_a_failure_or_a_check_that_could_not_tell(make_services: MakeServices) -> None:
    unclear = unknown("nobody knows", cause="because", hint="look")
    checks = [check("a.one", ok("fine")), check("a.two", DOUBTFUL), check("a.three", unclear), check("a.four", BAD)]
    report = await run_checks(checks, make_services())
    assert [outcome.check.id for outcome in report.in_the_way] == ["a.three", "a.four"]
    assert report.first_in_the_way is report.outcomes[2]
    assert [outcome.finding.passes for outcome in report.outcomes] == [True, True, False, False]
    assert (await run_checks(checks[:2], make_services())).first_in_the_way is None


async def test_asking_by_name_asks_what_that_rests_on_as_well(make_services: MakeServices) -> None:
    report = await ask(make_services(), ["prisma.engine"])
    assert [outcome.check.id for outcome in report.outcomes] == ["prisma.node", "prisma.engine"]


async def test_a_warning_and_a_check_that_is_not_needed_stand_in_nobodys_way(make_services: MakeServices) -> None:
    checks = [
        check("a.one", DOUBTFUL),
        check("a.two", skip("not needed", "this is local"), "a.one"),
        check("a.three", ok("fine"), "a.two"),
    ]
    report = await run_checks(checks, make_services())
    assert [o.finding.status for o in report.outcomes] == [Status.WARN, Status.SKIP, Status.OK]


async def test_a_crash_is_a_finding_without_its_text_and_the_others_go_on(
    make_services: MakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    async def crash(_: Context) -> Evidence:
        raise RuntimeError("the password is hunter2-of-the-band")

    checks = [check("a.one", ok("fine"), collect=crash), check("a.two", ok("fine"))]
    with caplog.at_level(logging.DEBUG):
        report = await run_checks(checks, make_services())
    assert [o.finding.status for o in report.outcomes] == [Status.UNKNOWN, Status.OK]
    crashed = report.outcomes[0]
    assert crashed.finding.blame is Blame.US
    assert f"RuntimeError at {__name__}:" in crashed.finding.cause, "the module, dotted: many files share a name"
    assert crashed.finding.hint
    assert "RuntimeError" in caplog.text
    assert "hunter2" not in caplog.text + repr(report)


async def test_a_judge_that_crashes_keeps_the_others_going(make_services: MakeServices) -> None:
    def judge(_: Evidence) -> Finding:
        raise KeyError("x")

    report = await run_checks([Check("a.one", Group.FILES, "one", nothing, judge)], make_services())
    assert report.outcomes[0].finding.status is Status.UNKNOWN


async def test_a_check_over_its_deadline_fails_by_it_and_names_it(make_services: MakeServices) -> None:
    async def hang(_: Context) -> Evidence:
        await asyncio.Event().wait()
        return {}

    report = await run_checks([check("a.one", ok("fine"), collect=hang, deadline=0.05)], make_services())
    finding = report.outcomes[0].finding
    assert finding.status is Status.FAIL
    assert finding.blame is Blame.NETWORK
    assert "0.05 s" in finding.summary


async def test_the_observer_hears_start_and_end_and_only_the_end_of_what_is_skipped(
    make_services: MakeServices,
) -> None:
    heard: list[CheckEvent] = []
    checks = [check("a.one", BAD), check("a.two", ok("fine"), "a.one")]
    report = await run_checks(checks, make_services(), heard.append)
    assert heard == [Started(checks[0]), Finished(report.outcomes[0]), Finished(report.outcomes[1])]


async def test_outcomes_stand_in_the_order_of_the_checks_however_they_end(make_services: MakeServices) -> None:
    second_done = asyncio.Event()

    async def wait(_: Context) -> Evidence:
        await second_done.wait()
        return {}

    async def release(_: Context) -> Evidence:
        second_done.set()
        return {}

    checks = [check("a.one", ok("fine"), collect=wait), check("a.two", ok("fine"), collect=release)]
    report = await run_checks(checks, make_services())
    assert [o.check.id for o in report.outcomes] == ["a.one", "a.two"]


async def test_exit_codes_say_fine_warned_and_failed(make_services: MakeServices) -> None:
    fine = await run_checks([check("a.one", ok("fine"))], make_services())
    warned = await run_checks([check("a.one", DOUBTFUL)], make_services())
    broken = await run_checks([check("a.one", BAD), check("a.two", DOUBTFUL)], make_services())
    assert [exit_code(r) for r in (fine, warned, broken)] == [0, 0, 3]
    assert [exit_code(r, strict=True) for r in (fine, warned, broken)] == [0, 1, 3]


def both(database_port: int, cache_port: int, host: str = "127.0.0.1", query: str = "") -> Credentials:
    return Credentials(
        database_url=PostgresUrl.parse(f"postgresql://singer:pw-of-singer@{host}:{database_port}/songs{query}"),
        rest_url=RestUrl("http", "127.0.0.1", cache_port),
        rest_token=Secret("token-of-the-band"),
    )


ENDLESS = default_registry(ProbeDeadlines(dns=600, tcp=600, tls=600, authentication=600, query=600, ping=600))
"""So that only the cancelling can end it."""


async def cancelled(task: asyncio.Task) -> bool:
    """Whether a task ends when it is cancelled, and not only at its deadline."""
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=30)
    return task in done and task.cancelled()


async def test_cancelling_in_a_black_holed_connect_ends_at_once(make_services: MakeServices) -> None:
    started = asyncio.Event()

    def hear(event: CheckEvent) -> None:
        if isinstance(event, Started) and event.check.id == "database.tcp":
            started.set()

    with black_hole() as port:
        services = make_services(both(port, port))
        run = asyncio.create_task(run_checks(ENDLESS.select(["database.query", "cache"]), services, hear))
        await started.wait()
        assert await cancelled(run)
    assert_nothing_left()


async def test_cancelling_in_a_log_in_without_an_answer_ends_at_once_and_hangs_up(make_services: MakeServices) -> None:
    async with FakePostgres("never said", waits=asyncio.Event()) as server, FaultProxy(Swallow()) as cache:
        services = make_services(both(server.port, cache.port))
        wanted = ENDLESS.select(["database.query", "cache.write"])
        run = asyncio.create_task(run_checks(wanted, services))
        await server.asked.wait()
        assert await cancelled(run)
        assert_nothing_left()


async def test_cancelling_in_a_lookup_without_an_answer_ends_at_once(make_services: MakeServices) -> None:
    resolver = FakeResolver(silent=frozenset({NEON_HOST}))
    services = make_services(both(5432, 1, NEON_HOST), resolver=resolver)
    asked = asyncio.Event()

    def hear(event: CheckEvent) -> None:
        if isinstance(event, Started) and event.check.id == "database.dns":
            asked.set()

    run = asyncio.create_task(run_checks(ENDLESS.select(["database.query"]), services, hear))
    await asked.wait()
    assert await cancelled(run)
    assert_nothing_left()


def assert_nothing_left() -> None:
    """No task of ours is left in the loop but the test's own and the fake servers'."""
    left = [t.get_name() for t in asyncio.all_tasks() if not t.get_name().startswith("Task-")]
    assert left == []


def test_leaving_the_program_does_not_wait_for_a_lookup_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        let_go.wait(60)
        return []

    monkeypatch.setattr("soundcheck.stores.resolver.socket.getaddrinfo", hang)

    async def look_and_leave() -> None:
        lookup = asyncio.create_task(SystemResolver().resolve(NEON_HOST, deadline=60))
        await asyncio.sleep(0)
        lookup.cancel()
        await asyncio.gather(lookup, return_exceptions=True)

    asyncio.run(look_and_leave())
    # asyncio.run returned while the lookup still hangs: that is the proof.
    assert any(thread.name == f"resolve {NEON_HOST}" for thread in threading.enumerate())
    let_go.set()


async def test_addresses_that_refuse_are_passed_over_for_one_that_answers(make_services: MakeServices) -> None:
    async with FakePostgres('database "songs" does not exist', sqlstate="3D000") as server:
        resolver = FakeResolver(addresses=(Address("127.0.0.2"), Address("::1", True), Address("127.0.0.1")))
        services = make_services(both(server.port, 1, "db.example.org"), resolver=resolver)
        report = await run_checks(CHECKS.select(["database.tcp"]), services)
    tcp = next(o for o in report.outcomes if o.check.id == "database.tcp")
    assert tcp.finding.status is Status.OK
    assert tcp.evidence["address"] == "127.0.0.1"


def test_the_doctor_needs_no_textual() -> None:
    code = (
        "import sys\n"
        "from soundcheck.checks import catalogue, run\n"
        "from soundcheck.checks.report import json, known_secrets, text\n"
        "catalogue.default_registry()\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in {'textual', 'rich', 'psycopg', 'prisma', 'httpx'}))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
