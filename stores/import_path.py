"""Where our own interpreter and its children import from: what is installed, and never the project that is looked at.

A project may hold an `httpx.py` or a `redis/` of its own, and it gets onto the path by `PYTHONPATH=.` in a shell, by
`python -m` in its folder, or by an editable installation. What it holds is looked at, not run.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import soundcheck


def own_root() -> Path:
    """The folder that `soundcheck` is imported from: a checkout, or the folder of installed packages."""
    return Path(soundcheck.__file__).resolve().parents[1]


def keep_projects_out() -> None:
    """Take every folder off this interpreter's path that is neither its own, nor ours, nor one of installed packages.

    At the program's start, before anything but the standard library and our own modules was imported.
    """
    sys.path[:] = installed_places(sys.path)


def installed_places(entries: Sequence[str]) -> list[str]:
    """The entries that belong to this interpreter, to us, or to packages that were installed there. Looks at disk."""
    found = sysconfig.get_paths()
    named = [*(found[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")), *site.getsitepackages()]
    named += [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    own = {Path(place).resolve() for place in named} | {own_root()}
    here = _working_folder()
    return [entry for entry in entries if Path(entry).is_absolute() and _stays(Path(entry), own, here)]


def child_import_path() -> str:
    """`PYTHONPATH` for a child of ours that runs with `-P`: our rooms, then the places that led us to our packages."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join(dict.fromkeys([str(own_root()), *installed_places(given)]))


def _working_folder() -> Path | None:
    """Where we stand; None where that is a home or a folder that holds one, such as `/`, which is no project."""
    try:
        here = Path.cwd().resolve()
    except OSError:  # it was removed under us
        return None
    return None if Path(os.path.expanduser("~")).resolve().is_relative_to(here) else here  # noqa: PTH111


def _stays(entry: Path, own: set[Path], here: Path | None) -> bool:
    """What lies in the working folder is a project's, whatever it calls itself: a `.dist-info` is easily made."""
    place = entry.resolve()
    is_part = place.name == "lib-dynload" and place.parent in own
    is_archive = place.suffix == ".zip" and place.is_relative_to(Path(sys.base_prefix).resolve())
    if place in own or is_part or is_archive:
        return True
    is_projects = here is not None and place.is_relative_to(here)
    return not is_projects and next(place.glob("*.dist-info"), None) is not None
