"""Whether a file with secrets was ever committed, and whether what is in use today stands in a commit.

Git is asked for the file's commits by its path; what they hold is read over a pipe and compared here. No secret is on
a command line, and the search is bounded in commits, bytes and time.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.envfile.readers import python_values
from soundcheck.stores.project.git_facts import find_repository
from soundcheck.stores.project.secret_spellings import holds
from soundcheck.stores.secret import Secret

MOST_COMMITS: Final = 20
SECONDS: Final = 6.0
"""For each of the two questions."""

_MOST_BYTES: Final = 4 * 2**20
_QUIET: Final = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "log.showSignature=false")


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
    """Ask Git. Blocking, at most twice `SECONDS`. `today` holds the values in use by name."""
    if find_repository(path.parent) is None:
        return GitHistory()
    try:
        listed = _git(path.parent, "log", "--all", f"--max-count={MOST_COMMITS}", "--format=%H %cs", "--", path.name)
        commits = [line.split() for line in listed.decode("ascii", "replace").splitlines() if line.strip()]
        if not commits:
            return GitHistory(repository=True)
        prefix = _git(path.parent, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").strip("\n")
        names = [f"{commit[0]}:{prefix}{path.name}" for commit in commits]
        in_use = _still_in_use(_contents(path.parent, names), today)
    except FileNotFoundError:
        return GitHistory(repository=True, silent_because="git is not installed")
    except subprocess.TimeoutExpired:
        return GitHistory(repository=True, silent_because=f"git did not finish within {SECONDS:g} s")
    except (OSError, subprocess.CalledProcessError):
        return GitHistory(repository=True, silent_because="git refused to read this repository")
    return GitHistory(True, len(commits), commits[0][0][:10], commits[0][1] if len(commits[0]) > 1 else "", in_use)


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


def _contents(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """The file in each commit that has it: `git cat-file --batch` answers `<id> blob <size>`, then the bytes."""
    answer = _git(folder, "cat-file", "--batch", asked="\n".join(names) + "\n")[:_MOST_BYTES]
    at = 0
    while at < len(answer):
        head, _, _ = answer[at:].partition(b"\n")
        words = head.split()
        at += len(head) + 1
        if len(words) == 3 and words[1] == b"blob" and words[2].isdigit():
            size = int(words[2])
            yield answer[at : at + size].decode("utf-8", "replace")
            at += size + 1


def _git(folder: Path, *arguments: str, asked: str = "") -> bytes:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {"GIT_OPTIONAL_LOCKS": "0"}
    return subprocess.run(
        ["git", *_QUIET, *arguments],
        cwd=folder,
        env=environ,
        input=asked.encode("utf-8", "surrogateescape"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS,
        check=True,
    ).stdout
