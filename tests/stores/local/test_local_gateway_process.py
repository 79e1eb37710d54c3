"""The gateway that runs is the one that would be started now."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from tests_of_local_stack import processes_of, state_of

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import gateway_process
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.status import ServerState


async def test_a_gateway_of_another_version_is_replaced_on_the_same_port(
    broken_stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await broken_stack.up()
    old = processes_of(broken_stack)
    monkeypatch.setattr(gateway_process, "code_version", lambda: "another")
    assert (await broken_stack.status()).rest.state is ServerState.UP
    after = await broken_stack.up()
    new = processes_of(broken_stack)
    assert new["gateway"] != old["gateway"]
    assert not old["gateway"].is_alive
    assert (new["postgres"], new["valkey"]) == (old["postgres"], old["valkey"])
    assert after.credentials == before.credentials
    await broken_stack.up()
    assert processes_of(broken_stack) == new


def test_the_version_follows_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_gateway"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("first")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(gateway_process, "MODULE", "some_gateway")
    version = gateway_process.code_version.__wrapped__
    first = version()
    assert first == version()
    (package / "__main__.py").write_text("second")
    assert version() != first


async def test_a_gateway_that_ends_at_once_is_quoted(broken_stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    await broken_stack.up()
    monkeypatch.setattr(gateway_process, "configuration", lambda _: {"host": "0.0.0.0"})
    with pytest.raises(CouldNotRun, match="REST gateway did not start"):
        await broken_stack.up()
    status = await broken_stack.status()
    assert (status.postgres.state, status.redis.state, status.rest.state) == (
        ServerState.UP,
        ServerState.UP,
        ServerState.DOWN,
    )
    monkeypatch.undo()
    assert (await broken_stack.up()).is_up


async def test_without_the_gateway_s_module_the_two_servers_still_run(
    broken_stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broken_stack.down()
    monkeypatch.setattr(gateway_process, "code_version", lambda: None)
    said: list[str] = []
    status = await broken_stack.up(said.append)
    assert "The REST gateway is not part of this installation" in said
    assert (status.postgres.state, status.redis.state, status.rest.state) == (
        ServerState.UP,
        ServerState.UP,
        ServerState.ABSENT,
    )


async def test_several_ups_in_one_process_start_one_gateway(broken_stack: LocalStack) -> None:
    await broken_stack.down()
    statuses = await asyncio.gather(*(broken_stack.up() for _ in range(3)))
    assert len({status.rest.pid for status in statuses}) == 1
    assert state_of(broken_stack).gateway.process is not None


async def test_down_ends_with_a_subscriber_connected(broken_stack: LocalStack) -> None:
    status = await broken_stack.up()
    assert status.rest.url is not None
    assert status.rest.token is not None
    headers = {"Authorization": f"Bearer {status.rest.token.reveal()}"}
    async with (
        httpx.AsyncClient(base_url=str(status.rest.url), headers=headers, trust_env=False, timeout=30) as client,
        client.stream("POST", "/subscribe/chat") as response,
    ):
        chunks = response.aiter_raw()
        assert await anext(chunks) == b"data: subscribe,chat,1\n\n"
        await broken_stack.down()
        assert [chunk async for chunk in chunks] == []
    assert (await broken_stack.status()).rest.state is ServerState.DOWN
