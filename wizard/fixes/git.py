"""The fixes that keep the env file out of Git: a line in `.gitignore`, and the index."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from typing import Final

from soundcheck.checks.finding import Fix
from soundcheck.stores.atomic_file import write_over
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.held_file import refuse_held
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.project import backups
from soundcheck.stores.project.git_facts import git_facts
from soundcheck.stores.project.git_index import index_entry, restore_entry, untrack, untrack_command
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.wizard.env.ignore_files import IgnoreLine, plan_ignores, with_line
from soundcheck.wizard.fixes.env import existing_env_file
from soundcheck.wizard.fixes.fix import Applied, Executor, Preview, UndoData
from soundcheck.wizard.progress import Reporter


async def _preview_ignore(services: Services, fix: Fix, _: Reporter) -> Preview:
    lines = await asyncio.to_thread(_missing_lines, services.project)
    if not lines:
        return Preview(fix, ("Git ignores the env file already.",), needed=False)
    for line in lines:
        refuse_held(line.file, shown=services.project.shown(line.file))
    shown = tuple(f"+ {line.line}   (in {services.project.shown(line.file)})" for line in lines)
    return Preview(fix, shown, undo="the file of before is kept and can be put back", plan=lines)


def _missing_lines(project: Project) -> tuple[IgnoreLine, ...]:
    path = Path(os.path.realpath(project.env_file))
    facts = git_facts(path)
    return plan_ignores(path, project.root, facts) if facts.repository is not None else ()


async def _apply_ignore(services: Services, preview: Preview, _: Reporter) -> Applied:
    lines = preview.plan
    assert isinstance(lines, tuple)  # noqa: S101 - made above
    return await asyncio.to_thread(_write_lines, services, lines)


def _write_lines(services: Services, lines: tuple[IgnoreLine, ...]) -> Applied:
    project = services.project
    project.prepare_state()
    for line in lines:
        before = _bytes_of(line.file)
        after = with_line(before or b"", line.line)
        refuse_held(line.file, shown=project.shown(line.file))
        if after != before:
            backups.keep(project.backups, line.file, before, after, clock=services.clock)
            Journal(project, services.clock).write_file(Kind.IGNORE, line.file, before, after, mode=_mode_of(line.file))
    said = tuple(f"{project.shown(line.file)} has the line {line.line}." for line in lines)
    return Applied(said, {"files": "\n".join(dict.fromkeys(str(line.file) for line in lines))})


async def _undo_ignore(services: Services, data: UndoData) -> str:
    files = [Path(name) for name in data["files"].split("\n")]
    await asyncio.to_thread(_put_back, services.project, files)
    return f"{', '.join(services.project.shown(file) for file in files)}: as before."


def _put_back(project: Project, files: list[Path]) -> None:
    kept = [(file, backups.newest(project.backups, file)) for file in files]
    for file, backup in kept:
        if backup is None or not backup.was_followed_by(_bytes_of(file)):
            raise Refused(f"{project.shown(file)} was edited since.", "Take the line out by hand.")
        refuse_held(file, shown=project.shown(file))
    for file, backup in kept:
        assert backup is not None  # noqa: S101 - looked at above
        before = backup.content()
        if before is None:
            file.unlink(missing_ok=True)
        else:
            write_over(file, before, mode=_mode_of(file))
        backups.discard(backup)


def _bytes_of(file: Path) -> bytes | None:
    """What is in it, None where there is no file. Raises `CouldNotRun`."""
    try:
        return read_plain(file)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise CouldNotRun(f"{file} cannot be read: {problem.strerror}.", "Mend its rights.") from None


def _mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644


async def _preview_untrack(services: Services, fix: Fix, _: Reporter) -> Preview:
    path = existing_env_file(services.project)
    shown = services.project.shown(path)
    entry = await asyncio.to_thread(index_entry, path)
    if not entry:
        return Preview(fix, (f"Git does not track {shown}.",), needed=False)
    lines = (
        untrack_command(path),
        f"{shown} stays on disk; the next commit removes it for everyone who pulls.",
        "The history keeps the old passwords: reset them in the consoles.",
    )
    return Preview(fix, lines, undo="the index entry is put back", plan=entry)


async def _apply_untrack(services: Services, preview: Preview, _: Reporter) -> Applied:
    path = existing_env_file(services.project)
    await asyncio.to_thread(untrack, path)
    said = f"{services.project.shown(path)} is out of Git's index; commit that."
    return Applied((said,), {"file": str(path), "entry": str(preview.plan)})


async def _undo_untrack(services: Services, data: UndoData) -> str:
    path = Path(data["file"])
    await asyncio.to_thread(restore_entry, path, data["entry"])
    return f"{services.project.shown(path)} is in Git's index again."


GIT_EXECUTORS: Final = (
    Executor("env.ignore", _preview_ignore, _apply_ignore, _undo_ignore),
    Executor("git.untrack", _preview_untrack, _apply_untrack, _undo_untrack),
)
