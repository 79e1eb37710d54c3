"""What was acknowledged is still there after kill -9, a reboot, a lost file, an `up` that was cut short."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
from tests_of_local_stack import cache, connected, keep, kept, killed, main_servers_below, processes_of, state_of

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local.process_identity import ProcessIdentity
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.state_file import write_state

ROOT = Path(__file__).parents[3]


@pytest.fixture
def foreign() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is not ours."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("victim", ["postgres", "valkey", "gateway"])
async def test_up_recovers_whatever_was_killed_and_leaves_the_others_alone(
    broken_stack: LocalStack, victim: str
) -> None:
    before = await broken_stack.up()
    keep(broken_stack, f"before the {victim} was killed")
    expected = kept(broken_stack)
    processes = processes_of(broken_stack)
    await killed(processes[victim])
    after = await broken_stack.up()
    assert after.is_up
    assert kept(broken_stack) == expected
    assert after.credentials == before.credentials
    again = processes_of(broken_stack)
    assert {name for name in again if again[name] != processes[name]} == {victim}


async def test_up_recovers_all_three_killed_at_once_as_after_a_reboot(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    keep(broken_stack, "before all were killed")
    expected = kept(broken_stack)
    for process in processes_of(broken_stack).values():
        await killed(process)
    assert (await broken_stack.up()).is_up
    assert kept(broken_stack) == expected


async def test_a_killed_postmaster_with_a_session_still_open_does_not_stand_in_the_way(
    broken_stack: LocalStack,
) -> None:
    await broken_stack.up()
    with connected(broken_stack) as session:
        session.execute("SELECT 1")
        await killed(processes_of(broken_stack)["postgres"])
        assert (await broken_stack.up()).is_up


async def test_a_pid_that_now_belongs_to_somebody_else_is_not_signalled(
    broken_stack: LocalStack, foreign: subprocess.Popen[bytes]
) -> None:
    await broken_stack.up()
    for process in processes_of(broken_stack).values():
        await killed(process)
    state = state_of(broken_stack)
    stale = replace(processes_of(broken_stack)["postgres"], pid=foreign.pid)
    write_state(
        broken_stack.places.state_file,
        replace(
            state,
            postgres=replace(state.postgres, process=stale),
            valkey=replace(state.valkey, process=replace(stale, name="valkey-server")),
            gateway=replace(state.gateway, process=replace(stale, name="python")),
        ),
    )
    pid_file = broken_stack.places.postgres / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(foreign.pid), *lines[1:]]) + "\n")
    await broken_stack.down()
    assert foreign.poll() is None
    pid_file.write_text("\n".join([str(foreign.pid), *lines[1:]]) + "\n")
    assert (await broken_stack.up()).is_up
    assert foreign.poll() is None


async def test_another_postgresql_on_the_same_folder_is_named_and_left_alone(
    broken_stack: LocalStack, stack: LocalStack
) -> None:
    await broken_stack.up()
    await broken_stack.down()
    theirs = processes_of(stack)["postgres"]
    started = int(psutil.Process(theirs.pid).create_time())
    pid_file = broken_stack.places.postgres / "postmaster.pid"
    pid_file.write_text(f"{theirs.pid}\n{broken_stack.places.postgres}\n{started}\n")
    with pytest.raises(CouldNotRun, match=f"pid {theirs.pid}.*did not start it"):
        await broken_stack.up()
    assert theirs.is_alive
    pid_file.unlink()


async def test_a_lost_state_file_gives_new_passwords_and_the_same_data(broken_stack: LocalStack) -> None:
    before = await broken_stack.up()
    keep(broken_stack, "before the state was lost")
    expected = kept(broken_stack)
    old = processes_of(broken_stack)
    broken_stack.places.state_file.unlink()
    after = await broken_stack.up()
    assert after.credentials != before.credentials
    assert kept(broken_stack) == expected
    assert not any(process.is_alive for process in old.values())
    assert before.postgres.url is not None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(replace(before.postgres.url, port=state_of(broken_stack).postgres.port).reveal())


async def test_half_a_state_file_counts_as_lost(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    keep(broken_stack, "before the state was torn")
    expected = kept(broken_stack)
    text = broken_stack.places.state_file.read_text()
    broken_stack.places.state_file.write_text(text[: len(text) // 2])
    assert (await broken_stack.up()).is_up
    assert kept(broken_stack) == expected


async def test_down_stops_servers_that_no_state_file_knows(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    processes = processes_of(broken_stack)
    broken_stack.places.state_file.unlink()
    await broken_stack.down()
    assert not any(process.is_alive for process in processes.values())


async def test_data_taken_away_under_running_servers_is_made_anew(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    keep(broken_stack, "gone with the folders")
    shutil.rmtree(broken_stack.places.postgres)
    shutil.rmtree(broken_stack.places.valkey)
    assert (await broken_stack.up()).is_up
    keep(broken_stack, "new")
    assert kept(broken_stack) == ({"new"}, {"new"})


async def test_the_unfinished_folder_of_an_initdb_is_thrown_away(own_stack: LocalStack) -> None:
    unfinished = own_stack.places.postgres.with_name("postgres.new")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    own_stack.places.postgres.with_name("postgres.password").write_text("left over")
    assert (await own_stack.up()).is_up
    assert not list(own_stack.places.folder.glob("postgres.*[!e]"))


UP = "import asyncio, pathlib, sys; from soundcheck.stores.local.stack import LocalStack; " + (
    "asyncio.run(LocalStack(pathlib.Path(sys.argv[1])).up())"
)


@pytest.mark.parametrize("moment", ["postgres.new/PG_VERSION", "postgres/postmaster.pid"])
async def test_a_starter_killed_half_way_leaves_what_the_next_up_mends(
    own_stack: LocalStack, tmp_path: Path, moment: str
) -> None:
    folder = own_stack.places.folder
    starter = subprocess.Popen(
        [sys.executable, "-P", "-c", UP, str(folder)], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    while not (folder / moment).exists():
        assert starter.poll() is None
        await asyncio.sleep(0.001)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    assert (await own_stack.up()).is_up
    keep(own_stack, "works")
    assert kept(own_stack) == ({"works"}, {"works"})
    assert main_servers_below(tmp_path, "postgres") == [processes_of(own_stack)["postgres"].pid]
    assert main_servers_below(tmp_path, "valkey-server") == [processes_of(own_stack)["valkey"].pid]


@pytest.mark.parametrize("moment", ["postgres.new", "postgres/postmaster.pid"])
async def test_a_cancelled_up_ends_soon_and_the_next_one_goes_on(
    own_stack: LocalStack, tmp_path: Path, moment: str
) -> None:
    working = asyncio.create_task(own_stack.up())
    while not (own_stack.places.folder / moment).exists():
        await asyncio.sleep(0.001)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(working, 60)
    assert main_servers_below(tmp_path, "initdb") == []
    assert (await own_stack.up()).is_up
    keep(own_stack, "works")
    assert kept(own_stack) == ({"works"}, {"works"})


async def test_a_server_that_is_still_recovering_is_waited_for(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    with connected(broken_stack) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS much (id int, filler text)")
        connection.execute("INSERT INTO much SELECT n, repeat('x', 200) FROM generate_series(1, 50000) AS n")
    await killed(processes_of(broken_stack)["postgres"])
    started = asyncio.create_task(broken_stack.up())
    old = processes_of(broken_stack)["postgres"]
    # Recorded is not enough: until the new process has become PostgreSQL the next `up` rightly takes it for nobody.
    while (now := state_of(broken_stack).postgres.process) is None or now == old or not now.is_alive:
        await asyncio.sleep(0.001)
    started.cancel()
    with pytest.raises(asyncio.CancelledError):
        await started
    assert (await broken_stack.up()).is_up
    assert processes_of(broken_stack)["postgres"] == now
    with connected(broken_stack) as connection:
        assert connection.execute("SELECT count(*) FROM much").fetchone() == (50000,)


async def test_a_truncated_tail_of_the_cache_file_costs_only_the_tail(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    with cache(broken_stack) as client:
        client.set("kept:whole", "whole")
        client.set("kept:torn", "torn")
    await killed(processes_of(broken_stack)["valkey"])
    file = next(broken_stack.places.valkey.glob("appendonlydir/*.incr.aof"))
    with file.open("r+b") as tail:
        tail.truncate(file.stat().st_size - 5)
    assert (await broken_stack.up()).is_up
    with cache(broken_stack) as client:
        assert (client.get("kept:whole"), client.get("kept:torn")) == ("whole", None)


async def test_a_zombie_is_not_alive() -> None:
    process = subprocess.Popen(["sleep", "600"])
    identity = ProcessIdentity.of(process.pid)
    assert identity is not None
    assert identity.is_alive
    process.send_signal(signal.SIGKILL)
    end = time.monotonic() + 60
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
    assert not identity.is_alive
    assert not identity.send(signal.SIGTERM)
    process.wait()


async def test_a_process_is_not_signalled_under_another_name_or_start_time(
    foreign: subprocess.Popen[bytes],
) -> None:
    identity = ProcessIdentity.of(foreign.pid)
    assert identity is not None
    assert not replace(identity, name="postgres").send(signal.SIGKILL)
    assert not replace(identity, started="another boot:1").send(signal.SIGKILL)
    assert foreign.poll() is None
    assert identity.send(signal.SIGTERM)
    assert foreign.wait(10) == -signal.SIGTERM
