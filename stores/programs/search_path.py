"""Where programs of ours are looked for: what the PATH names for good, and never the folder that is looked at.

`.`, an empty entry and `node_modules/.bin` in a PATH mean another place in every folder, and in a cloned repository
they mean what its author put there. A person's own command is found by their own PATH: it is theirs to run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def lasting_path(path: str, here: Path | None = None) -> str:
    """The entries of a PATH that are absolute and lie outside the working folder (`here`).

    A home, or a folder that holds one, is no project: what lies below it stays.
    """
    entries = [entry for entry in path.split(os.pathsep) if entry and Path(entry).is_absolute()]
    folder = _working_folder() if here is None else here
    if folder is None or Path(os.path.expanduser("~")).is_relative_to(folder):  # noqa: PTH111 - Path.home() may raise
        return os.pathsep.join(entries)
    return os.pathsep.join(entry for entry in entries if not Path(os.path.normpath(entry)).is_relative_to(folder))


def found_program(name: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """A program by its name on the lasting part of the PATH; None where it is not there."""
    found = shutil.which(name, path=lasting_path(environ.get("PATH", "")) or os.devnull)
    return Path(found) if found else None


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # it was removed under us
        return None
