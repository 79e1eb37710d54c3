"""The Database step: another application's things stay, whatever is lost has a name, migrations are respected."""

from __future__ import annotations

import errno
import os
from dataclasses import replace

import psycopg
import pytest
from engine_fixture import engine, engine_folder  # noqa: F401

from soundcheck.checks.backend import schema_gap
from soundcheck.checks.finding import Fix
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.failures import PrismaFailure
from soundcheck.stores.project.journal import Journal
from soundcheck.stores.project.project import ProfileKind, Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.fixes import stores
from soundcheck.wizard.fixes.fix import Preview
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import Mark, Progress, silent
from soundcheck.wizard.setup.database_step import apply_database, choose_schema, place_schema, plan_database


@pytest.fixture
def services(project: Project, database_url: PostgresUrl) -> Services:
    credentials = Credentials(database_url=database_url)
    return Services(project, SystemClock(), SystemResolver(), credentials)


OTHER_APPLICATION = """
CREATE TABLE invoices (id int PRIMARY KEY, total numeric);
CREATE TYPE mood AS ENUM ('glad', 'sad');
"""


def tables(url: PostgresUrl) -> set[str]:
    with psycopg.connect(url.reveal()) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


def test_our_schema_is_copied_in_whole_or_not_at_all(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill in the middle of the copy once left an empty schema, which set-up then took for the project's own."""

    def cut_off(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    choice = choose_schema(project)
    assert choice.copied_to is not None
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_append", lambda *_: None)  # the journal's own write came before
        patch.setattr(os, "fsync", cut_off)
        with pytest.raises(CouldNotRun):
            place_schema(project, choice)
    assert list(choice.copied_to.parent.iterdir()) == []
    assert place_schema(project, choice).schema == choice.copied_to
    assert choice.copied_to.read_bytes() == choice.path.read_bytes()
    assert choice.copied_to.stat().st_mode & 0o777 == 0o644


async def test_another_application_s_things_and_a_hand_made_index_are_still_there(
    services: Services,
    engine: PrismaEngine,  # noqa: F811
    database_url: PostgresUrl,
) -> None:
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute(OTHER_APPLICATION)
    first = await apply_database(services, engine, await plan_database(services, engine, silent), Consent(), silent)
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute('CREATE INDEX by_hand ON users ("name")')
    again = await plan_database(first.services, engine, silent)
    assert again.push.loss_names == ()
    assert again.verdict(Consent()).allowed
    await apply_database(first.services, engine, again, Consent(), silent)
    assert len(tables(database_url)) == 12
    with psycopg.connect(database_url.reveal()) as connection:
        assert connection.execute("SELECT to_regclass('by_hand')").fetchone() != (None,)
        assert connection.execute("SELECT to_regtype('mood')").fetchone() != (None,)


async def test_what_is_to_be_dropped_needs_its_name_and_then_goes(
    services: Services,
    engine: PrismaEngine,  # noqa: F811
    database_url: PostgresUrl,
) -> None:
    first = await apply_database(services, engine, await plan_database(services, engine, silent), Consent(), silent)
    with psycopg.connect(database_url.reveal(), autocommit=True) as connection:
        connection.execute("ALTER TABLE users ADD COLUMN nickname text")
    plan = await plan_database(first.services, engine, silent)
    assert plan.push.loss_names == ("users.nickname",)
    with pytest.raises(Refused) as refusal:
        await apply_database(first.services, engine, plan, Consent(production=plan.intent.target.name), silent)
    assert "users.nickname" in refusal.value.hint
    consent = Consent(frozenset({"users.nickname"}), plan.intent.target.name)
    await apply_database(first.services, engine, plan, consent, silent)
    assert (await plan_database(first.services, engine, silent)).push.in_sync


async def test_production_needs_its_name_even_to_add(
    services: Services,
    engine: PrismaEngine,  # noqa: F811
) -> None:
    profile = replace(services.project.profile, kind=ProfileKind.PRODUCTION)
    live = replace(services, project=replace(services.project, profile=profile))
    plan = await plan_database(live, engine, silent)
    with pytest.raises(Refused, match="production"):
        await apply_database(live, engine, plan, Consent(), silent)
    assert not list(live.project.root.iterdir()), "refused before anything was written"


async def test_a_project_with_migrations_is_not_pushed_to(
    services: Services,
    engine: PrismaEngine,  # noqa: F811
    database_url: PostgresUrl,
) -> None:
    plan = await plan_database(services, engine, silent)
    folder = services.project.root / "prisma"
    (folder / "migrations" / "0001_init").mkdir(parents=True)
    (folder / "migrations" / "0001_init" / "migration.sql").write_text("SELECT 1;")
    (folder / "schema.prisma").write_text(plan.schema.path.read_text())
    own = replace(services, project=replace(services.project, schema=folder / "schema.prisma"))
    said: list[Progress] = []
    done = await apply_database(own, engine, await plan_database(own, engine, silent), Consent(), said.append)
    assert done.push is None
    assert any("migrations" in event.text and event.mark is Mark.SKIP for event in said)
    assert tables(database_url) == set()


async def test_a_schema_without_a_python_generator_keeps_its_own_generate(
    services: Services,
    engine: PrismaEngine,  # noqa: F811
) -> None:
    schema = services.project.root / "schema.prisma"
    schema.write_text(
        'generator client {\n  provider = "prisma-client-js"\n}\n'
        'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
        "model Song {\n  id Int @id\n}\n"
    )
    own = replace(services, project=replace(services.project, schema=schema))
    said: list[Progress] = []
    done = await apply_database(own, engine, await plan_database(own, engine, silent), Consent(), said.append)
    assert done.client is None
    assert any(event.hint == "npx prisma@6 generate" for event in said)
    assert done.push is not None
    assert done.push.created_tables == ("Song",)


@pytest.mark.parametrize("way", ["plan", "compare", "push", "fix"])
async def test_what_goes_over_the_direct_address_names_it_where_it_fails(
    services: Services,
    engine: PrismaEngine,  # noqa: F811
    database_url: PostgresUrl,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    """The application's address works all the while, so the failure would otherwise seem to be about that."""

    async def ours(_: Services) -> PrismaEngine:
        return engine

    for place in (schema_gap, stores):
        monkeypatch.setattr(place, "schema_engine", ours)
    plan = await plan_database(services, engine, silent) if way in {"push", "fix"} else None
    old = replace(database_url, password=Secret("an-old-one"))
    failing = replace(services, credentials=Credentials(database_url, old))
    ways = {
        "plan": lambda: plan_database(failing, engine, silent),
        "compare": lambda: schema_gap.schema_gap(failing),
        "push": lambda: apply_database(failing, engine, plan, Consent(), silent),
        "fix": lambda: stores._apply_push(failing, Preview(Fix("tables.push", ""), (), plan=plan), silent),
    }
    with pytest.raises(PrismaFailure, match=r"^DIRECT_URL: ") as failed:
        await ways[way]()
    assert "an-old-one" not in failed.value.message
