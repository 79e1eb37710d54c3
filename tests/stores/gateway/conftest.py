"""A Valkey and a gateway of these tests' own, which they may kill."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from soundcheck.stores.local.programs import find_valkey

ROOT = Path(__file__).parents[3]
TOKEN = "full-token-A7s"
READ_TOKEN = "read-token-Q2x"
PASSWORD = 'pass "word" é'
VERSION = "version-under-test"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Valkey:
    """One server process; `start` waits until it answers."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = next(find_valkey()).server
        quoted = PASSWORD.replace('"', '\\"')
        lines = ["bind 127.0.0.1", f"port {self.port}", f'requirepass "{quoted}"', "appendonly yes", 'save ""']
        lines += ["appendfsync always", f'dir "{self.folder}"']
        self.process = subprocess.Popen(
            [program, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.process.stdin as stdin, self.process.stdout as said:
            stdin.write("\n".join(lines).encode())
            stdin.close()
            assert any(b"Ready to accept connections" in line for line in said)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def direct(self) -> redis.Redis:
        """Past the gateway."""
        retry = Retry(NoBackoff(), 0)
        return redis.Redis(port=self.port, password=PASSWORD, protocol=2, retry=retry, socket_timeout=10)


@dataclass
class GatewayProcess:
    """The gateway as a child, as the local stack starts it."""

    configuration: dict[str, Any]
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.configuration['port']}"

    def client(self, token: str | None = TOKEN) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=30, verify=False)

    def stop(self) -> tuple[int, bytes, bytes]:
        """Its exit code, and what it said after `ready`."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


def configuration(redis_port: int, **changes: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": free_port(),
        "redis_host": "127.0.0.1",
        "redis_port": redis_port,
        "redis_password": PASSWORD,
        "token": TOKEN,
        "readonly_token": READ_TOKEN,
        "version": VERSION,
    } | changes


def _launch(settings: dict[str, Any] | str) -> subprocess.Popen[bytes]:
    """Start it and hand its configuration over, without waiting."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "soundcheck.stores.local.gateway"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdin is not None
    process.stdin.write((settings if isinstance(settings, str) else json.dumps(settings)).encode())
    process.stdin.close()
    process.stdin = None
    return process


def _start(redis_port: int, **changes: Any) -> GatewayProcess:
    settings = configuration(redis_port, **changes)
    process = _launch(settings)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return GatewayProcess(settings, process)


@pytest.fixture(scope="session")
def gateway_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """The Valkey behind the gateway of most tests; nobody kills this one."""
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def gateway(gateway_valkey: Valkey) -> Iterator[GatewayProcess]:
    """A running gateway."""
    process = _start(gateway_valkey.port)
    yield process
    code, out, err = process.stop()
    assert (code, out, err) == (0, b"", b"")


@pytest.fixture
def keys(gateway_valkey: Valkey) -> Iterator[redis.Redis]:
    """An empty keyspace with a key of each kind, seen past the gateway."""
    with gateway_valkey.direct() as client:
        client.flushall()
        client.config_set("notify-keyspace-events", "")
        client.set("s", "value")
        client.set("n", 5)
        client.set("bin", b"\xff\x00\xfe")
        client.rpush("l", "a", "b")
        client.hset("h", mapping={"f": "1"})
        client.zadd("z", {"a": 1.5})
        yield client


@pytest.fixture
def rest_client(gateway: GatewayProcess, keys: redis.Redis) -> Iterator[httpx.Client]:
    """HTTP with the full token, on the keyspace of `keys`."""
    with gateway.client() as client:
        yield client


@pytest.fixture
def read_client(gateway: GatewayProcess, keys: redis.Redis) -> Iterator[httpx.Client]:
    """HTTP with the read-only token."""
    with gateway.client(READ_TOKEN) as client:
        yield client


@pytest.fixture(scope="session")
def gateway_anonymous(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    """HTTP without any token."""
    with gateway.client(None) as client:
        yield client


@pytest.fixture
def make_valkey() -> type[Valkey]:
    """Makes a further server in a folder; the test starts and kills it."""
    return Valkey


@pytest.fixture
def launch() -> Callable[[dict[str, Any] | str], subprocess.Popen[bytes]]:
    """Starts the gateway's program without waiting for it."""
    return _launch


@pytest.fixture
def start_gateway() -> Iterator[Callable[..., GatewayProcess]]:
    """Starts further gateways, which end with the test."""
    started: list[GatewayProcess] = []

    def start(redis_port: int, **changes: Any) -> GatewayProcess:
        started.append(_start(redis_port, **changes))
        return started[-1]

    yield start
    for gateway in started:
        if gateway.process.poll() is None:
            gateway.stop()


@pytest.fixture
def valkey_of_its_own(tmp_path: Path, make_valkey: Any) -> Iterator[Any]:
    """A Valkey that the test may kill."""
    server = make_valkey(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def its_gateway(valkey_of_its_own: Any, start_gateway: Any) -> Any:
    """A gateway in front of it."""
    return start_gateway(valkey_of_its_own.port)
