"""A path as a person types it, with `~` for a home folder."""

from __future__ import annotations

from pathlib import Path

from soundcheck.stores.errors import UsageError


def typed_path(text: str | Path) -> Path:
    """The path with its `~` expanded. Raises `UsageError` where the home folder it names is not known."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise UsageError(
            f"The home folder in {str(text)!r} is not known.", "Write the path out, starting with / or ./"
        ) from None
