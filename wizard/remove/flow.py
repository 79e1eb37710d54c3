"""Undo what was created, one thing after the other; killed anywhere, it goes on where it was."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from soundcheck.stores.atomic_file import write_over
from soundcheck.stores.errors import Refused, SoundcheckError
from soundcheck.stores.plain_file import refuse_special
from soundcheck.stores.project.journal import NAME, ORIGINALS, Journal, Kind, Write
from soundcheck.stores.project.leftovers import sweep_leftovers
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.wizard.guard import Consent, decide
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.remove.plan import Item, RemovalPlan, file_undo, folders_made, other_projects, unsettled_writes


@dataclass(frozen=True, slots=True)
class RemovalOutcome:
    """What became of one item: `removed`, `left` or `failed`, and why."""

    item: Item
    state: str
    reason: str = ""


def choose(
    plan: RemovalPlan, only: Collection[Kind] = (), keep: Collection[Kind] = (), edited: Collection[str] = ()
) -> tuple[Item, ...]:
    """The items that go: those chosen by default, or all of the kinds named, less those kept.

    Local data cannot go while its servers are kept running.
    """
    kept = set(keep) | ({Kind.LOCAL} if Kind.PROCESSES in keep else set())
    wanted = set(only) | ({Kind.PROCESSES} if Kind.LOCAL in only else set())
    return tuple(
        item
        for item in plan.items
        if item.kind not in kept
        and (item.kind in wanted if wanted else True)
        and (item.chosen or item.name in edited or (item.kind in wanted and item.name in {"engines", "state"}))
    )


async def remove(
    services: Services, plan: RemovalPlan, chosen: tuple[Item, ...], consent: Consent, report: Reporter
) -> tuple[RemovalOutcome, ...]:
    """Undo the chosen items under the set-up lock; what cannot be undone is told and the others go on.

    Raises `Refused` by the guard, or where things have changed since they were shown; `CouldNotRun` while set-up runs.
    """
    if not chosen:
        return tuple(RemovalOutcome(item, "left", item.reason) for item in plan.items)
    if plan.intent is not None and any(item.kind in {Kind.ENV, Kind.LOCAL} for item in chosen):
        decide(plan.intent, consent).or_refuse()
    outcomes = []
    with WizardLock(services.project):
        await asyncio.to_thread(sweep_leftovers, services.project, older_than=0)
        await asyncio.to_thread(_remove_empty_folders, Journal(services.project))
        for item in plan.items:
            if item not in chosen:
                outcomes.append(RemovalOutcome(item, "left", item.reason or "it was not chosen"))
                continue
            outcome = await _one(services, item, report, alone=all(one.kind is item.kind for one in chosen))
            outcomes.append(outcome)
    await asyncio.to_thread(_sweep_home, services.project)
    return tuple(outcomes)


async def _one(services: Services, item: Item, report: Reporter, *, alone: bool) -> RemovalOutcome:
    key = f"{item.kind}:{item.name}"
    if item.kind in {Kind.PROCESSES, Kind.LOCAL}:  # the others take no time
        report(Progress(f"{item.name}: {item.what}", Mark.RUNNING, key))
    try:
        said = await _undo(services, item, alone=alone)
    except SoundcheckError as problem:
        report(Progress(f"{item.name}: {problem.message}", Mark.FAIL, key, hint=problem.hint))
        return RemovalOutcome(item, "failed", problem.message)
    except OSError as problem:
        reason = f"{problem.filename or item.path}: {problem.strerror}"
        report(Progress(f"{item.name}: {reason}", Mark.FAIL, key, hint="Mend the rights, then run it again."))
        return RemovalOutcome(item, "failed", reason)
    report(Progress(f"{item.name}: {said}", Mark.OK, key))
    return RemovalOutcome(item, "removed", said)


async def _undo(services: Services, item: Item, *, alone: bool) -> str:
    from soundcheck.stores.local.stack import LocalStack

    project = services.project
    if item.file is not None:
        return await asyncio.to_thread(_undo_file, services, item)
    if item.kind is Kind.CLIENT:
        return await asyncio.to_thread(_undo_client, services, item)
    if item.kind is Kind.PROCESSES:
        await LocalStack(project.local).down()
        return "stopped"
    if item.kind is Kind.LOCAL:
        return await _undo_local(project)
    if item.name == "state":
        return await asyncio.to_thread(_undo_state, services, alone=alone)
    await asyncio.to_thread(_delete, item.path)
    return "removed"


def _undo_file(services: Services, item: Item) -> str:
    undo = item.file
    assert undo is not None  # noqa: S101 - the caller looked
    journal = Journal(services.project, services.clock)
    writes = unsettled_writes(journal.records()).get(undo.path, ())
    if undo not in {file_undo(journal, undo.path, writes, edited_too=edited) for edited in (False, True)}:
        raise Refused(f"{item.name} has changed since it was shown.", "Look at the list again: soundcheck remove")
    if undo.content is None:
        refuse_special(undo.path)
        undo.path.unlink(missing_ok=True)
        said = "removed"
    else:
        write_over(undo.path, undo.content, mode=undo.mode, agreed=undo.held)
        said = "as it was before" if not undo.edited else f"our lines are out; left as edited: {', '.join(undo.edited)}"
    if not undo.edited:
        journal.note_undone(undo.path)
    _remove_empty_folders(journal)
    return said


def _undo_client(services: Services, item: Item) -> str:
    from soundcheck.stores.prisma.client_folder import remove_client

    journal = Journal(services.project, services.clock)
    remove_client(item.path)
    journal.note_undone(item.path)
    _remove_empty_folders(journal)
    return "removed"


async def _undo_local(project: Project) -> str:
    from soundcheck.stores.local.shared_programs import remove_shared_copies
    from soundcheck.stores.local.stack import LocalStack
    from soundcheck.stores.local.state_file import read_state

    stack = LocalStack(project.local)
    state = read_state(stack.places.state_file)
    await stack.reset()
    if state is not None and state.postgres.data is not None:  # where root's PostgreSQL runs as another user
        with contextlib.suppress(OSError):
            state.postgres.data.parent.rmdir()
        await asyncio.to_thread(remove_shared_copies)
    await asyncio.to_thread(_delete, project.local)
    return "removed"


def _undo_state(services: Services, *, alone: bool) -> str:
    """All of it, unless something noted in the journal stays: then stays what its undoing needs, and that is said.

    What an env file held before holds secrets. Where the state is removed `alone`, that goes all the same.
    """
    project = services.project
    journal = Journal(project, services.clock)
    unsettled = unsettled_writes(journal.records())
    left = [path for path in unsettled if path.exists()]
    if not left and not project.local.exists():
        _delete(project.state)
        return "removed"
    originals = {act.original: act.kind for path in left for act in unsettled[path] if isinstance(act, Write)}
    needed = {name for name, kind in originals.items() if name and not (alone and kind is Kind.ENV)}
    kept = {NAME, ORIGINALS, project.local.name, "setup.lock"}
    for place in project.state.iterdir():
        if place.name not in kept:
            _delete(place)
    with contextlib.suppress(FileNotFoundError):
        for original in journal.originals.iterdir():
            if original.name not in needed:
                _delete(original)
    what = ", ".join(project.shown(path) for path in left) or "the local data"
    said = f"removed but for the journal, which {what} needs to be undone later"
    if any(originals[name] is Kind.ENV for name in needed):
        said += "; it holds an earlier env file with its secrets, and lets it go with: soundcheck remove --only state"
    return said


def _remove_empty_folders(journal: Journal) -> None:
    for folder in folders_made(journal.records()):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _delete(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _sweep_home(project: Project) -> None:
    """The folders above, where nothing is in them any more; a home that was named by the person stays."""
    from soundcheck.stores.project.project import soundcheck_home

    if other_projects(project) or project.state.exists():
        return
    with contextlib.suppress(OSError):
        (project.home / "projects").rmdir()
        if project.home == soundcheck_home({}):
            project.home.rmdir()
