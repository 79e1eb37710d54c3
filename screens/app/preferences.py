"""What a person prefers in every project: vim keys, theme, time zone. In Soundcheck's own folder, 0600; no data."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.session_settings import UTC

FILE_NAME: Final = "app.json"
_LARGEST: Final = 10_000
log = logging.getLogger("soundcheck.app")


@dataclass(frozen=True, slots=True)
class Preferences:
    """`theme` is "" where none was ever chosen; `zone` is as it was typed: UTC, `local`, or a name."""

    vim_keys: bool = False
    theme: str = ""
    zone: str = UTC


def load_preferences(home: Path) -> Preferences:
    """What was chosen; the defaults where the file is not there or is not one of ours."""
    path = home / FILE_NAME
    try:
        if path.stat().st_size > _LARGEST:
            return Preferences()
        found = json.loads(path.read_text("utf-8"))
        return Preferences(
            bool(found.get("vim_keys", False)), str(found.get("theme", "")), str(found.get("zone", "")) or UTC
        )
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError, AttributeError):
        log.warning("%s cannot be read, so the defaults are used", FILE_NAME, exc_info=True)
        return Preferences()


def save_preferences(home: Path, preferences: Preferences) -> None:
    """Keep them. A disk that refuses costs the memory, not the session."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(home / FILE_NAME, json.dumps(asdict(preferences)).encode())
    except (OSError, SoundcheckError):
        log.warning("%s cannot be written", FILE_NAME, exc_info=True)
