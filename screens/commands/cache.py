"""`soundcheck cache`: what the cache is doing, once or every few seconds. One billed command a look."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Final, TextIO

from checks.finding import Json
from checks.services import Services
from screens.commands.cache_keys import add_options, list_keys
from screens.commands.running import printer_for, wants_json
from screens.exit_codes import ExitCode
from stores.cache_statistics import CacheMeter, CacheSnapshot, CacheUnavailable
from stores.errors import CouldNotRun, StepFailed
from wizard.progress import Mark, Progress

EPILOG = """examples:
  soundcheck cache                   one look: keys, memory, latency
  soundcheck cache --watch           every 15 s (1 s on the local stack), with the rates of the interval
  soundcheck cache --json
  soundcheck cache keys user:        keys that begin so, with kind and time to live; says what it costs
"""

REMOTE_SECONDS: Final = 15.0
"""Between two looks at a cache whose commands cost money: 173,000 a month if it runs all the time."""

LOCAL_SECONDS: Final = 1.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    add_options(parser)
    parser.add_argument("--watch", action="store_true", help="look again and again; ctrl+c ends it")


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Look once, or until interrupted. Raises `CouldNotRun` without a cache, `StepFailed` where it does not answer."""
    if args.what == "keys":
        return await list_keys(args, services, stdout, stderr)
    client = services.cache
    if client is None:
        raise CouldNotRun("There are no credentials for a cache.", "Run `soundcheck setup` to set one up.")
    meter = CacheMeter(client, services.clock)
    rest = services.credentials.rest_url
    seconds = LOCAL_SECONDS if rest is not None and rest.is_loopback else REMOTE_SECONDS
    printer = printer_for(args, services, stdout)
    while True:
        seen = await meter.read()
        if isinstance(seen, CacheUnavailable) and not args.watch:
            raise StepFailed(seen.reason, "Run `soundcheck doctor --only cache` to see why.")
        if wants_json(args):
            stdout.write(json.dumps(cache_document(seen)) + "\n")
            stdout.flush()
        elif isinstance(seen, CacheUnavailable):
            printer.progress(Progress(seen.reason, Mark.FAIL))
        else:
            printer.line(cache_line(seen))
        if not args.watch:
            return ExitCode.OK
        await asyncio.sleep(seconds)


def cache_document(seen: CacheSnapshot | CacheUnavailable) -> dict[str, Json]:
    """The JSON document `cache`. Rates are of the interval since the last look, null for the first one."""
    head: dict[str, Json] = {"kind": "cache", "schema_version": 1, "available": isinstance(seen, CacheSnapshot)}
    if isinstance(seen, CacheUnavailable):
        return head | {"reason": seen.reason, "latency_ms": seen.latency_ms, "commands_used": seen.commands_used}
    return head | {
        "hit_rate": seen.hit_rate,
        "operations_per_second": seen.operations_per_second,
        "interval_s": seen.interval,
        "keys": seen.keys,
        "used_memory_bytes": seen.used_memory,
        "max_memory_bytes": seen.max_memory,
        "evicted": seen.evicted,
        "expired": seen.expired,
        "latency_ms": seen.latency_ms,
        "commands_used": seen.commands_used,
        "server": seen.server,
        "version": seen.version,
    }


def cache_line(seen: CacheSnapshot) -> str:
    """One line for people; a dash where there was no traffic or nothing is known."""
    rate = "–" if seen.hit_rate is None else f"{seen.hit_rate * 100:.0f} %"
    operations = "–" if seen.operations_per_second is None else f"{seen.operations_per_second:,.0f}"
    keys = "–" if seen.keys is None else f"{seen.keys:,}"
    memory = "–" if seen.used_memory is None else f"{seen.used_memory / 1e6:,.1f}"
    if seen.max_memory:
        memory += f" of {seen.max_memory / 1e6:,.0f}"
    return (
        f"hits {rate} · {operations} operations/s · {keys} keys · {memory} MB · "
        f"our call {seen.latency_ms:.1f} ms · commands used {seen.commands_used}"
    )
