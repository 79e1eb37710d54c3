"""The generated client over our query engine: latency and throughput per operation, beside psycopg; a long soak.

`python -m benchmarks.client [--seconds S] [--soak N]`. Closed loop: each caller sends its next query when the answer is
there. "engine" is the part of a query's time that the engine itself counts (its metrics); the rest is the Python
client. Where a native engine is named by `NATIVE_QUERY_ENGINE`, its column stands beside ours. psycopg is the floor:
the same statements, written by hand, on one connection a caller.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import psutil
import psycopg

from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.settings import libpq_settings
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client import generate_client
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.query_engine import BINARY_VARIABLE, QueryEngine
from soundcheck.stores.prisma.schema_text import packaged_schema

CALLERS = (1, 8)
USERS = 1000
SOAK_CONNECTIONS = 8
SAMPLES = 10

Call: TypeAlias = Callable[[int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Measure:
    """Of one operation: milliseconds, and calls a second."""

    p50: float
    p99: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Operation:
    """The same work by the client and by hand."""

    name: str
    prisma: Callable[[Any], Call]
    by_hand: Callable[[Any], Call]


async def measure(calls: list[Call], seconds: float) -> Measure:
    """One caller for each call, for so long, after a tenth of it as warm-up."""
    took: list[float] = []
    measured_from = time.perf_counter() + seconds / 10
    end = measured_from + seconds

    async def caller(call: Call, number: int) -> None:
        while (began := time.perf_counter()) < end:
            await call(number % USERS)
            number += len(calls)
            if began >= measured_from:
                took.append(time.perf_counter() - began)

    await asyncio.gather(*(caller(call, index) for index, call in enumerate(calls)))
    took.sort()
    last = len(took) - 1
    return Measure(1000 * took[last // 2], 1000 * took[min(last, last * 99 // 100)], len(took) / seconds)


def _sql(statement: str, values: Callable[[int], tuple[object, ...]] = lambda n: (f"u{n}",)) -> Callable[[Any], Call]:
    """A statement by hand; its rows are fetched."""

    def on(connection: psycopg.AsyncConnection[Any]) -> Call:
        async def call(number: int) -> object:
            cursor = await connection.execute(statement, values(number))
            return await cursor.fetchall() if cursor.description else None

        return call

    return on


def _in_transaction(connection: psycopg.AsyncConnection[Any]) -> Call:
    async def call(number: int) -> None:
        async with connection.transaction():
            await connection.execute("UPDATE users SET name = 'x' WHERE id = %s", (f"u{number}",))

    return call


def _prisma_transaction(db: Any) -> Call:
    async def call(number: int) -> None:
        async with db.tx() as tx:
            await tx.user.update_many(where={"id": f"u{number}"}, data={"name": "x"})

    return call


_new_ids = iter(range(10**12))


def _fresh(kind: str) -> str:
    return f"{kind}{next(_new_ids)}"


def _new_user(kind: str) -> dict[str, Any]:
    name = _fresh(kind)
    return {"id": name, "email": f"{name}@x", "password": "-"}


INSERT = 'INSERT INTO users (id, email, password, "updatedAt") VALUES (%s, %s, %s, now()) '
UPSERT = INSERT + "ON CONFLICT (email) DO UPDATE SET name = 'x' RETURNING *"

OPERATIONS = (
    Operation("query_raw SELECT 1", lambda db: lambda _: db.query_raw("SELECT 1"), _sql("SELECT 1", lambda _: ())),
    Operation(
        "find_unique",
        lambda db: lambda n: db.user.find_unique({"id": f"u{n}"}),
        _sql("SELECT * FROM users WHERE id = %s"),
    ),
    Operation(
        "find_unique, include",
        lambda db: lambda n: db.user.find_unique({"id": f"u{n}"}, include={"settings": True}),
        _sql('SELECT * FROM users u LEFT JOIN user_settings s ON s."userId" = u.id WHERE u.id = %s'),
    ),
    Operation(
        "find_many, 100 rows",
        lambda db: lambda _: db.user.find_many(take=100, order={"id": "asc"}),
        _sql("SELECT * FROM users ORDER BY id LIMIT 100", lambda _: ()),
    ),
    Operation("count", lambda db: lambda _: db.user.count(), _sql("SELECT count(*) FROM users", lambda _: ())),
    Operation(
        "create",
        lambda db: lambda _: db.user.create(_new_user("p")),
        _sql(INSERT + "RETURNING *", lambda _: tuple(_new_user("s").values())),
    ),
    Operation(
        "update",
        lambda db: lambda n: db.user.update(where={"id": f"u{n}"}, data={"name": "x"}),
        _sql("UPDATE users SET name = 'x' WHERE id = %s RETURNING *"),
    ),
    Operation(
        "upsert",
        lambda db: (
            lambda n: db.user.upsert(
                where={"email": f"u{n}@x"}, data={"create": _new_user("v"), "update": {"name": "x"}}
            )
        ),
        _sql(UPSERT, lambda n: (_fresh("w"), f"u{n}@x", "-")),
    ),
    Operation("transaction, one update", _prisma_transaction, _in_transaction),
)


async def run(seconds: float, soak: int) -> None:
    """Start a stack of its own, measure, print, and leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="soundcheck-bench-") as name:
        folder = Path(name)
        node = find_node()
        schema_engine, query_engine = PrismaEngine(folder, node), QueryEngine(folder, node)
        await schema_engine.install()
        await query_engine.install()
        stack = LocalStack(folder / "stack")
        status = await stack.up()
        try:
            assert status.credentials is not None
            url = status.credentials.direct
            assert url is not None
            schema = packaged_schema()
            await schema_engine.push(url, schema, await schema_engine.plan_push(url, schema))
            await generate_client(schema_engine, schema, folder)
            sys.path.insert(0, str(folder))
            package = importlib.import_module("prisma_client")
            await _fill(url)
            engines = {"ours": str(query_engine.launcher)}
            if native := os.environ.get("NATIVE_QUERY_ENGINE"):
                engines["native"] = native
            await _tables(package, url, engines, seconds)
            await _soak(package, url, str(query_engine.launcher), soak)
        finally:
            await stack.down()


async def _fill(url: PostgresUrl) -> None:
    async with await psycopg.AsyncConnection.connect(**libpq_settings(url), autocommit=True) as connection:  # type: ignore[arg-type]
        await connection.execute(
            'INSERT INTO users (id, email, password, "updatedAt") '
            f"SELECT 'u' || n, 'u' || n || '@x', '-', now() FROM generate_series(0, {USERS - 1}) n"
        )


async def _tables(package: ModuleType, url: PostgresUrl, engines: dict[str, str], seconds: float) -> None:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"Generated client, {os.cpu_count()} cores, load before {load}, {seconds:g} s each; milliseconds\n")
    rows: dict[str, list[str]] = {operation.name: [] for operation in OPERATIONS}
    heads: list[str] = []
    for callers in CALLERS:
        heads.append(f"{f'psycopg x{callers}: p50    p99    /s':>34}")
        for operation in OPERATIONS:
            connections = [
                await psycopg.AsyncConnection.connect(**libpq_settings(url), autocommit=True)  # type: ignore[arg-type]
                for _ in range(callers)
            ]
            got = await measure([operation.by_hand(connection) for connection in connections], seconds)
            for connection in connections:
                await connection.close()
            rows[operation.name].append(f"{got.p50:>18.2f} {got.p99:>6.2f} {got.per_second:>7,.0f}")
        for name, binary in engines.items():
            os.environ[BINARY_VARIABLE] = binary
            heads.append(f"{f'{name} x{callers}: p50   engine    p99    /s':>40}")
            began = time.perf_counter()
            db = package.Prisma(datasource={"url": url.reveal()})
            await db.connect()
            started = 1000 * (time.perf_counter() - began)
            memory = psutil.Process(db._engine.process.pid).memory_info().rss / 2**20
            if callers == CALLERS[0]:
                print(f"{name}: connect() {started:.0f} ms, {memory:.0f} MiB after it")
            for operation in OPERATIONS:
                before = await _engine_time(db)
                got = await measure([operation.prisma(db)] * callers, seconds)
                after = await _engine_time(db)
                inside = (after[0] - before[0]) / max(1, after[1] - before[1])
                cell = f"{got.p50:>17.2f} {inside:>7.2f} {got.p99:>7.2f} {got.per_second:>6,.0f}"
                rows[operation.name].append(cell)
            await db.disconnect()
    print(f"\n{'':25}" + "".join(heads))
    for title, cells in rows.items():
        print(f"{title:25}" + "".join(cells))


async def _engine_time(db: Any) -> tuple[float, int]:
    """Milliseconds that the engine spent on queries so far, and how many."""
    metrics = await db.get_metrics()
    found = next(h for h in metrics.histograms if h.key == "prisma_client_queries_duration_histogram_ms")
    return found.value.sum, found.value.count


async def _soak(package: ModuleType, url: PostgresUrl, binary: str, queries: int) -> None:
    """So many queries of every kind, failing ones too, written by the client's builder and sent past it."""
    if not queries:
        return
    os.environ[BINARY_VARIABLE] = binary
    db = package.Prisma(datasource={"url": url.reveal()})
    await db.connect()
    bodies: list[str] = []
    engine = db._engine
    really, engine.query = engine.query, _recorder(bodies, engine.query)
    user = {"email": "u1@x", "password": "-"}
    kinds: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: db.user.find_unique({"id": "u1"}, include={"settings": True}),
        lambda: db.user.find_many(take=20, order={"createdAt": "desc"}),
        lambda: db.user.create(user),  # its address is taken
        lambda: db.user.update(where={"id": "u2"}, data={"name": "soak"}),
        lambda: db.user.count(where={"name": {"contains": "x"}}),
        lambda: db.query_raw("SELECT $1::int AS n", 1),
        lambda: db.query_raw("SELECT nope"),
        lambda: db.user.find_many(where={"nope": 1}),
    )
    for kind in kinds:
        try:
            await kind()
        except package.errors.PrismaError:
            pass
    engine.query = really
    process = psutil.Process(engine.process.pid)
    address = ("localhost", int(engine.url.rpartition(":")[2]))
    print(f"\nSoak: {queries:,} queries, {len(bodies)} kinds, 3 of them failing, {SOAK_CONNECTIONS} connections")
    print(f"{'queries':>10} {'MiB':>6} {'/s':>7}")
    for sample in range(SAMPLES + 1):
        began, share = time.perf_counter(), queries // SAMPLES if sample else 0
        each = share // SOAK_CONNECTIONS
        await asyncio.gather(*(_send(address, bodies, each) for _ in range(SOAK_CONNECTIONS)))
        rate = each * SOAK_CONNECTIONS / (time.perf_counter() - began)
        print(
            f"{sample * each * SOAK_CONNECTIONS:>10,} {process.memory_info().rss / 2**20:>6.0f} {rate:>7,.0f}",
            flush=True,
        )
    await db.disconnect()


def _recorder(bodies: list[str], query: Any) -> Any:
    async def record(content: str, **options: Any) -> Any:
        bodies.append(content)
        return await query(content, **options)

    return record


async def _send(address: tuple[str, int], bodies: list[str], times: int) -> None:
    reader, writer = await asyncio.open_connection(*address)
    requests = [body.encode() for body in bodies]
    for number in range(times):
        body = requests[number % len(requests)]
        writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        header = await reader.readuntil(b"\r\n\r\n")
        start = header.lower().index(b"content-length: ") + 16
        answer = json.loads(await reader.readexactly(int(header[start : header.index(b"\r\n", start)])))
        if ("errors" in answer) != (number % len(requests) in {2, 6, 7}):
            raise RuntimeError(f"not what was asked for: {answer}")
    writer.close()


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.client", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=0.7, help="for each cell (default: %(default)s)")
    parser.add_argument(
        "--soak", type=int, default=100_000, help="queries of the soak, 0 for none (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    asyncio.run(run(options.seconds, options.soak))


if __name__ == "__main__":
    main()
