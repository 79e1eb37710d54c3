"""`soundcheck seed`: deterministic sample data in all eleven tables, and out again with `--remove`."""

from __future__ import annotations

import argparse
import shlex
from datetime import UTC, datetime, time
from functools import partial
from typing import TextIO

from soundcheck.screens.commands.browsing import open_database
from soundcheck.screens.commands.output import write_json, write_lines
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.errors import Refused, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Action, Consent, Intent, decide
from soundcheck.wizard.job import Job, LeftByStop, run_job
from soundcheck.wizard.progress import Mark, Progress, Reporter, silent
from soundcheck.wizard.seed.fill import Forecast, SeedResult, fill, forecast, remove
from soundcheck.wizard.seed.plan import FREE_TIER, SeedPlan
from soundcheck.wizard.target import Target

EPILOG = """examples:
  soundcheck seed                          1000 users with all that belongs to them, about 100,000 rows
  soundcheck seed --users 50 --seed 7      fewer, and others; the same numbers give the same rows
  soundcheck seed --remove                 take out exactly these rows
  soundcheck seed --production neondb      on a database that is not known to be for development
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("--users", type=int, default=1000, metavar="N", help="how many users (1000)")
    parser.add_argument("--seed", type=int, default=1, metavar="K", help="which data; the same K, the same rows (1)")
    parser.add_argument("--now", metavar="DATE", help="the newest day in the data, as 2026-11-20 (default: today)")
    parser.add_argument("--remove", action="store_true", help="take the sample data out again")
    parser.add_argument(
        "--production", default="", metavar="NAME", help="the database's name, as consent to write there"
    )
    parser.add_argument("--beyond-free-tier", action="store_true", help="write even past 0.5 GB")


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Fill or remove. Raises `Refused` by the guard or where other rows are in the way."""
    printer = printer_for(args, services, stderr)
    quiet = wants_json(args)
    report: Reporter = silent if quiet else printer.progress
    opened = await open_database(args, services, stderr)
    try:
        database = opened.database
        intent = await _intent(args, opened.services, database)
        consent = Consent(production=args.production)
        if args.remove:
            said = None
            taking_out = Job("Taking out the sample data", intent, partial(remove, database), LeftByStop.NOTHING)
            result = await run_job(taking_out, consent, report)
        else:
            decide(intent, consent).or_refuse()
            plan = SeedPlan.of(args.users, args.seed, _now(args.now, services.clock.now()))
            said = await forecast(database, plan)
            _weigh(args, said, database, report)
            filling = Job("Filling the tables", intent, partial(fill, database, plan), LeftByStop.NOTHING)
            result = await run_job(filling, consent, report)
    finally:
        await opened.close()
    if quiet:
        write_json(stdout, seed_document(args, database, result, said))
    else:
        number, verb = sum(result.rows.values()), "Took out" if args.remove else "Wrote"
        write_lines(stdout, [f"{verb} {number:,} rows in {len(result.rows)} tables of {database.url.endpoint}."])
        if not args.remove:
            printer.line(f"  → To take exactly these rows out again: {_removal(args)}")
    return ExitCode.OK


def _removal(args: argparse.Namespace) -> str:
    """The command that undoes this one, with the same consent; where it is printed, the project is added."""
    consent = f" --production {shlex.quote(args.production)}" if args.production else ""
    return f"soundcheck seed --remove{consent}"


def _now(text: str | None, today: datetime) -> datetime:
    """Midnight of a day: runs on one day give the same data."""
    if text is None:
        return datetime.combine(today.astimezone(UTC).date(), time(), UTC)
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--now {text!r} is not a date.", "Write it as 2026-11-20.") from None
    return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)


async def _intent(args: argparse.Namespace, services: Services, database: Database) -> Intent:
    url = database.url
    return Intent(
        action=Action.REMOVE if args.remove else Action.SEED,
        target=Target.of_database(url, str((await database.fetch("SELECT current_database()")).rows[0][0])),
        kind=services.project.profile.kind,
        profile=services.project.profile.name,
        is_local=LocalStack(services.project.local).owns(url),
        only_adds=not args.remove,
    )


def _weigh(args: argparse.Namespace, said: Forecast, database: Database, report: Reporter) -> None:
    report(Progress(said.sentence, Mark.INFO if said.fits_free_tier else Mark.WARN))
    if database.url.is_neon and not said.fits_free_tier and not args.beyond_free_tier:
        room = max(0, FREE_TIER - said.present_bytes) * args.users // max(1, said.added_bytes)
        raise Refused(
            f"{said.sentence}.", f"Add --users {max(1, room * 9 // 10)}, or --beyond-free-tier if your plan has room."
        )


def seed_document(
    args: argparse.Namespace, database: Database, result: SeedResult, said: Forecast | None
) -> dict[str, object]:
    """The JSON document `seed`."""
    return {
        "kind": "seed",
        "schema_version": 1,
        "endpoint": database.url.endpoint,
        "database": database.url.database,
        "removed": bool(args.remove),
        "users": None if args.remove else args.users,
        "seed": None if args.remove else args.seed,
        "rows": dict(result.rows),
        "replaced": result.replaced,
        "predicted_bytes": None if said is None else said.added_bytes,
        "elapsed_ms": round(result.elapsed_ms, 1),
    }
