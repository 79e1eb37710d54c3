"""The table browser's reads beside the same rows by plain SQL: `python -m benchmarks.browser [--large] [--runs N]`.

A table as `recently_played`, with random ids, at 10 thousand and 1 million rows (10 million with --large), on a local
stack of its own. `ours` is the time of `read_view` and its like, from the call to the rows in Python: a connection of
the pool, BEGIN READ ONLY, settings, the statement, and values. `plain` is the statement that a person would type, by
psycopg's simple query on an open connection, which is what psql does. `server` is planning and execution alone of
ours, as EXPLAIN ANALYZE reports them. All three take turns in each round. Targets: any page at any depth at most twice
the first one; 1000 pages at most 20 MiB.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from soundcheck.stores.catalog.tables import Table, load_catalog
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.database import Database, Rows
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.rows.cost import page_cost
from soundcheck.stores.rows.counting import count_capped, count_exact
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.paging import FIRST, LAST, PagePlace, SortColumn, TableView, read_view
from soundcheck.stores.rows.percentile import jump_to
from soundcheck.stores.rows.spelled.sql import count_sql, view_sql

PAGE = 50
PAGES = 1000
DEAR_RUNS = 1
"""Rounds of what reads the whole table."""

PATIENCE = 600.0
"""Seconds that a read may take here; in the app it is 15."""

OFFSET = "OFFSET to the last page, as others do"


class Watched(Database):
    """Keeps the last statement, to explain it."""

    last: tuple[str, Sequence[object], Mapping[str, str]] = ("", (), {})

    async def fetch(self, query: str, params: Sequence[object] = (), **how: Any) -> Rows:
        """As ever."""
        self.last = (query, params, how.get("settings") or {})
        return await super().fetch(query, params, **how)


@dataclass(frozen=True)
class Step:
    """One line of the table: what is done, the same by hand, and how often it can be afforded."""

    name: str
    run: Callable[[], Awaitable[object]]
    plain: str
    dear: bool = False


def build(url: PostgresUrl, name: str, rows: int) -> None:
    """The table with its indexes, analysed."""
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute(
            f"""CREATE UNLOGGED TABLE {name} (id text NOT NULL, "userId" text NOT NULL, "songId" text NOT NULL,
            "playDuration" int NOT NULL, skipped boolean NOT NULL, "contextType" varchar(50), "playedAt" timestamptz(3)
            NOT NULL, "createdAt" timestamptz(3) NOT NULL) WITH (autovacuum_enabled = off)"""
        )
        connection.execute(
            f"""INSERT INTO {name} SELECT md5(g::text), 'u' || g % 1000, 's' || g % 977, g % 300, g % 7 = 0,
            (ARRAY['album', 'playlist', NULL])[1 + g % 3], '2024-01-01'::timestamptz + g * interval '7 s',
            '2024-01-01'::timestamptz + (g::bigint * 7919 % {rows}) * interval '7 s'
            FROM generate_series(1, {rows}) g"""  # noqa: S608 - our own numbers
        )
        connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (id)")
        connection.execute(f'CREATE INDEX ON {name} ("userId", "playedAt" DESC)')
        connection.execute(f'CREATE INDEX ON {name} ("playedAt" DESC)')
        connection.execute(f"VACUUM ANALYZE {name}")


async def steps(database: Watched, table: Table, rows: int) -> list[Step]:
    """Everything that is measured on one table."""
    whole = TableView(table)
    newest = TableView(table, (SortColumn("playedAt", descending=True),))
    unindexed = TableView(table, (SortColumn("createdAt"),))
    mine = TableView(table, newest.sort, (RowFilter("userId", Operator.EQUAL, "u7"),))
    holding = TableView(table, filters=(RowFilter("songId", Operator.CONTAINS, "zz"),))
    first = await read_view(database, whole)
    middle = await read_view(database, whole, place=(await jump_to(database, whole, 0.5)).place)
    deep = await read_view(database, newest, place=(await jump_to(database, newest, 0.9)).place)
    next_page, middle_page = PagePlace.after(first.keys[-1]), PagePlace.after(middle.keys[-1])
    deep_page = PagePlace.after(deep.keys[-1])

    capped = f"SELECT count(*) FROM (SELECT 1 FROM {table.name} LIMIT 10001) AS capped"

    def page(name: str, view: TableView, place: PagePlace = FIRST, *, dear: bool = False) -> Step:
        read = view_sql(view, place=place, limit=PAGE + 1)
        return Step(name, lambda: read_view(database, view, place=place, timeout=PATIENCE), read, dear)

    return [
        page("open: the first page", whole),
        page("the next page", whole, next_page),
        page("a page in the middle", whole, middle_page),
        page("the last page", whole, LAST),
        page("sort by an index", newest),
        page("90 % down that sort", newest, deep_page),
        page("filter and sort by an index", mine),
        page("sort without an index", unindexed, dear=True),
        page("contains, no such row", holding, dear=True),
        Step("count up to 10,000", lambda: count_capped(database, whole), capped),
        Step("count to the end", lambda: count_exact(database, whole, timeout=PATIENCE), count_sql(whole), dear=True),
        Step("jump to 50 %", lambda: jump_to(database, whole, 0.5), ""),
        Step("what an unindexed sort costs", lambda: page_cost(database, unindexed), ""),
        Step(OFFSET, _nothing, f"SELECT * FROM {table.name} ORDER BY id OFFSET {rows - PAGE} LIMIT 51", dear=True),
    ]  # fmt: skip


async def _nothing() -> None:
    return None


async def measure(database: Watched, plain: psycopg.Connection, step: Step, runs: int) -> dict[str, float]:
    """Medians in milliseconds; the first round warms all three and does not count."""
    took: dict[str, list[float]] = {"ours": [], "plain": [], "server": []}
    for number in range(1 + (DEAR_RUNS if step.dear else runs)):
        began = time.perf_counter()
        await step.run()
        ours = (time.perf_counter() - began) * 1000
        by_hand = server = 0.0
        if step.plain:
            began = time.perf_counter()
            plain.execute(step.plain.encode()).fetchall()
            by_hand = (time.perf_counter() - began) * 1000
        if step.plain and step.name != OFFSET:
            server = explained(plain, *database.last)
        if number:
            for name, value in (("ours", ours), ("plain", by_hand), ("server", server)):
                took[name].append(value)
    return {name: median(values) for name, values in took.items()}


def explained(plain: psycopg.Connection, query: str, params: Sequence[object], settings: Mapping[str, str]) -> float:
    """Planning and execution in milliseconds, the server's own count."""
    with plain.transaction(), psycopg.RawCursor(plain) as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config($1, $2, true)", [name, value])
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY, FORMAT JSON) {query}", params)
        (found,) = cursor.fetchone() or ()
    return float(found[0]["Planning Time"]) + float(found[0]["Execution Time"])


async def paged(database: Watched, table: Table) -> tuple[float, float]:
    """1000 pages one after another: milliseconds a page, and MiB that the process grew by."""
    view, place = TableView(table), FIRST
    began = before = 0.0
    number = 0
    for number in range(PAGES + 50):
        if number == 50:
            before, began = _resident(), time.perf_counter()
        page = await read_view(database, view, place=place)
        if not page.has_more_after or page.cursor_last is None:
            break
        place = PagePlace.after(page.cursor_last)
    return (time.perf_counter() - began) * 1000 / max(1, number - 50), (_resident() - before) / 2**20


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def one_size(url: PostgresUrl, rows: int, runs: int) -> None:
    """Build, measure, print, drop."""
    name = f"plays_{rows}"
    began = time.perf_counter()
    build(url, name, rows)
    database = Watched(url, SystemResolver())
    try:
        opened = time.perf_counter()
        table = (await load_catalog(database)).find(name)
        catalog = (time.perf_counter() - opened) * 1000
        print(f"\n{rows:,} rows (built in {opened - began:.1f} s; catalogue with a new connection {catalog:.1f} ms)")
        print(f"  {'milliseconds, medians':<38} {'ours':>9} {'plain':>9} {'server':>9} {'ours/plain':>11}")
        results = {}
        with psycopg.connect(url.reveal(), autocommit=True) as plain:
            for step in await steps(database, table, rows):
                found = results[step.name] = await measure(database, plain, step, runs)
                ratio = f"{found['ours'] / found['plain']:10.2f}×" if step.plain and step.name != OFFSET else ""
                ours = f"{found['ours']:9.2f}" if step.name != OFFSET else " " * 9
                by_hand = f"{found['plain']:9.2f}" if step.plain else " " * 9
                server = f"{found['server']:9.2f}" if found["server"] else " " * 9
                print(f"  {step.name:<38} {ours} {by_hand} {server} {ratio:>11}", flush=True)
        first = results["open: the first page"]["ours"]
        for name_ in ("a page in the middle", "the last page", "90 % down that sort"):
            print(f"  {name_ + ' / first page':<38} {results[name_]['ours'] / first:9.2f}   target ≤ 2.00")
        print(
            f"  {'our last page / OFFSET to it':<38} {results['the last page']['ours'] / results[OFFSET]['plain']:9.4f}"
        )
        if rows > PAGE * PAGES:
            each, grown = await paged(database, table)
            print(f"  {PAGES:,} pages: {each:.2f} ms a page, {grown:+.1f} MiB   target ≤ +20 MiB")
    finally:
        await database.close()
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute(f"DROP TABLE {name}")


async def run(sizes: Sequence[int], runs: int) -> None:
    """All sizes on one local stack."""
    with tempfile.TemporaryDirectory(prefix="bench-browser-") as folder:
        stack = LocalStack(Path(folder))
        status = await stack.up()
        try:
            assert status.credentials is not None  # noqa: S101 - up() raises otherwise
            url = status.credentials.direct
            assert url is not None  # noqa: S101
            for rows in sizes:
                await one_size(url, rows, runs)
        finally:
            await stack.down()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--large", action="store_true", help="10 million rows as well (some minutes, 3 GB)")
    args = parser.parse_args()
    sizes = [10_000, 1_000_000, *([10_000_000] if args.large else [])]
    asyncio.run(run(sizes, args.runs))


if __name__ == "__main__":
    main()
