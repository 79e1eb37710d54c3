"""A password or a token unencrypted: never sent unasked, asked for once for a profile and an endpoint, and kept."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.checks.catalogue import ask
from soundcheck.screens.cli import main
from soundcheck.stores.cache.measured.monitored import monitor
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.postgres.settings import libpq_settings
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.project.plain_lines import NAME, agree, agreed_lines, guarded_lines, plain_lines
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import Address, SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.reply import TransportFailure
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.asking import Question, Unattended
from soundcheck.wizard.plain_line import agreed_to_plain, asked_before_http
from tests.probing import probe_postgres, probe_rest
from tests.squatter import squatting

PASSWORD = "the-password-7"
TOKEN = "the-token-7"


class Elsewhere(SystemResolver):
    """Every name is of another machine, as far as the address says; it leads here."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        return (Address("127.0.0.1"),)


def url(port: int, mode: str = "disable", host: str = "db.example.org") -> PostgresUrl:
    return PostgresUrl.parse(f"postgresql://u:{PASSWORD}@{host}:{port}/d?sslmode={mode}")


def rest(port: int) -> RestUrl:
    return RestUrl("http", "cache.example.org", port)


def services_of(project: Project, database: PostgresUrl | None, cache: RestUrl | None = None) -> Services:
    credentials = Credentials(database, None, cache, Secret(TOKEN) if cache else None)
    return Services(project, SystemClock(), Elsewhere(), credentials)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("postgresql://u:p@db.example.org/d", "postgresql://db.example.org:5432"),
        ("postgresql://u:p@db.example.org/d?sslmode=disable", "postgresql://db.example.org:5432"),
        ("postgresql://u:p@db.example.org/d?sslmode=allow", "postgresql://db.example.org:5432"),
        ("postgresql://u:p@db.example.org/d?sslmode=prefer", "postgresql://db.example.org:5432"),
        ("postgresql://u:p@db.example.org:6432/d?sslmode=require", "postgresql://db.example.org:6432"),
        ("postgresql://u:p@db.example.org/d?sslmode=nonsense", "postgresql://db.example.org:5432"),
        ("postgresql://u:p@192.168.1.7/d?sslmode=require", "postgresql://192.168.1.7:5432"),
        ("postgresql://u:p@127.0.0.1.example.org/d", "postgresql://127.0.0.1.example.org:5432"),
        ("postgresql://u:p@db.example.org/d?sslmode=verify-full", ""),
        ("postgresql://u:p@db.example.org/d?sslmode=verify-ca", ""),
        ("postgresql://u:p@db.example.org/d?sslmode=require&sslrootcert=system", ""),
        ("postgresql://u:p@db.example.org/d?sslrootcert=system", ""),
        ("postgresql://u@db.example.org/d", ""),
        ("postgresql://u:p@localhost/d", ""),
        ("postgresql://u:p@127.0.0.1/d?sslmode=disable", ""),
        ("http://cache.example.org", "http://cache.example.org:80"),
        ("http://cache.example.org:8080", "http://cache.example.org:8080"),
        ("http://10.0.0.7:8080", "http://10.0.0.7:8080"),
        ("https://cache.example.org", ""),
        ("http://localhost:8080", ""),
        ("http://127.0.0.1:8080", ""),
    ],
)
def test_which_lines_are_in_question(project: Project, text: str, line: str) -> None:
    if text.startswith("http"):
        services = services_of(project, None, RestUrl.parse(text))
    else:
        services = services_of(project, PostgresUrl.parse(text))
    assert plain_lines(services.credentials) == ((line,) if line else ())
    assert guarded_lines(services.credentials) == plain_lines(services.credentials)
    agree(project, (line,))
    assert guarded_lines(replace(services, cache=None).credentials) == ()


@pytest.mark.parametrize(
    ("own", "methods"),
    [
        ("", "!password"),
        ("&require_auth=password", "!password"),
        ("&require_auth=password,scram-sha-256", "scram-sha-256"),
        ("&require_auth=scram-sha-256", "scram-sha-256"),
        ("&require_auth=!md5", "!md5,!password"),
        ("&require_auth=!password", "!password"),
    ],
)
def test_the_urls_own_methods_stay_but_for_the_one_in_clear(own: str, methods: str) -> None:
    address = PostgresUrl.parse(f"postgresql://u:p@db.example.org/d?sslmode=disable{own}")
    assert libpq_settings(replace(address, is_guarded=True))["require_auth"] == methods
    assert libpq_settings(address).get("require_auth", "") == own.removeprefix("&require_auth=")


async def a_query(services: Services, _: Path) -> None:
    assert services.credentials.database_url is not None
    with pytest.raises(DatabaseProblem) as problem:
        await Database(services.credentials.database_url, services.resolver).fetch("SELECT 1")
    assert "was not sent" in problem.value.message
    assert "--allow-plain" in problem.value.hint


async def the_probe(services: Services, _: Path) -> None:
    assert services.credentials.database_url is not None
    layers = await probe_postgres(services.credentials.database_url, services.resolver)
    assert "clear_text" in [layer.code for layer in layers]


async def the_check(services: Services, _: Path) -> None:
    report = await ask(services, ["database.query"])
    failed = next(outcome for outcome in report.outcomes if outcome.finding.stands_in_the_way)
    assert "was not sent" in failed.finding.summary
    assert "--allow-plain" in failed.finding.hint


async def the_schema_engine(services: Services, engines: Path) -> None:
    assert services.credentials.database_url is not None
    with pytest.raises(PrismaFailure) as failure:
        await PrismaEngine(engines, find_node()).server_version(services.credentials.database_url, hostaddr="127.0.0.1")
    assert failure.value.code is FailureCode.CLEAR_TEXT


WAYS: list[Callable[[Services, Path], Awaitable[None]]] = [a_query, the_probe, the_check, the_schema_engine]


@pytest.mark.parametrize("mode", ["disable", "prefer", "allow"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_postgresql_does_not_get_the_password_in_clear(
    project: Project,
    engine_folder: Path,  # noqa: F811
    way: Callable[[Services, Path], Awaitable[None]],
    mode: str,
) -> None:
    with squatting(asks="cleartext") as (server,):
        await way(services_of(project, url(server.port, mode)), engine_folder)
        assert server.heard
        assert PASSWORD.encode() not in server.heard


async def test_once_agreed_to_it_is_sent(project: Project) -> None:
    with squatting(asks="cleartext") as (server,):
        asked = services_of(project, url(server.port))
        agree(project, plain_lines(asked.credentials))
        services = replace(asked, cache=None)
        assert services.credentials.database_url is not None
        with pytest.raises(DatabaseProblem):  # it knows no more than the greeting
            await Database(services.credentials.database_url, services.resolver).fetch("SELECT 1")
        assert PASSWORD.encode() in server.heard


async def test_scram_over_a_plain_line_needs_no_question(project: Project, database_url: PostgresUrl) -> None:
    services = services_of(project, replace(database_url, host="db.example.org")).using(
        Credentials(replace(database_url, host="db.example.org"))
    )
    assert guarded_lines(services.credentials)
    assert services.database is not None
    assert (await services.database.fetch("SELECT 7")).rows == ((7,),)
    await services.close()


async def test_a_token_is_not_sent_over_http(project: Project) -> None:
    with squatting() as (server,):
        services = services_of(project, None, rest(server.port))
        address = services.credentials.rest_url
        assert address is not None
        client = RestClient(address, Secret(TOKEN), resolver=services.resolver)
        reply = await client.command("PING")
        assert (reply.failure, client.commands_used) == (TransportFailure.CLEAR_TEXT, 0)
        await client.close()
        assert "unencrypted" in (await monitor(address, Secret(TOKEN), services.resolver, [], seconds=0.1)).problem
        layers = await probe_rest(address, Secret(TOKEN), services.resolver)
        assert "clear_text" in [layer.code for layer in layers]
        report = await ask(services, ["cache.ping"])
        said = " ".join(f"{outcome.finding.summary} {outcome.finding.hint}" for outcome in report.outcomes)
        assert "--allow-plain" in said
        assert TOKEN.encode() not in server.heard
        agree(project, plain_lines(services.credentials))
        agreed = replace(services, cache=None).credentials.rest_url
        assert agreed is not None
        client = RestClient(agreed, Secret(TOKEN), resolver=services.resolver)
        assert (await client.command("PING")).value == "PONG"
        await client.close()
        assert TOKEN.encode() in server.heard


class Answering:
    """Gives one answer, and keeps what it was asked."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> str:
        self.asked.append(question)
        return self.answer

    async def ask_secret(self, question: Question) -> Secret:
        raise AssertionError(question)


async def test_it_is_asked_once_for_a_profile_and_an_endpoint(project: Project) -> None:
    with squatting(asks="cleartext") as (server,):
        services = services_of(project, url(server.port))
        outcomes = (await ask(services, ["database.query"])).outcomes
        with pytest.raises(Refused) as refused:
            await agreed_to_plain(services, Unattended(), outcomes)
        assert refused.value.hint == "Add --allow-plain."
        assert not await agreed_to_plain(services, Answering("no"), outcomes)
        assert agreed_lines(project) == frozenset()
        person = Answering("yes")
        assert await agreed_to_plain(services, person, outcomes)
        assert person.asked[0].default is None
        assert f"db.example.org:{server.port}" in person.asked[0].text
        assert guarded_lines(replace(services, cache=None).credentials) == ()
        other = replace(project, profile=replace(project.profile, name="staging"))
        assert guarded_lines(services_of(other, url(server.port)).credentials)
        assert guarded_lines(services_of(project, url(server.port + 1)).credentials)


async def test_a_command_asks_before_a_token_goes_over_http(project: Project) -> None:
    services = services_of(project, None, rest(8080))
    assert await asked_before_http(services, None) is services
    assert await asked_before_http(services, Answering("no")) is services
    person = Answering("yes")
    agreed = await asked_before_http(services, person)
    assert guarded_lines(agreed.credentials) == ()
    assert agreed.cache is not None
    await agreed.close()
    assert await asked_before_http(agreed, person) is agreed
    assert len(person.asked) == 1
    assert await asked_before_http(services_of(project, url(1)), person) is not None
    assert len(person.asked) == 1  # whether PostgreSQL wants it so is seen when it does


def test_set_up_without_anybody_to_ask_names_the_option(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("soundcheck.screens.opening.SystemResolver", Elsewhere)
    monkeypatch.setenv("UPSTASH_REDIS_REST_TOKEN", TOKEN)
    with squatting(asks="cleartext") as (server,):
        monkeypatch.setenv("DATABASE_URL", url(server.port).reveal())
        monkeypatch.setenv("UPSTASH_REDIS_REST_URL", str(rest(server.port)))
        words = ["setup", "--yes", "--from-env", "--project", str(project.root)]
        assert main(words) != ExitCode.OK
        said = capsys.readouterr()
        assert "--allow-plain" in said.out + said.err
        assert not project.env_file.exists()
        assert PASSWORD.encode() not in server.heard
        assert TOKEN.encode() not in server.heard
        main([*words, "--allow-plain"])
        capsys.readouterr()
        assert PASSWORD.encode() in server.heard


async def test_what_failed_for_another_reason_asks_nothing(project: Project) -> None:
    with squatting(asks="md5") as (server,):
        services = services_of(project, url(server.port))
        outcomes = (await ask(services, ["database.query"])).outcomes
        person = Answering("yes")
        assert not await agreed_to_plain(services, person, outcomes)
        assert not person.asked


def test_the_option_agrees_for_the_profile(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project.env_file.write_text(
        f"UPSTASH_REDIS_REST_URL=http://cache.invalid:8080\nUPSTASH_REDIS_REST_TOKEN={TOKEN}\n", "utf-8"
    )
    words = ["doctor", "--only", "cache.ping", "--project", str(project.root)]
    main(words)
    assert not (project.state / NAME).exists()
    assert main([*words, "--allow-plain"]) != ExitCode.USAGE
    kept = project.state / NAME
    assert json.loads(kept.read_text())["profiles"] == {project.profile.name: ["http://cache.invalid:8080"]}
    assert kept.stat().st_mode & 0o777 == 0o600
    capsys.readouterr()


def test_an_answer_that_cannot_be_read_is_none(project: Project) -> None:
    agree(project, ("http://cache.example.org:80",))
    (project.state / NAME).write_text("{")
    assert agreed_lines(project) == frozenset()
    assert guarded_lines(services_of(project, None, rest(80)).credentials)
