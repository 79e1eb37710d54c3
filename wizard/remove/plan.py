"""What `soundcheck remove` finds: everything of ours that is still there, and what it can only name."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from soundcheck.stores import amounts
from soundcheck.stores.envfile.reading import digest_of
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.held_file import Hold, hold_on
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.project.journal import Journal, JournalRecord, Kind, MadeFolder, Swapped, Undone, Write
from soundcheck.stores.project.project import PREFERENCES, Project
from soundcheck.stores.project.written_lines import take_out
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Action, Intent
from soundcheck.wizard.remove.stays import Stays, unclaimed, what_stays
from soundcheck.wizard.target import Target

_BY_LINES: Final = frozenset({Kind.ENV, Kind.IGNORE})
"""Files that belong to the person and hold lines of ours; of other kinds the whole file is ours."""


@dataclass(frozen=True, slots=True)
class FileUndo:
    """One file as it will be: `content` None means that it goes. `edited` names lines of ours that stay.

    `held` is what the file says against being replaced.
    """

    path: Path
    content: bytes | None = field(repr=False)
    mode: int
    changes: bool
    edited: tuple[str, ...] = ()
    held: Hold | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be undone. `name` is how it is shown; `reason` says why it stays unless it is named.

    `edited` names what was changed by somebody since and stays. `chosen` is whether it goes by default.
    """

    kind: Kind
    name: str
    what: str
    path: Path
    file: FileUndo | None = None
    edited: tuple[str, ...] = ()
    chosen: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """Everything found, in the order in which it is undone. `intent` goes before the guard; None: no store is meant."""

    items: tuple[Item, ...]
    stays: tuple[Stays, ...]
    intent: Intent | None = None


async def plan_removal(services: Services, edited: Collection[str] = ()) -> RemovalPlan:
    """Look at what is there; nothing is written. `edited` names files whose edited lines go too.

    Raises `CouldNotRun` where a file or the local stack's state cannot be read.
    """
    project = services.project
    journal = Journal(project, services.clock)
    records = await asyncio.to_thread(journal.records)
    items = [
        *await asyncio.to_thread(_files, project, journal, records, frozenset(edited)),
        *await asyncio.to_thread(_clients, project, records, frozenset(edited)),
        *await _local(project),
        *await asyncio.to_thread(_homes, services),
    ]
    return RemovalPlan(tuple(items), what_stays(services, records), _intent(services))


def folders_made(records: tuple[JournalRecord, ...]) -> tuple[Path, ...]:
    """The empty folders that were made to put files in, the innermost first."""
    made = [record.path for record in records if isinstance(record, MadeFolder) and not record.whole]
    return tuple(sorted(set(made), key=lambda path: len(path.parts), reverse=True))


def unsettled_writes(records: tuple[JournalRecord, ...]) -> dict[Path, tuple[Write | Swapped, ...]]:
    """The writes of each file since it was last undone, oldest first; files that only got a new credential left out."""
    found: dict[Path, list[Write | Swapped]] = {}
    for record in records:
        if isinstance(record, Write | Swapped):
            found.setdefault(record.path, []).append(record)
        elif isinstance(record, Undone):
            found.pop(record.path, None)
    return {path: tuple(acts) for path, acts in found.items() if any(isinstance(act, Write) for act in acts)}


def file_undo(journal: Journal, path: Path, acts: tuple[Write | Swapped, ...], *, edited_too: bool) -> FileUndo | None:
    """What becomes of one file; None where it is gone already. Raises `CouldNotRun` where it cannot be read."""
    try:
        current = read_plain(path)
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise CouldNotRun(f"{path} cannot be read: {problem.strerror}.", "Mend its rights.") from None
    content: bytes | None = current
    known, swapped = digest_of(current), dict[str, str]()
    edited: list[str] = []
    for act in reversed(acts):
        if content is None:
            break
        if isinstance(act, Swapped):
            swapped |= act.lines
            known = act.before if known == act.digest else known
            continue
        if known == act.before:
            continue  # it was never written, or was taken back since
        try:
            before = journal.original(act)
        except CouldNotRun:
            return FileUndo(path, current, mode, changes=False, edited=("what it held before is lost",))
        if known == act.digest:
            content, known = before, act.before
        elif act.kind in _BY_LINES or path.name == ".env.example":
            taken = take_out(content, before or b"", act.hunks, edited_too=edited_too, swapped=swapped)
            edited += taken.edited
            content = taken.content if taken.content.strip() or before is not None else None
            known = digest_of(content) if content is not None else ""
        elif edited_too:
            content, known = before, act.before
        else:
            return FileUndo(path, current, mode, changes=False, edited=("edited since",))
    writes = [act for act in acts if isinstance(act, Write)]
    first, last = writes[0], writes[-1]
    back = first.mode if first.mode is not None and mode == last.mode_after else mode
    changes = content != current or (content is not None and back != mode)
    return FileUndo(path, content, back, changes, tuple(dict.fromkeys(edited)), hold_on(path))


def _files(
    project: Project, journal: Journal, records: tuple[JournalRecord, ...], edited: frozenset[str]
) -> list[Item]:
    items = []
    for path, acts in unsettled_writes(records).items():
        shown = project.shown(path)
        undo = file_undo(journal, path, acts, edited_too=shown in edited)
        if undo is None or not (undo.changes or undo.edited):
            continue
        created = undo.content is None
        what = "the whole file" if created else "our lines" if undo.changes else "a file of ours"
        reason = ""
        if undo.edited:
            reason = f"edited since ({', '.join(undo.edited)}); to remove that too: --edited {shown}"
            if not undo.changes:
                reason = f"{undo.edited[0]}; to remove it all the same: --edited {shown}"
        chosen = undo.changes
        if undo.held is not None and undo.changes and shown not in edited:
            chosen = False
            reason = f"{undo.held.words('it')} To remove it all the same: --edited {shown}"
        kind = next(act.kind for act in acts if isinstance(act, Write))
        items.append(Item(kind, shown, what, path, undo, undo.edited, chosen, reason))
    order = list(Kind)
    return sorted(items, key=lambda item: order.index(item.kind))


def _clients(project: Project, records: tuple[JournalRecord, ...], edited: frozenset[str]) -> list[Item]:
    from soundcheck.stores.prisma.client_folder import foreign_files

    items = []
    made: dict[Path, None] = {}
    for record in records:
        if isinstance(record, MadeFolder) and record.whole and record.kind is Kind.CLIENT:
            made[record.path] = None
        elif isinstance(record, Undone):
            made.pop(record.path, None)
    for path in made:
        if not path.is_dir() or path.is_symlink():
            continue
        shown = project.shown(path)
        foreign = foreign_files(path)
        named = shown in edited
        reason = ""
        if foreign:
            reason = f"it holds files that no generator wrote ({foreign[0]}); to remove all of it: --edited {shown}"
        items.append(
            Item(
                Kind.CLIENT,
                shown,
                "the generated client",
                path,
                edited=() if named else foreign[:3],
                chosen=named or not foreign,
                reason="" if named else reason,
            )
        )
    return items


async def _local(project: Project) -> list[Item]:
    from soundcheck.stores.local.stack import LocalStack

    if not project.local.is_dir():
        return []
    status = await LocalStack(project.local).status()
    parts = (("PostgreSQL", status.postgres), ("Valkey", status.redis), ("the REST gateway", status.rest))
    running = [name for name, part in parts if str(part.state) == "up"]
    items = []
    if running:
        items.append(Item(Kind.PROCESSES, "local servers", f"stop {', '.join(running)}", project.local))
    size = await asyncio.to_thread(_size, project.local)
    what = f"the database and the cache on this machine, with all their data ({amounts.size(size)})"
    return [*items, Item(Kind.LOCAL, "local data", what, project.local)]


def other_projects(project: Project) -> int:
    """How many other projects have state in the same home, and so use its engines."""
    try:
        return sum(folder.is_dir() and folder != project.state for folder in (project.home / "projects").iterdir())
    except OSError:
        return 0


def _homes(services: Services) -> list[Item]:
    project = services.project
    items = []
    others = other_projects(project)
    reason = f"{amounts.number_of(others, 'other project')} here use it" if others else ""
    engines = project.home / "engine"
    if engines.is_dir():
        what = f"Prisma's engines for Node ({amounts.size(_size(engines))})"
        items.append(Item(Kind.ENGINE, "engines", what, engines, chosen=not others, reason=reason))
    preferences = project.home / PREFERENCES
    if preferences.is_file():
        what = "how the app looks"
        items.append(Item(Kind.STATE, "preferences", what, preferences, chosen=not others, reason=reason))
    if project.state.is_dir():
        what = "notes, backups of env files with their secrets, reports and logs of this project"
        kept = unclaimed(services)
        links = f"it holds the claim link of {kept}; claim it first, or let it go with --only state" if kept else ""
        items.append(Item(Kind.STATE, "state", what, project.state, chosen=not kept, reason=links))
    return items


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            facts = path.lstat()
        except OSError:
            continue
        total += facts.st_size if stat.S_ISREG(facts.st_mode) else 0
    return total


def _intent(services: Services) -> Intent | None:
    """What the guard is asked: the address that the env file loses belongs to a store that somebody may run on."""
    from soundcheck.stores.local.stack import LocalStack

    url, rest = services.credentials.database_url, services.credentials.rest_url
    stack = LocalStack(services.project.local)
    if url is not None:
        target, is_local = Target.of_database(url), stack.owns(url) or stack.was_ours(url)
    elif rest is not None:
        target, is_local = Target.of_cache(rest), stack.owns_rest(rest)
    else:
        return None
    return Intent(
        action=Action.REMOVE,
        target=target,
        kind=services.project.profile.kind,
        is_local=is_local,
        profile=services.project.profile.name,
    )
