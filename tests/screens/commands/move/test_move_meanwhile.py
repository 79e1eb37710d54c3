"""What happens while `soundcheck move` is at work: writes to the source, and an end at the switch itself."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from moving_project import Mover, in_use, rows_of

from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.services import Services
from soundcheck.wizard.move import database, flow
from soundcheck.wizard.move.carry import CarriedRows, CopyPass, carry
from soundcheck.wizard.move.state import MovePhase, MoveState, load_state, save_state


class Killed(BaseException):
    """Ends everything at once, as SIGKILL does."""


async def test_rows_written_during_the_copy_are_copied_as_well_before_the_switch(
    mover: Mover,
    moving: Services,
    owner: psycopg.Connection,
    target_url: PostgresUrl,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passes = []

    async def and_then_the_backend_writes(work: CopyPass) -> CarriedRows:
        carried = await carry(work)
        if not passes:
            owner.execute("UPDATE users SET name = 'late'")
        passes.append(carried.copied)
        return carried

    monkeypatch.setattr(database, "carry", and_then_the_backend_writes)
    said = await mover("--to", "env:NEW_URL", "--yes")
    assert "Changed while it was copied: users" in said
    assert len(passes) == 2
    assert rows_of(target_url, "SELECT name FROM users") == [("late",)]
    assert rows_of(target_url, "SELECT count(*) FROM playlists") == [(20,)], "emptied with users, and copied again"
    assert in_use(moving.project) == target_url.database


async def test_a_source_that_keeps_changing_is_not_left_and_the_next_run_goes_on(
    mover: Mover,
    moving: Services,
    owner: psycopg.Connection,
    target_url: PostgresUrl,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def and_the_backend_never_stops(work: CopyPass) -> CarriedRows:
        carried = await carry(work)
        owner.execute("UPDATE users SET name = coalesce(name, '') || 'x'")
        return carried

    with monkeypatch.context() as patch:
        patch.setattr(database, "carry", and_the_backend_never_stops)
        with pytest.raises(StepFailed, match="keeps changing: users") as caught:
            await mover("--to", "env:NEW_URL", "--yes")
    assert "Stop your backend" in caught.value.hint
    assert in_use(moving.project) != target_url.database
    document = await mover("--to", "env:NEW_URL", "--json")
    assert document["switched"]
    assert {table["name"] for table in document["tables"] if table["copied"]} == {"users", "playlists"}


async def test_killed_before_the_env_file_is_written_the_old_address_is_in_use_and_nothing_is_copied_twice(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def dies(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(flow, "switch", dies)
        with pytest.raises(Killed):
            await mover("--to", "env:NEW_URL", "--yes")
    assert in_use(moving.project) != target_url.database
    with pytest.raises(Refused, match="another address"):
        await mover("--back", "--yes")
    document = await mover("--to", "env:NEW_URL", "--json")
    assert document["switched"]
    assert not any(table["copied"] for table in document["tables"])


async def test_killed_right_after_the_env_file_is_written_there_is_a_way_back(
    mover: Mover,
    moving: Services,
    target_url: PostgresUrl,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = in_use(moving.project)

    def dies(project: Any, state: MoveState) -> None:
        if state.phase is MovePhase.SWITCHED:
            raise Killed
        save_state(project, state)

    with monkeypatch.context() as patch:
        patch.setattr(flow, "save_state", dies)
        with pytest.raises(Killed):
            await mover("--to", "env:NEW_URL", "--yes")
    assert in_use(moving.project) == target_url.database
    with pytest.raises(Refused, match="in use already"):
        await mover("--to", "env:NEW_URL", "--yes")
    state = load_state(moving.project)
    assert state is not None
    assert state.phase is MovePhase.SWITCHED
    await mover("--back", "--yes")
    assert in_use(moving.project) == old
