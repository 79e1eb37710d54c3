"""How Git stands to a file: whether it would be committed, or already is."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from enum import StrEnum
from pathlib import Path
from typing import Final

DEADLINE: Final = 5.0
"""Seconds for one question to Git."""


class GitStanding(StrEnum):
    """`TRACKED` means that the file is in the repository now, whatever `.gitignore` says."""

    NO_GIT = "no_git"
    NO_REPOSITORY = "no_repository"
    TRACKED = "tracked"
    IGNORED = "ignored"
    NOT_IGNORED = "not_ignored"


async def git_standing(path: Path) -> GitStanding:
    """Ask the Git on the PATH about a file, which need not exist. Raises `TimeoutError` after `DEADLINE` seconds."""
    program = shutil.which("git")
    if program is None:
        return GitStanding.NO_GIT
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    name = str(path.absolute())
    if await _ask(program, folder, "rev-parse", "--is-inside-work-tree") != 0:
        return GitStanding.NO_REPOSITORY
    if await _ask(program, folder, "ls-files", "--error-unmatch", "--", name) == 0:
        return GitStanding.TRACKED
    ignored = await _ask(program, folder, "check-ignore", "--quiet", "--", name) == 0
    return GitStanding.IGNORED if ignored else GitStanding.NOT_IGNORED


async def _ask(program: str, folder: Path, *words: str) -> int:
    """Git's exit status; its words are not read."""
    process = await asyncio.create_subprocess_exec(
        program,
        "-C",
        str(folder),
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(DEADLINE):
            return await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
