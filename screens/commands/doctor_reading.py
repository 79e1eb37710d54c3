"""What `soundcheck doctor` tells beside a run: checks explained, runs compared, bundles, the backend's eyes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TextIO

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.finding import Json
from soundcheck.checks.report.clean_proof import own_words, prove_text, proven_json
from soundcheck.checks.report.comparison import Comparison
from soundcheck.checks.report.history import compare, judge_again, list_runs
from soundcheck.checks.report.known_secrets import redactor_for
from soundcheck.checks.report.meaning import CheckMeaning, explain_checks
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.report.stored_run import StoredRun
from soundcheck.checks.run import Report, exit_code
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.held_file import refuse_held
from soundcheck.stores.plain_file import refuse_special
from soundcheck.stores.services import Services
from soundcheck.stores.typed_path import typed_path
from soundcheck.wizard.progress import Mark, Progress


def tell_checks(args: argparse.Namespace, services: Services, stdout: TextIO) -> int:
    """`--list` and `--explain ID`. Our own texts alone: there is nothing in them to redact."""
    printer = printer_for(args, services, stdout)
    meanings = explain_checks(default_registry(), "" if args.list else args.explain)
    if wants_json(args):
        document: Json = {"kind": "doctor_checks", "schema_version": 1, "checks": [_meaning(m) for m in meanings]}
        stdout.write(proven_json(Redactor(), document, frozenset(), "The list"))
    elif args.list:
        for check in default_registry():
            stdout.write(f"{check.id:<26} {check.title}\n")
    else:
        for line in (line for meaning in meanings for line in ("", *meaning.lines)):
            printer.line(line)
    return ExitCode.OK


def tell_runs(args: argparse.Namespace, services: Services, stdout: TextIO) -> int:
    """`--history` and `--compare RUN RUN`. Raises `UsageError` for a run that is not there or cannot be read."""
    from soundcheck.checks.report.bundle_reading import find_run

    redactor = redactor_for(services)
    if args.history:
        runs = list_runs(services.project)
        document = _history(runs, redactor)
        lines = [f"{run.run_id}  {run.started_at:%Y-%m-%d %H:%M}  {run.sentence}" for run in runs]
        lines = lines or ["No run is kept yet: soundcheck doctor"]
    else:
        runs = tuple(find_run(services.project, word) for word in args.compare)
        comparison = compare(*runs)
        document, lines = _comparison(comparison, redactor), list(comparison.lines)
    words = own_words(default_registry()) | {word for run in runs for word in (run.run_id, run.started_at.isoformat())}
    if wants_json(args):
        stdout.write(proven_json(redactor, document, words, "The answer"))
    else:
        text = redactor.scrub("\n".join(lines))
        prove_text(redactor, text, "The answer")
        printer = printer_for(args, services, stdout)
        for line in text.split("\n"):
            printer.line(line)
    return ExitCode.OK


def judged_bundle(path: Path, services: Services) -> Report:
    """What the checks of today say of the evidence in a bundle or a document. Asks no network; raises `Unreadable`."""
    from soundcheck.checks.report.bundle_reading import read_run_file

    return judge_again(read_run_file(typed_path(path)), default_registry())


def bundle_path(args: argparse.Namespace) -> Path:
    """Where `--bundle FILE` goes. Raises `CouldNotRun` for what is no file: looked at before the checks run, too."""
    path = typed_path(args.bundle)
    if path.is_dir():
        raise CouldNotRun(f"{path} is a folder.", "Name a file in it: --bundle FOLDER/report.zip")
    refuse_special(path)
    refuse_held(path)
    return path


async def write_bundle(args: argparse.Namespace, report: Report, services: Services, stdout: TextIO) -> None:
    """`--bundle FILE`: make, prove, write, and say what is in it. Raises `NotClean`, and then nothing is written."""
    from soundcheck.checks.report.bundle import make_bundle
    from soundcheck.checks.report.bundle import write_bundle as write

    path = bundle_path(args)
    bundle = await make_bundle(report, services)
    write(bundle, path)
    if wants_json(args):
        redactor = redactor_for(services)
        members: list[Json] = [
            {"name": m.name, "what": m.what, "bytes": m.size, "masked": m.masked, "removed": m.removed}
            for m in bundle.members
        ]
        document: Json = {
            "kind": "doctor_bundle_written",
            "schema_version": 1,
            "file": redactor.scrub(str(path)),
            "bytes": len(bundle.data),
            "run_id": report.run_id,
            "exit_code": exit_code(report),
            "members": members,
        }
        words = own_words(default_registry()) | {report.run_id} | {w for m in bundle.members for w in (m.name, m.what)}
        stdout.write(proven_json(redactor, document, words, "The answer"))
        return
    printer = printer_for(args, services, stdout)
    printer.line("")
    for line in bundle.lines:
        printer.line(line)
    text = f"{path} is written ({len(bundle.data):,} bytes, for you alone); no secret was found in it"
    printer.progress(Progress(text, Mark.OK, hint="Look into it before you send it: it is a zip of text files."))


async def tell_app(args: argparse.Namespace, services: Services, stdout: TextIO) -> int:
    """`--app COMMAND`: the first difference between what the backend sees and what is checked here."""
    from soundcheck.checks.backend.app_probe import probe_app
    from soundcheck.checks.backend.app_report import app_document, app_lines
    from soundcheck.stores.project.trust import FolderProgram, trust_given

    named = FolderProgram(f"what `{args.app}` starts", services.project.root)
    seen = await probe_app(args.app, services, trusted=trust_given([named]))
    redactor = redactor_for(services)
    if wants_json(args):
        stdout.write(proven_json(redactor, app_document(seen, redactor), own_words(()), "The report"))
    else:
        text = redactor.scrub("\n".join(app_lines(seen)))
        prove_text(redactor, text, "The report")
        printer = printer_for(args, services, stdout)
        for line in text.split("\n"):
            printer.line(line)
    return ExitCode.OK if seen.passed else ExitCode.FAILED


def _meaning(meaning: CheckMeaning) -> Json:
    return {
        "id": meaning.id,
        "group": meaning.group,
        "title": meaning.title,
        "requires": list(meaning.requires),
        "needed_by": list(meaning.needed_by),
        "deadline_s": meaning.deadline,
        "findings": [
            {"status": f.status, "summary": f.summary, "cause": f.cause, "blame": f.blame, "hint": f.hint}
            for f in meaning.findings
        ],
    }


def _run(run: StoredRun, redactor: Redactor) -> dict[str, Json]:
    return {
        "run_id": run.run_id,
        "started_at": run.started_at.isoformat(),
        "duration_ms": run.duration_ms,
        "sentence": redactor.scrub(run.sentence),
    }


def _history(runs: tuple[StoredRun, ...], redactor: Redactor) -> Json:
    return {"kind": "doctor_history", "schema_version": 1, "runs": [_run(run, redactor) for run in runs]}


def _comparison(comparison: Comparison, redactor: Redactor) -> Json:
    return {
        "kind": "doctor_comparison",
        "schema_version": 1,
        "before": _run(comparison.before, redactor),
        "after": _run(comparison.after, redactor),
        "changes": [
            {
                "check": redactor.scrub(change.check) if "." not in change.check else change.check,
                "direction": change.direction.value,
                "text": redactor.scrub(change.text),
                "before": redactor.scrub(change.before),
                "after": redactor.scrub(change.after),
            }
            for change in comparison.changes
        ],
    }
