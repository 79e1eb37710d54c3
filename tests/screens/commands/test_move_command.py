"""`soundcheck move` between two real databases: schema, rows, the env file, the guard, and the way back."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
from two_databases import target_url  # noqa: F401

from checks.catalogue import default_registry
from checks.services import Services
from screens.commands import move
from screens.options import add_common
from stores.errors import Refused, SoundcheckError, UsageError
from stores.postgres_url import PostgresUrl
from stores.project import Profile, ProfileKind, Project
from wizard.discover import discover
from wizard.move.state import Phase, load_state, state_file

SCHEMA = Path(__file__).parents[3] / "docs" / "json" / "move.schema.json"
Mover = Callable[..., Any]


@pytest.fixture
def moving(services: Services, owner: psycopg.Connection) -> Services:
    """A project in development with a few rows, whose env file names the database and the cache in use."""
    owner.execute("""INSERT INTO users (id, email, password, "updatedAt") VALUES ('u1', 'a@b.c', 'x', now())""")
    owner.execute(
        """INSERT INTO playlists (id, "userId", name, "updatedAt")
        SELECT 'p' || i, 'u1', 'It''s "odd" ' || i, now() FROM generate_series(1, 20) i"""
    )
    values = services.credentials.as_env()
    services.project.env_file.write_text("".join(f'{n}="{v.reveal()}"\n' for n, v in values.items()) + "PORT=3000\n")
    project = replace(services.project, profile=Profile(kind=ProfileKind.DEV))
    return replace(services, project=project, registry=default_registry())


@pytest.fixture
def mover(moving: Services, target_url: PostgresUrl) -> Mover:  # noqa: F811
    """Run `move` with these words, NEW_URL being the target's address; what it told, and with `--json` its document."""

    async def call(*words: str, using: Services = moving) -> Any:
        found = discover(using.project, {})
        fresh = replace(using.using(found.credentials), environ={"NEW_URL": target_url.reveal()})
        parser = argparse.ArgumentParser()
        add_common(parser)
        move.configure(parser)
        out, err = io.StringIO(), io.StringIO()
        try:
            assert await move.run(parser.parse_args(words), fresh, out, err) == 0
        except SoundcheckError as problem:
            problem.said = out.getvalue()  # type: ignore[attr-defined]
            raise
        finally:
            await fresh.close()
        if "--json" not in words:
            return out.getvalue()
        document = json.loads(out.getvalue())
        jsonschema.Draft202012Validator(json.loads(await asyncio.to_thread(SCHEMA.read_text))).validate(document)
        return document

    return call


def in_use(project: Project) -> str:
    """The database that the env file names."""
    url = discover(project, {}).credentials.database_url
    assert url is not None
    return url.database


def rows_of(url: PostgresUrl, query: str) -> list[Any]:
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        answer = connection.execute(query)
        return answer.fetchall() if answer.description else []


async def test_a_move_pushes_copies_verifies_switches_and_goes_back(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,  # noqa: F811
    owner: psycopg.Connection,
) -> None:
    assert moving.database is not None
    old, before = moving.database.url.database, moving.project.env_file.read_text()
    document = await mover("--to", "env:NEW_URL", "--json")
    assert document["ok"]
    assert document["switched"]
    assert document["to"] == {"database": f"{target_url.endpoint}/{target_url.database}", "cache": None}
    rows = {table["name"]: table["rows"] for table in document["tables"]}
    assert len(rows) == 11
    assert (rows["users"], rows["playlists"]) == (1, 20)
    whole = "SELECT t::text FROM playlists t ORDER BY id"
    assert rows_of(target_url, whole) == owner.execute(whole).fetchall()
    assert in_use(moving.project) == target_url.database
    text = moving.project.env_file.read_text()
    assert "PORT=3000" in text
    assert moving.project.env_file.stat().st_mode & 0o777 == 0o600
    kept = state_file(moving.project)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert target_url.password is not None
    assert target_url.password.reveal() not in kept.read_text()
    assert rows_of(target_url, whole) != []

    with pytest.raises(Refused, match="nothing to move"):
        await mover("--to", "env:NEW_URL", "--yes")
    said = await mover("--back", "--yes")
    assert "Nothing was written to the new one" in said
    assert in_use(moving.project) == old
    assert [line.split("=")[0] for line in moving.project.env_file.read_text().splitlines() if "=" in line] == [
        line.split("=")[0] for line in before.splitlines() if "=" in line
    ]
    with pytest.raises(Refused, match="no move to take back"):
        await mover("--back", "--yes")
    assert len(rows_of(target_url, whole)) == 20, "the new one is kept as well"


async def test_what_was_written_since_is_not_left_behind_unseen(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,  # noqa: F811
) -> None:
    await mover("--to", "env:NEW_URL", "--yes")
    rows_of(target_url, "UPDATE users SET name = 'new'")
    with pytest.raises(Refused, match="users") as caught:
        await mover("--back", "--yes")
    assert "--leave-changes" in caught.value.hint
    assert in_use(moving.project) == target_url.database
    await mover("--back", "--yes", "--leave-changes")
    with pytest.raises(Refused, match="hold other rows"):
        await mover("--to", "env:NEW_URL", "--yes")
    assert rows_of(target_url, "SELECT name FROM users") == [("new",)], "rows of the backend are never replaced"


@pytest.mark.parametrize("kind", [ProfileKind.UNKNOWN, ProfileKind.PRODUCTION])
async def test_a_target_that_is_not_for_development_needs_its_name(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,  # noqa: F811
    kind: ProfileKind,
) -> None:
    using = replace(moving, project=replace(moving.project, profile=Profile(kind=kind)))
    with pytest.raises(Refused) as caught:
        await mover("--to", "env:NEW_URL", "--yes", using=using)
    assert f"--production {target_url.database}" in caught.value.hint
    assert rows_of(target_url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == [], "nothing was pushed"
    assert in_use(moving.project) != target_url.database


async def test_copy_and_verify_alone_switches_nothing(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,  # noqa: F811
) -> None:
    before = moving.project.env_file.read_text()
    said = await mover("--to", "env:NEW_URL", "--yes", "--no-write")
    assert "the old address stays in use" in said
    assert moving.project.env_file.read_text() == before
    state = load_state(moving.project)
    assert state is not None
    assert state.phase is Phase.VERIFIED
    again = await mover("--to", "env:NEW_URL", "--json")
    assert again["switched"]
    assert not any(table["copied"] for table in again["tables"])


async def test_tables_outside_the_schema_are_left_only_by_their_name(
    mover: Mover, owner: psycopg.Connection, moving: Services
) -> None:
    owner.execute("CREATE TABLE invoices (id int); INSERT INTO invoices VALUES (1)")
    with pytest.raises(Refused, match="invoices") as caught:
        await mover("--to", "env:NEW_URL", "--yes")
    assert "--leave-behind invoices" in caught.value.hint
    document = await mover("--to", "env:NEW_URL", "--json", "--leave-behind", "invoices")
    assert document["left_behind"] == ["invoices"]


async def test_the_cache_alone_is_tested_and_switched_and_its_keys_stay(
    mover: Mover, moving: Services, rest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="Nothing says a new cache"):
        await mover("--to", "cloud", "--only", "cache", "--yes")


async def test_a_value_typed_on_the_command_line_is_refused_and_not_repeated(mover: Mover) -> None:
    with pytest.raises(UsageError) as caught:
        await mover("--to", "postgresql://u:geheim@h/d", "--yes")
    assert "geheim" not in caught.value.message + caught.value.hint


async def test_a_target_that_does_not_answer_is_told_before_anything_is_written(
    mover: Mover, moving: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = moving.project.env_file.read_text()
    monkeypatch.setattr(sys, "stdin", io.StringIO("postgresql://u:pw@127.0.0.1:9/nothing\n"))
    with pytest.raises(SoundcheckError, match=r"127\.0\.0\.1:9"):
        await mover("--to", "-", "--yes")
    assert moving.project.env_file.read_text() == before
    assert load_state(moving.project) is None
