"""The query engine as a process: how it is installed, what its environment tells it, that it never stays behind."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import psutil
import pytest
from engine_fixture import run_aside
from generated_client import SCHEMA

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import ports
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.settings import node_settings
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.node import Node, NodeOrigin, find_node
from soundcheck.stores.prisma.query_engine import BINARY_VARIABLE, EXPECTED_VERSION, QueryEngine
from soundcheck.stores.secret import Secret

DEADLINE = 60.0


def _until(there: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if found := there():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {DEADLINE:g} s: {what}")


def _engines_of(process: int) -> list[psutil.Process]:
    try:
        children = psutil.Process(process).children(recursive=True)
        return [child for child in children if any("main.mjs" in word for word in child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def _is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@contextmanager
def _program(text: str, package: ModuleType, url: PostgresUrl, engine: QueryEngine) -> Iterator[subprocess.Popen[str]]:
    """A backend of its own: `text` with `db`, a client that is not connected yet."""
    head = f"import asyncio, sys\nfrom {package.__name__} import Prisma\ndb = Prisma()\n"
    folder = str(Path(package.__file__ or "").parents[1])
    environ = {**os.environ, **engine.environ(), "DATABASE_URL": url.reveal(), "PYTHONPATH": folder}
    process = subprocess.Popen(
        [sys.executable, "-c", head + text], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def _engine(engine: QueryEngine, url: str, **environ: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The engine as a client starts it, and its address."""
    port = ports.choose(None)  # none that the system could give to somebody else before the engine listens
    process = subprocess.Popen(
        [str(engine.launcher), "-p", str(port), "--enable-metrics", "--enable-raw-queries"],
        env={"PATH": os.environ["PATH"], "PRISMA_DML_PATH": str(SCHEMA), "DATABASE_URL": url, **environ},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process, f"http://localhost:{port}"
    finally:
        process.kill()
        process.communicate()


def _ask(address: str, path: str, method: str = "GET", **how: Any) -> httpx.Response:
    def once() -> httpx.Response | None:
        try:
            return httpx.request(method, address + path, trust_env=False, timeout=DEADLINE, **how)
        except httpx.ConnectError:
            return None

    answer: httpx.Response = _until(once, "an answer")
    return answer


def test_it_says_the_version_that_the_client_expects_without_starting_node(query_engine: QueryEngine) -> None:
    from prisma._config import DefaultConfig

    assert DefaultConfig().expected_engine_version == EXPECTED_VERSION
    said = subprocess.run([str(query_engine.launcher), "--version"], capture_output=True, text=True, env={}, check=True)
    assert said.stdout == f"query-engine {EXPECTED_VERSION}\n"


def test_what_is_installed_is_pinned_and_names_no_registry() -> None:
    folder = Path(__file__).parents[3] / "stores" / "prisma" / "node_query_engine"
    package, lock = json.loads((folder / "package.json").read_text()), (folder / "package-lock.json").read_text()
    assert package["dependencies"]["@prisma/query-engine-wasm"].endswith(EXPECTED_VERSION)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", version) for version in package["dependencies"].values())
    assert "http" not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')


def test_installed_again_nothing_is_done_and_removed_nothing_is_left(query_engine: QueryEngine, tmp_path: Path) -> None:
    home = tmp_path / "a home with spaces"
    engine = QueryEngine(home, find_node(), environ={"PATH": os.environ["PATH"]})
    assert not engine.is_installed
    assert 5_000_000 < engine.size_bytes < 10_000_000
    said: list[str] = []
    run_aside(engine.install(said.append))
    assert engine.is_installed
    assert engine.environ() == {BINARY_VARIABLE: str(engine.launcher)}
    assert len(said) == 2
    run_aside(engine.install(said.append))
    assert len(said) == 2
    assert 5_000_000 < engine.size_bytes < 10_000_000
    version = subprocess.run([str(engine.launcher), "--version"], capture_output=True, text=True, check=True)
    assert EXPECTED_VERSION in version.stdout
    engine.remove()
    assert not engine.is_installed
    assert [path.name for path in engine.folder.parent.iterdir()] == [".lock"]


def test_a_launcher_of_another_version_is_replaced(query_engine: QueryEngine, tmp_path: Path) -> None:
    environ = {"SOUNDCHECK_ENGINE": str(tmp_path)}
    engine = QueryEngine(tmp_path, find_node(), environ=environ)
    (tmp_path / engine.folder.name).symlink_to(query_engine.folder)
    engine.launcher.write_text("#!/bin/sh\nmain=/elsewhere/main.mjs\n")
    assert not engine.is_installed
    run_aside(engine.install())
    assert engine.is_installed


def test_without_npm_the_reason_is_said(tmp_path: Path) -> None:
    bare = Node(Path(sys.executable), (), (20, 0, 0), NodeOrigin.PATH)
    with pytest.raises(CouldNotRun, match="the query engine comes from npm"):
        run_aside(QueryEngine(tmp_path, bare, environ={}).install())


def test_the_launcher_finds_another_node_and_says_when_there_is_none(query_engine: QueryEngine, tmp_path: Path) -> None:
    gone = Node(tmp_path / "gone" / "node", (), (20, 0, 0), NodeOrigin.PATH)
    engine = QueryEngine(tmp_path, gone, environ={"SOUNDCHECK_ENGINE": str(tmp_path)})
    (tmp_path / engine.folder.name).symlink_to(query_engine.folder)
    run_aside(engine.install())
    said = subprocess.run([str(engine.launcher), "-p", "1"], capture_output=True, text=True, env={"PATH": "/nowhere"})
    assert (said.returncode, "Node 20 or newer is needed" in said.stderr) == (127, True)


URLS = [
    "postgresql://u:p%40%2Fw@Host.example:6543/db",
    "postgres://u@h/db?sslmode=require&connection_limit=5&schema=other",
    "postgresql://u:p@h/db?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem",
    "postgresql://u:p@h/db?sslmode=disable",
    "postgresql://u:p@h/db?ssl=true",
    "postgresql://u:p@h/db?sslrootcert=system",
    "postgresql://u:p@[::1]:5433/db?sslmode=nonsense&connect_timeout=7&connect_timeout=9",
    "postgresql://u:p@h/db?sslmode=require&channel_binding=require&connect_timeout=x",
    "postgresql://u:p@h?sslmode=allow",
    "postgresql://u:p@h/db?sslmode=verify-ca",
    "postgresql://h/db",
]


def test_an_address_means_to_it_what_it_means_to_our_other_drivers(query_engine: QueryEngine) -> None:
    script = (
        f"import {{ readSettings }} from {json.dumps(str(query_engine.folder / 'settings.mjs'))}\n"
        f"console.log(JSON.stringify({json.dumps(URLS)}.map(readSettings)))"
    )
    node = [str(query_engine.node.path), "--input-type=module", "-e", script]
    read = json.loads(subprocess.run(node, capture_output=True, text=True, check=True).stdout)
    for text, settings in zip(URLS, read, strict=True):
        expected = node_settings(PostgresUrl.parse(text))
        assert {name: settings[name] for name in ("host", "port", "user", "database", "schema")} == {
            name: getattr(expected, name) for name in ("host", "port", "user", "database", "schema")
        }, text
        assert settings["password"] == (expected.password.reveal() if expected.password else ""), text
        assert settings["ssl"] == (dict(expected.ssl) if expected.ssl else None), text
        assert settings["connectTimeout"] == expected.connect_timeout, text


def test_the_error_of_a_bad_address_holds_nothing_of_it(query_engine: QueryEngine) -> None:
    for url in ("postgresql://u:hush@h:port/db", "mysql://u:hush@h/db", "postgresql://u:hush%zz@h/db", "hush"):
        with _engine(query_engine, url) as (process, address):
            told = _ask(address, "/status").text
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=DEADLINE)
        assert "the address of the database" in told
        assert "the address of the database" in said
        assert "hush" not in told + said


def _refusal(address: str, code: str) -> Any:
    """The status' error once it is this one; before, it says that it is still connecting."""
    told = _ask(address, "/status").json()["errors"][0]["user_facing_error"]
    return told if told["error_code"] == code else None


def test_why_the_database_is_not_reached_is_in_words_and_without_the_password(
    query_engine: QueryEngine, databases: Callable[[str], PostgresUrl]
) -> None:
    url = databases("new")
    bad = [
        (replace(url, password=Secret("hush")), "P1000", "refuses the password"),
        (replace(url, database="nope"), "P1003", "does not exist"),
        (replace(url, port=1), "P1001", "nothing answers there"),
        (url.with_params({"sslmode": "require"}), "P1011", "does not support TLS"),
    ]
    for wrong, code, words in bad:
        with _engine(query_engine, wrong.reveal()) as (process, address):
            told = _until(lambda: _refusal(address, code), code)  # noqa: B023 - called here and now
            assert words in told["message"]
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=DEADLINE)
        assert words in said
        assert "hush" not in said + str(told)


def test_it_listens_on_loopback_only_and_not_to_pages(
    query_engine: QueryEngine, databases: Callable[[str], PostgresUrl]
) -> None:
    with _engine(query_engine, databases("new").reveal()) as (process, address):
        assert _ask(address, "/status").status_code == 200
        listening = [c.laddr for c in psutil.Process(process.pid).net_connections("tcp") if c.status == "LISTEN"]
        assert [place.ip for place in listening] == ["127.0.0.1"]
        query = json.dumps({"query": "query { result: findManyTag { name } }", "variables": {}})
        assert _ask(address, "/", method="POST", content=query).json() == {"data": {"result": []}}
        assert (
            _ask(address, "/", method="POST", content=query, headers={"Origin": "http://evil.test"}).status_code == 403
        )
        assert _ask(address, "/", method="POST", content=query, headers={"Host": "evil.test"}).status_code == 403
        assert _ask(address, "/", method="POST", content='{"query": "query { result: dropAll }"}').status_code == 422
        assert not any("postgresql" in word for word in psutil.Process(process.pid).cmdline())


def test_logged_queries_hold_no_values(query_engine: QueryEngine, databases: Callable[[str], PostgresUrl]) -> None:
    with _engine(query_engine, databases("new").reveal(), LOG_QUERIES="y") as (process, address):
        query = 'query { result: findManyTag (where: { name: "hush" }) { name } }'
        assert _ask(address, "/", method="POST", content=json.dumps({"query": query})).status_code == 200
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=DEADLINE)
    assert 'FROM "public"."Tag"' in said
    assert "hush" not in said


def test_libpqs_variables_do_not_reach_it(query_engine: QueryEngine, databases: Callable[[str], PostgresUrl]) -> None:
    foreign = {"PGHOST": "nope.invalid", "PGOPTIONS": "-c nope=1", "PGSSLMODE": "verify-full", "NODE_OPTIONS": "--nope"}
    with _engine(query_engine, databases("new").reveal(), **foreign) as (_, address):
        _until(lambda: _ask(address, "/status").text == '{"status":"ok"}', "a connection")


def test_a_connection_that_was_idle_for_long_is_asked_before_it_is_lent(
    query_engine: QueryEngine, databases: Callable[[str], PostgresUrl]
) -> None:
    folder = query_engine.folder
    script = f"""
        import {{ Metrics }} from {json.dumps(str(folder / "metrics.mjs"))}
        import {{ Pool }} from {json.dumps(str(folder / "pool.mjs"))}
        import {{ readSettings }} from {json.dumps(str(folder / "settings.mjs"))}
        const pool = new Pool(readSettings({json.dumps(databases("new").reveal())}), new Metrics(), {{ unasked: 0 }})
        const asked = []
        const first = await pool.borrow()
        const query = first.query.bind(first)
        first.query = (text) => asked.push(text) && query(text)
        pool.giveBack(first)
        const again = await pool.borrow()
        first.query = async () => {{ throw new Error('nobody answers') }}
        pool.giveBack(again)
        const other = await pool.borrow()
        pool.giveBack(other)
        console.log(JSON.stringify([asked, again === first, other === first, pool.open, pool.idle]))
        await pool.end()
    """
    node = [str(query_engine.node.path), "--input-type=module", "-e", script]
    said = json.loads(subprocess.run(node, capture_output=True, text=True, check=True, timeout=DEADLINE).stdout)
    assert said == [["SELECT 1"], True, False, 1, 1]


WAITS = """
async def main():
    await db.connect()
    print(await db.tag.count(), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_it_ends_with_its_client_also_when_that_is_killed(
    query_engine: QueryEngine, clients: Callable[[str], ModuleType], databases: Callable[[str], PostgresUrl]
) -> None:
    with _program(WAITS, clients("asyncio"), databases("new"), query_engine) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "0\n"
        (engine,) = _engines_of(program.pid)
        program.send_signal(signal.SIGKILL)
        program.wait(timeout=DEADLINE)
        _until(lambda: _is_gone(engine), "the engine of a killed client is gone")


def test_disconnecting_ends_it_and_each_client_has_one(
    query_engine: QueryEngine, clients: Callable[[str], ModuleType], databases: Callable[[str], PostgresUrl],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv(BINARY_VARIABLE, str(query_engine.launcher))
    package, url = clients("sync"), databases("new").reveal()
    first, second = (package.Prisma(datasource={"url": url}) for _ in range(2))
    first.connect()
    second.connect()
    engines = [psutil.Process(client._engine.process.pid) for client in (first, second)]
    assert len({engine.pid for engine in engines}) == 2
    first.disconnect()
    assert _is_gone(engines[0])
    assert second.tag.count() == 0
    second.disconnect()
    assert _is_gone(engines[1])


def test_a_killed_engine_is_told_and_connecting_again_works(
    query_engine: QueryEngine, clients: Callable[[str], ModuleType], databases: Callable[[str], PostgresUrl],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv(BINARY_VARIABLE, str(query_engine.launcher))
    client = clients("sync").Prisma(datasource={"url": databases("new").reveal()})
    client.connect()
    client._engine.process.kill()
    client._engine.process.wait(timeout=DEADLINE)
    with pytest.raises(httpx.TransportError):
        client.tag.count()
    client.disconnect()
    client.connect()
    assert client.tag.count() == 0
    client.disconnect()


def test_a_killed_server_is_told_and_queries_work_when_it_is_back(
    query_engine: QueryEngine, clients: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BINARY_VARIABLE, str(query_engine.launcher))
    package, local = clients("sync"), LocalStack(tmp_path)
    asyncio.run(local.up())
    try:
        credentials = local.credentials()
        assert credentials is not None
        assert credentials.database_url is not None
        client = package.Prisma(datasource={"url": credentials.database_url.reveal()})
        client.connect()
        assert client.query_raw("SELECT 1 AS one") == [{"one": 1}]
        status = asyncio.run(local.status())
        assert status.postgres.pid is not None
        server = psutil.Process(status.postgres.pid)
        server.kill()
        server.wait(timeout=DEADLINE)

        def refused() -> str:
            with pytest.raises(package.errors.DataError) as told:
                client.query_raw("SELECT 1 AS one")
            return str(told.value.code)

        assert refused() in {"P1017", "P1001"}
        assert _until(lambda: refused() == "P1001", "the port is closed")
        asyncio.run(local.up())
        assert client.query_raw("SELECT 1 AS one") == [{"one": 1}]
        client.disconnect()
    finally:
        asyncio.run(local.down())
