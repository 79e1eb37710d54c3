"""The rows of a move against raw COPY of the same rows: `python -m benchmarks.move [--rows N] [--runs N]`.

Two databases of one local server. The floor is COPY out of the one into the other through one program, in blocks as
they come, without a word about what came out. `rows` is the same through our stream; `move` is a whole pass: compared
before, copied, counted and hashed on both sides, committed. Medians; the three take turns. Target of the pass: at
least half as fast as the floor.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import psycopg

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.moving.side import MoveSide
from soundcheck.stores.moving.stream import copy_rows
from soundcheck.stores.moving.tables import read_tables
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.wizard.move.carry import CopyPass, carry
from soundcheck.wizard.move.outlook import outlook

TABLE = """
CREATE TABLE plays (
    id text PRIMARY KEY, "userId" text NOT NULL, "trackId" text NOT NULL, track jsonb, seconds int,
    completed boolean NOT NULL, "playedAt" timestamp(3) NOT NULL
)
"""
ROWS = """
INSERT INTO plays SELECT 'pl' || lpad(g::text, 10, '0'), 'u' || g % 5000, 't' || g % 20000,
    jsonb_build_object('name', 'Track ' || g % 20000, 'artists', ARRAY['a', 'b'], 'ms', g % 300000), g % 300, g % 7 = 0,
    timestamp '2026-01-01' + g * interval '1 second'
FROM generate_series(1, {}) g
"""


def raw(source: PostgresUrl, target: PostgresUrl) -> None:
    """What no copy through one program can be below."""
    with psycopg.connect(source.reveal()) as out, psycopg.connect(target.reveal()) as into:
        with out.cursor().copy("COPY plays TO STDOUT") as reader, into.cursor().copy("COPY plays FROM STDIN") as writer:
            for block in reader:
                writer.write(block)


async def streamed(source: MoveSide, target: MoveSide) -> None:
    """Our stream alone."""
    async with source.snapshot() as out, target.writing() as into:
        here, there = await read_tables(out), await read_tables(into)
        (key,) = here
        columns = outlook(here, there).columns[key]
        await copy_rows(out, here[key], into, there[key], columns, source.url, lambda _: None)


async def moved(source: MoveSide, target: MoveSide) -> None:
    """A whole pass."""
    async with source.snapshot() as out, target.snapshot() as into:
        here, there = await read_tables(out), await read_tables(into)
    work = CopyPass(
        source=source,
        target=target,
        source_tables=here,
        target_tables=there,
        found=outlook(here, there),
        ours={},
        keep=lambda _: None,
        clock=SystemClock(),
        report=lambda _: None,
        as_utf8=False,
    )
    await carry(work)


async def measure(source: PostgresUrl, target: PostgresUrl, runs: int) -> dict[str, list[float]]:
    """Seconds of each way, by its name; the target is empty before each."""
    one, two = MoveSide(source, SystemResolver()), MoveSide(target, SystemResolver())
    ways: dict[str, Callable[[], Awaitable[None]]] = {
        "raw COPY": lambda: asyncio.to_thread(raw, source, target),
        "rows": lambda: streamed(one, two),
        "move": lambda: moved(one, two),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    try:
        for _ in range(runs):
            for name, way in ways.items():
                with psycopg.connect(target.reveal(), autocommit=True) as connection:
                    connection.execute("TRUNCATE plays")
                began = time.perf_counter()
                await way()
                took[name].append(time.perf_counter() - began)
    finally:
        await one.close()
        await two.close()
    return took


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-move-") as folder:
        stack = LocalStack(Path(folder))
        asyncio.run(stack.up())
        try:
            credentials = stack.credentials()
            assert credentials is not None  # noqa: S101 - it is up
            source = credentials.direct
            assert source is not None  # noqa: S101
            target = replace(source, database="bench_target")
            with psycopg.connect(source.reveal(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE bench_target")
                connection.execute(TABLE)
                connection.execute(ROWS.format(asked.rows).encode())
                connection.execute("VACUUM ANALYZE plays")
            with psycopg.connect(target.reveal(), autocommit=True) as connection:
                connection.execute(TABLE)
            took = asyncio.run(measure(source, target, asked.runs))
        finally:
            asyncio.run(stack.down())
    floor = median(took["raw COPY"])
    print(f"\nmove, {asked.rows:,} rows ({asked.runs} runs, medians)")
    for name, seconds in took.items():
        ratio, wanted = floor / median(seconds), "   target ≥ 0.50" if name == "move" else ""
        speed = asked.rows / median(seconds)
        print(f"  {name:<10} {median(seconds):7.2f} s  {speed:10,.0f} rows/s  {ratio:5.2f}{wanted}")


if __name__ == "__main__":
    main()
