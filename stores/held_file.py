"""What an ordinary file says against being replaced: another name that leads to it, or a mode that forbids writing.

A file is replaced by renaming a new one over it. That parts a hard link, and the other name keeps the old content
without a word. And the folder alone decides whether it may be done, so a file that its owner has made read-only would
be replaced all the same.
"""

from __future__ import annotations

import os
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

from soundcheck.stores.errors import Refused


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a file is not simply replaced. `names` are all that lead to it, `mode` is its own where it is read-only."""

    names: int = 1
    mode: int | None = None

    def words(self, shown: str) -> str:
        """What it is, in a sentence or two. `shown` is the file's name."""
        said = []
        if self.names > 1:
            others = "another name" if self.names == 2 else f"{self.names - 1} other names"
            said.append(f"{shown} has {others} (a hard link), which would keep the old content.")
        if self.mode is not None:
            said.append(f"{shown} is read-only (mode {self.mode:04o}).")
        return " ".join(said)

    def hint(self, path: Path) -> str:
        """How a person lifts it."""
        name = shlex.quote(str(path))
        lines = []
        if self.names > 1:
            lines.append(f"cp -p {name} {name}.own && mv -f {name}.own {name}")
        if self.mode is not None:
            lines.append(f"chmod u+w {name}")
        return f"If it may be written, type: {' && '.join(lines)}"


def hold_on(path: Path) -> Hold | None:
    """None for a file that may be replaced, for nothing at all, and for whatever is no ordinary file."""
    try:
        facts = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    mode = stat.S_IMODE(facts.st_mode)
    read_only = not mode & 0o200 or not os.access(path, os.W_OK)  # root may write whatever the mode says
    hold = Hold(facts.st_nlink, mode if read_only else None)
    return hold if hold != Hold() else None


def refuse_held(path: Path, agreed: Hold | None = None, shown: str = "") -> None:
    """Before a file is replaced or removed: raises `Refused` unless just this was agreed to."""
    hold = hold_on(path)
    if hold is not None and hold != agreed:
        raise Refused(hold.words(shown or str(path)), hold.hint(path))


def kept_mode(path: Path, mode: int) -> int:
    """`mode` for what takes the place of a file, without any right that this file does not give."""
    try:
        return mode & stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return mode
