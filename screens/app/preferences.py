"""What a person prefers in every project: vim keys, theme, time zone, the last projects.

In Soundcheck's own folder, 0600; no data.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.project.kept_file import KeptFile, NotReadable
from soundcheck.stores.project.project import PREFERENCES

_LARGEST: Final = 40_000
MOST_PROJECTS: Final = 6
log = logging.getLogger("soundcheck.app")


@dataclass(frozen=True, slots=True)
class Preferences:
    """`theme` is "" where none was ever chosen; `zone` is as it was typed: UTC, `local`, or a name.

    `projects` are the folders that were chosen where Soundcheck was started in its own source, the last one first.
    """

    vim_keys: bool = False
    theme: str = ""
    zone: str = UTC
    projects: tuple[str, ...] = ()

    def with_project(self, root: Path) -> Preferences:
        """The same with a project as the last one."""
        folder = str(root)
        others = (one for one in self.projects if one != folder)
        return replace(self, projects=(folder, *others)[:MOST_PROJECTS])


def load_preferences(home: Path) -> Preferences:
    """What was chosen; the defaults where the file is not there or is not one of ours."""
    try:
        return _kept(home).read() or Preferences()
    except NotReadable:
        log.warning("%s cannot be read, so the defaults are used", PREFERENCES, exc_info=True)
        return Preferences()


def save_preferences(home: Path, preferences: Preferences) -> None:
    """Keep them. A disk that refuses costs the memory, not the session."""
    try:
        _kept(home).write(preferences)
    except SoundcheckError:
        log.warning("%s cannot be written", PREFERENCES, exc_info=True)


def remember_project(home: Path, preferences: Preferences, root: Path) -> Preferences:
    """Keep a project as the last one."""
    kept = preferences.with_project(root)
    save_preferences(home, kept)
    return kept


def _kept(home: Path) -> KeptFile[Preferences]:
    return KeptFile(home / PREFERENCES, asdict, _from_json, largest=_LARGEST)


def _from_json(raw: Mapping[str, Any]) -> Preferences:
    return Preferences(
        bool(raw.get("vim_keys", False)),
        str(raw.get("theme", "")),
        str(raw.get("zone", "")) or UTC,
        tuple(map(str, raw.get("projects", [])))[:MOST_PROJECTS],
    )
