"""What a kill has left half-written in a project: found by where we write, and taken away at the next start."""

from __future__ import annotations

import contextlib
import glob
import re
import shutil
import stat
import time
from pathlib import Path
from typing import Final

from soundcheck.stores.aside import sweep
from soundcheck.stores.project.journal import Journal, MadeFolder, Swapped, Write
from soundcheck.stores.project.project import Project

_HALF: Final = re.compile(r"\.[0-9a-f]{8}\.(?:tmp|old)")
"""How a neighbour's name ends that was to take the place of a client, or, until 0.1, of a file."""

YOUNG: Final = 60.0
"""Seconds within which somebody may still be at work on such a neighbour: nothing tells whether."""


def sweep_leftovers(project: Project, *, older_than: float = YOUNG) -> None:
    """Take away what nobody is writing any more. Blocking, some milliseconds; never raises."""
    journal = Journal(project)
    written = {record.path for record in journal.records() if isinstance(record, Write | Swapped | MadeFolder)}
    places = [project.root, project.env_file.parent, project.state, project.backups, journal.originals]
    sweep([*places, project.state / "runs", *(path.parent for path in written)])
    for path in written:
        for leftover in path.parent.glob(f".{glob.escape(path.name)}.*"):
            if _HALF.fullmatch(leftover.name[len(path.name) + 1 :]):
                with contextlib.suppress(OSError):
                    _take_away(leftover, older_than)


def _take_away(place: Path, older_than: float) -> None:
    facts = place.lstat()
    if time.time() - facts.st_mtime < older_than:
        return
    if stat.S_ISDIR(facts.st_mode):
        shutil.rmtree(place)
    else:
        place.unlink()
