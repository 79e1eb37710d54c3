"""`soundcheck doctor`: every check, one verdict, an exit code. Runs without Textual."""

from __future__ import annotations

import argparse
import json
import logging
from typing import TextIO

from checks.exit_code import exit_code
from checks.finding import Status
from checks.known_secrets import redactor_for
from checks.report_json import report_document
from checks.report_text import report_lines
from checks.run import CheckEvent, Finished, Note, Report, run_checks
from checks.services import Services
from screens.commands.running import printer_for, wants_json
from screens.exit_codes import ExitCode
from screens.plain import PlainPrinter
from wizard.local_step import wake_local
from wizard.progress import Mark, Progress

EPILOG = """examples:
  soundcheck doctor                      every check, then the verdict
  soundcheck doctor --text               at most 40 redacted lines to paste into a chat
  soundcheck doctor --json --strict      for scripts: exit code 1 on warnings, 3 on failures
  soundcheck doctor --only database      the checks of one group and what they rest on
"""

MARKS = {
    Status.OK: Mark.OK,
    Status.WARN: Mark.WARN,
    Status.FAIL: Mark.FAIL,
    Status.SKIP: Mark.SKIP,
    Status.UNKNOWN: Mark.WARN,
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("--text", action="store_true", help="a short redacted report to send on")
    parser.add_argument("--strict", action="store_true", help="exit code 1 where there are warnings")
    parser.add_argument("--only", nargs="+", metavar="ID", help="these checks, or groups, and what they rest on")
    parser.add_argument("--list", action="store_true", help="the checks and their ids")


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Run the checks and report. Expected failures are findings, so this raises only for wrong words."""
    if args.list:
        for check in services.registry:
            stdout.write(f"{check.id:<26} {check.title}\n")
        return ExitCode.OK
    checks = services.registry.select(args.only) if args.only else list(services.registry)
    quiet = wants_json(args) or args.text
    printer = printer_for(args, services, stdout)
    notes = printer_for(args, services, stderr)
    woken = await _wake(services, notes, quiet)
    try:
        report = await run_checks(checks, woken, (lambda _: None) if quiet else lambda event: _show(event, printer))
    finally:
        if woken is not services:
            await woken.close()
    _write(args, report, woken, printer, stdout)
    return exit_code(report, strict=args.strict)


async def _wake(services: Services, notes: PlainPrinter, quiet: bool) -> Services:
    """Our own stack is started first; where that fails, the checks say so."""
    from stores.errors import SoundcheckError

    try:
        return await wake_local(services, (lambda _: None) if quiet else notes.progress)
    except SoundcheckError as problem:
        logging.getLogger("soundcheck").warning("the local stack did not start: %s", problem.message)
        return services


def _show(event: CheckEvent, printer: PlainPrinter) -> None:
    if isinstance(event, Note):
        printer.progress(Progress(f"{event.check.title}: {event.text}", Mark.RUNNING))
    if isinstance(event, Finished):
        finding = event.outcome.finding
        text = f"{event.outcome.check.id}: {finding.summary}"
        took = event.outcome.duration_ms if finding.status is not Status.SKIP else None
        printer.progress(Progress(text, MARKS[finding.status], elapsed_ms=took, hint=finding.hint))


def _write(args: argparse.Namespace, report: Report, services: Services, printer: PlainPrinter, stdout: TextIO) -> None:
    redactor = redactor_for(services)
    if wants_json(args):
        json.dump(report_document(report, redactor), stdout, indent=2, ensure_ascii=False)
        stdout.write("\n")
    elif args.text:
        stdout.writelines(line + "\n" for line in report_lines(report, redactor))
    else:
        printer.line("")
        printer.line(report.verdict.sentence)
        if report.verdict.next_command:
            printer.line(f"  → {report.verdict.next_command}")
