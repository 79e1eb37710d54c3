"""Names to addresses, without ever holding the process."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from soundcheck.stores.resolver import Address, ResolveError, ResolveFailure, SystemResolver

ROOT = Path(__file__).parents[2]


async def test_a_number_and_localhost_resolve() -> None:
    assert [a.number for a in await SystemResolver().resolve("127.0.0.1")] == ["127.0.0.1"]
    assert "127.0.0.1" in [a.number for a in await SystemResolver().resolve("localhost")]


@pytest.mark.parametrize(
    ("host", "number", "is_ipv6"), [("127.0.0.1", "127.0.0.1", False), ("::1", "::1", True), ("0:0::2", "::2", True)]
)
async def test_a_number_asks_nobody(host: str, number: str, is_ipv6: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", pytest.fail)
    assert await SystemResolver().resolve(host, deadline=0) == (Address(number, is_ipv6),)


async def test_a_lookup_that_answers_nothing_ends_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    answer = threading.Event()

    def black_hole(*_: object, **__: object) -> list[object]:
        answer.wait(30)
        return []

    monkeypatch.setattr("socket.getaddrinfo", black_hole)
    with pytest.raises(ResolveError) as problem:
        await SystemResolver().resolve("db.example.org", deadline=0.05)
    answer.set()
    assert problem.value.failure is ResolveFailure.TIMEOUT


async def test_an_impossible_name_is_unknown() -> None:
    with pytest.raises(ResolveError) as problem:
        await SystemResolver().resolve("a..b." + "x" * 80)
    assert problem.value.failure is ResolveFailure.UNKNOWN_NAME


async def test_a_cancelled_lookup_is_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    answer, started = threading.Event(), threading.Event()

    def black_hole(*_: object, **__: object) -> list[object]:
        started.set()
        answer.wait(30)
        return []

    monkeypatch.setattr("socket.getaddrinfo", black_hole)
    task = asyncio.create_task(SystemResolver().resolve("db.example.org", deadline=60))
    await asyncio.to_thread(started.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)
    answer.set()


def test_leaving_does_not_wait_for_a_black_holed_lookup() -> None:
    code = (
        "import asyncio, socket, time\n"
        "socket.getaddrinfo = lambda *a, **k: time.sleep(60)\n"
        "from soundcheck.stores.resolver import SystemResolver, ResolveError\n"
        "async def main():\n"
        "    try: await SystemResolver().resolve('h', deadline=0.05)\n"
        "    except ResolveError as e: print(e.failure)\n"
        "asyncio.run(main())\n"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "timeout"
    assert time.monotonic() - began < 30  # the sleeping thread would have held it for 60 s
