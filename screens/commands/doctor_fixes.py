"""`soundcheck doctor --fix` and `--undo`: safe fixes, each shown before it is applied; destructive ones by name."""

from __future__ import annotations

import argparse
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TextIO

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.finding import FixKind, Json
from soundcheck.checks.report.clean_proof import own_words, proven_json
from soundcheck.checks.report.known_secrets import redactor_for
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.run import Report, exit_code, run_checks
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.screens.plain import PlainPrinter
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.own_command import here
from soundcheck.stores.services import Services
from soundcheck.wizard.fixes.apply import (
    EXECUTORS,
    Offer,
    apply_fix,
    named_offers,
    offers,
    preview_fix,
    refreshed,
    undo_fix,
)
from soundcheck.wizard.fixes.fix import FixResult
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import Mark, Progress

_ROUNDS = 4
"""A fix may let a check be asked that offers the next one (engine, then client); this often at most."""


@dataclass(slots=True)
class _Told:
    """What was done and what was left, for the document at the end."""

    applied: list[tuple[Offer, tuple[str, ...], FixResult]] = field(default_factory=list)
    left: list[tuple[Offer, str, str]] = field(default_factory=list)


async def fix(args: argparse.Namespace, report: Report, services: Services, stdout: TextIO) -> Report:
    """Apply what the run offers; the run of afterwards, or the same one where nothing was applied.

    Without names the safe ones, with names exactly those. Raises `UsageError` for a name that is none.
    """
    printer = None if wants_json(args) else printer_for(args, services, stdout)
    told = _Told()
    consent = Consent(production=args.production)
    named = bool(args.fix)
    now, tried, current = report, list[Offer](), services
    async with AsyncExitStack() as stack:
        for _ in range(_ROUNDS):
            offered = offers(now)
            chosen = named_offers(args.fix, offered) if named else offered
            fresh = [offer for offer in chosen if offer not in tried]
            done = len(told.applied)
            for offer in fresh:
                tried.append(offer)
                await _one(offer, current, consent, told, printer, named=named)
            if len(told.applied) == done:
                break
            current = await stack.enter_async_context(refreshed(services))
            now = await run_checks([outcome.check for outcome in report.outcomes], current)
    _end(told, now, services, printer, stdout, strict=args.strict)
    return now


async def _one(
    offer: Offer, services: Services, consent: Consent, told: _Told, printer: PlainPrinter | None, *, named: bool
) -> None:
    command = f"soundcheck doctor --fix {offer.fix.id}"
    if offer.fix.kind is FixKind.DESTRUCTIVE and not named:
        told.left.append((offer, "it reaches beyond what Soundcheck made, so it has to be named", command))
        return
    try:
        preview = await preview_fix(services, offer.fix)
        if printer is not None:
            printer.line("")
            printer.line(f"{offer.fix.id} for {offer.check}: {offer.fix.label}")
            for line in preview.lines:
                printer.line(f"  {line}")
        report = printer.progress if printer is not None else (lambda _: None)
        result = await apply_fix(services, preview, offer.check, named=named, consent=consent, report=report)
    except SoundcheckError as problem:
        told.left.append((offer, problem.message, problem.hint))
        return
    told.applied.append((offer, preview.lines, result))
    if printer is not None:
        for line in result.lines:
            printer.progress(Progress(line, Mark.OK if result.applied else Mark.SKIP))
        if result.can_undo:
            printer.line(f"  take it back: soundcheck doctor --undo {offer.fix.id}")


def _end(
    told: _Told, now: Report, services: Services, printer: PlainPrinter | None, stdout: TextIO, *, strict: bool
) -> None:
    if printer is None:
        redactor = redactor_for(services)
        document = _document(told, now, redactor, strict=strict)
        words = own_words(outcome.check for outcome in now.outcomes) | {now.run_id, *EXECUTORS}
        stdout.write(proven_json(redactor, document, words, "The answer"))
        return
    printer.line("")
    if not told.applied and not told.left:
        printer.line("There is nothing to fix that Soundcheck knows a fix for.")
    for offer, reason, hint in told.left:
        printer.progress(Progress(f"left: {offer.fix.id} for {offer.check}: {reason}", Mark.SKIP, hint=hint))
    printer.line(now.verdict.sentence)
    printer.line(f"  Next: {here().command(now.verdict.next.what)}")


def _document(told: _Told, now: Report, redactor: Redactor, *, strict: bool) -> Json:
    applied: list[Json] = [
        {
            "fix": offer.fix.id,
            "check": offer.check,
            "label": redactor.scrub(offer.fix.label),
            "preview": [redactor.scrub(line) for line in preview],
            "applied": result.applied,
            "said": [redactor.scrub(line) for line in result.lines],
            "status_afterwards": result.outcome.finding.status.value if result.outcome else None,
            "can_undo": result.can_undo,
        }
        for offer, preview, result in told.applied
    ]
    left: list[Json] = [
        {
            "fix": offer.fix.id,
            "check": offer.check,
            "label": redactor.scrub(offer.fix.label),
            "kind": offer.fix.kind.value,
            "reason": redactor.scrub(reason),
            "hint": redactor.scrub(hint),
        }
        for offer, reason, hint in told.left
    ]
    return {
        "kind": "doctor_fixes",
        "schema_version": 1,
        "run_id": now.run_id,
        "exit_code": exit_code(now, strict=strict),
        "sentence": redactor.scrub(now.verdict.sentence),
        "applied": applied,
        "left": left,
    }


async def undo(args: argparse.Namespace, services: Services, stdout: TextIO) -> int:
    """Take back one fix. Raises `Refused` where there is none, or where it was changed since."""
    entry, said = await undo_fix(services, args.undo)
    if wants_json(args):
        redactor = redactor_for(services)
        document: Json = {
            "kind": "doctor_undo",
            "schema_version": 1,
            "fix": entry.fix,
            "check": entry.check,
            "applied_at": entry.at,
            "said": redactor.scrub(said),
        }
        words = own_words(default_registry()) | {entry.fix, entry.at}
        stdout.write(proven_json(redactor, document, words, "The answer"))
    else:
        printer_for(args, services, stdout).progress(Progress(said, Mark.OK))
    return ExitCode.OK
