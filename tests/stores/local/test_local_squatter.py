"""While the stack is down another program may sit on its ports: nothing is ever sent to it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from tests_of_local_stack import killed, processes_of, run_aside, state_of

from soundcheck.stores.backend.interpreter_child import ask_interpreter
from soundcheck.stores.cache.levels.resp_address import RespAddress
from soundcheck.stores.cache.levels.resp_level import RespLevel
from soundcheck.stores.cache.levels.rest_level import RestLevel
from soundcheck.stores.cache.levels.shared_level import LevelFault
from soundcheck.stores.cache.measured.monitored import monitor
from soundcheck.stores.local import listening, listening_sockets, valkey_server
from soundcheck.stores.local.listening import listens
from soundcheck.stores.local.ownership import refuse_stranger, refuse_strangers
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.state_file import read_state, write_state
from soundcheck.stores.local.status import ServerState, credentials_of
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.failures import FailureCode, PrismaFailure
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.probe.resp import probe_resp
from soundcheck.stores.project.trust import trust_given
from soundcheck.stores.resolver import Address, SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.stranger import Stranger
from soundcheck.stores.upstash.reply import TransportFailure
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.probing import probe_postgres, probe_rest
from tests.squatter import Squatter, squatting


@dataclass(frozen=True)
class Left:
    """A stack of the home in use that is down, and what an env file of its time names."""

    stack: LocalStack
    url: PostgresUrl
    rest: RestUrl
    token: Secret
    redis: RespAddress

    @property
    def ports(self) -> tuple[int, int, int]:
        return self.url.port or 0, self.redis.port, self.rest.effective_port


@pytest.fixture(scope="module")
def sc_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("squatted")


def left(stack: LocalStack) -> Left:
    state = state_of(stack)
    known = credentials_of(state)
    assert known.database_url is not None
    assert known.rest_url is not None
    assert known.rest_token is not None
    redis = RespAddress("127.0.0.1", state.valkey.port, state.valkey.password, tls=False)
    return Left(stack, known.database_url, known.rest_url, known.rest_token, redis)


@pytest.fixture(scope="module", params=["down", "moved"])
def old(request: pytest.FixtureRequest, sc_home: Path) -> Iterator[Left]:
    """Both ways to lose the ports: stopped, and moved to others because a stranger sat on them at the next `up`."""
    stack = LocalStack(sc_home / "projects" / request.param / "local")
    run_aside(stack.up())
    before = left(stack)
    run_aside(stack.down())
    if request.param == "moved":
        with squatting(*before.ports) as squatters:
            run_aside(stack.up())
            assert not set(before.ports) & state_of(stack).ports
            assert b"".join(squatter.heard for squatter in squatters) == b""
    yield before
    run_aside(stack.down())


@pytest.fixture
def at_home(sc_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUNDCHECK_HOME", str(sc_home))


@pytest.fixture
def squatters(old: Left, at_home: None) -> Iterator[list[Squatter]]:
    with squatting(*old.ports) as found:
        yield found


class _Localhost(SystemResolver):
    """`localhost` with both of its numbers, whatever this machine says."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        if host == "localhost":
            return Address("::1", is_ipv6=True), Address("127.0.0.1")
        return await super().resolve(host, deadline=deadline)


async def a_query(old: Left, host: str) -> None:
    database = Database(replace(old.url, host=host), _Localhost())
    with pytest.raises(DatabaseProblem, match="its server does not run there; nothing was sent") as problem:
        await database.fetch("SELECT 1")
    assert problem.value.trouble is Trouble.UNREACHABLE
    assert "soundcheck local up" in problem.value.hint


async def the_database_probe(old: Left, host: str) -> None:
    layers = await probe_postgres(replace(old.url, host=host), _Localhost())
    assert [layer.code for layer in layers if layer.code][:1] == ["not_ours"]


async def the_cache_probe(old: Left, host: str) -> None:
    layers = await probe_rest(replace(old.rest, host=host), old.token, _Localhost())
    assert [layer.code for layer in layers if layer.code][:1] == ["not_ours"]


async def a_command(old: Left, host: str) -> None:
    client = RestClient(replace(old.rest, host=host), old.token, resolver=_Localhost())
    reply = await client.command("PING")
    await client.close()
    assert (reply.failure, client.commands_used) == (TransportFailure.NOT_OURS, 0)


async def a_read_over_rest(old: Left, host: str) -> None:
    level = RestLevel(replace(old.rest, host=host), old.token, resolver=_Localhost())
    assert isinstance(await level.read(["key"], deadline=30), LevelFault)
    await level.close()


async def a_read_over_resp(old: Left, host: str) -> None:
    level = RespLevel(replace(old.redis, host=host), resolver=_Localhost())
    assert isinstance(await level.read(["key"], deadline=30), LevelFault)
    await level.close()


async def monitoring(old: Left, host: str) -> None:
    seen = await monitor(replace(old.rest, host=host), old.token, _Localhost(), [], seconds=0.1)
    assert seen.problem


async def a_schema_engine(old: Left, host: str) -> None:
    engine = PrismaEngine(Path("/nowhere"), find_node())
    with pytest.raises(PrismaFailure) as failure:
        await engine.server_version(replace(old.url, host=host))
    assert failure.value.code is FailureCode.NOT_OURS


async def the_question_whether_resp_is_spoken(old: Left, host: str) -> None:
    facts = await probe_resp(host, old.token, _Localhost(), port=old.rest.effective_port)
    assert facts["code"] == "not_ours"


async def the_backends_interpreter(old: Left, host: str) -> None:
    for environ in told_by_environment(old, host):
        asked = await ask_interpreter(
            Path("/bin/sh"),
            b"echo started",
            trusted=trust_given([]),
            folder=Path("/"),
            environ=environ,
            deadline=60,
            secrets=[],
        )
        assert (asked.told, asked.code) == (None, "not_started")
        assert "nothing was sent" in asked.text


def told_by_environment(old: Left, host: str) -> list[dict[str, str]]:
    """How a program may be told each of the three addresses."""
    redis = f"redis://:{old.redis.password.reveal()}@{host}:{old.redis.port}/0"
    rest = str(replace(old.rest, host=host))
    return [
        {"DATABASE_URL": replace(old.url, host=host).reveal()},
        {"OWN_NAME": replace(old.url, host=host).reveal().replace("postgresql:", "postgres:")},
        {"REDIS_URL": redis},
        {"UPSTASH_REDIS_REST_URL": rest, "UPSTASH_REDIS_REST_TOKEN": old.token.reveal()},
    ]


async def a_program_of_the_persons(old: Left, host: str) -> None:
    for environ in told_by_environment(old, host):
        with pytest.raises(Stranger):
            refuse_strangers(environ.values())
    refuse_strangers([f"http://{host}:1", "redis://:x@192.0.2.1:6379", "http://[", "postgresql://u:p@h:x/d", ""])


WAYS: list[Callable[[Left, str], Awaitable[None]]] = [
    a_query,
    the_database_probe,
    the_cache_probe,
    a_command,
    a_read_over_rest,
    a_read_over_resp,
    monitoring,
    a_schema_engine,
    the_question_whether_resp_is_spoken,
    the_backends_interpreter,
    a_program_of_the_persons,
]


@pytest.mark.usefixtures("engine_folder")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_a_stranger_on_the_ports_hears_nothing(
    old: Left, squatters: list[Squatter], way: Callable[[Left, str], Awaitable[None]], host: str
) -> None:
    await way(old, host)
    assert [squatter.heard for squatter in squatters] == [b"", b"", b""]


async def test_looking_at_a_stack_that_was_killed_tells_a_stranger_nothing(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    before = left(broken_stack)
    for process in processes_of(broken_stack).values():
        await killed(process)
    with squatting(*before.ports) as squatters:
        status = await broken_stack.status()
        assert {status.postgres.state, status.redis.state, status.rest.state} == {ServerState.DOWN}
        assert (await broken_stack.up()).ports_changed
        await broken_stack.down()
        assert [squatter.heard for squatter in squatters] == [b"", b"", b""]


async def test_the_gateway_keeps_the_password_from_a_stranger_in_valkeys_place(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    before = left(broken_stack)
    await killed(processes_of(broken_stack)["valkey"])
    with squatting(before.redis.port) as (squatter,):
        client = RestClient(before.rest, before.token)
        for words in (("PING",), ("GET", "key")):
            assert "another program answers on its port" in (await client.command(*words)).error
        await client.close()
        seen = await monitor(before.rest, before.token, SystemResolver(), [], seconds=0.1)
        assert seen.problem
        headers = {"Authorization": f"Bearer {before.token.reveal()}", "Accept": "text/event-stream"}
        async with httpx.AsyncClient(base_url=str(before.rest), trust_env=False, headers=headers) as browser:
            for path in ("/ping", "/subscribe/channel", "/monitor"):
                assert "another program answers on its port" in (await browser.get(path)).text, path
        assert squatter.heard == b""


async def test_valkeys_password_is_for_the_process_alone_that_was_started(stack: LocalStack) -> None:
    state = state_of(stack).valkey
    assert await valkey_server.ask(state.process, state.port, state.password, "PING") == "+PONG"
    with squatting() as (squatter,), pytest.raises(ConnectionRefusedError):
        await valkey_server.ask(state.process, squatter.port, state.password, "PING")
    assert squatter.heard == b""


async def test_a_running_stack_is_served_and_foreign_servers_are_none_of_our_business(
    sc_home: Path, at_home: None
) -> None:
    stack = LocalStack(sc_home / "projects" / "running" / "local")
    await stack.up()
    try:
        now = left(stack)
        for port, secret in zip(now.ports, (now.url.password, now.redis.password, now.token), strict=True):
            refuse_stranger("127.0.0.1", port, secret)
            refuse_stranger("localhost", port, secret)
            for elsewhere in ("::1", "127.0.0.2", "0.0.0.0", "::ffff:127.0.0.1"):
                with pytest.raises(Stranger):
                    refuse_stranger(elsewhere, port, secret)
            refuse_stranger("192.0.2.1", port, secret)
        with squatting() as (foreign,):
            refuse_stranger("127.0.0.1", foreign.port, now.token)
    finally:
        await stack.down()


async def test_a_port_that_the_stack_left_is_free_for_other_secrets(old: Left, at_home: None) -> None:
    if old.stack.owns(old.url):
        pytest.skip("it has not moved")
    with squatting(old.ports[0]):
        refuse_stranger("127.0.0.1", old.ports[0], Secret("somebody else's"))
        with pytest.raises(Stranger):
            refuse_stranger("127.0.0.1", old.ports[0], old.url.password)


@pytest.mark.parametrize("asks", ["cleartext", "md5", "trust"])
@pytest.mark.parametrize("way", ["query", "probe", "schema engine"])
async def test_postgresql_gets_no_password_but_by_scram(
    old: Left,
    at_home: None,
    engine_folder: Path,
    way: str,
    asks: str,
) -> None:
    """On a port that no stack ever had: the process is nobody's, and the password is ours."""
    with squatting(asks=asks) as (squatter,):
        url = replace(old.url, port=squatter.port)
        if way == "query":
            with pytest.raises(DatabaseProblem, match="is not the local stack's PostgreSQL"):
                await Database(url, SystemResolver()).fetch("SELECT 'a value'")
        elif way == "probe":
            codes = [layer.code for layer in await probe_postgres(url, SystemResolver())]
            assert "not_ours" in codes
        else:
            with pytest.raises(PrismaFailure) as failure:
                await PrismaEngine(engine_folder, find_node()).server_version(url)
            assert failure.value.code is FailureCode.NOT_OURS
        assert squatter.heard
        password = (old.url.password or Secret("")).reveal().encode()
        assert not [secret for secret in (password, b"md5", b"SELECT", b"a value") if secret in squatter.heard]


def test_ports_that_were_left_are_remembered(old: Left) -> None:
    state = read_state(old.stack.places.state_file)
    assert state is not None
    moved = set(old.ports) - state.ports
    assert set(state.former_ports) == moved
    write_state(old.stack.places.state_file, state)
    assert read_state(old.stack.places.state_file) == state


async def test_the_kernel_tells_the_same_in_both_ways(stack: LocalStack) -> None:
    state = state_of(stack)
    for port in state.ports:
        over_netlink = listening_sockets.listening_socket("127.0.0.1", port)
        assert over_netlink is not None
        assert over_netlink == listening_sockets._in_table("127.0.0.1", port)
    for nobody in ("127.0.0.2", "0.0.0.0"):
        assert listening_sockets.listening_socket(nobody, state.valkey.port) is None
        assert listening_sockets._in_table(nobody, state.valkey.port) is None


def _raising(problem: Exception) -> Callable[..., None]:
    def call(*_: object) -> None:
        raise problem

    return call


async def test_where_sockets_cannot_be_seen_their_user_decides(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for root in a container, whose PostgreSQL runs as nobody."""
    state = state_of(stack).valkey
    monkeypatch.setattr(listening.os, "scandir", _raising(PermissionError()))
    assert listens(state.process, state.port)
    assert not listens(state.process, 1)
    monkeypatch.setattr(listening.psutil.Process, "uids", lambda _: type("Uids", (), {"effective": os.getuid() + 1}))
    assert not listens(state.process, state.port)


async def test_a_system_without_proc_is_asked_through_psutil(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As macOS, which may deny the answer: then the process itself, by pid and start time, is all there is."""
    state = state_of(stack).valkey
    monkeypatch.setattr(listening.sys, "platform", "darwin")
    with squatting() as (squatter,):
        assert listens(state.process, state.port)
        assert not listens(state.process, squatter.port)
        monkeypatch.setattr(listening.psutil.Process, "net_connections", _raising(listening.psutil.AccessDenied()))
        assert listens(state.process, squatter.port)
        assert state.process is not None
        assert not listens(replace(state.process, started="another"), squatter.port)
