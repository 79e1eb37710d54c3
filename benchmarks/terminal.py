"""The app as a person meets it, beside its peers.

    python -m benchmarks.terminal [--rows N …] [--runs N] [--keys N] [--idle S] [--beside DIR]

Every program runs in a pseudo-terminal of 120×40 and is driven by keys through the same code, on the same table of the
same server. They take turns, `--runs` times, each time as a new process; a cell is the median of all turns.
`--beside DIR` adds the Soundcheck of another checkout, to see what a change has cost or brought.

`start → rows` is from the process' start to the first rows on the screen; a peer is given its SQL as soon as it says
that it is connected, and the time to type it is not counted. The other times are from the key to the rows. `key` and
`page` are from the key to the first byte of the new picture; `page, rows` to a row that was not there. `idle` is some
seconds without a key: processor time, and transactions a minute as the server counts them; `hidden` is the same with
another screen of the app in front.

Floors: psql for what the server and a terminal take; a bare table of lines (`line_api_floor`) for what Textual takes.
Peers are those that `make bench-peers` installed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

import psycopg

from benchmarks.pty_program import PtyProgram
from benchmarks.terminal_programs import LIMIT, Program, programs
from soundcheck.stores.local import postgres_server
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl

STATISTICS_LATE = 15.0
"""Seconds; a session of PostgreSQL that has nothing to do adds its last transactions within ten."""

Shown = Mapping[str, tuple[str, str]]
"""By step: the statement that does it, and a text of the row that stands first then."""

STEPS = ("last row", "first row again", "sort by an index", "filter by an index")


def build(url: PostgresUrl, rows: int) -> Shown:
    """The table `plays`, and for each step the statement of it and a text of the row that it shows first."""
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("DROP TABLE IF EXISTS plays")
        connection.execute(
            f"""CREATE UNLOGGED TABLE plays WITH (autovacuum_enabled = off) AS SELECT g::bigint AS id,
            'row-' || lpad(g::text, 8, '0') AS title, (g::bigint * 7919 % {rows})::int AS plays,
            'u' || g % 1000 AS "userId", g % 7 = 0 AS skipped, (ARRAY['album', 'playlist', NULL])[1 + g % 3] AS context,
            '2024-01-01'::timestamptz + g * interval '7 s' AS "playedAt", g % 300 AS seconds
            FROM generate_series(1, {rows}) g"""  # noqa: S608 - our own number
        )
        connection.execute("ALTER TABLE plays ALTER plays SET NOT NULL, ADD PRIMARY KEY (id)")
        connection.execute("CREATE INDEX ON plays (plays)")
        connection.execute("VACUUM ANALYZE plays")
        wanted = {
            "last row": "ORDER BY id DESC",
            "first row again": "ORDER BY id",
            "sort by an index": "ORDER BY plays, id",
            "filter by an index": "WHERE plays = 5",
        }
        shown = {}
        for name, how in wanted.items():
            (title,) = connection.execute(f"SELECT title FROM plays {how} LIMIT 1").fetchone() or ("",)  # noqa: S608
            shown[name] = (f"select * from plays {how.lower()} limit {LIMIT}", title)
    return shown


def transactions(watch: psycopg.Connection, database: str) -> int:
    """Those that the server counted in a database so far."""
    found = watch.execute(
        "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s", [database]
    ).fetchone()
    return int(found[0]) if found else 0


def measure(
    program: Program, shown: Shown, watch: psycopg.Connection, database: str, keys: int, idle: float
) -> dict[str, list[float]]:
    """One turn: milliseconds, MiB and what else the table has; what a program cannot do is missing.

    The states without a key are left out where `idle`, in seconds, is 0.
    """
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "SOUNDCHECK_HOME": f"{home}/soundcheck",
            **program.environ,
        }
        with PtyProgram(program.command, environ, Path(home)) as running:
            start = running.until(program.ready, running.began) * 1000
            if program.typing:
                start += _step(running, program, "first row again", shown)
            found["start"] = [start]
            running.settle(0.5)
            found["memory"] = [running.memory()]
            by_sql = program.typing is not None
            steps = STEPS if program.has_tables else ()
            found |= _steps(running, program, (*steps[:1], *steps[2:], *steps[1:2]) if by_sql else (), shown)
            running.press(*program.to_rows)
            running.settle(0.5)
            if program.name != "psql":
                found |= _keys(running, keys)
            found |= _steps(running, program, () if by_sql else steps, shown)
            running.settle(0.5)
            found["memory after"] = [running.memory()]
            for state, keys_before in _states(program) if idle else ():
                running.press(*keys_before)
                running.rest(STATISTICS_LATE)
                used, asked = running.processor_seconds(), transactions(watch, database)
                running.rest(idle)
                found[f"{state} processor"] = [(running.processor_seconds() - used) / idle * 100]
                found[f"{state} queries"] = [(transactions(watch, database) - asked) / idle * 60]
    return found


def _states(program: Program) -> list[tuple[str, tuple[str, ...]]]:
    if not program.has_tables:
        return []
    return [("idle", ()), *([("hidden", program.away)] if program.away else [])]


def _keys(running: PtyProgram, keys: int) -> dict[str, list[float]]:
    """A row down, then a page down, many times; the first of each is not counted."""
    running.first_output("down")
    rows = []
    for _ in range(keys):
        running.settle(0.03)
        rows.append(running.first_output("down") * 1000)
    running.press("pagedown")
    running.settle()
    _, _, furthest = running.further_rows("pagedown", 0)
    pages, whole = [], []
    for _ in range(min(keys, 8)):
        running.settle(0.1)
        first, there, furthest = running.further_rows("pagedown", furthest)
        pages.append(first * 1000)
        whole.append(there * 1000)
    return {"key": rows, "page": pages, "page, rows": whole}


def _step(running: PtyProgram, program: Program, step: str, shown: Shown) -> float:
    statement, title = shown[step]
    before, key = program.steps.get(step, ((), ""))
    if program.typing:
        before, key = program.typing(statement), program.run
    for _ in range(3):  # on a busy machine a key may come before what it is meant for
        seen = b""
        for one in before:
            running.press(one)
            seen += running.settle(0.3)  # an Escape is one only when nothing follows it at once
        if program.typing is None or b"limit" in seen:
            break
    since = time.perf_counter()
    running.press(key)
    took = running.until(title, since) * 1000
    running.settle(0.3)
    return took


def _steps(running: PtyProgram, program: Program, names: Iterable[str], shown: Shown) -> dict[str, list[float]]:
    """What a step took; one that showed nothing in time is missing, and said."""
    found = {}
    for name in names:
        try:
            found[name] = [_step(running, program, name, shown)]
        except TimeoutError as problem:
            print(f"{program.name}, {name}: {problem}", flush=True)
    return found


def _p95(samples: list[float]) -> float:
    return quantiles(samples, n=20)[-1]


LINES: tuple[tuple[str, str, Callable[[list[float]], float]], ...] = (
    ("start → rows", "start", median),
    *((step, step, median) for step in STEPS),
    ("key, p50", "key", median),
    ("key, p95", "key", _p95),
    ("page", "page", median),
    ("page, rows", "page, rows", median),
    ("memory, MiB", "memory", median),
    ("memory at the end, MiB", "memory after", median),
    ("idle: processor, %", "idle processor", median),
    ("idle: queries a minute", "idle queries", median),
    ("hidden: processor, %", "hidden processor", median),
    ("hidden: queries a minute", "hidden queries", median),
)


def one_size(
    found: Iterable[Program], shown: Shown, watch: psycopg.Connection, database: str, runs: int, keys: int, idle: float
) -> dict[str, dict[str, list[float]]]:
    """By program what its turns took. One that failed in a turn is said, and its other turns count."""
    results: dict[str, dict[str, list[float]]] = {}
    for turn in range(runs):
        for program in found:
            try:
                measured = measure(program, shown, watch, database, keys, idle if turn == runs - 1 else 0)
            except TimeoutError as problem:
                print(f"{program.name}: {problem}", flush=True)
                continue
            samples = results.setdefault(program.name, defaultdict(list))
            for name, values in measured.items():
                samples[name] += values
    return results


def tell(rows: int, runs: int, results: Mapping[str, Mapping[str, list[float]]]) -> None:
    """Print the table of one size."""
    print(f"\n{rows:,} rows, medians of {runs} runs, milliseconds unless said otherwise")
    print(f"  {'':<24}" + "".join(f"{name:>20}" for name in results))
    for said, name, figure in LINES:
        cells = [f"{figure(one[name]):>20.1f}" if one.get(name) else f"{'–':>20}" for one in results.values()]
        print(f"  {said:<24}" + "".join(cells), flush=True)


async def run(sizes: list[int], runs: int, keys: int, idle: float, beside: Path | None) -> None:
    """All sizes on one local stack."""
    with tempfile.TemporaryDirectory(prefix="bench-terminal-") as folder:
        postgres_server.SETTINGS["autovacuum"] = "off"  # its transactions would be counted among those of the programs
        stack = LocalStack(Path(folder))
        status = await stack.up()
        try:
            assert status.credentials is not None  # noqa: S101 - up() raises otherwise
            url = status.credentials.direct
            assert url is not None  # noqa: S101
            busy = f"{os.getloadavg()[0]:.1f} of them busy before"
            print(f"{platform.machine()}, {os.cpu_count()} processors ({busy}), Python {platform.python_version()}")
            with psycopg.connect(replace(url, database="postgres").reveal(), autocommit=True) as watch:
                for rows in sizes:
                    shown = await asyncio.to_thread(build, url, rows)
                    found = programs(url, shown["first row again"][1], Path(folder), beside)
                    tell(
                        rows,
                        runs,
                        await asyncio.to_thread(one_size, found, shown, watch, url.database, runs, keys, idle),
                    )
        finally:
            await stack.down()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=10, help="turns of each program")
    parser.add_argument("--keys", type=int, default=20, help="keys in each turn")
    parser.add_argument("--idle", type=float, default=20.0, metavar="SECONDS")
    parser.add_argument("--beside", type=Path, metavar="DIR", help="another checkout, installed in its own .venv")
    args = parser.parse_args()
    asyncio.run(run(args.rows, args.runs, args.keys, args.idle, args.beside))


if __name__ == "__main__":
    main()
