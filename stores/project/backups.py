"""A ring of earlier states of a file, from which the newest can be put back.

One file each, 0600, in a folder of ours: `<time>-<path>-<after>.<kind>`, where `path` and `after` are hashes that tell
which file it was and what was written over it. The name holds no secret and the content is what stood there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.clock import Clock, SystemClock

KEPT: Final = 10
"""How many are kept for one file; the oldest go."""

_NAME: Final = re.compile(r"(?P<stamp>\d{8}T\d{12})-(?P<path>[0-9a-f]{12})-(?P<after>[0-9a-f]{12})\.(?P<kind>[a-z]+)")


class BackupKind(StrEnum):
    """What a backup stands for."""

    BEFORE = "before"
    ABSENT = "absent"
    """There was no file."""
    UNDONE = "undone"
    """What an undo took away; kept for the person, not used by undo."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One state that was kept. `stamp` sorts by time; `after` is the start of the hash of what replaced it."""

    file: Path
    stamp: str
    kind: BackupKind
    after: str

    def content(self) -> bytes | None:
        """What stood there; None where there was no file. Raises `OSError`."""
        return None if self.kind is BackupKind.ABSENT else self.file.read_bytes()

    def was_followed_by(self, data: bytes | None) -> bool:
        """Whether `data` is what was written over it, so that putting it back loses nothing newer."""
        return self.after == _short(data or b"")


def keep(
    folder: Path,
    path: Path,
    before: bytes | None,
    after: bytes | None,
    *,
    undone: bool = False,
    clock: Clock | None = None,
) -> Backup:
    """Keep what stands at `path` (None: no file) before `after` is written.

    Raises `CouldNotRun`, and then nothing may be overwritten.
    """
    kind = BackupKind.ABSENT if before is None else BackupKind.UNDONE if undone else BackupKind.BEFORE
    existing = backups_of(folder, path)
    stamp = (clock or SystemClock()).now().strftime("%Y%m%dT%H%M%S%f")
    if existing and existing[0].stamp >= stamp:  # the clock went back, or two writes in one microsecond
        date, _, time = existing[0].stamp.partition("T")
        stamp = f"{date}T{int(time) + 1:012d}"
    name = f"{stamp}-{_short(os.fsencode(path.absolute()))}-{_short(after or b'')}.{kind}"
    write_atomically(folder / name, before or b"", mode=0o600)
    for old in backups_of(folder, path)[KEPT:]:
        discard(old)
    return Backup(folder / name, stamp, kind, _short(after or b""))


def backups_of(folder: Path, path: Path) -> list[Backup]:
    """Every state kept for `path`, newest first; empty where there is none."""
    own = _short(os.fsencode(path.absolute()))
    found = []
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:
        return []
    for name in names:
        match = _NAME.fullmatch(name)
        if match and match["path"] == own and match["kind"] in set(BackupKind):
            found.append(Backup(folder / name, match["stamp"], BackupKind(match["kind"]), match["after"]))
    return sorted(found, key=lambda b: b.stamp, reverse=True)


def newest(folder: Path, path: Path) -> Backup | None:
    """The state that an undo puts back."""
    return next((b for b in backups_of(folder, path) if b.kind is not BackupKind.UNDONE), None)


def discard(backup: Backup) -> None:
    """Forget one. A file that is gone already is fine."""
    with contextlib.suppress(OSError):
        backup.file.unlink()


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
