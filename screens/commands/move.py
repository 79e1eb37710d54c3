"""`soundcheck move`: the database with its rows, and the cache, from where they are to somewhere else."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TextIO

from soundcheck.checks.finding import Json
from soundcheck.checks.report.known_secrets import known_secrets
from soundcheck.checks.report.redaction import Redactor
from soundcheck.screens.account_options import add_account_keys, given_keys
from soundcheck.screens.asking_plain import PlainAsker
from soundcheck.screens.commands.output import write_json
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.screens.options import SECRET_OPTIONS, add_secrets, given_credentials, read_secret
from soundcheck.screens.terminal import this_terminal
from soundcheck.stores.cloud.made import Half, made_secrets
from soundcheck.stores.credentials import DATABASE_URL, Credentials
from soundcheck.stores.errors import SoundcheckError, StepFailed, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker, Unattended, WentBack
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.discover import discover
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.move.back import LEAVE, move_back
from soundcheck.wizard.move.flow import move
from soundcheck.wizard.move.request import MoveEnds, MoveRequest, MoveResult
from soundcheck.wizard.progress import Mark, Progress, silent
from soundcheck.wizard.recognise.one_value import read_value
from soundcheck.wizard.setup.cloud_step import keys_given

EPILOG = """examples:
  soundcheck move --to local                                from wherever you are to this machine
  pass show new-db | soundcheck move --to -                 to the database whose address comes on standard input
  soundcheck move --to cloud --instant                      to the cloud without an account, for 72 hours
  soundcheck move --to cloud --instant --neon-api-key env:NEON_API_KEY --only database
  soundcheck move --to cloud --database-url env:NEW_URL --redis-url @url --redis-token @token
  soundcheck move --to env:NEW_URL --no-write               copy and verify, switch nothing
  soundcheck move --back                                    use the old one again

The schema is pushed, rows are copied table by table in the order of their foreign keys, and count and hash of every
table are compared on both sides before the env file is switched. The old database is not touched. Interrupted, the
same command goes on where it stood. Stop your backend meanwhile: what it writes to the old one may miss the move;
rows that changed are noticed and copied again before the switch.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--to", metavar="WHERE", help="cloud, local, or a database's address as -, @FILE or env:NAME")
    way.add_argument("--back", action="store_true", help="use the one from before the last move again")
    parser.add_argument(LEAVE, action="store_true", help="with --back: rows written since stay in the new one")
    parser.add_argument("--only", choices=[half.value for half in Half], help="move one half; the other stays")
    parser.add_argument("--yes", action="store_true", help="accept every default; ask nothing")
    parser.add_argument("--no-write", action="store_true", help="copy and verify; leave the env file as it is")
    parser.add_argument(
        "--accept-data-loss", nargs="+", default=[], metavar="NAME", help="what the push may drop in the target"
    )
    parser.add_argument(
        "--leave-behind", nargs="+", default=[], metavar="TABLE", help="tables outside your schema that may stay"
    )
    parser.add_argument("--production", default="", metavar="NAME", help="the target database's name, as consent")
    parser.add_argument("--beyond-plan", action="store_true", help="copy even where the target seems too small")
    parser.add_argument("--instant", action="store_true", help="with --to cloud: make there what is not given")
    parser.add_argument("--again", action="store_true", help="with --instant: ask Neon once more after a lost answer")
    add_secrets(parser)
    add_account_keys(parser)


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Move, or go back. Every expected failure ends in its message, its hint and its exit code."""
    if not args.back and not args.to:
        raise UsageError("Nothing says where to.", "Add --to cloud, --to local, --to - for an address, or --back.")
    quiet = wants_json(args)
    target = target_of(args, services)
    keys = given_keys(args, services.environ, sys.stdin)
    secrets = [*known_secrets(services), *target.secrets(), *keys.secrets()]
    printer = printer_for(args, services, stderr if quiet else stdout, secrets)
    report = silent if quiet else printer.progress
    asker = _asker(args, interactive=this_terminal(services.environ).interactive)
    result: MoveResult | None = None
    problem: SoundcheckError | None = None
    began = services.clock.monotonic()
    try:
        with WizardLock(services.project):
            if args.back:
                result = await move_back(services, asker, report, leave_changes=args.leave_changes)
            else:
                found = discover(services.project, services.environ)
                result = await move(services, found, _request(args, target, keys), asker, report)
    except SoundcheckError as error:
        problem = error
    except WentBack:
        problem = StepFailed("Nothing was switched: you went back.", "Run the same command again when you are ready.")
    except asyncio.CancelledError:
        told = "Interrupted: the old address is in use. The same command goes on where this one stood."
        printer.progress(Progress(told, Mark.WARN))
        raise
    if quiet:
        took = (services.clock.monotonic() - began) * 1000
        secrets += made_secrets(services.project)  # some were made in this run
        document = move_document(args, result, problem, took)
        write_json(stdout, {name: Redactor(secrets).scrub_json(part) for name, part in document.items()})
    if problem is not None:
        raise problem
    return ExitCode.OK


def target_of(args: argparse.Namespace, services: Services) -> Credentials:
    """Where to, as credentials; empty for `local`. Raises `UsageError`."""
    if args.back or args.to == "local":
        if named := [option for name, option in SECRET_OPTIONS.items() if getattr(args, name)]:
            way = "--back" if args.back else "--to local"
            raise UsageError(f"{way} knows its addresses; {named[0]} gives another.", f"Leave out {named[0]}.")
        return Credentials()
    given = given_credentials(args, services.environ, sys.stdin)
    if args.to == "cloud":
        return given
    if given.has_database:
        raise UsageError("Both --to and --database-url give an address.", "Leave out one of them.")
    value = read_secret("--to", args.to, services.environ, sys.stdin)
    read = read_value(DATABASE_URL, value)
    if read.problem is not None:
        raise UsageError(f"--to: {read.problem.message}", read.problem.cure)
    return read.credentials.over(given)


def _request(args: argparse.Namespace, target: Credentials, keys: AccountKeys) -> MoveRequest:
    return MoveRequest(
        to_local=args.to == "local",
        to_cloud=args.to == "cloud",
        instant=args.instant,
        again=args.again,
        keys=keys_given(keys),
        target=target,
        only=Half(args.only) if args.only else None,
        consent=Consent(frozenset(args.accept_data_loss), args.production),
        left_behind=frozenset(args.leave_behind),
        beyond_plan=args.beyond_plan,
        write_file=not args.no_write,
    )


def _asker(args: argparse.Namespace, *, interactive: bool) -> Asker:
    if args.yes or wants_json(args):
        return Unattended()
    if not interactive:
        raise UsageError("There is no terminal to ask questions on.", "Add --yes to accept the defaults.")
    return PlainAsker()


def move_document(
    args: argparse.Namespace, result: MoveResult | None, problem: SoundcheckError | None, elapsed_ms: float
) -> dict[str, Json]:
    """The JSON document `move`; `error` is null where it went through."""
    done = result or MoveResult(MoveEnds(), MoveEnds())
    return {
        "kind": "move",
        "schema_version": 1,
        "ok": problem is None,
        "direction": "back" if args.back else "to",
        "from": _ends(done.source),
        "to": _ends(done.target),
        "tables": [
            {"name": name, "rows": one.rows, "hash": one.sums, "copied": name in done.copied}
            for name, one in done.tables.items()
        ],
        "left_behind": list(done.left_behind),
        "switched": done.switched,
        "env_file": str(done.env_file) if done.env_file else None,
        "elapsed_ms": round(elapsed_ms, 1),
        "error": None if problem is None else {"message": problem.message, "hint": problem.hint},
    }


def _ends(ends: MoveEnds) -> dict[str, Json]:
    return {"database": ends.database or None, "cache": ends.cache or None}
