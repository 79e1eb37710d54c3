"""Verdict, plain lines and JSON: whose move it is, in forty lines at most, and nothing secret in either."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from soundcheck.checks.advice import BARE
from soundcheck.checks.cache.failures import FAILURES as CACHE_FAILURES
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Check, Group, Outcome
from soundcheck.checks.database.failures import FAILURES as DATABASE_FAILURES
from soundcheck.checks.explanation import Explanation
from soundcheck.checks.finding import Blame, Evidence, Finding, Fix, Status
from soundcheck.checks.report.json import report_document
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.report.text import MOST_LINES, report_lines
from soundcheck.checks.run import Report, run_checks
from soundcheck.checks.verdict import conclude
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.probe.postgres_errors import RETRYABLE, PostgresCode, classify, shorten
from soundcheck.stores.project import own_command
from soundcheck.stores.project.own_command import OwnCommand
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.error_texts import UpstashError
from soundcheck.stores.upstash.reply import TransportFailure
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.checks.conftest import CHECKS, MakeServices
from tests.fake_postgres import FakePostgres
from tests.fault_proxy import FaultProxy, Reset
from tests.findings import fail, ok, skip, unknown, warn

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/json/doctor.schema.json").read_text())


async def _collect(_: object) -> Evidence:
    return {}


def outcome(name: str, finding: Finding, evidence: Evidence | None = None) -> Outcome:
    group = Group(name.split(".")[0])
    return Outcome(Check(name, group, "a fact that holds", _collect, lambda _: finding), finding, evidence or {}, 1.0)


def report_of(*outcomes: Outcome) -> Report:
    return Report("7f3a", datetime(2026, 11, 22, 12, 0, tzinfo=UTC), 1234.0, outcomes, conclude(outcomes))


def broken(blame: Blame, summary: str = "The thing is broken.") -> Finding:
    return fail(summary, cause="because", blame=blame, hint="mend it")


FINE = ok("fine")


def test_all_is_well() -> None:
    verdict = conclude([outcome("files.env", FINE), outcome("database.query", FINE)])
    assert verdict.status is Status.OK
    assert verdict.blame is None
    assert verdict.next_command == "soundcheck"


def test_a_warning_leads_to_what_it_means() -> None:
    worry = warn("slow", cause="because", blame=Blame.YOU, hint="mend it")
    verdict = conclude([outcome("files.env", FINE), outcome("database.query", worry)])
    assert verdict.status is Status.WARN
    assert verdict.next_command == "soundcheck doctor --explain database.query"


@pytest.mark.parametrize(
    ("blame", "words", "command"),
    [
        (Blame.YOU, "your move", "soundcheck setup"),
        (Blame.NETWORK, "network", "soundcheck doctor --explain database.tcp"),
        (Blame.PROVIDER, "provider", "soundcheck doctor --explain database.tcp"),
        (Blame.US, "fault of Soundcheck", "soundcheck doctor --bundle report.zip"),
    ],
)
def test_the_verdict_says_whose_move_it_is(blame: Blame, words: str, command: str) -> None:
    verdict = conclude([outcome("files.env", FINE), outcome("database.tcp", broken(blame))])
    assert words in verdict.sentence
    assert verdict.sentence.endswith("the thing is broken.")
    assert verdict.check == "database.tcp"
    assert verdict.next_command == command


def test_no_verdict_leads_to_the_run_that_was_just_made() -> None:
    for check in default_registry():
        for blame in Blame:
            verdict = conclude([Outcome(check, broken(blame), {}, 1.0)])
            assert verdict.next_command not in {
                "soundcheck doctor",
                "soundcheck doctor --text",
                "soundcheck doctor --json",
            }


def test_the_verdict_says_what_still_works() -> None:
    verdict = conclude(
        [
            outcome("database.tcp", broken(Blame.NETWORK)),
            outcome("cache.ping", FINE),
            outcome("cache.tls", skip("not needed", "this is local")),
        ]
    )
    assert verdict.still_works == "Still working: the cache."


def test_with_the_network_gone_the_verdict_rests_on_the_network() -> None:
    offline = broken(Blame.NETWORK, "This machine is offline.")
    outcomes = [
        outcome("files.values", broken(Blame.YOU)),
        outcome("database.dns", offline),
        outcome("cache.dns", offline),
    ]
    assert conclude(outcomes).check == "database.dns"
    mixed = [
        outcome("files.values", broken(Blame.YOU)),
        outcome("database.dns", offline),
        outcome("cache.ping", broken(Blame.YOU)),
    ]
    assert conclude(mixed).check == "files.values"


def test_a_check_that_could_not_tell_counts_after_one_that_failed() -> None:
    crashed = unknown("It broke.", cause="a fault", hint="report it")
    outcomes = [outcome("files.env", crashed), outcome("machine.disk", broken(Blame.YOU))]
    assert conclude(outcomes).check == "machine.disk"
    assert conclude(outcomes[:1]).blame is Blame.US


def test_warnings_alone_still_work() -> None:
    doubtful = warn("Neon is slow.", cause="far away", blame=Blame.NETWORK, hint="come nearer")
    verdict = conclude([outcome("database.query", doubtful), outcome("cache.ping", doubtful)])
    assert verdict.status is Status.WARN
    assert "It works" in verdict.sentence
    assert "Neon is slow." in verdict.sentence


def test_a_stopped_local_stack_is_started_by_its_own_command() -> None:
    verdict = conclude([outcome("database.tcp", broken(Blame.YOU)), outcome("machine.local", broken(Blame.YOU))])
    assert verdict.check == "machine.local"
    assert verdict.next_command == "soundcheck local up"


def test_the_first_line_is_the_code_and_the_last_the_next_command() -> None:
    report = report_of(outcome("files.env", FINE), outcome("database.authentication", broken(Blame.YOU)))
    lines = report_lines(report, Redactor())
    assert lines[0] == "SC database.authentication · you · run 7f3a"
    assert lines[-1] == "Next: soundcheck setup"


def test_the_next_command_is_spelled_as_it_works_here_also_where_it_is_the_bare_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(own_command._HERE, "in_shell", OwnCommand("/opt/soundcheck", "--project /app"))
    fine = report_of(outcome("files.env", FINE))
    assert report_lines(fine, Redactor())[-1] == "Next: /opt/soundcheck --project /app"
    report = report_of(outcome("machine.local", broken(Blame.YOU)))
    assert report_lines(report, Redactor())[-1] == "Next: /opt/soundcheck --project /app local up"


def test_a_report_for_others_names_no_path_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_command._HERE, "in_shell", OwnCommand("/opt/soundcheck", "--project /app"))
    report = report_of(outcome("machine.local", broken(Blame.YOU)))
    assert report_lines(report, Redactor(), BARE)[-1] == "Next: soundcheck local up"


def test_even_the_worst_report_has_at_most_forty_plain_lines() -> None:
    registry = default_registry()
    nasty = fail("broken \x1b[31mred\n" + "x" * 900, cause="a\r\nb", blame=Blame.YOU, hint="c\u202ed")
    outcomes = tuple(Outcome(check, nasty, {}, 1.0) for check in registry)
    lines = report_lines(report_of(*outcomes), Redactor())
    assert len(lines) <= MOST_LINES
    assert all(line.isprintable() and len(line) <= 400 for line in lines)
    assert any("more: soundcheck doctor --json" in line for line in lines)


def test_the_whole_report_is_redacted_in_both_forms() -> None:
    secret = "hunter2-of-the-band"
    leaky = fail(f"it said {secret}", cause=f"{secret}!", blame=Blame.YOU, hint=f"type {secret}")
    report = report_of(outcome("database.query", leaky, {"text": secret, "list": [secret]}))
    assert secret in repr(report)
    redactor = Redactor([Secret(secret)])
    assert secret not in "\n".join(report_lines(report, redactor))
    assert secret not in json.dumps(report_document(report, redactor))
    assert secret in json.dumps(report_document(report, Redactor()))


def test_the_document_is_what_its_schema_says() -> None:
    fixable = replace(broken(Blame.YOU), fixes=(Fix("files.mode", "Make it yours alone"),), link="https://neon.com")
    outcomes = (
        outcome("files.env", fixable, {"mode": 420, "line": None}),
        outcome("database.dns", FINE),
        outcome("database.tls", skip("not needed", "this is local")),
        outcome("cache.ping", unknown("odd", cause="why", hint="look")),
        outcome("machine.disk", warn("low", cause="full", blame=Blame.YOU, hint="clean")),
    )
    document = report_document(report_of(*outcomes), Redactor())
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(document)))
    assert document["counts"] == {"ok": 1, "warn": 1, "fail": 1, "skip": 1, "unknown": 1}
    assert document["exit_code"] == 3


def test_the_schema_refuses_a_failure_without_a_hint() -> None:
    speechless = Finding(Status.FAIL, "broken", cause="why", blame=Blame.YOU)
    document = json.loads(json.dumps(report_document(report_of(outcome("cache.url", speechless)), Redactor())))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(document)


async def test_a_real_run_fits_the_schema_and_holds_no_secret(make_services: MakeServices) -> None:
    async with FakePostgres("password authentication failed for user 'singer'") as server, FaultProxy(Reset()) as cache:
        found = Credentials(
            database_url=PostgresUrl.parse(f"postgresql://singer:pw-of-singer@127.0.0.1:{server.port}/songs"),
            rest_url=RestUrl("http", "127.0.0.1", cache.port),
            rest_token=Secret("token-of-the-band"),
        )
        services = make_services(found)
        report = await run_checks(list(CHECKS), services)
    document = json.loads(json.dumps(report_document(report, Redactor())))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert [check["id"] for check in document["checks"]] == [check.id for check in CHECKS]
    text = json.dumps(document) + "\n".join(report_lines(report, Redactor()))
    assert "  with: password, 12 characters: letters, 2 signs" in report_lines(report, Redactor())
    assert "pw-of-singer" not in text
    assert "token-of-the-band" not in text


def test_every_id_that_others_rely_on_is_there() -> None:
    wanted = (
        "files.env files.values files.override files.ignored files.source files.place files.history "
        "database.claim database.url database.dns database.tcp database.tls "
        "database.authentication database.query database.role database.limits database.pooling database.tables "
        "database.drift database.indexes database.latency database.clock cache.claim cache.url cache.dns cache.tcp "
        "cache.tls cache.ping cache.write cache.latency cache.commands cache.room cache.resp prisma.node prisma.engine "
        "prisma.schema prisma.client client.connects backend.prisma machine.python machine.local machine.disk "
        "machine.environment machine.terminal machine.versions"
    )
    assert {check.id for check in default_registry()} == set(wanted.split())


def test_every_code_of_a_layer_has_its_own_explanation() -> None:
    assert set(PostgresCode) - set(DATABASE_FAILURES) == {PostgresCode.UNKNOWN}
    transport = set(TransportFailure) - set(CACHE_FAILURES)
    assert transport == {TransportFailure.CLOSED}
    assert set(UpstashError) - set(CACHE_FAILURES) == {UpstashError.OTHER}


@pytest.mark.parametrize("table", [DATABASE_FAILURES, CACHE_FAILURES], ids=["database", "cache"])
def test_every_explanation_has_a_cause_and_a_next_thing_to_do(table: Mapping[str, Explanation]) -> None:
    assert all(e.summary and e.cause and e.hint for e in table.values())


def test_the_four_entries_of_the_plan_are_found_word_for_word() -> None:
    texts = " ".join(row.summary for check in default_registry() for row in check.endings.values())
    for words in (
        "Can't reach the database server",
        "Redis connection failed",
        "Table doesn't exist",
        "Module not found",
    ):
        assert words in texts


@pytest.mark.parametrize(
    ("raw", "code", "short"),
    [
        (
            'connection failed: connection to server at "127.0.0.1", port 5432 failed: Connection refused\n'
            "\tIs the server running on that host and accepting TCP/IP connections?",
            PostgresCode.REFUSED,
            "Connection refused Is the server running on that host and accepting TCP/IP connections?",
        ),
        (
            'connection failed: connection to server at "h" (192.0.2.1), port 5432 failed: '
            "ERROR:  Couldn't connect to compute node",
            PostgresCode.COMPUTE_UNREACHABLE,
            "Couldn't connect to compute node",
        ),
        ('connection is bad: invalid sslmode value: "foo"', PostgresCode.BAD_SSLMODE, 'invalid sslmode value: "foo"'),
        (
            'connection failed: connection to server at "h" (192.0.2.1), port 5432 failed: '
            'server certificate for "a" (and 1 other name) does not match host name "h"',
            PostgresCode.TLS_WRONG_HOST,
            'server certificate for "a" (and 1 other name) does not match host name "h"',
        ),
        ("no idea", PostgresCode.UNKNOWN, "no idea"),
    ],
)
def test_an_error_text_is_sorted_and_shortened(raw: str, code: PostgresCode, short: str) -> None:
    assert classify(raw) is code
    assert shorten(raw) == short


def test_only_what_may_pass_by_itself_is_tried_again() -> None:
    assert PostgresCode.PASSWORD not in RETRYABLE
    assert PostgresCode.STARTING in RETRYABLE


@pytest.mark.parametrize("comfort", ["machine.terminal", "database.latency", "database.role", "cache.latency"])
def test_a_warning_of_comfort_never_leads_before_one_of_something_that_can_go_wrong(comfort: str) -> None:
    minor = warn("the terminal is small", cause="because", blame=Blame.YOU, hint="mend it")
    real = warn("the token ends soon", cause="because", blame=Blame.YOU, hint="mend it")
    verdict = conclude([outcome(comfort, minor), outcome("machine.disk", real)])
    assert verdict.check == "machine.disk"
    assert "1 more" in verdict.sentence
    assert conclude([outcome(comfort, minor)]).check == comfort
