"""`soundcheck doctor`: every check, one verdict, an exit code. Runs without Textual."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from typing import Final, TextIO

from soundcheck.checks.advice import Face
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.finding import Status
from soundcheck.checks.report.clean_proof import prove_text, proven_json, report_words
from soundcheck.checks.report.history import save_run
from soundcheck.checks.report.json import report_document
from soundcheck.checks.report.known_secrets import redactor_for
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.report.text import report_lines
from soundcheck.checks.run import CheckEvent, Note, Report, exit_code, run_checks
from soundcheck.screens.commands import doctor_accepting, doctor_fixes, doctor_reading
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.screens.commands.trusting import add_trust, agree_if_asked
from soundcheck.screens.options import path_word
from soundcheck.screens.plain import PlainPrinter
from soundcheck.stores.amounts import number_of
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import here
from soundcheck.stores.services import Services
from soundcheck.wizard.cache_test_key import with_consent
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import Mark, Progress
from soundcheck.wizard.setup.check_progress import MARKS
from soundcheck.wizard.setup.local_step import wake_local

EPILOG = """examples:
  soundcheck doctor                      every check: the verdict, then what each found
  soundcheck doctor --text               at most 40 redacted lines to paste into a chat
  soundcheck doctor --bundle report.zip  all that support asks for in one file, proven free of secrets
  soundcheck doctor --fix                apply the safe fixes, each shown first
  soundcheck doctor --trust              let it run your backend's Python and its client; remembered
  soundcheck doctor --app "npm start"    why your app does not work although all is green here
  soundcheck doctor --compare previous last
  soundcheck doctor --accept database.role   a warning that you know of stays quiet from now on
  soundcheck doctor --json --strict      for scripts: exit code 1 on warnings, 3 on failures
  soundcheck doctor --only database      the checks of one group and what they rest on
"""

log = logging.getLogger("soundcheck")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("--text", action="store_true", help="a short redacted report to send on")
    parser.add_argument("--strict", action="store_true", help="exit code 1 where there are warnings")
    parser.add_argument("--only", nargs="+", metavar="ID", help="these checks, or groups, and what they rest on")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--list", action="store_true", help="the checks and their ids")
    way.add_argument("--explain", metavar="ID", help="what a check asks, and what its findings mean")
    way.add_argument("--history", action="store_true", help="the runs that are kept, the newest first")
    way.add_argument(
        "--compare", nargs=2, metavar="RUN", help="what changed between two runs: ids, last, previous, or bundles"
    )
    way.add_argument("--bundle", type=path_word, metavar="FILE", help="write one archive for support")
    way.add_argument(
        "--from-bundle", type=path_word, metavar="FILE", help="judge a bundle's evidence again; asks no network"
    )
    way.add_argument("--fix", nargs="*", metavar="ID", help="apply the safe fixes, or those named")
    way.add_argument("--accept", nargs="+", metavar="ID", help="warnings that you know of: they stay quiet from now on")
    way.add_argument("--warn-again", nargs="+", metavar="ID", help="hear of accepted warnings again")
    way.add_argument("--undo", nargs="?", const="", metavar="ID", help="take back the last fix, or the last of that id")
    way.add_argument("--app", metavar="COMMAND", help="look through your backend's own eyes; it is not started")
    add_trust(parser)
    parser.add_argument(
        "--production", default="", metavar="NAME",
        help="the production database that --fix may write to, or the host of the production cache to test with a key",
    )  # fmt: skip


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Run the checks and report. Expected failures are findings, so this raises only for wrong words."""
    if args.list or args.explain is not None:
        return doctor_reading.tell_checks(args, services, stdout)
    if args.history or args.compare is not None:
        return doctor_reading.tell_runs(args, services, stdout)
    if args.from_bundle is not None:
        report = doctor_reading.judged_bundle(args.from_bundle, services)
        _write(args, report, services, printer_for(args, services, stdout), stdout)
        return exit_code(report, strict=args.strict)
    if args.undo is not None:
        return await doctor_fixes.undo(args, services, stdout)
    if args.accept or args.warn_again:
        return await doctor_accepting.accept(args, services, stdout)
    return await _ask(args, services, stdout, stderr)


async def _ask(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    if args.bundle is not None:
        doctor_reading.bundle_path(args)  # a place that cannot be written is not found out after all checks
    checks = default_registry().select(args.only) if args.only else list(default_registry())
    quiet = wants_json(args) or args.text
    printer = printer_for(args, services, stdout)
    notes = printer_for(args, services, stderr)
    agree_if_asked(args, services, notes)
    services = with_consent(services, Consent(production=args.production))
    woken = await _wake(services, notes, quiet)
    try:
        if args.app is not None:
            return await doctor_reading.tell_app(args, woken, stdout)
        if not quiet:
            notes.line(f"Running {number_of(len(checks), 'check')}.")
        report = await run_checks(checks, woken, (lambda _: None) if quiet else lambda event: _note(event, notes))
        redactor = redactor_for(woken)
        keep(report, woken, redactor, notes)
        if args.fix is not None:
            if not quiet:
                _write(args, report, woken, printer, stdout)
            fixed = await doctor_fixes.fix(args, report, woken, stdout)
            if fixed is not report:
                keep(fixed, woken, redactor, notes)
            return exit_code(fixed, strict=args.strict)
        if args.bundle is None or not quiet:
            _write(args, report, woken, printer, stdout)
        if args.bundle is not None:
            await doctor_reading.write_bundle(args, report, woken, stdout)
        return exit_code(report, strict=args.strict)
    finally:
        if woken is not services:
            await woken.close()


def keep(report: Report, services: Services, redactor: Redactor, notes: PlainPrinter) -> None:
    """Keep the run as evidence. A state folder that cannot be written stands in nobody's way."""
    try:
        save_run(services.project, report, redactor)
    except SoundcheckError as problem:
        log.warning("the run was not kept: %s", problem.message)
        notes.progress(Progress(f"This run was not kept: {problem.message}", Mark.WARN))


async def _wake(services: Services, notes: PlainPrinter, quiet: bool) -> Services:
    """Our own stack is started first; where that fails, the checks say so."""
    try:
        return await wake_local(services, (lambda _: None) if quiet else notes.progress)
    except SoundcheckError as problem:
        log.warning("the local stack did not start: %s", problem.message)
        return services


def _note(event: CheckEvent, notes: PlainPrinter) -> None:
    """What takes long is said while it does; the findings wait for the verdict, which comes before them."""
    if isinstance(event, Note):
        notes.progress(Progress(f"{event.check.title}: {event.text}", Mark.RUNNING))


_ORDER: Final = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.OK)
"""What needs you first."""


def _details(report: Report) -> Iterator[Progress]:
    for status in _ORDER:
        for outcome in report.outcomes:
            finding = outcome.finding
            if finding.status is status:
                text, hint = f"{outcome.check.id}: {finding.summary}", finding.hint_for(Face.ANYWHERE, here())
                yield Progress(text, MARKS[status], elapsed_ms=outcome.duration_ms, hint=hint)
    for line in skipped_lines(report):
        yield Progress(line, Mark.SKIP)


def skipped_lines(report: Report) -> list[str]:
    """What was not asked, a line for each reason: thirty lines of the same say less than one."""
    by_reason: dict[str, list[str]] = {}
    ids = {outcome.check.id for outcome in report.outcomes}
    for outcome in report.outcomes:
        finding = outcome.finding
        if finding.status is Status.SKIP:
            blocked = finding.skipped_because in ids
            reason = f"because {finding.skipped_because} did not pass" if blocked else "not needed here"
            if finding.hint:  # it could be asked, and this is how
                reason = f"because {finding.skipped_because}. {finding.hint_for(Face.ANYWHERE, here())}"
            by_reason.setdefault(reason, []).append(outcome.check.id)
    return [f"{len(names)} not asked, {reason}: {', '.join(names)}" for reason, names in by_reason.items()]


def _write(args: argparse.Namespace, report: Report, services: Services, printer: PlainPrinter, stdout: TextIO) -> None:
    """The report in the form that was asked for; what leaves for others is proven first. Raises `NotClean`."""
    redactor = redactor_for(services)
    if wants_json(args):
        document = report_document(report, redactor)
        stdout.write(proven_json(redactor, document, report_words(report), "The report"))
    elif args.text:
        text = redactor.scrub("\n".join(report_lines(report, redactor))) + "\n"
        prove_text(redactor, text, "The report")
        stdout.write(text)
    else:
        printer.line(report.verdict.sentence)
        if report.verdict.still_works:
            printer.line(report.verdict.still_works)
        printer.line(f"  Next: {here().command(report.verdict.next.what)}")
        printer.line("")
        for detail in _details(report):
            printer.progress(detail)
