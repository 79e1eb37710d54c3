"""Whether a file with secrets was ever committed, and whether what is in use today stands in a commit.

Git is asked for the file's commits by its path; what they hold is read over a pipe and compared here. No secret is on
a command line, and the search is bounded in commits, bytes and time.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.envfile.readers import python_values
from soundcheck.stores.project.git_command import ask_git
from soundcheck.stores.project.git_facts import find_repository
from soundcheck.stores.project.secret_spellings import holds
from soundcheck.stores.secret import Secret

MOST_COMMITS: Final = 20
SECONDS: Final = 6.0
"""For each question; the first that is not answered in time is the last."""

_MOST_BYTES: Final = 4 * 2**20
_PARTIAL: Final = "part of the history is not in this partial clone, and looking fetches nothing"
_LOG: Final = ("--all", "--format=%H %cs", "--no-show-signature", "--no-ext-diff", "--no-textconv")


class _Refused(Exception):
    """Git ended with an error."""


@dataclass(frozen=True, slots=True)
class GitHistory:
    """What the history holds of one file.

    `commits` counts those that touched it, up to `MOST_COMMITS`; `last` and `day` name the latest. `in_use` are the
    names whose value of today stands in one of them. `silent_because` says why nothing is known.
    """

    repository: bool = False
    commits: int = 0
    last: str = ""
    day: str = ""
    in_use: tuple[str, ...] = ()
    silent_because: str = ""


def git_history(path: Path, today: Mapping[str, Secret]) -> GitHistory:
    """Ask Git. Blocking, milliseconds, and `SECONDS` where git hangs. `today` holds the values in use by name."""
    if find_repository(path.parent) is None:
        return GitHistory()
    try:
        listed = _git(path.parent, "log", *_LOG, f"--max-count={MOST_COMMITS}", "--", path.name)
        commits = [line.split() for line in listed.decode("ascii", "replace").splitlines() if line.strip()]
        if not commits:
            return GitHistory(repository=True)
        prefix = _git(path.parent, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").strip("\n")
        names = [f"{commit[0]}:{prefix}{path.name}" for commit in commits]
        contents, missing = _contents(path.parent, names)
        in_use = _still_in_use(contents, today)
        lacks = not in_use and any(_is_version(path.parent, name) for name in missing)
    except FileNotFoundError:
        return GitHistory(repository=True, silent_because="git is not installed")
    except subprocess.TimeoutExpired:
        return GitHistory(repository=True, silent_because=f"git did not finish within {SECONDS:g} s")
    except (OSError, _Refused):
        return GitHistory(repository=True, silent_because=_why_silent(path.parent))
    day = commits[0][1] if len(commits[0]) > 1 else ""
    return GitHistory(True, len(commits), commits[0][0][:10], day, in_use, _PARTIAL if lacks else "")


def _still_in_use(contents: Iterable[str], today: Mapping[str, Secret]) -> tuple[str, ...]:
    found: set[str] = set()
    for text in contents:
        old = {Secret(value) for value in python_values(text).values() if value}
        data = text.encode()
        found |= {name for name, secret in today.items() if secret and (secret in old or _stands_in(data, secret))}
    return tuple(name for name in today if name in found)


def _stands_in(data: bytes, secret: Secret) -> bool:
    """Also percent-encoded, as a password with special characters stands in a URL."""
    return secret.reveal().encode() in data or holds(data, secret)


def _contents(folder: Path, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The file in each commit that has it, and the names without an answer.

    `git cat-file --batch` answers in order: `<id> blob <size>` and the bytes, or `<name> missing`.
    """
    answer = _git(folder, "cat-file", "--batch", asked="\n".join(names) + "\n")[:_MOST_BYTES]
    found: list[str] = []
    missing: list[str] = []
    at = 0
    for name in names:
        head, _, _ = answer[at:].partition(b"\n")
        words = head.split()
        at += len(head) + 1
        if len(words) == 3 and words[1] == b"blob" and words[2].isdigit():
            size = int(words[2])
            found.append(answer[at : at + size].decode("utf-8", "replace"))
            at += size + 1
        elif head.endswith(b" missing"):
            missing.append(name)
    return found, missing


def _is_version(folder: Path, name: str) -> bool:
    """Whether a commit holds the file whose content did not come: then the content is not here."""
    commit, _, path = name.partition(":")
    return bool(_git(folder, "ls-tree", "--full-tree", commit, "--", path).strip())


def _why_silent(folder: Path) -> str:
    """A repository that refuses is often a partial clone whose other half is not fetched just to look."""
    asked = ("config", "--name-only", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$")
    try:
        is_partial = ask_git(folder, *asked, seconds=SECONDS).code == 0
    except (OSError, subprocess.TimeoutExpired):
        is_partial = False
    return _PARTIAL if is_partial else "git refused to read this repository"


def _git(folder: Path, *arguments: str, asked: str = "") -> bytes:
    answer = ask_git(folder, *arguments, asked=asked.encode("utf-8", "surrogateescape"), seconds=SECONDS)
    if answer.code != 0:
        raise _Refused
    return answer.output
