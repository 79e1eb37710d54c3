"""Every run is kept as evidence: its redacted document, in the state folder, for yourself alone; the last fifty."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Final

from soundcheck.checks.report.clean_proof import proven_json, report_words
from soundcheck.checks.report.comparison import Comparison, compare
from soundcheck.checks.report.json import report_document
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.report.stored_run import StoredCheck, StoredRun, Unreadable, judge_again, read_run
from soundcheck.checks.run import Report
from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.errors import UsageError
from soundcheck.stores.project.kept_file import keep_newest, make_private
from soundcheck.stores.project.project import Project

__all__ = [
    "KEPT",
    "Comparison",
    "StoredCheck",
    "StoredRun",
    "compare",
    "judge_again",
    "list_runs",
    "load_run",
    "save_run",
]

log = logging.getLogger(__name__)

KEPT: Final = 50
"""Runs; the oldest go. One takes about 40 kB."""

LAST: Final = "last"
PREVIOUS: Final = "previous"

_NAME: Final = re.compile(r"\d{8}T\d{12}-[0-9a-f]{4,16}\.json")


def save_run(project: Project, report: Report, redactor: Redactor) -> Path:
    """Keep a run; the file it went to. Raises `CouldNotRun` where it cannot be written, or is not clean."""
    text = proven_json(redactor, report_document(report, redactor), report_words(report), "The run")
    folder = _folder(project)
    make_private(folder)
    path = folder / f"{report.started_at:%Y%m%dT%H%M%S%f}-{report.run_id}.json"
    write_atomically(path, text.encode(), mode=0o600)
    keep_newest(_files(project), KEPT)
    return path


def list_runs(project: Project) -> tuple[StoredRun, ...]:
    """The runs that are kept, the newest first. A file that cannot be read is left out, with a line in the log."""
    runs = []
    for path in _files(project):
        try:
            runs.append(_read(path))
        except (Unreadable, OSError) as problem:
            log.warning("the run %s cannot be read: %s", path.name, type(problem).__name__)
    return tuple(runs)


def load_run(project: Project, run_id: str) -> StoredRun:
    """The newest run of that id; `last` and `previous` name the two newest. Raises `UsageError` in words."""
    runs = list_runs(project)
    place = {LAST: 0, PREVIOUS: 1}.get(run_id)
    if place is not None and len(runs) > place:
        return runs[place]
    for run in runs:
        if run.run_id == run_id.lower():
            return run
    kept = ", ".join(run.run_id for run in runs[:5])
    hint = f"The newest are {kept}; `soundcheck doctor --history` lists all." if kept else "Run `soundcheck doctor`."
    raise UsageError(f"There is no run {run_id!r} here.", hint)


def _folder(project: Project) -> Path:
    return project.state / "runs"


def _files(project: Project) -> list[Path]:
    """The newest first: their names begin with the time."""
    try:
        found = [path for path in _folder(project).iterdir() if _NAME.fullmatch(path.name)]
    except OSError:
        return []
    return sorted(found, key=lambda path: path.name, reverse=True)


def _read(path: Path) -> StoredRun:
    try:
        return read_run(json.loads(path.read_text("utf-8")))
    except (ValueError, RecursionError):
        raise Unreadable(f"{path.name} is no JSON.", "It is left out.") from None
