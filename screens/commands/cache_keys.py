"""`soundcheck cache keys [PREFIX]`: the keys of the cache with their kind and time to live, at a bounded price."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Final, TextIO

from soundcheck.screens.commands.copies import key_shown
from soundcheck.screens.commands.output import aligned, write_json, write_lines
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.amounts import number_of
from soundcheck.stores.copies.key_scan import COUNT, Scan, scan_on
from soundcheck.stores.errors import StepFailed, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KeyRule, key_plan, known_key
from soundcheck.stores.services import Services
from soundcheck.wizard.no_store import no_store

MOST_LISTED: Final = 10_000
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key with Redis' word for its kind ("none" where it expired meanwhile); `ttl` in seconds, None for never."""

    key: str
    kind: str
    ttl: int | None


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `cache` takes for this."""
    parser.add_argument("what", nargs="?", choices=("keys",), help="list keys instead of the statistics")
    parser.add_argument("prefix", nargs="?", default="", metavar="PREFIX", help="only keys that begin so")
    parser.add_argument("--limit", type=int, default=100, metavar="N", help=f"keys at most, 1 to {MOST_LISTED} (100)")
    parser.add_argument(
        "--scan", type=int, default=20, metavar="N", help=f"SCAN commands at most, {COUNT} keys looked at each (20)"
    )
    parser.add_argument("--reveal", action="store_true", help="spell out search terms, session codes and the like")


async def list_keys(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Scan, then ask for kind and time to live of those that are listed: two commands each."""
    client = services.cache
    if client is None:
        nothing = "There are no credentials for a cache."
        raise no_store(services, "cache", "Run `soundcheck setup` to set one up.", nothing=nothing)
    if not 1 <= args.limit <= MOST_LISTED or args.scan < 1:
        raise UsageError(f"--limit is between 1 and {MOST_LISTED}, --scan at least 1.", "Narrow it down with PREFIX.")
    plan = key_plan(services.project.profile.key_patterns)
    printer = printer_for(args, services, stderr)
    if not wants_json(args):
        printer.line(f"At most {args.scan + 1 + 2 * args.limit} commands.")
    scan = await scan_on(client, Scan(args.prefix), args.scan)
    if scan.problem:
        raise StepFailed(scan.problem, "Use the standard token, or `soundcheck row TABLE ID` for the copies of a row.")
    keys: list[ListedKey] = []
    wanted = scan.keys[: args.limit]
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        replies = await client.pipeline([command for key in some for command in (("TYPE", key), ("TTL", key))])
        for key, kind, ttl in zip(some, replies[::2], replies[1::2], strict=True):
            if not kind.ok:
                raise StepFailed(f"The cache does not answer: {visible(kind.error)}", "Run `soundcheck doctor`.")
            seconds = ttl.value if isinstance(ttl.value, int) and ttl.value >= 0 else None
            keys.append(ListedKey(key, str(kind.value), seconds))
    commands = scan.commands + 2 * len(keys)
    if wants_json(args):
        write_json(stdout, keys_document(args.prefix, scan, keys, commands, plan, reveal=args.reveal))
        return ExitCode.OK
    rows = [
        (
            visible(key_shown(one.key, plan, reveal=args.reveal)),
            one.kind,
            "never" if one.ttl is None else f"{one.ttl} s",
        )
        for one in keys
    ]
    write_lines(stdout, aligned(("key", "kind", "expires in"), rows, (False, False, True)))
    more = "" if scan.done and len(scan.keys) <= len(keys) else ", and there are more"
    printer.line(f"{number_of(len(keys), 'key')}{more}, {number_of(commands, 'command')} used")
    if any(key_shown(one.key, plan, reveal=False) != one.key for one in keys) and not args.reveal:
        printer.line("Parts of keys that are nobody's business are hashed. --reveal spells them.")
    return ExitCode.OK


def keys_document(
    prefix: str, scan: Scan, keys: list[ListedKey], commands: int, plan: tuple[KeyRule, ...], *, reveal: bool
) -> dict[str, object]:
    """The JSON document `cache_keys`."""
    return {
        "kind": "cache_keys",
        "schema_version": 1,
        "prefix": key_shown(prefix, plan, reveal=reveal),
        "keys": [
            {
                "key": key_shown(one.key, plan, reveal=reveal),
                "type": one.kind,
                "ttl": one.ttl,
                "pattern": known.rule.pattern if (known := known_key(one.key, plan)) is not None else None,
            }
            for one in keys
        ],
        "found": len(scan.keys),
        "complete": scan.done,
        "total_in_cache": scan.total,
        "commands_used": commands,
    }
