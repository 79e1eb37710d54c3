"""Ports stay as they are; where somebody else sits on one, a new one is taken and told."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from tests_of_local_stack import keep, kept, killed, processes_of, state_of

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import ports
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.status import ServerState
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl


@contextmanager
def listening(port: int = 0) -> Iterator[int]:
    """A foreign server on a loopback port; where another test's server was quicker, that one is foreign enough.

    A server of several threads that was killed keeps its port until the last of them is gone, which is a moment
    after its process counts as ended: the port is waited for.
    """
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not bound_within(30, server, port):
            yield port
            return
        server.listen()
        yield server.getsockname()[1]


def bound_within(seconds: float, server: socket.socket, port: int) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            server.bind(("127.0.0.1", port))
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE or not port:
                raise
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        else:
            return True


async def test_taken_ports_are_left_to_their_owner_and_new_ones_are_told(broken_stack: LocalStack) -> None:
    before = await broken_stack.up()
    keep(broken_stack, "before the ports were taken")
    expected = kept(broken_stack)
    old = state_of(broken_stack)
    await broken_stack.down()
    with ExitStack() as foreign:
        for part in (old.postgres, old.valkey, old.gateway):
            foreign.enter_context(listening(part.port))
        down = await broken_stack.status()
        assert {down.postgres.state, down.redis.state, down.rest.state} == {ServerState.DOWN}
        after = await broken_stack.up()
        assert after.ports_changed
        assert after.is_up
    new = state_of(broken_stack)
    assert not {new.postgres.port, new.valkey.port, new.gateway.port} & {
        old.postgres.port,
        old.valkey.port,
        old.gateway.port,
    }
    assert kept(broken_stack) == expected
    assert before.postgres.url is not None
    assert not broken_stack.owns(before.postgres.url)
    assert broken_stack.was_ours(before.postgres.url)
    assert not (await broken_stack.up()).ports_changed


async def test_a_cache_on_another_port_gets_a_gateway_that_knows_it(broken_stack: LocalStack) -> None:
    await broken_stack.up()
    old = processes_of(broken_stack)
    port = state_of(broken_stack).valkey.port
    await killed(old["valkey"])
    with listening(port):
        after = await broken_stack.up()
    assert after.is_up
    assert state_of(broken_stack).valkey.port != port
    assert processes_of(broken_stack)["gateway"] != old["gateway"]
    assert processes_of(broken_stack)["postgres"] == old["postgres"]


async def test_a_port_taken_between_the_look_and_the_start_is_given_up(
    broken_stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broken_stack.up()
    for process in processes_of(broken_stack).values():
        await killed(process)
    state = state_of(broken_stack)
    choose = ports.choose
    deceived: set[int | None] = set()

    def hasty(preferred: int | None, avoid: object = ()) -> int:
        if preferred is not None and preferred in wanted and preferred not in deceived:
            deceived.add(preferred)
            return preferred
        return choose(preferred, avoid)  # type: ignore[arg-type]

    wanted = {state.postgres.port, state.gateway.port}
    monkeypatch.setattr(ports, "choose", hasty)
    with listening(state.postgres.port), listening(state.gateway.port):
        assert (await broken_stack.up()).is_up
    assert deceived == wanted


async def test_a_url_is_ours_by_loopback_host_and_port(stack: LocalStack) -> None:
    state = state_of(stack)
    url = PostgresUrl("soundcheck", Secret("x"), "127.0.0.1", state.postgres.port, "music_app")
    rest = RestUrl("http", "127.0.0.1", state.gateway.port)
    assert stack.owns(url)
    assert stack.owns(replace(url, host="localhost"))
    assert not stack.owns(replace(url, host="db.example"))
    assert not stack.owns(replace(url, port=None))
    assert not stack.was_ours(replace(url, port=1))
    assert stack.owns_rest(rest)
    assert not stack.owns_rest(replace(rest, port=state.valkey.port))
    assert not stack.owns_rest(replace(rest, host="name.upstash.io"))


def test_a_port_somebody_listens_on_is_not_free() -> None:
    with listening(ports.choose(None)) as port:  # none that the system would give to an outgoing connection meanwhile
        assert not ports.is_free(port)
        assert ports.answers(port)
        assert ports.choose(port) != port
    assert ports.is_free(port)
    assert ports.choose(port) == port
    assert ports.choose(port, {port}) != port


def test_no_free_port_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _: False)
    with pytest.raises(CouldNotRun, match="No free port"):
        ports.choose(None)
