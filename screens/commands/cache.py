"""`soundcheck cache`: what the cache is doing, once or every few seconds. Two or three billed commands a look."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import TextIO

from soundcheck.checks.cache.faster_way import PRICE, faster_way
from soundcheck.checks.cache.vendor_usage import vendor_usage
from soundcheck.screens import cache_words as words
from soundcheck.screens.commands.cache_keys import add_options, list_keys
from soundcheck.screens.commands.cache_report import MONTH, ReportExtras, cache_document, report
from soundcheck.screens.commands.cache_watch import Figures, changed_lines, figures, seconds_between
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.screens.plain import PlainPrinter
from soundcheck.stores.cache.measured.applications import LISTED_EVERY, ApplicationMeter, Applications
from soundcheck.stores.cache.measured.monitored import SECONDS, monitor
from soundcheck.stores.cache.measured.prefix_sample import price, take_sample
from soundcheck.stores.cache.measured.prefix_table import prefix_lines
from soundcheck.stores.errors import StepFailed, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.keys import KeyRule, key_plan
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest import RestClient
from soundcheck.stores.upstash.statistics import CacheMeter, CacheSnapshot, CacheUnavailable
from soundcheck.wizard.no_store import no_store
from soundcheck.wizard.progress import Mark, Progress

EPILOG = """examples:
  soundcheck cache                   one look: what applications publish, keys, memory, latency
  soundcheck cache --watch           all once, then a line for each change; every 15 s (1 s on the local stack)
  soundcheck cache --watch --interval 60
  soundcheck cache --sample          entries, size and lives by prefix; says what it costs
  soundcheck cache --faster-way      REST against Redis' own protocol from here: 12 commands
  soundcheck cache --monitor         the hottest keys: every command for 5 s; one command, but it slows Redis down
  soundcheck cache --usage           what the vendors say of your plan; no command
  soundcheck cache --json
  soundcheck cache keys user:        keys that begin so, with kind and time to live; says what it costs

What applications publish, and how: docs/cache.md. For --usage: UPSTASH_EMAIL with UPSTASH_API_KEY, NEON_API_KEY.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    add_options(parser)
    parser.add_argument(
        "--watch",
        action="store_true",
        help="look again and again, and say only what changed, until ctrl+c, which exits with 130",
    )
    parser.add_argument(
        "--interval",
        metavar="SECONDS",
        help="with --watch: seconds between two looks (15, or 1 on the local stack); what would cost more commands "
        "than the free plan has is refused",
    )
    parser.add_argument("--sample", action="store_true", help="look at keys of each prefix, once: a bounded SCAN")
    parser.add_argument("--faster-way", action="store_true", help="measure both ways to Redis, once: 12 commands")
    parser.add_argument("--monitor", action="store_true", help=f"listen to every command for {SECONDS:g} s, once")
    parser.add_argument("--usage", action="store_true", help="ask the vendors what your plan has left, once")


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Look once, or until interrupted. Raises `CouldNotRun` without a cache, `StepFailed` where it does not answer."""
    if args.interval is not None and not args.watch:
        raise UsageError("--interval goes with --watch.", "Add --watch.")
    if args.what == "keys":
        return await list_keys(args, services, stdout, stderr)
    client = services.cache
    if client is None:
        nothing = "There are no credentials for a cache."
        raise no_store(services, "cache", "Run `soundcheck setup` to set one up.", nothing=nothing)
    plan = key_plan(services.project.profile.key_patterns)
    rest = services.credentials.rest_url
    free = rest is not None and rest.is_loopback
    seconds = seconds_between(args.interval, free=free)
    printer = printer_for(args, services, stdout, color=not args.watch)
    notes = printer_for(args, services, stderr)
    meter = CacheMeter(client, services.clock)
    listed_every = seconds if free else LISTED_EVERY
    applications = ApplicationMeter(client, services.clock, listed_every=listed_every)
    first: CacheSnapshot | CacheUnavailable | None = await meter.read()
    extra = ReportExtras()
    if isinstance(first, CacheSnapshot):
        extra = await _asked_once(args, services, client, first, plan, notes)
    told: Figures | None = None
    while True:
        seen = first or await meter.read()
        first = None
        if isinstance(seen, CacheUnavailable) and not args.watch:
            raise StepFailed(seen.reason, "Run `soundcheck doctor --only cache` to see why.")
        found = await applications.read() if isinstance(seen, CacheSnapshot) else Applications()
        lines = prefix_lines(plan, found, extra.sample)
        commands = client.commands_used
        per_look = 1 + seconds / listed_every + bool(found.listed)
        per_month = round(per_look * MONTH / seconds) if args.watch and not free else 0
        now = figures(seen, found, lines)
        if wants_json(args):
            document = cache_document(seen, found, lines, extra, commands=commands, per_month=per_month)
            stdout.write(json.dumps(document) + "\n")
            stdout.flush()
        elif told is not None:
            for text in changed_lines(told, now):
                printer.line(f"{services.clock.now():%H:%M:%S} {text}")
        else:
            if isinstance(seen, CacheUnavailable):
                printer.progress(Progress(seen.reason, Mark.FAIL))
            else:
                for text in (cache_line(seen), *report(found, lines, extra)):
                    printer.line(text)
            if not args.watch or per_month:
                printer.line(words.month_words(commands, per_month, free=free) + ".")
            if args.watch:
                notes.line(f"Looking every {seconds:g} s. From now on only what changes is told. Ctrl+c ends it.")
        if not args.watch:
            return ExitCode.OK
        told = now
        await asyncio.sleep(seconds)


async def _asked_once(
    args: argparse.Namespace,
    services: Services,
    client: RestClient,
    seen: CacheSnapshot,
    plan: tuple[KeyRule, ...],
    notes: PlainPrinter,
) -> ReportExtras:
    """What the options ask for beside the look; a price is said before it is paid."""
    sample = usage = monitored = None
    way = ""
    if args.sample:
        if not wants_json(args):
            notes.line(f"The sample takes at most {price(seen.keys, plan):,} commands.")
        sample = await take_sample(client, plan)
    if args.faster_way:
        if not wants_json(args):
            notes.line(f"Measuring the ways to Redis takes at most {PRICE} commands.")
        way = await faster_way(services)
    if args.monitor:
        if not wants_json(args):
            notes.line(
                f"MONITOR for {SECONDS:g} s: one command; it slows Redis down meanwhile, and values pass by here."
            )
        monitored = await monitor(client.url, _token(services), services.resolver, plan)
    if args.usage:
        usage = await vendor_usage(services)
    return ReportExtras(sample, way, usage, monitored)


def _token(services: Services) -> Secret:
    """A client was made with it, so it is there."""
    token = services.credentials.rest_token
    assert token is not None  # noqa: S101
    return token


def cache_line(seen: CacheSnapshot) -> str:
    """One line for people; `unknown` where there was no traffic or nothing is told."""
    rate = "unknown" if seen.hit_rate is None else f"{seen.hit_rate * 100:.0f} %"
    operations = "unknown" if seen.operations_per_second is None else f"{seen.operations_per_second:,.0f}"
    keys = "unknown" if seen.keys is None else f"{seen.keys:,}"
    memory = "unknown" if seen.used_memory is None else f"{seen.used_memory / 1e6:,.1f}"
    if seen.max_memory:
        memory += f" of {seen.max_memory / 1e6:,.0f}"
    return (
        f"hits {rate}, {operations} operations/s, {keys} keys, {memory} MB, "
        f"eviction {words.eviction(seen.policy)}, our call {seen.latency_ms:.1f} ms"
    )
