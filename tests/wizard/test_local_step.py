"""Waking the local stack changes addresses that moved, and nothing that the application would be refused with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.finding import Status
from soundcheck.checks.run import run_checks
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.progress import silent
from soundcheck.wizard.setup.local_step import wake_local


@pytest.fixture
def credentials(stack: LocalStack) -> Credentials:
    known = stack.credentials()
    assert known is not None
    return known


@pytest.fixture
def services(project: Project, stack: LocalStack, credentials: Credentials) -> Services:
    project.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    project.local.symlink_to(stack.places.folder)  # the session's stack is this project's
    return Services(project, SystemClock(), SystemResolver(), credentials)


async def failing(services: Services, check: str) -> list[tuple[str, str]]:
    report = await run_checks(default_registry().select([check]), services)
    await services.close()
    return [
        (o.check.id, o.finding.summary + " " + o.finding.hint)
        for o in report.outcomes
        if o.finding.status is Status.FAIL
    ]


async def test_a_token_that_is_not_the_stack_s_stays_and_is_found(services: Services, credentials: Credentials) -> None:
    edited = services.using(replace(credentials, rest_token=Secret("AAAAbbbbCCCCdddd1111")))
    awake = await wake_local(edited, silent)
    assert awake.credentials == edited.credentials
    [(check, words)] = await failing(awake, "cache.ping")
    assert check == "cache.ping"
    assert "the local stack refused the token" in words
    assert "soundcheck setup --local" in words
    assert "Upstash console" not in words


async def test_a_password_that_is_not_the_stack_s_stays_and_is_found(
    services: Services, credentials: Credentials
) -> None:
    assert credentials.database_url is not None
    edited = services.using(
        replace(credentials, database_url=replace(credentials.database_url, password=Secret("other")))
    )
    awake = await wake_local(edited, silent)
    assert awake.credentials == edited.credentials
    [(check, words)] = await failing(awake, "database.authentication")
    assert check == "database.authentication"
    assert "local stack's PostgreSQL refused" in words
    assert "soundcheck setup --local" in words
    assert "Neon" not in words


async def test_what_is_right_is_left_as_it_is(services: Services) -> None:
    assert await wake_local(services, silent) is services
