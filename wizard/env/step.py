"""The `.env` step: show the difference, write it with a backup behind it, and take it back.

All of it is blocking (files and two runs of git, milliseconds); a screen calls it in a thread.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from soundcheck.stores.atomic_file import write_over
from soundcheck.stores.clock import Clock
from soundcheck.stores.cloud.made import known_stores, settle_made
from soundcheck.stores.credentials import DATABASE_URL, Credentials
from soundcheck.stores.envfile.merge import merge
from soundcheck.stores.envfile.notes import with_notes
from soundcheck.stores.envfile.reading import EnvProblem, EnvReading, digest_of, read_env
from soundcheck.stores.envfile.usages import files_reading
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.held_file import Hold, hold_on, kept_mode, refuse_held
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.project import backups
from soundcheck.stores.project.git_facts import GitFacts, git_facts
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import Project, can_write
from soundcheck.stores.secret import Secret
from soundcheck.wizard.env.claim_comments import claim_lines, ended_values
from soundcheck.wizard.env.following import following
from soundcheck.wizard.env.ignore_files import plan_ignores, write_ignores
from soundcheck.wizard.env.plan import (
    CONNECTION_LIMIT,
    EnvLine,
    EnvPlan,
    LineKind,
    difference,
    replaced,
    values_to_write,
)
from soundcheck.wizard.setup.local_step import local_halves

__all__ = [
    "EnvConsent",
    "EnvLine",
    "EnvPlan",
    "EnvUndone",
    "EnvWritten",
    "LineKind",
    "plan_env",
    "undo_env",
    "write_env",
]

MONGODB_URI: Final = "MONGODB_URI"
_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class EnvConsent:
    """What the person said yes to; `--yes` sets `ignore_files` and nothing else.

    `replace` allows working values to be replaced. `ignore_files` allows the lines in `.gitignore` and
    `.dockerignore`. `link_target` is the file a symbolic link leads to, named back to be written; `held` is what the
    file says against being replaced, told back.
    """

    replace: bool = False
    ignore_files: bool = False
    link_target: Path | None = None
    held: Hold | None = None


@dataclass(frozen=True, slots=True)
class EnvWritten:
    """What was done. `backup` is None where nothing had to be written."""

    path: Path
    written: bool
    backup: Path | None = None
    ignored_in: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()
    git: GitFacts = field(default_factory=GitFacts)


@dataclass(frozen=True, slots=True)
class EnvUndone:
    """What an undo put back; `removed` where there had been no file before."""

    path: Path
    removed: bool
    left: int
    """How many earlier states are still kept."""


def plan_env(
    project: Project,
    credentials: Credentials,
    *,
    local: bool,
    connection_limit: int = CONNECTION_LIMIT,
    start_command: str = "soundcheck local up",
) -> EnvPlan:
    """Read the env file and decide what it will become. Writes nothing, never raises for what is wrong with the file.

    `start_command` stands in the comment above local lines, spelled as it works on this machine.
    """
    path = project.env_file
    reading = read_env(path)
    git = git_facts(reading.link_target or path)
    plan = EnvPlan(
        path=path,
        shown=project.shown(path),
        problems=tuple(p for p in reading.problems if p.code != "missing"),
        exists=reading.exists,
        mode=reading.mode,
        link_target=reading.link_target,
        held=hold_on(reading.link_target or path),
        git=git,
        local=local,
        digest=reading.digest,
    )
    if plan.blocked:
        return plan
    values = values_to_write(credentials, local=local, connection_limit=connection_limit)
    renames = {DATABASE_URL: MONGODB_URI} if DATABASE_URL in values and _is_mongodb(reading) else {}
    here = "the local stack of this machine" if local else _half_on_this_machine(project, credentials)
    header = f"{here}; start it with: {start_command}" if here else "Neon and Upstash."
    others = merge(reading.document, following(reading, credentials))
    merged = merge(others.document, values, header=header, insist_header=bool(here), renames=renames)
    if merged.problems:
        return replace(plan, problems=tuple(_unmergeable(plan.shown, p.line, p.reason) for p in merged.problems))
    changes = (*others.changes, *merged.changes)
    stores = known_stores(project)
    temporary = claim_lines(stores, credentials, {change.name for change in merged.changes})
    text = with_notes(merged.document, temporary).render()
    old_readers = files_reading(project.root, DATABASE_URL) if renames else ()
    return replace(
        plan,
        lines=difference(reading.document, changes),
        warnings=_warnings(plan, reading, credentials, merged.followers),
        ignores=plan_ignores(reading.link_target or path, project.root, git),
        replaces=tuple(
            name
            for name in replaced(merged.changes, reading.document, merged.document)
            if name not in ended_values(stores, {n: found.value for n, found in reading.values.items()})
        ),
        old_readers=tuple(project.shown(p) for p in old_readers),
        content_differs=not reading.exists or text != reading.document.render(),
        content=Secret(text),
    )


def _half_on_this_machine(project: Project, credentials: Credentials) -> str:
    """Which of the two is our own local stack's, where the other one is not."""
    half = next(iter(sorted(local_halves(project, credentials), reverse=True)), None)
    return f"the {half} is the local stack's of this machine" if half is not None else ""


def unwritten_words(project: Project) -> str:
    """Why no env file is written: the folder cannot be written, or that was asked for."""
    if can_write(project.env_file.parent):
        return "No file is written (--no-write)"
    folder = project.shown(project.env_file.parent)
    where = "The project's folder" if folder == "." else folder
    return f"{where} cannot be written, so nothing is: the values are used as they were found"


def write_env(project: Project, plan: EnvPlan, consent: EnvConsent, *, clock: Clock | None = None) -> EnvWritten:
    """Write exactly what `plan` showed: ignore files, backup, then the file itself, atomically and 0600.

    Raises `Refused` where consent lacks, a problem stands, or the file is no longer the one that was read;
    `CouldNotRun` where disk or rights fail, and then the file is as it was.
    """
    if plan.problems:
        raise Refused(plan.problems[0].message, plan.problems[0].hint)
    if plan.replaces and not consent.replace:
        names = ", ".join(plan.replaces)
        raise Refused(f"{plan.shown} holds other values for {names}.", "Add --replace to put the new ones there.")
    if plan.link_target is not None and consent.link_target != plan.link_target:
        hint = f"Agree to writing {plan.link_target}, or replace the link by a file."
        raise Refused(f"{plan.shown} is a link to {plan.link_target}.", hint)
    target = plan.link_target or plan.path
    before = _bytes_of(target)
    if (digest_of(before) if before is not None else "") != plan.digest or _link_of(plan.path) != plan.link_target:
        raise Refused(f"{plan.shown} has changed since it was shown.", "Look at the difference again, then write.")
    if plan.changes:
        refuse_held(target, consent.held, plan.shown)
    warnings: tuple[str, ...] = ()
    if consent.ignore_files:
        warnings = write_ignores(plan.ignores, Journal(project, clock))
    backup = None
    if plan.changes and plan.content is not None:
        _prepare(project)
        after = plan.content.reveal().encode()
        backup = backups.keep(project.backups, target, before, after, clock=clock)
        try:
            Journal(project, clock).write_file(Kind.ENV, target, before, after, mode=_MODE, agreed=consent.held)
        except (CouldNotRun, Refused):
            backups.discard(backup)
            raise
    settle_made(project)
    git = git_facts(target)
    return EnvWritten(
        path=target,
        written=backup is not None,
        backup=backup.file if backup else None,
        ignored_in=tuple(line.file for line in plan.ignores) if consent.ignore_files and not warnings else (),
        warnings=(*warnings, *(w.message for w in _git_warnings(plan.shown, target, git))),
        git=git,
    )


def undo_env(project: Project, *, force: bool = False, clock: Clock | None = None) -> EnvUndone:
    """Put back the newest earlier state of the env file, or remove the file where there was none.

    What is taken away is kept among the backups. Raises `Refused` where there is nothing to undo, or where the file
    was edited since it was written, has another name or is read-only, and `force` is not set; `CouldNotRun` where it
    cannot be written.
    """
    target = _real(project.env_file) if project.env_file.is_symlink() else project.env_file
    shown = project.shown(target)
    backup = backups.newest(project.backups, target)
    if backup is None:
        raise Refused(f"There is no earlier {shown} to put back.", "Nothing was changed.")
    now = _bytes_of(target)
    if not backup.was_followed_by(now) and not force:
        hint = f"The earlier file is {backup.file}; add --force to put it back all the same."
        raise Refused(f"{shown} was edited after Soundcheck wrote it.", hint)
    held = hold_on(target)
    if held is not None and not force:
        raise Refused(held.words(shown), f"{held.hint(target)}; or add --force to put the earlier file back as it is.")
    try:
        before = backup.content()
    except OSError as problem:
        raise CouldNotRun(f"{backup.file} cannot be read: {problem.strerror}.", "Mend its rights.") from None
    if now is not None and now != before:
        backups.keep(project.backups, target, now, before, undone=True, clock=clock)
    if before is None:
        target.unlink(missing_ok=True)
    else:
        write_over(target, before, mode=kept_mode(target, _MODE), agreed=held)
    backups.discard(backup)
    left = sum(b.kind is not backups.BackupKind.UNDONE for b in backups.backups_of(project.backups, target))
    return EnvUndone(target, removed=before is None, left=left)


def _is_mongodb(reading: EnvReading) -> bool:
    value = reading.get(DATABASE_URL)
    return value is not None and value.reveal().lower().startswith(("mongodb://", "mongodb+srv://"))


def _warnings(
    plan: EnvPlan, reading: EnvReading, credentials: Credentials, followers: tuple[str, ...]
) -> tuple[EnvProblem, ...]:
    """What should be known before writing and does not stand in its way."""
    found = list(_git_warnings(plan.shown, plan.link_target or plan.path, plan.git))
    if plan.link_target is not None:
        message = f"{plan.shown} is a link to {plan.link_target}, and that file would be written."
        found.append(EnvProblem("link", message, "Agree to that file, or replace the link by a file."))
    if plan.tightens:
        message = f"Others on this machine can read {plan.shown} (mode {plan.mode:04o})."
        found.append(EnvProblem("mode", message, f"Writing it takes that right away (mode {plan.mode_after:04o})."))
    if plan.held is not None:
        path = plan.link_target or plan.path
        found.append(EnvProblem("held", plan.held.words(plan.shown), plan.held.hint(path)))
    for name in followers:
        message = f"{name} is built from a value that changes, and changes with it."
        found.append(EnvProblem("follows", message, f"Look at {name} after writing."))
    url = credentials.database_url
    if url is not None and url.is_neon and not url.is_pooled:
        message = "DATABASE_URL goes to the direct host: Neon's smallest compute takes 97 connections."
        found.append(EnvProblem("direct_limit", message, "Use the pooled host in DATABASE_URL; set-up derives it."))
    return tuple(found)


def _git_warnings(shown: str, path: Path, git: GitFacts) -> tuple[EnvProblem, ...]:
    if git.tracked:
        message = f"{shown} is tracked by git: the next commit would hold your passwords."
        hint = f"Run: git rm --cached -- {path.absolute().relative_to(git.repository) if git.repository else path.name}"
        return (EnvProblem("tracked", message, hint),)
    return ()


def _unmergeable(shown: str, line: int, reason: str) -> EnvProblem:
    where = f" (line {line})" if line else ""
    message = f"{shown} cannot be changed safely{where}: {reason}."
    return EnvProblem("unmergeable", message, "Mend that line or put a # before it. Nothing was written.", line or None)


def _bytes_of(path: Path) -> bytes | None:
    try:
        return read_plain(path)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise CouldNotRun(f"{path} cannot be read: {problem.strerror}.", "Mend its rights.") from None


def _link_of(path: Path) -> Path | None:
    return _real(path) if path.is_symlink() else None


def _real(path: Path) -> Path:
    """Where a link leads; `Path.resolve` raises where links lead in a circle."""
    return Path(os.path.realpath(path))


def _prepare(project: Project) -> None:
    try:
        project.prepare_state()
    except OSError as problem:
        hint = "Free some space or mend the rights; SOUNDCHECK_HOME names another folder. Nothing was written."
        raise CouldNotRun(f"{project.state} cannot be made: {problem.strerror}.", hint) from None
