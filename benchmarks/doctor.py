"""Wall time of all checks over lines of 0, 20, 80 and 200 ms, against the bound that its own graph gives.

`python -m benchmarks.doctor [--runs N]`. The bound is the slowest chain of checks that rest on one another, each with
the time it took in that run: less is not possible without asking less. Target: ≤ 1.3 × the bound at 80 ms; ≤ 3 s at
≤ 20 ms. Beside it the same questions asked one after another with psql and curl, where both are installed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.slow_line import slow_line
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Outcome
from soundcheck.checks.run import run_checks
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import HOME_VARIABLE, open_project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import silent
from soundcheck.wizard.setup.database_step import apply_database, plan_database

ROUND_TRIPS = (0, 20, 80, 200)
"""Milliseconds."""

QUESTIONS = (
    "select 1",
    "select current_setting('server_version')",
    "select rolsuper from pg_roles where rolname = current_user",
    "select count(*) from pg_stat_activity",
    "select tablename from pg_tables where schemaname = 'public'",
    "select indexrelname from pg_stat_user_indexes",
    "select pg_database_size(current_database())",
    "select now()",
)
"""What a careful person would ask with psql: a part of what the checks ask."""

COMMANDS = ("PING", "INFO", "SET/bench/1/EX/60", "GET/bench", "TTL/bench", "DEL/bench")


def bound(outcomes: Sequence[Outcome]) -> float:
    """Seconds of the slowest chain of checks that rest on one another."""
    took = {outcome.check.id: outcome.duration_ms / 1000 for outcome in outcomes}
    ends: dict[str, float] = {}
    for outcome in outcomes:
        before = max((ends.get(name, 0.0) for name in outcome.check.requires), default=0.0)
        ends[outcome.check.id] = before + took[outcome.check.id]
    return max(ends.values())


async def doctor(services: Services) -> tuple[float, float]:
    """Wall time and bound of one run, in seconds."""
    began = time.perf_counter()
    report = await run_checks(list(default_registry()), services)
    return time.perf_counter() - began, bound(report.outcomes)


def by_hand(url: PostgresUrl, rest: str, token: str) -> float | None:
    """Seconds for psql and curl, one question after another; None where they are not installed."""
    if not (shutil.which("psql") and shutil.which("curl")):
        return None
    environ = {**os.environ, "PGPASSWORD": url.password.reveal() if url.password else ""}
    plain = replace(url, password=None, params=(("sslmode", "disable"),)).reveal()
    header = f'header = "Authorization: Bearer {token}"\n'
    began = time.perf_counter()
    for question in QUESTIONS:
        subprocess.run(["psql", plain, "-Atqc", question], env=environ, capture_output=True, check=True, timeout=60)
    for command in COMMANDS:
        curl = ["curl", "-sS", "--noproxy", "*", "-K", "-", f"{rest}/{command}"]
        subprocess.run(curl, input=header, text=True, capture_output=True, check=True, timeout=60)
    return time.perf_counter() - began


async def measure(runs: int, folder: Path) -> None:
    """Print the table."""
    root = folder / "project"
    root.mkdir()
    project = open_project(root)
    stack = LocalStack(folder / "stack")  # not the project's own: then all checks of a remote store are asked
    status = await stack.up()
    near = status.credentials
    try:
        assert near is not None  # noqa: S101 - up() raises otherwise
        assert near.database_url is not None  # noqa: S101
        assert near.rest_url is not None  # noqa: S101
        assert near.rest_token is not None  # noqa: S101
        services = Services(project, SystemClock(), SystemResolver(), near, environ=dict(os.environ))
        from soundcheck.stores.prisma.engine import PrismaEngine
        from soundcheck.stores.prisma.node import find_node

        engine = PrismaEngine(project.home, find_node())
        done = await apply_database(services, engine, await plan_database(services, engine, silent), Consent(), silent)
        print("\ndoctor, all checks (medians, seconds)")
        print("  round trip     wall    bound   ratio   by hand   target")
        for milliseconds in ROUND_TRIPS:
            seconds = milliseconds / 1000
            async with (
                slow_line(near.database_url.port or 5432, seconds) as database,
                slow_line(near.rest_url.effective_port, seconds) as cache,
            ):
                url = replace(near.database_url, port=database)
                far = Credentials(url, url, replace(near.rest_url, port=cache), near.rest_token)
                measured = [await doctor(replace(done.services, credentials=far)) for _ in range(runs)]
                hand = await asyncio.to_thread(by_hand, url, str(far.rest_url), near.rest_token.reveal())
            wall, chain = median(m[0] for m in measured), median(m[1] for m in measured)
            shown = f"{hand:8.2f}" if hand is not None else "       –"
            target = "≤ 3 s" if milliseconds <= 20 else "ratio ≤ 1.3"
            print(f"  {milliseconds:7d} ms  {wall:7.2f}  {chain:7.2f}  {wall / chain:6.2f}  {shown}   {target}")
    finally:
        await stack.down()


def main() -> None:
    """Run it in a temporary home."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="bench-doctor-") as temporary:
        os.environ[HOME_VARIABLE] = str(Path(temporary) / "home")
        asyncio.run(measure(runs, Path(temporary)))


if __name__ == "__main__":
    main()
