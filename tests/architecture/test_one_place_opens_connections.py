"""Whatever opens a connection looks first whether the local stack's own process is at the other end, or is listed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens", "soundcheck")
LOOKS = {
    "stores/proven_stream.py": "streams",
    "stores/postgres/session_opening.py": "sessions of psycopg",
    "stores/upstash/transport.py": "requests over HTTP, where there is a local stack by the next",
    "stores/local/proven_transport.py": "requests over HTTP",
    "stores/cache/levels/resp_connection.py": "redis-py's connection, opened by proven_stream",
    "stores/local/valkey_server.py": "the stack's own Valkey, by its process",
    "stores/local/gateway/valkey.py": "the same, from the gateway",
    "stores/local/gateway/valkey_connection.py": "the same, from the gateway",
}
SENDS_NOTHING = {
    "stores/local/ports.py": "whether a port is free",
    "stores/local/listening_sockets.py": "asks the kernel",
    "stores/local/gateway/__main__.py": "listens",
}
KEEPS_IT_HERE = {"screens/app/parts/clipboard.py": "to the person's own clipboard"}
OPENS = {
    "asyncio": {"open_connection", "open_unix_connection"},
    "socket": {"socket", "create_connection", "socketpair"},
    "psycopg": {"connect", "AsyncConnection", "Connection"},
    "psycopg2": {"connect"},
    "psycopg_pool": {"AsyncConnectionPool", "ConnectionPool"},
    "asyncpg": {"connect", "create_pool"},
    "httpx": {
        "AsyncClient", "Client", "AsyncHTTPTransport", "HTTPTransport", "get", "post", "put", "request", "stream",
    },
    "httpcore": {"AsyncConnectionPool", "ConnectionPool", "AsyncHTTPConnection", "HTTPConnection", "request"},
    "redis": {"Redis", "StrictRedis", "from_url", "Connection", "ConnectionPool"},
    "redis.connection": {"AbstractConnection", "Connection", "SSLConnection", "UnixDomainSocketConnection"},
    "redis.asyncio.connection": {"AbstractConnection", "Connection", "SSLConnection", "UnixDomainSocketConnection"},
    "redis.asyncio": {"Redis", "StrictRedis", "from_url", "Connection", "ConnectionPool"},
    "urllib.request": {"urlopen", "urlretrieve", "build_opener"},
    "http.client": {"HTTPConnection", "HTTPSConnection"},
    "upstash_redis": {"Redis"},
    "smtplib": {"SMTP"},
    "telnetlib": {"Telnet"},
}  # fmt: skip
OF_ANY_OBJECT = {
    "create_connection",
    "create_unix_connection",
    "create_datagram_endpoint",
    "sock_connect",
    "connect_ex",
}


def opens(source: str) -> list[str]:
    """What in a module opens a connection, under whatever name it was imported, by calling or by inheriting."""
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {
                one.asname or one.name.partition(".")[0]: one.name if one.asname else one.name.partition(".")[0]
                for one in node.names
            }
        elif isinstance(node, ast.ImportFrom):
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = [node.func]
            if any(keyword.arg == "transport" for keyword in node.keywords):
                continue  # a client over a transport that somebody else made
        elif isinstance(node, ast.ClassDef):
            called = node.bases
        else:
            continue
        found += [name for one in called if (name := _opener(ast.unparse(one), names))]
    return found


def _opener(spelled: str, names: dict[str, str]) -> str:
    """The whole name where it opens something: `s.socket` after `import socket as s` is `socket.socket`."""
    first, _, rest = spelled.partition(".")
    whole = f"{names[first]}.{rest}".strip(".") if first in names else ""
    for module, callables in OPENS.items():
        if whole.startswith(f"{module}.") and whole.removeprefix(f"{module}.").partition(".")[0] in callables:
            return whole
    return spelled if "." in spelled and spelled.rpartition(".")[2] in OF_ANY_OBJECT else ""


def test_nobody_else_opens_a_connection() -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "prisma_client" not in path.parts]
    found = {path.relative_to(ROOT).as_posix() for path in modules if opens(path.read_text("utf-8"))}
    assert found == {*LOOKS, *SENDS_NOTHING}  # the backend's own drivers are started by interpreter_child, which looks


def test_each_of_them_looks() -> None:
    for module in LOOKS:
        text = (ROOT / module).read_text("utf-8")
        assert any(
            f"{guard}(" in text for guard in ("refuse_stranger", "proven", "open_proven", "listens", "ProvenTransport")
        ), module


def test_what_starts_a_program_with_secrets_looks() -> None:
    """Whoever reveals a secret and starts a program, or hands it to one on its input, looks where it will be sent."""
    starters = ("programs.starting import", "programs.conversation import")
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            text = path.read_text("utf-8")
            if any(word in text for word in starters) and ".reveal()" in text:
                name = path.relative_to(ROOT).as_posix()
                assert name in KEEPS_IT_HERE or "refuse_stranger" in text, name


@pytest.mark.parametrize(
    "line",
    [
        "import asyncio\nasyncio.open_connection('h', 1)",
        "from asyncio import open_connection as to\nto('h', 1)",
        "import socket as s\ns.create_connection(('h', 1))",
        "import psycopg\npsycopg.AsyncConnection.connect('')",
        "from psycopg import AsyncConnection\nAsyncConnection.connect('')",
        "import httpx\nhttpx.AsyncClient()",
        "import httpx\nhttpx.post('http://h')",
        "from redis.asyncio import Connection\nclass Mine(Connection): ...",
        "import urllib.request\nurllib.request.urlopen('http://h')",
        "from urllib.request import urlopen\nurlopen('http://h')",
        "loop.create_connection(factory, 'h', 1)",
    ],
)
def test_the_test_sees_what_opens(line: str) -> None:
    assert opens(line)
    assert not opens(line.rpartition("\n")[0])
