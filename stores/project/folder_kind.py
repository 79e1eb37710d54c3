"""Whether a file lies where a program copies it to other machines: Dropbox, OneDrive, iCloud, Google Drive, others.

Told by the folders' names as those programs make them, and by Syncthing's marker.

Whether a path lies on a drive of Windows, seen from WSL: there modes like 0600 are usually not kept.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_NAMES: Final = (
    ("Dropbox", re.compile(r"^Dropbox(?: \(.+\))?$|^Dropbox-")),
    ("OneDrive", re.compile(r"^OneDrive(?: - .+|-.+)?$")),
    ("iCloud Drive", re.compile(r"^(?:com~apple~CloudDocs|Mobile Documents|iCloud ?Drive)$")),
    ("Google Drive", re.compile(r"^(?:Google ?Drive(?:-.+| File Stream)?|GoogleDrive)$")),
    ("Box", re.compile(r"^Box(?: Sync|-Box)$")),
    ("Nextcloud", re.compile(r"^(?:Nextcloud|ownCloud)\d*$")),
    ("pCloud", re.compile(r"^(?:pCloudDrive|pCloud Drive)$")),
    ("MEGA", re.compile(r"^MEGA(?:sync)?(?: Downloads)?$")),
    ("Proton Drive", re.compile(r"^(?:Proton Drive|ProtonDrive-.+)$")),
)
_MARKERS: Final = (("Syncthing", ".stfolder"),)


def synced_by(path: Path) -> str:
    """The program's name, "" where none is known to copy the path. Looks at the path as given and as resolved."""
    for place in dict.fromkeys((path.absolute(), path.resolve())):
        for folder in place.parent.parts:
            for program, pattern in _NAMES:
                if pattern.match(folder):
                    return program
        for program, marker in _MARKERS:
            if any((folder / marker).exists() for folder in place.parents):
                return program
    return ""


_DRIVE: Final = re.compile(r"^/mnt/[a-z](?:/|$)")
_KERNEL: Final = Path("/proc/sys/kernel/osrelease")


def on_windows_drive(path: Path, kernel: str | None = None) -> bool:
    """Under /mnt/c and its like, where the kernel is WSL's (`microsoft` in its release). Reads one small file."""
    if not _DRIVE.match(str(path)):
        return False
    if kernel is None:
        try:
            kernel = _KERNEL.read_text("utf-8")
        except OSError:
            return False
    return "microsoft" in kernel.lower()
