"""`soundcheck seed`: deterministic sample data in all eleven tables, and out again with `--remove`."""

from __future__ import annotations

import argparse
import shlex
from datetime import UTC, datetime, time
from typing import TextIO

from soundcheck.screens.commands.browsing import open_database
from soundcheck.screens.commands.output import write_json, write_lines
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Action, Consent, decide
from soundcheck.wizard.job import run_job
from soundcheck.wizard.progress import Mark, Progress, Reporter, silent
from soundcheck.wizard.seed.fill import Forecast, SeedResult, forecast
from soundcheck.wizard.seed.jobs import filling_job, refuse_what_is_too_much, removal_job, seed_intent
from soundcheck.wizard.seed.plan import USERS, SeedPlan

EPILOG = """examples:
  soundcheck seed                          1000 users with all that belongs to them, about 100,000 rows
  soundcheck seed --users 50 --seed 7      fewer, and others; the same numbers give the same rows
  soundcheck seed --remove                 take out exactly these rows
  soundcheck seed --production neondb      on a database that is not known to be for development
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("--users", type=int, default=USERS, metavar="N", help=f"how many users ({USERS})")
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
        intent = await seed_intent(opened.services, database, Action.REMOVE if args.remove else Action.SEED)
        consent = Consent(production=args.production)
        if args.remove:
            said = None
            result = await run_job(removal_job(database, intent), consent, report)
        else:
            decide(intent, consent).or_refuse()
            plan = SeedPlan.of(args.users, args.seed, _now(args.now, services.clock.now()))
            said = await forecast(database, plan)
            _weigh(args, said, database, report)
            result = await run_job(filling_job(database, plan, intent), consent, report)
    finally:
        await opened.close()
    if quiet:
        write_json(stdout, seed_document(args, database, result, said))
    else:
        number, verb = sum(result.rows.values()), "Took out" if args.remove else "Wrote"
        write_lines(stdout, [f"{verb} {number:,} rows in {len(result.rows)} tables of {database.url.endpoint}."])
        if not args.remove:
            printer.line(f"  To take exactly these rows out again: {_removal(args)}")
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


def _weigh(args: argparse.Namespace, said: Forecast, database: Database, report: Reporter) -> None:
    report(Progress(said.sentence, Mark.INFO if said.fits_free_tier else Mark.WARN))
    if not args.beyond_free_tier:
        refuse_what_is_too_much(said, database, args.users)


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
