"""What was fixed lately, so that it can be taken back: a small file in the state folder, without any value."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import Final

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.clock import Clock
from soundcheck.stores.project.project import Project
from soundcheck.wizard.fixes.fix import UndoData

KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class FixEntry:
    """One fix that can be undone. `at` is ISO time in UTC."""

    fix: str
    check: str
    at: str
    data: UndoData


def read_journal(project: Project) -> tuple[FixEntry, ...]:
    """The fixes that can be undone, the newest last; empty where the file is missing or odd."""
    entries = []
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        for item in json.loads((project.state / "fixes.json").read_text("utf-8"))["fixes"]:
            data = {str(name): str(value) for name, value in item["data"].items()}
            entries.append(FixEntry(str(item["fix"]), str(item["check"]), str(item["at"]), data))
    return tuple(entries)


def note_fix(project: Project, fix: str, check: str, data: UndoData, clock: Clock) -> None:
    """Add one. Raises `CouldNotRun` where it cannot be written."""
    _write(project, (*read_journal(project), FixEntry(fix, check, clock.now().isoformat(), data))[-KEPT:])


def forget_fix(project: Project, entry: FixEntry) -> None:
    """Take one out, once it is undone."""
    entries = list(read_journal(project))
    entries.remove(entry)
    _write(project, tuple(entries))


def _write(project: Project, entries: tuple[FixEntry, ...]) -> None:
    items = [{"fix": e.fix, "check": e.check, "at": e.at, "data": dict(e.data)} for e in entries]
    document = {"kind": "fixes", "schema_version": 1, "fixes": items}
    write_atomically(project.state / "fixes.json", json.dumps(document, indent=1).encode(), mode=0o600)
