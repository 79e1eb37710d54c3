"""What was fixed lately, so that it can be taken back: a small file in the state folder, without any value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.stores.clock import Clock
from soundcheck.stores.project.kept_file import KeptFile, NotReadable, end_of
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
    try:
        return _kept(project).read() or ()
    except NotReadable:
        return ()


def note_fix(project: Project, fix: str, check: str, data: UndoData, clock: Clock) -> None:
    """Add one. Raises `CouldNotRun` where it cannot be written."""
    entry = FixEntry(fix, check, clock.now().isoformat(), data)
    _kept(project).write(end_of((*read_journal(project), entry), KEPT))


def forget_fix(project: Project, entry: FixEntry) -> None:
    """Take one out, once it is undone."""
    entries = list(read_journal(project))
    entries.remove(entry)
    _kept(project).write(tuple(entries))


def _kept(project: Project) -> KeptFile[tuple[FixEntry, ...]]:
    return KeptFile(project.state / "fixes.json", _to_json, _from_json)


def _to_json(entries: tuple[FixEntry, ...]) -> Mapping[str, Any]:
    return {"fixes": [{"fix": e.fix, "check": e.check, "at": e.at, "data": dict(e.data)} for e in entries]}


def _from_json(raw: Mapping[str, Any]) -> tuple[FixEntry, ...]:
    return tuple(
        FixEntry(
            str(one["fix"]),
            str(one["check"]),
            str(one["at"]),
            {str(name): str(value) for name, value in one["data"].items()},
        )
        for one in raw["fixes"]
    )
