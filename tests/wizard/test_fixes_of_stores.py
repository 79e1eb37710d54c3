"""Fixes that reach a store: tables pushed, the client generated, the local stack started, an address proven."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from engine_fixture import engine, engine_folder  # noqa: F401

from soundcheck.checks import fixes as offered_fixes
from soundcheck.checks.finding import Fix, Status
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.project.project import Profile, ProfileKind, Project, open_project
from soundcheck.stores.resolver import Address, ResolveError, ResolveFailure, SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.fix_journal import read_journal
from soundcheck.wizard.fixes.apply import apply_fix, preview_fix, undo_fix
from soundcheck.wizard.setup.database_step import choose_schema, place_schema


@pytest.fixture
def pushing(
    project: Project,
    database_url: PostgresUrl,
    engine: PrismaEngine,  # noqa: F811
) -> Callable[[Profile], Services]:
    """Services over an empty database, with our schema in the project."""
    project.env_file.write_text(f'DATABASE_URL="{database_url.reveal()}"\n')
    placed = place_schema(project, choose_schema(project))

    def make(profile: Profile) -> Services:
        credentials = Credentials(database_url=database_url)
        changed = replace(placed, profile=profile)
        return Services(changed, SystemClock(), SystemResolver(), credentials)

    return make


async def test_missing_tables_are_created_and_counted_again(
    pushing: Callable[[Profile], Services], database_url: PostgresUrl
) -> None:
    services = pushing(Profile())
    preview = await preview_fix(services, offered_fixes.PUSH_TABLES)
    assert any("11 tables" in line for line in preview.lines)
    result = await apply_fix(services, preview, "database.tables")
    assert result.outcome is not None
    assert result.outcome.finding.summary == "Found 11 tables."
    assert not result.can_undo
    assert not (await preview_fix(services, offered_fixes.PUSH_TABLES)).needed
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute("ALTER TABLE users ADD COLUMN nickname text")
    with pytest.raises(Refused, match="change more than add"):
        await preview_fix(services, offered_fixes.PUSH_TABLES)


async def test_a_production_database_is_pushed_to_by_its_name_alone(
    pushing: Callable[[Profile], Services], database_url: PostgresUrl
) -> None:
    services = pushing(Profile("live", ProfileKind.PRODUCTION))
    preview = await preview_fix(services, offered_fixes.PUSH_TABLES)
    with pytest.raises(Refused) as refused:
        await apply_fix(services, preview)
    assert f"--production {database_url.database}" in refused.value.hint
    with psycopg.connect(database_url.reveal()) as connection:
        assert connection.execute("SELECT to_regclass('users')").fetchone() == (None,)


async def test_the_client_is_generated_and_the_check_sees_it(pushing: Callable[[Profile], Services]) -> None:
    services = pushing(Profile())
    preview = await preview_fix(services, offered_fixes.GENERATE_CLIENT)
    assert "prisma generate" in preview.lines[0]
    result = await apply_fix(services, preview, "prisma.client")
    assert result.outcome is not None
    assert result.outcome.finding.status is Status.OK
    assert not (await preview_fix(services, offered_fixes.GENERATE_CLIENT)).needed
    assert not (await preview_fix(services, offered_fixes.INSTALL_ENGINE)).needed


async def test_without_a_schema_of_its_own_nothing_is_pushed_or_generated(project: Project) -> None:
    services = Services(project, SystemClock(), SystemResolver())
    for fix in (offered_fixes.PUSH_TABLES, offered_fixes.GENERATE_CLIENT):
        with pytest.raises(Refused) as refused:
            await preview_fix(services, fix)
        assert "soundcheck setup" in refused.value.hint


async def test_the_local_stack_is_started_and_stopped_again(tmp_path: Path) -> None:
    root = tmp_path / "app"
    root.mkdir()
    project = open_project(root, environ={"SOUNDCHECK_HOME": str(tmp_path / "home")})
    project.prepare_state()
    services = Services(project, SystemClock(), SystemResolver())
    preview = await preview_fix(services, offered_fixes.LOCAL_UP)
    assert preview.lines == ("start PostgreSQL, Valkey, the REST gateway on 127.0.0.1",)
    result = await apply_fix(services, preview, "machine.local")
    assert result.applied
    assert not (await preview_fix(services, offered_fixes.LOCAL_UP)).needed
    assert json.loads((project.state / "fixes.json").read_text())["fixes"][0]["fix"] == "local.up"
    await undo_fix(services)
    status = await LocalStack(project.local).status()
    assert {str(part.state) for part in (status.postgres, status.redis, status.rest)} == {"down"}


class OneName(SystemResolver):
    """Only this host is there, and it is this machine."""

    def __init__(self, known: str) -> None:
        super().__init__()
        self._known = known

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        if host != self._known:
            raise ResolveError(ResolveFailure.UNKNOWN_NAME, host)
        return (Address("127.0.0.1"),)


class EveryName(SystemResolver):
    """Every host is this machine."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        return (Address("127.0.0.1"),)


DIRECT_HOST = "ep-cool-1.us-east-2.aws.neon.tech"
POOLED_HOST = "ep-cool-1-pooler.us-east-2.aws.neon.tech"


@pytest.mark.parametrize(
    ("fix", "known", "database", "direct"),
    [
        (offered_fixes.POOL, DIRECT_HOST, DIRECT_HOST, None),
        (offered_fixes.POOL, DIRECT_HOST, DIRECT_HOST, DIRECT_HOST),
        (offered_fixes.UNPOOL, POOLED_HOST, POOLED_HOST, POOLED_HOST),
    ],
)
async def test_an_address_that_does_not_work_is_put_back(
    project: Project, database_url: PostgresUrl, fix: Fix, known: str, database: str, direct: str | None
) -> None:
    plain = {"sslmode": "disable"}
    lines = [f'DATABASE_URL="{replace(database_url, host=database).with_params(plain).reveal()}"']
    if direct is not None:
        lines.append(f'DIRECT_URL="{replace(database_url, host=direct).with_params(plain).reveal()}"')
    before = "\n".join([*lines, "OTHER=1", ""])
    project.env_file.write_text(before)
    services = Services(project, SystemClock(), OneName(known))
    preview = await preview_fix(services, fix)
    assert preview.needed
    with pytest.raises(StepFailed, match="put back") as failed:
        await apply_fix(services, preview, "database.pooling")
    assert project.env_file.read_text() == before
    assert read_journal(project) == ()
    assert failed.value.hint


async def test_an_address_that_works_is_kept(project: Project, database_url: PostgresUrl) -> None:
    url = replace(database_url, host=DIRECT_HOST).with_params({"sslmode": "disable"})
    project.env_file.write_text(f'DATABASE_URL="{url.reveal()}"\n')
    services = Services(project, SystemClock(), EveryName())
    result = await apply_fix(services, await preview_fix(services, offered_fixes.POOL), "database.pooling")
    assert result.can_undo
    assert POOLED_HOST in project.env_file.read_text()
