"""A path as a person types it, with `~` for a home folder."""

from __future__ import annotations

import contextlib
from pathlib import Path

from soundcheck.stores.errors import UsageError


def typed_path(text: str | Path) -> Path:
    """The path with its `~` expanded; nothing need be there.

    Raises `UsageError` where the home folder it names is not known, or where nothing can be there: a name that is too
    long, or a folder that may not be entered.
    """
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise UsageError(
            f"The home folder in {str(text)[:80]!r} is not known.", "Write the path out, starting with / or ./"
        ) from None
    try:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.lstat()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it holds a NUL character"
        raise UsageError(f"{str(text)[:80]!r} cannot be a path here: {reason}.", "Name another path.") from None
    return path
