"""A stack that is up: started once, reachable from this machine alone, and telling its secrets to nobody."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tests_of_local_stack import connected, main_servers_below, pids, processes_of, servers_below, state_of

from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.status import LocalStatus, ServerState, postgres_url
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret

ROOT = Path(__file__).parents[3]


def secrets_of(stack: LocalStack) -> list[str]:
    state = state_of(stack)
    return [
        secret.reveal()
        for secret in (
            state.postgres.password,
            state.postgres.superuser_password,
            state.valkey.password,
            state.gateway.token,
            state.gateway.readonly_token,
        )
    ]


async def test_a_second_up_starts_nothing(stack: LocalStack) -> None:
    first = await stack.status()
    said: list[str] = []
    again = await stack.up(said.append)
    assert again.is_up
    assert pids(again) == pids(first)
    assert not again.ports_changed
    assert not again.started
    assert said == []


async def test_four_processes_at_once_start_one_of_each(own_stack: LocalStack, tmp_path: Path) -> None:
    code = (
        "import asyncio, pathlib, sys\n"
        "from soundcheck.stores.local.stack import LocalStack\n"
        "status = asyncio.run(LocalStack(pathlib.Path(sys.argv[1])).up())\n"
        "print(status.postgres.pid, status.redis.pid, status.rest.pid)\n"
    )
    command = [sys.executable, "-P", "-c", code, str(own_stack.places.folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    starters = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) for _ in range(4)]
    answers = [(await asyncio.to_thread(starter.communicate))[0] for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0, 0]
    assert len(set(answers)) == 1
    assert " ".join(map(str, pids(await own_stack.status()))) == answers[0].strip()
    assert len(main_servers_below(tmp_path, "postgres")) == 1


async def test_the_database_url_works_and_its_role_is_no_superuser(stack: LocalStack) -> None:
    with connected(stack) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, pg_get_userbyid(datdba) = current_user, datcollate,"
            " pg_encoding_to_char(encoding), current_setting('max_connections') FROM pg_roles, pg_database"
            " WHERE rolname = current_user AND datname = current_database()"
        ).fetchone()
    assert row == (False, True, True, "C", "UTF8", "120")


async def test_both_database_urls_are_the_same_and_say_that_there_is_no_tls(stack: LocalStack) -> None:
    credentials = stack.credentials()
    assert credentials is not None
    assert credentials.is_complete
    assert credentials.database_url == credentials.direct_url
    assert credentials.database_url is not None
    assert credentials.database_url.param("sslmode") == "disable"


async def test_a_wrong_database_password_is_refused(stack: LocalStack) -> None:
    url = replace(postgres_url(state_of(stack)), password=Secret("wrong"))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.reveal())


@pytest.mark.parametrize("password", [None, "wrong"])
async def test_valkey_refuses_whoever_has_no_password(stack: LocalStack, password: str | None) -> None:
    once = Retry(NoBackoff(), 0)
    with redis.Redis(port=state_of(stack).valkey.port, password=password, retry=once) as client:
        with pytest.raises(redis.AuthenticationError):
            client.ping()


async def test_the_gateway_answers_to_its_token_alone(stack: LocalStack) -> None:
    status = await stack.status()
    assert status.rest.token is not None
    async with httpx.AsyncClient(base_url=str(status.rest.url), trust_env=False) as client:
        right = await client.post("/", json=["PING"], headers={"Authorization": f"Bearer {status.rest.token.reveal()}"})
        wrong = await client.post("/", json=["PING"], headers={"Authorization": "Bearer wrong"})
    assert (right.status_code, right.json()) == (200, {"result": "PONG"})
    assert wrong.status_code == 401


async def test_every_server_listens_on_loopback_alone(stack: LocalStack) -> None:
    state = state_of(stack)
    listening = {}
    for name, process in processes_of(stack).items():
        sockets = psutil.Process(process.pid).net_connections("all")
        listening[name] = [s.laddr for s in sockets if s.status == psutil.CONN_LISTEN]
        assert not [s for s in sockets if s.family.name == "AF_UNIX" and s.laddr], name
    assert {name: [tuple(a) for a in addresses] for name, addresses in listening.items()} == {
        "postgres": [("127.0.0.1", state.postgres.port)],
        "valkey": [("127.0.0.1", state.valkey.port)],
        "gateway": [("127.0.0.1", state.gateway.port)],
    }


async def test_no_secret_is_on_a_command_line_in_an_environment_or_in_what_is_said(
    own_stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:cloud-secret@db.example/x")
    monkeypatch.setenv("PGPASSWORD", "cloud-secret")
    seen: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.002):
            for process in psutil.Process().children(recursive=True):
                try:
                    seen.add(" ".join(process.cmdline()))
                except psutil.Error:
                    continue

    watcher = threading.Thread(target=watch)
    said: list[str] = []
    watcher.start()
    try:
        await own_stack.up(said.append)
    finally:
        done.set()
        watcher.join()
    for process in servers_below(own_stack.places.folder):
        with suppress(psutil.NoSuchProcess):  # a session's server that has just ended
            seen.add(" ".join(process.cmdline()))
            seen.add(" ".join(f"{k}={v}" for k, v in process.environ().items()))
    assert any("PostgreSQL 18" in line and "answers" in line for line in said)
    assert any("Valkey 9" in line and "answers" in line for line in said)
    assert any("initdb" in line for line in seen)
    assert any("valkey-server" in line for line in seen)
    assert any("soundcheck.stores.local.gateway" in line for line in seen)
    for secret in [*secrets_of(own_stack), "cloud-secret"]:
        assert not [line for line in [*seen, *said] if secret in line]


async def test_files_are_for_the_owner_alone_and_only_the_state_file_holds_secrets(own_stack: LocalStack) -> None:
    """In a stack of its own: tests of foreign tables keep a password in the database of the shared one."""
    stack, places = own_stack, own_stack.places
    await stack.up()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (places.state_file, *places.logs.iterdir())}
    assert modes == dict.fromkeys(modes, 0o600)
    assert {stat.S_IMODE(f.stat().st_mode) for f in (places.folder, places.postgres, places.valkey)} == {0o700}
    secrets = [secret.encode() for secret in secrets_of(stack)]
    holding = {
        path.name
        for path in places.folder.rglob("*")
        if path.is_file() and any(secret in path.read_bytes() for secret in secrets)
    }
    assert holding == {"state.json"}


async def test_servers_inherit_nothing_of_ours_but_their_life_lock(broken_stack: LocalStack, tmp_path: Path) -> None:
    ours = (tmp_path / "a file of ours").open("w")
    os.set_inheritable(ours.fileno(), True)
    await broken_stack.down()
    with ours:
        await broken_stack.up()
    for name, process in processes_of(broken_stack).items():
        open_files = {file.path for file in psutil.Process(process.pid).open_files()}
        assert str(broken_stack.places.life(name)) in open_files
        assert str(broken_stack.places.startup_lock) not in open_files
        assert ours.name not in open_files
        assert os.getsid(process.pid) == process.pid != os.getsid(0)


async def test_servers_outlive_their_starter_and_leave_no_zombie_when_it_lives_on(broken_stack: LocalStack) -> None:
    await broken_stack.down()
    await broken_stack.up()
    started = [psutil.Process(process.pid) for process in processes_of(broken_stack).values()]
    await broken_stack.down()
    psutil.wait_procs(started, timeout=60)
    assert not [p for p in started if p.is_running()]
    assert not [c for c in psutil.Process().children() if c.status() == psutil.STATUS_ZOMBIE]


async def test_down_keeps_the_data_and_the_addresses_and_may_be_repeated(broken_stack: LocalStack) -> None:
    before = await broken_stack.up()
    with connected(broken_stack) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS stays (id int)")
    await broken_stack.down()
    await broken_stack.down()
    down = await broken_stack.status()
    assert {down.postgres.state, down.redis.state, down.rest.state} == {ServerState.DOWN}
    assert pids(down) == (None, None, None)
    after = await broken_stack.up()
    assert after.credentials == before.credentials
    with connected(broken_stack) as connection:
        connection.execute("SELECT id FROM stays")


async def test_a_stack_that_was_never_set_up_is_absent_and_asking_makes_nothing(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path / "local")
    assert await stack.status() == LocalStatus(tmp_path / "local")
    assert stack.credentials() is None
    assert not stack.owns(PostgresUrl.parse("postgresql://soundcheck:x@127.0.0.1:5432/music_app"))
    await stack.down()
    await stack.reset()
    assert not (tmp_path / "local").exists()


async def test_reset_empties_both_stores_and_keeps_the_credentials(broken_stack: LocalStack) -> None:
    before = await broken_stack.up()
    with connected(broken_stack) as connection:
        connection.execute("CREATE TABLE goes (id int)")
    await broken_stack.reset()
    assert (await broken_stack.status()).postgres.state is ServerState.ABSENT
    assert not broken_stack.places.postgres.exists()
    assert not broken_stack.places.valkey.exists()
    after = await broken_stack.up()
    assert after.credentials == before.credentials
    with connected(broken_stack) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT id FROM goes")


async def test_it_runs_on_uvloop_too(broken_stack: LocalStack) -> None:
    uvloop = pytest.importorskip("uvloop")
    await broken_stack.down()

    def up() -> LocalStatus:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(broken_stack.up())

    assert (await asyncio.to_thread(up)).is_up
