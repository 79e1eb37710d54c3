"""Whether a path lies on a drive of Windows, seen from WSL: there modes like 0600 are usually not kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

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
