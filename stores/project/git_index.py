"""Git's index entry of one path: read, taken out, put back. Never touches the file itself, nor any commit.

Uses plumbing that runs no filter and no hook, whatever a repository's configuration names.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.project.git_command import ask_git

_SECONDS: Final = 10.0


def index_entry(path: Path) -> str:
    """The entry as `mode,object` in the form that `restore_entry` takes, "" where the path is not tracked.

    Raises `CouldNotRun` where git is missing, refuses the repository, or does not answer.
    """
    listed = _git(path.parent, "ls-files", "--stage", "-z", "--", path.name)
    first = listed.split("\0")[0]
    if not first:
        return ""
    mode, name, _ = first.split("\t", 1)[0].split(" ")
    return f"{mode},{name}"


def untrack_command(path: Path) -> str:
    """What `untrack` does, as a command to read."""
    return f"git update-index --force-remove -- {path.name}   (in {path.parent})"


def untrack(path: Path) -> None:
    """Take the path out of the index; the file stays on disk. Raises `CouldNotRun`."""
    _git(path.parent, "update-index", "--force-remove", "--", path.name)


def restore_entry(path: Path, entry: str) -> None:
    """Put an entry of `index_entry` back, content and all. Raises `CouldNotRun`."""
    prefix = _git(path.parent, "rev-parse", "--show-prefix").rstrip("\n")
    _git(path.parent, "update-index", "--add", "--cacheinfo", f"{entry},{prefix}{path.name}")


def _git(folder: Path, *arguments: str) -> str:
    try:
        answer = ask_git(folder, *arguments, seconds=_SECONDS)
    except FileNotFoundError:
        raise CouldNotRun("git is not installed here.", "Install git, or use the one you have by hand.") from None
    except (OSError, subprocess.TimeoutExpired):
        raise CouldNotRun("git did not answer.", "Look whether another git is at work, then try again.") from None
    if answer.code != 0:
        raise CouldNotRun(
            f"git refused: {(answer.complaint or 'no reason given')[:200]}.", "Mend that, or use git by hand."
        )
    return answer.output.decode("utf-8", "surrogateescape")
