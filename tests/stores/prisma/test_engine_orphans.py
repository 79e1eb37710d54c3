"""A client may be killed at any moment: its engine goes with it, also where it had hardly begun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from generated_client import SCHEMA

from soundcheck.stores.local import ports
from soundcheck.stores.prisma.query_engine import QueryEngine

DEADLINE = 60.0

CLIENT = """
import subprocess, sys, time, urllib.request

# As Prisma's client does it: start the engine, then ask until it answers.
engine = subprocess.Popen([*sys.argv[1:], "--enable-metrics", "--enable-raw-queries"], preexec_fn=lambda: None)
print(engine.pid, flush=True)
while True:
    try:
        print(urllib.request.urlopen(f"http://localhost:{sys.argv[3]}/status").status, flush=True)
    except OSError:
        time.sleep(0.1)
"""


@pytest.fixture
def environ() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PRISMA_DML_PATH": str(SCHEMA),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }


def is_gone(pid: int, port: int) -> bool:
    """Whether no engine for this port runs under the pid, which may have another owner by now."""
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or str(port) not in process.cmdline()
    except psutil.NoSuchProcess:
        return True


def wait_until(there: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE
    while not there():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def test_no_engine_outlives_a_client_killed_while_it_starts(query_engine: QueryEngine, environ: dict[str, str]) -> None:
    engines: list[tuple[int, int]] = []
    for milliseconds in (0, 0, 0, 5, 10, 20, 30, 45, 60, 80, 100, 130, 160, 200):
        port = ports.choose(None, [port for _, port in engines])
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(query_engine.launcher), "-p", str(port)],
            env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert client.stdout is not None
        engines.append((int(client.stdout.readline()), port))
        time.sleep(milliseconds / 1000)  # the moment of the blow is what is tested
        client.kill()
        client.communicate()
    try:
        wait_until(lambda: all(is_gone(*engine) for engine in engines), "every engine is gone")
    finally:
        for pid, port in engines:
            if not is_gone(pid, port):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def orphan(query_engine: QueryEngine, environ: dict[str, str], tmp_path: Path) -> Iterator[tuple[int, int]]:
    """An engine whose client was gone before the launcher's first step: its pid and port."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    port = ports.choose(None)
    script = '{ read -r _ < "$2"; exec "$0" -p "$1"; } > /dev/null 2>&1 & echo $!'
    client = subprocess.run(
        ["/bin/sh", "-c", script, str(query_engine.launcher), str(port), str(gate)],
        env=environ, stdout=subprocess.PIPE, text=True, check=True, start_new_session=True,
    )  # fmt: skip
    pid = int(client.stdout)
    gate.write_text("go\n")
    yield pid, port
    if not is_gone(pid, port):
        os.kill(pid, signal.SIGKILL)


def test_an_engine_that_never_saw_its_client_alive_ends(orphan: tuple[int, int]) -> None:
    wait_until(lambda: is_gone(*orphan), "the engine without a client is gone")


def test_an_engine_with_an_unusual_parent_serves_a_client_that_asks(
    query_engine: QueryEngine, environ: dict[str, str]
) -> None:
    """A client in another process group than its engine is one all the same; longer than a stranger's time."""
    port = ports.choose(None)
    script = "import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])"
    engine = subprocess.Popen(
        [sys.executable, "-c", script, str(query_engine.launcher), "-p", str(port)],
        env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert engine.stderr is not None
        assert "Can't reach the database" in engine.stderr.readline()
        import httpx

        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                httpx.get(f"http://localhost:{port}/status", trust_env=False, timeout=DEADLINE)
            except httpx.ConnectError:
                assert engine.poll() is None
        assert engine.poll() is None
    finally:
        engine.kill()
        engine.communicate()
