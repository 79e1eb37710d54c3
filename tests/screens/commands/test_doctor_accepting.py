"""`doctor --accept`: a warning that a person knows of stays quiet until it says something else."""

from __future__ import annotations

import argparse
import io
from collections.abc import Awaitable, Callable

import pytest

from soundcheck.checks.catalogue import ask, default_registry
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Blame, Finding, Status
from soundcheck.checks.run import quieted
from soundcheck.screens.commands import doctor
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.errors import UsageError
from soundcheck.stores.project.accepted_warnings import mark_of
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from tests.findings import fail, warn

Doctor = Callable[..., Awaitable[str]]


@pytest.fixture
def services(project: Project) -> Services:
    project.env_file.write_text("A=1\n")
    project.env_file.chmod(0o644)
    return Services(project, SystemClock(), SystemResolver())


@pytest.fixture
def run(services: Services) -> Doctor:
    parser = argparse.ArgumentParser()
    doctor.configure(parser)

    async def call(*words: str) -> str:
        out = io.StringIO()
        assert await doctor.run(parser.parse_args(words), services, out, io.StringIO()) == 0
        return out.getvalue()

    return call


async def status(services: Services) -> tuple[Status, str]:
    report = await ask(services, ["files.env"])
    finding = next(one.finding for one in report.outcomes if one.check.id == "files.env")
    return finding.status, finding.summary


async def test_an_accepted_warning_stays_quiet_until_it_is_to_be_heard_again(services: Services, run: Doctor) -> None:
    assert (await status(services))[0] is Status.WARN
    assert "doctor --warn-again files.env" in await run("--accept", "files.env")
    now, said = await status(services)
    assert now is Status.OK
    assert said.endswith("(accepted)")
    assert "(accepted)" in await run("--accept", "files.env")
    await run("--warn-again", "files.env")
    assert (await status(services))[0] is Status.WARN
    assert "nothing was accepted" in await run("--warn-again", "files.env")


async def test_only_a_warning_can_be_accepted(services: Services, run: Doctor) -> None:
    for name in ("files.values", "no.such"):
        with pytest.raises(UsageError):
            await run("--accept", name)


def test_what_is_said_besides_a_number_makes_it_another_warning() -> None:
    check = default_registry()["database.latency"]
    known = {"database.latency": mark_of("It takes 120 ms.")}

    def after(finding: Finding) -> Status:
        return quieted(Outcome(check, finding, {}, 1.0), known).finding.status

    assert after(warn("It takes 135.2 ms.", cause="", blame=Blame.YOU, hint="")) is Status.OK
    assert after(warn("It is on another continent.", cause="", blame=Blame.YOU, hint="")) is Status.WARN
    assert after(fail("It takes 120 ms.", cause="", blame=Blame.YOU, hint="")) is Status.FAIL
