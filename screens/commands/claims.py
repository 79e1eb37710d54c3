"""`soundcheck claims`: the temporary stores, when they end, and on request the links that keep them."""

from __future__ import annotations

import argparse
from typing import TextIO

from soundcheck.screens.commands.output import write_json
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.secret import MASK
from soundcheck.stores.services import Services
from soundcheck.wizard.cloud.claims_list import Claim, ClaimState, check_claims, claims_of
from soundcheck.wizard.progress import Mark, Progress

EPILOG = """examples:
  soundcheck claims                 the temporary database and cache, and when they end
  soundcheck claims --show-links    with the links that claim them: open each, and log in
  soundcheck claims --check         ask the vendors first whether they were claimed
  soundcheck claims --json          one JSON document

Whoever has a link can take the store that it belongs to, so a link is shown to you alone and written nowhere else.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("--show-links", action="store_true", help="print the links that claim them")
    parser.add_argument("--check", action="store_true", help="ask the vendors whether they were claimed")


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """List them. Where there is none, the way to get one."""
    notes = printer_for(args, services, stderr)
    if args.check:
        for text in await check_claims(services):
            notes.progress(Progress(text, Mark.WARN))
    claims = claims_of(services)
    if wants_json(args):
        write_json(stdout, claims_document(claims, show_links=args.show_links))
    else:
        for line in claims_lines(claims, show_links=args.show_links):
            stdout.write(spelled(line) + "\n")
    return ExitCode.OK


def claims_document(claims: list[Claim], *, show_links: bool) -> dict[str, object]:
    """The JSON document `claims`; links are masked unless asked for."""
    return {
        "kind": "claims",
        "schema_version": 1,
        "stores": [
            {
                "store": str(claim.half),
                "vendor": claim.vendor,
                "state": str(claim.state),
                "ends": claim.ends.isoformat() if claim.ends is not None else None,
                "left_seconds": claim.left_seconds,
                "in_use": claim.in_use,
                "link": None if claim.link is None else claim.link.reveal() if show_links else MASK,
            }
            for claim in claims
        ],
    }


def claims_lines(claims: list[Claim], *, show_links: bool) -> list[str]:
    """The same for people: each store, then what to do."""
    if not claims:
        return ["No temporary store was made here. To make some: soundcheck setup --instant"]
    lines = []
    for claim in claims:
        use = "" if claim.in_use or claim.state is ClaimState.LOST else "  (the env file names another one)"
        lines.append(f"{claim.half:<9} {claim.vendor:<8} {claim_words(claim)}{use}")
        if claim.link is not None and show_links:
            lines.append(f"          {claim.link.reveal()}")
    if any(claim.link is not None for claim in claims):
        lines.append(
            "Open each link and log in: the store is yours then, and stays."
            if show_links
            else "The links that claim them: soundcheck claims --show-links"
        )
    return lines


def claim_words(claim: Claim) -> str:
    """How one stands, in a few words."""
    if claim.state is ClaimState.CLAIMED:
        return "claimed, it stays"
    if claim.state is ClaimState.LOST or claim.ends is None:
        return "asked for, and the answer was lost"
    when = f"{claim.ends:%d %b %Y %H:%M} UTC"
    if claim.state is ClaimState.ENDED:
        return f"ended at {when}, unclaimed"
    return f"ends {when}, {_left(claim.left_seconds or 0)} left, unclaimed"


def _left(seconds: int) -> str:
    hours = seconds // 3600
    return f"{hours} h" if hours else f"{max(seconds // 60, 1)} min"
