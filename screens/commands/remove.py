"""`soundcheck remove`: what Soundcheck created here, listed, chosen and undone."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from soundcheck.screens.asking_plain import plain_asker
from soundcheck.screens.commands.output import write_json, write_lines
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.screens.log_file import keep_log
from soundcheck.screens.opening import open_found
from soundcheck.screens.plain import PlainPrinter
from soundcheck.screens.terminal import this_terminal
from soundcheck.stores.errors import Refused, SoundcheckError, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.journal import Kind
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Answer, Asker, Question, WentBack, confirmed
from soundcheck.wizard.guard import Consent, decide
from soundcheck.wizard.progress import silent
from soundcheck.wizard.remove.flow import RemovalOutcome, choose, remove
from soundcheck.wizard.remove.plan import Item, RemovalPlan, plan_removal

if TYPE_CHECKING:
    from soundcheck.screens.app.removal_screen import RemovalChoice

EPILOG = """examples:
  soundcheck remove --dry-run              what is there, and what would become of it
  soundcheck remove                        the same list, then asks
  soundcheck remove --yes --keep env       all of it, but the env file stays as it is
  soundcheck remove --yes --only local     the local database and cache, and nothing else
  soundcheck remove --yes --edited .env    our lines in .env, also those that you changed since

kinds: env (lines and files of variables), ignore (.gitignore, .dockerignore), team (.env.example, soundcheck.toml),
schema (schema.prisma, prisma.config.ts), client (the generated client), processes (the local servers), local (their
data), engine (Prisma's engines for Node), state (notes, backups, reports, logs).

A line or a file goes only where it still is as it was written. Databases and accounts in the cloud are named with a
link and not touched. The program itself goes as it came: uv tool uninstall, pipx uninstall or pip uninstall, and then
soundcheck-console.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    kinds = [str(kind) for kind in Kind]
    parser.add_argument("--dry-run", action="store_true", help="list, and change nothing")
    parser.add_argument("--only", nargs="+", choices=kinds, default=[], metavar="KIND", help="these kinds alone")
    parser.add_argument("--keep", nargs="+", choices=kinds, default=[], metavar="KIND", help="all but these kinds")
    parser.add_argument(
        "--edited", nargs="+", default=[], metavar="PATH", help="what was edited since goes too, in these files"
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing; edited lines and files stay")
    parser.add_argument(
        "--production", default="", metavar="NAME", help="the database's name, as consent to leave it without its user"
    )


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """List, choose, undo. Raises `Refused` without consent; 3 where something could not be removed."""
    only, keep = [Kind(name) for name in args.only], [Kind(name) for name in args.keep]
    plan = await plan_removal(services, args.edited)
    _refuse_unknown(args.edited, plan)
    chosen = choose(plan, only, keep, args.edited)
    quiet = wants_json(args)
    if not plan.items:
        if quiet:
            write_json(stdout, removal_document(plan, (), services, dry_run=args.dry_run))
        else:
            write_lines(stdout, [f"There is nothing of Soundcheck's in {services.project.name}.", *_stay_lines(plan)])
        return ExitCode.OK
    if not quiet:
        write_lines(stdout, [spelled(line) for line in removal_lines(plan, chosen)])
    if args.dry_run:
        if quiet:
            would = tuple(_would(item, chosen) for item in plan.items)
            write_json(stdout, removal_document(plan, would, services, dry_run=True))
        return ExitCode.OK
    consent = Consent(production=args.production)
    if not args.yes and chosen:
        try:
            chosen, consent = await _ask(plan, chosen, consent, services, quiet=quiet)
        except WentBack:
            raise Refused("Nothing was removed.", "To look again: soundcheck remove --dry-run") from None
    if not quiet:
        write_lines(stdout, [""])
    printer = printer_for(args, services, stdout)
    logging.getLogger("wizard").info("removing %s", ", ".join(item.name for item in chosen))
    keep_log(None, ())  # a line that came later would make the folder anew
    outcomes = await remove(services, plan, chosen, consent, silent if quiet else printer.progress)
    if quiet:
        write_json(stdout, removal_document(plan, outcomes, services, dry_run=False))
    else:
        _end(plan, outcomes, stdout)
    return ExitCode.FAILED if any(outcome.state == "failed" for outcome in outcomes) else ExitCode.OK


async def remove_chosen(project: Project, environ: Mapping[str, str], choice: RemovalChoice) -> int:
    """Undo what was ticked in the app, now that it has ended, and tell it in plain lines."""
    terminal = this_terminal(environ)
    services, _ = open_found(project, environ)
    printer = PlainPrinter(terminal.stdout, color=terminal.color)
    keep_log(None, ())
    try:
        plan = await plan_removal(services, choice.edited)
        chosen = tuple(item for item in plan.items if (item.kind, item.name) in choice.chosen)
        outcomes = await remove(services, plan, chosen, choice.consent, printer.progress)
    except SoundcheckError as problem:
        PlainPrinter(terminal.stderr, color=terminal.color).error(problem)
        return ExitCode.FAILED
    finally:
        await services.close()
    _end(plan, outcomes, terminal.stdout)
    return ExitCode.FAILED if any(outcome.state == "failed" for outcome in outcomes) else ExitCode.OK


def _refuse_unknown(edited: Sequence[str], plan: RemovalPlan) -> None:
    names = {item.name for item in plan.items}
    for name in edited:
        if name not in names:
            known = ", ".join(item.name for item in plan.items if item.edited) or "nothing"
            raise UsageError(f"--edited: {name} is nothing that was written here.", f"Edited since: {known}.")


async def _ask(
    plan: RemovalPlan, chosen: tuple[Item, ...], consent: Consent, services: Services, *, quiet: bool
) -> tuple[tuple[Item, ...], Consent]:
    """Yes to all, one by one, or nothing. Raises `Refused` where nobody can answer or the answer is no."""
    asker = None if quiet else plain_asker(services.environ)
    if asker is None:
        raise Refused("Nothing was removed.", "Look with soundcheck remove --dry-run, then add --yes.")
    answers = (Answer("no", "nothing"), Answer("all", "all that goes"), Answer("each", "choose one by one"))
    answer = await asker.ask(Question("Remove what?", answers, "no"))
    if answer == "each":
        chosen = tuple([item for item in chosen if await confirmed(asker, f"Remove {item.name}?", default=False)])
    if answer == "no" or not chosen:
        raise Refused("Nothing was removed.", "To look again: soundcheck remove --dry-run")
    return chosen, await _production(plan, chosen, consent, asker)


async def _production(plan: RemovalPlan, chosen: tuple[Item, ...], consent: Consent, asker: Asker) -> Consent:
    if plan.intent is None or not any(item.kind in {Kind.ENV, Kind.LOCAL} for item in chosen):
        return consent
    verdict = decide(plan.intent, consent)
    if not (name := verdict.needs_production_name):
        return consent
    question = Question(verdict.asked, typed_name=name, consent=verdict.production_option)
    return Consent(production=await asker.ask(question))


def removal_lines(plan: RemovalPlan, chosen: tuple[Item, ...]) -> list[str]:
    """The list for people: what goes, and what stays with its reason; then what Soundcheck does not delete."""
    width = max(len(item.name) for item in plan.items)
    lines = ["What Soundcheck created here:"]
    for item in plan.items:
        word = "goes" if item in chosen else "stays"
        lines.append(f"  {word:<5}  {item.kind:<9}  {item.name:<{width}}  {item.what}")
        if item.reason:
            lines.append(f"         {'':<9}  {'':<{width}}  {item.reason}")
    return [*lines, *_stay_lines(plan)]


def _stay_lines(plan: RemovalPlan) -> list[str]:
    lines = ["Soundcheck does not delete:"] if plan.stays else []
    for one in plan.stays:
        lines.append(f"  {one.what}")
        if one.link:
            lines.append(f"    {one.link}")
    return lines


def _end(plan: RemovalPlan, outcomes: tuple[RemovalOutcome, ...], stdout: TextIO) -> None:
    gone = sum(outcome.state == "removed" for outcome in outcomes)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    left = [outcome for outcome in outcomes if outcome.state == "left"]
    lines = [f"{gone} removed, {len(left)} left" + (f", {len(failed)} not removable" if failed else "") + "."]
    lines += [f"  left: {outcome.item.name}: {outcome.reason}" for outcome in left]
    if failed:
        lines.append("Mend what stands in the way, then run `soundcheck remove` again.")
    write_lines(stdout, [spelled(line) for line in lines])


def _would(item: Item, chosen: tuple[Item, ...]) -> RemovalOutcome:
    return RemovalOutcome(item, "would_remove" if item in chosen else "left", item.reason)


def removal_document(
    plan: RemovalPlan, outcomes: tuple[RemovalOutcome, ...], services: Services, *, dry_run: bool
) -> dict[str, object]:
    """docs/json/removal.schema.json."""
    return {
        "kind": "removal",
        "schema_version": 1,
        "project": str(services.project.root),
        "dry_run": dry_run,
        "ok": all(outcome.state != "failed" for outcome in outcomes),
        "items": [
            {
                "kind": str(outcome.item.kind),
                "name": outcome.item.name,
                "what": outcome.item.what,
                "edited": list(outcome.item.edited),
                "outcome": outcome.state,
                "reason": outcome.reason or None,
            }
            for outcome in outcomes
        ],
        "stays": [{"what": one.what, "link": one.link or None} for one in plan.stays],
    }
