"""Whether a folder is Soundcheck's own checkout: then it is hardly the project that somebody wants to set up."""

from __future__ import annotations

import tomllib
from pathlib import Path


def is_own_checkout(root: Path) -> bool:
    """Whether `root` holds the source of this program. Reads one file; False for anything that cannot be read."""
    try:
        text = (root / "pyproject.toml").read_text("utf-8")
        return bool(tomllib.loads(text).get("project", {}).get("name") == "soundcheck") and (root / "stores").is_dir()
    except (OSError, ValueError, AttributeError):
        return False
