"""`soundcheck doctor --accept` and `--warn-again`: warnings that a person knows of stay quiet, or are heard again."""

from __future__ import annotations

import argparse
from typing import TextIO

from soundcheck.checks.catalogue import ask, default_registry
from soundcheck.checks.finding import Status
from soundcheck.screens.commands.running import printer_for
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.accepted_warnings import accept_warning, accepted_warnings, warn_again
from soundcheck.stores.services import Services
from soundcheck.wizard.progress import Mark, Progress


async def accept(args: argparse.Namespace, services: Services, stdout: TextIO) -> int:
    """Ask the checks that are named, and remember their warnings. Raises `UsageError` for what is no warning."""
    names: list[str] = args.accept or args.warn_again
    if unknown := [name for name in names if name not in default_registry()]:
        raise UsageError(f"No check is called {unknown[0]!r}.", "`soundcheck doctor --list` names them all.")
    printer = printer_for(args, services, stdout)
    if args.warn_again:
        for name in names:
            was = warn_again(services.project, name)
            said = f"{name}: you hear of it again" if was else f"{name}: nothing was accepted there"
            printer.progress(Progress(said, Mark.OK if was else Mark.SKIP))
        return ExitCode.OK
    report = await ask(services, names)
    for outcome in report.outcomes:
        if outcome.check.id not in names:
            continue
        finding = outcome.finding
        if outcome.check.id in accepted_warnings(services.project) and finding.status is Status.OK:
            printer.progress(Progress(f"{outcome.check.id}: {finding.summary}", Mark.OK))
        elif finding.status is Status.WARN:
            accept_warning(services.project, outcome.check.id, finding.summary)
            hint = f"Hear of it again: soundcheck doctor --warn-again {outcome.check.id}"
            printer.progress(Progress(f"{outcome.check.id}: accepted: {finding.summary}", Mark.OK, hint=hint))
        else:
            reason = "it holds" if finding.status is Status.OK else finding.summary
            raise UsageError(f"{outcome.check.id} is no warning now: {reason}", "Only a warning can be accepted.")
    return ExitCode.OK
