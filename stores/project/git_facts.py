"""What git says about a path: is it ignored, is it tracked.

Reads only, and runs none of the programs that a repository's configuration may name.
"""

from __future__ import annotations

import fnmatch
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.project.git_command import ask_git

_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class GitFacts:
    """What is known of one path.

    `repository` is None outside of one. `ignored` and `tracked` are None where git gave no answer, and then
    `silent_because` says why.
    """

    repository: Path | None = None
    ignored: bool | None = None
    tracked: bool | None = None
    silent_because: str = ""


def git_facts(path: Path) -> GitFacts:
    """Ask git about one path, which need not exist. Blocking, at most about 10 s where git hangs, else milliseconds."""
    folder = path.parent
    repository = find_repository(folder)
    if repository is None:
        return GitFacts()
    try:
        tracked = _exit_code(folder, "ls-files", "--error-unmatch", "--", path.name)
        # A tracked path is never reported as ignored unless the index is left out.
        ignored = _exit_code(folder, "check-ignore", "--quiet", "--no-index", "--", path.name)
    except FileNotFoundError:
        return GitFacts(repository, silent_because="git is not installed")
    except (OSError, subprocess.TimeoutExpired):
        return GitFacts(repository, silent_because="git did not answer")
    if ignored > 1:
        return GitFacts(repository, silent_because="git refused to read this repository")
    return GitFacts(repository, ignored=ignored == 0, tracked=tracked == 0)


def find_repository(folder: Path) -> Path | None:
    """The nearest folder upwards that holds `.git` (a folder, or the file of a worktree)."""
    folder = folder.absolute()
    return next((f for f in (folder, *folder.parents) if (f / ".git").exists()), None)


def docker_ignores(text: str, path: str) -> bool:
    """Whether a `.dockerignore` keeps `path` (relative to it, with `/`) out of the image.

    The last pattern that fits decides, and a pattern that fits a folder fits what is in it.
    """
    parts = path.split("/")
    prefixes = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    ignored = False
    for line in text.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        negated = pattern.startswith("!")
        pattern = pattern.removeprefix("!").strip("/")
        if any(_fits(prefix.split("/"), pattern.split("/")) for prefix in prefixes):
            ignored = not negated
    return ignored


def _fits(parts: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[n:], pattern[1:]) for n in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _exit_code(folder: Path, *arguments: str) -> int:
    return ask_git(folder, *arguments, seconds=_SECONDS).code
