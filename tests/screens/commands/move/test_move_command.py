"""`soundcheck move` between two real databases: schema, rows, the env file, the guard, and the way back."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from fake_neon_api import FakeNeon
from moving_project import Mover, in_use, rows_of

from soundcheck.stores.errors import Refused, SoundcheckError, StepFailed, UsageError
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.claim_note import database_note
from soundcheck.stores.project.project import Profile
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import discover
from soundcheck.wizard.move.state import MovePhase, load_state, state_file


async def test_a_move_pushes_copies_verifies_switches_and_goes_back(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,
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
    target_url: PostgresUrl,
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


async def test_copy_and_verify_alone_switches_nothing(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,
) -> None:
    before = moving.project.env_file.read_text()
    said = await mover("--to", "env:NEW_URL", "--yes", "--no-write")
    assert "The old address stays in use" in said
    assert moving.project.env_file.read_text() == before
    state = load_state(moving.project)
    assert state is not None
    assert state.phase is MovePhase.VERIFIED
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


async def test_both_halves_go_to_this_machine_and_the_cache_s_keys_stay(
    mover: Mover, moving: Services, rest: Any, local: LocalStack
) -> None:
    client = moving.cache
    assert client is not None
    await client.command("SET", "user:u1", "{}")
    said = await mover("--to", "local", "--yes")
    assert "Keys of the cache are not moved" in said
    own = local.credentials()
    assert own is not None
    found = discover(moving.project, {}).credentials
    assert (found.rest_url, found.rest_token) == (own.rest_url, own.rest_token)
    assert found.database_url is not None
    assert local.owns(found.database_url)
    assert "start it with: soundcheck local up" in moving.project.env_file.read_text()
    assert rows_of(found.database_url, "SELECT count(*) FROM playlists") == [(20,)]
    with pytest.raises(Refused, match="nothing to move"):
        await mover("--to", "local", "--yes")
    document = await mover("--back", "--json")
    assert document["direction"] == "back"
    assert document["to"]["cache"] == str(rest.url)
    back = discover(moving.project, {}).credentials
    assert (back.rest_url, back.rest_token) == (rest.url, rest.token)
    assert (await client.command("GET", "user:u1")).value == "{}"


async def test_a_cache_that_refuses_is_told_before_a_row_is_copied(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,
) -> None:
    before = moving.project.env_file.read_text()
    secrets = {"REST": "http://127.0.0.1:9", "TOKEN": "not-the-token"}
    with pytest.raises(StepFailed):
        await mover("--to", "env:NEW_URL", "--redis-url", "env:REST", "--redis-token", "env:TOKEN", "--yes", **secrets)
    assert rows_of(target_url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []
    assert moving.project.env_file.read_text() == before


async def test_the_cloud_is_made_with_consent_alone_and_the_comment_tells_its_end(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,
) -> None:
    with FakeNeon(target_url.reveal) as neon:
        reached = {"SOUNDCHECK_TEST_NEON": neon.url}
        with pytest.raises(Refused, match="nothing is made there unasked") as caught:
            await mover("--to", "cloud", "--only", "database", "--yes", **reached)
        assert "--instant" in caught.value.hint
        assert not neon.made
        unknown = replace(moving, project=replace(moving.project, profile=Profile()))
        said = await mover("--to", "cloud", "--only", "database", "--instant", "--yes", using=unknown, **reached)
        assert said.index("gone after 72 hours") < said.index("asking for it") < said.index("playlists: 20 rows")
        assert len(neon.made) == 1
    assert in_use(moving.project) == target_url.database
    text = moving.project.env_file.read_text()
    note = database_note(text)
    assert note is not None
    said = await mover("--back", "--yes")
    assert database_note(moving.project.env_file.read_text()) is None, "the end of the store that was left is no more"


async def test_another_tool_s_comment_about_the_end_does_not_stay_above_the_new_address(
    mover: Mover, moving: Services
) -> None:
    text = moving.project.env_file.read_text()
    moving.project.env_file.write_text(f"# Claimable DB expires at: Sat, 01 Feb 2031 12:00:00 GMT\n# mine\n{text}")
    await mover("--to", "env:NEW_URL", "--yes")
    written = moving.project.env_file.read_text()
    assert database_note(written) is None
    assert "# mine" in written


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
