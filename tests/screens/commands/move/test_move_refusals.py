"""What stands against a move is said before anything is written, with the next thing to do."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from fake_neon_api import FakeNeon
from moving_project import Mover, in_use, mover_to, rows_of

from soundcheck.screens.commands import move
from soundcheck.stores.errors import Refused, StepFailed, UsageError
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Question, WentBack
from soundcheck.wizard.move.state import load_state

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


@pytest.fixture
def stranger_url(target_url: PostgresUrl) -> Iterator[PostgresUrl]:
    """The target as a role that may sign in and look, and nothing else."""
    role = f"stranger_{secrets.token_hex(4)}"
    rows_of(target_url, f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    yield replace(target_url, user=role, password=Secret("x"))
    rows_of(target_url, f"DROP ROLE {role}")


async def test_a_role_that_may_not_create_is_told_who_may_give_it_that(
    moving: Services, target_url: PostgresUrl, stranger_url: PostgresUrl
) -> None:
    with pytest.raises(StepFailed, match=f"{stranger_url.user} may not create tables") as caught:
        await mover_to(moving, stranger_url)("--to", "env:NEW_URL", "--yes")
    assert f'TO "{stranger_url.user}"' in caught.value.hint
    assert rows_of(target_url, TABLES) == [(0,)]
    assert in_use(moving.project) != target_url.database


async def test_a_source_that_cannot_be_read_makes_nothing_in_the_cloud(
    moving: Services, mover: Mover, target_url: PostgresUrl
) -> None:
    url = moving.credentials.database_url
    assert url is not None
    wrong = replace(url, password=Secret("wrong"))
    moving.project.env_file.write_text(f'DATABASE_URL="{wrong.reveal()}"\n')
    with FakeNeon(target_url.reveal) as neon:
        with pytest.raises(DatabaseProblem, match="password"):
            await mover("--to", "cloud", "--instant", "--only", "database", "--yes", SOUNDCHECK_TEST_NEON=neon.url)
        assert neon.seen == []


async def test_an_address_out_of_the_environment_is_not_put_into_a_file(
    moving: Services, target_url: PostgresUrl
) -> None:
    values = {name: value.reveal() for name, value in moving.credentials.as_env().items()}
    moving.project.env_file.unlink()
    run = mover_to(moving, target_url)
    with pytest.raises(Refused, match="comes from the environment") as caught:
        await run("--to", "env:NEW_URL", "--yes", **values)
    assert "--no-write" in caught.value.hint
    said = await run("--to", "env:NEW_URL", "--yes", "--no-write", **values)
    assert "same on both sides: 21 rows in 11 tables" in said
    assert not moving.project.env_file.exists()


async def test_a_project_with_migrations_is_not_pushed_to(
    moving: Services, mover: Mover, target_url: PostgresUrl
) -> None:
    folder = moving.project.root / "prisma"
    (folder / "migrations" / "0001_init").mkdir(parents=True)
    (folder / "migrations" / "0001_init" / "migration.sql").write_text("SELECT 1;")
    (folder / "schema.prisma").write_text((Path(__file__).parents[4] / "schema.prisma").read_text())
    own = replace(moving, project=replace(moving.project, schema=folder / "schema.prisma"))
    with pytest.raises(Refused, match="users") as caught:
        await mover("--to", "env:NEW_URL", "--yes", using=own)
    assert "npx prisma@6 migrate deploy" in caught.value.hint
    assert rows_of(target_url, TABLES) == [(0,)]


async def test_what_the_schema_does_not_have_is_named(mover: Mover, owner: psycopg.Connection) -> None:
    owner.execute('CREATE INDEX by_hand ON users ("name"); CREATE VIEW top AS SELECT 1')
    said = await mover("--to", "env:NEW_URL", "--yes", "--no-write")
    assert "Not in the schema, so not moved: index by_hand of users, view top" in said


async def test_a_table_with_a_column_more_than_the_schema_is_not_cut(
    mover: Mover, moving: Services, owner: psycopg.Connection, target_url: PostgresUrl
) -> None:
    owner.execute("ALTER TABLE users ADD COLUMN nickname text")
    with pytest.raises(Refused, match=r"users\.nickname"):
        await mover("--to", "env:NEW_URL", "--yes")
    assert rows_of(target_url, "SELECT count(*) FROM users") == [(0,)]
    assert load_state(moving.project) is None


async def test_without_a_direction_the_ways_are_named(mover: Mover) -> None:
    with pytest.raises(UsageError) as caught:
        await mover("--yes")
    assert "--to local" in caught.value.hint
    assert "--back" in caught.value.hint
    with pytest.raises(UsageError, match="--database-url gives another"):
        await mover("--to", "local", "--database-url", "env:NEW_URL", "--yes")


async def test_going_back_at_a_question_changes_nothing(
    mover: Mover, moving: Services, target_url: PostgresUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Leaves:
        async def ask(self, question: Question) -> str:
            raise WentBack

        async def ask_secret(self, question: Question) -> Secret:
            raise WentBack

    monkeypatch.setattr(move, "_asker", lambda *_, **__: Leaves())
    with pytest.raises(StepFailed, match="you went back"):
        await mover("--to", "env:NEW_URL")
    assert rows_of(target_url, TABLES) == [(0,)]
    assert in_use(moving.project) != target_url.database
