"""Options for the user's own keys at the vendors. Like every secret they never stand on a command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Final, TextIO

from soundcheck.screens.options import read_secret
from soundcheck.stores.errors import UsageError
from soundcheck.wizard.cloud.account_keys import REGION, AccountKeys

_NAME: Final = re.compile(r"^[a-z0-9-]{2,60}$")


def add_account_keys(parser: argparse.ArgumentParser) -> None:
    """With --instant they make lasting stores instead of temporary ones."""
    group = parser.add_argument_group(
        "your own accounts", "With --instant. Each takes - (standard input), @FILE or env:NAME, but region and org."
    )
    group.add_argument("--neon-api-key", metavar="FROM", help="a key from console.neon.tech, as env:NEON_API_KEY")
    group.add_argument("--neon-org", metavar="ID", default="", help="the organisation, where you are in several")
    group.add_argument("--upstash-email", metavar="FROM", help="the account's e-mail address, as env:UPSTASH_EMAIL")
    group.add_argument("--upstash-api-key", metavar="FROM", help="a management key, as env:UPSTASH_API_KEY")
    group.add_argument("--region", metavar="NAME", default=REGION, help=f"AWS's name of it (default: {REGION})")


def given_keys(args: argparse.Namespace, environ: Mapping[str, str], stdin: TextIO) -> AccountKeys:
    """What the options give. Raises `UsageError` for a literal, for half a pair, and without --instant."""
    sources = {name: getattr(args, name) for name in ("neon_api_key", "upstash_email", "upstash_api_key")}
    values = {
        name: read_secret(f"--{name.replace('_', '-')}", source, environ, stdin)
        for name, source in sources.items()
        if source
    }
    if values and not args.instant:
        raise UsageError(
            "A key of your account creates something there, which nobody does unasked.", "Add --instant to agree to it."
        )
    if ("upstash_email" in values) != ("upstash_api_key" in values):
        raise UsageError(
            "Upstash's key goes with the account's address.", "Give --upstash-email and --upstash-api-key."
        )
    for option, text in (("--region", args.region), ("--neon-org", args.neon_org)):
        if text and not _NAME.match(text):
            raise UsageError(f"{option}: that is no such name.", "It has small letters, digits and dashes.")
    return AccountKeys(
        values.get("neon_api_key"),
        args.neon_org,
        values.get("upstash_email"),
        values.get("upstash_api_key"),
        args.region,
    )
