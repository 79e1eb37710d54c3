"""A path as a person types it, with `~` for a home folder."""

from __future__ import annotations

import contextlib
import os
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


def folders_beginning(text: str, base: Path, most: int = 100) -> tuple[str, ...]:
    """The folders whose path begins with what was typed, as it would be typed on, each with a `/` at its end, sorted.

    What is not absolute is looked for in `base`. Hidden ones are among them only where a dot was typed. Empty where
    nothing fits or nothing may be read.
    """
    typed, name = text[: text.rfind("/") + 1], text[text.rfind("/") + 1 :]
    if text.startswith("~") and not typed:
        return (f"{text}/",)
    try:
        inside = base / typed_path(typed) if typed else base
        with os.scandir(inside) as entries:
            found = sorted(one.name for one in entries if one.name.startswith(name) and one.is_dir())
    except (OSError, UsageError):
        return ()
    return tuple(f"{typed}{one}/" for one in found if name.startswith(".") or not one.startswith("."))[:most]


def common_beginning(paths: tuple[str, ...]) -> str:
    """What all of them begin with: how far a Tab can complete."""
    return os.path.commonprefix(paths)  # noqa: RUF071 - a part of a name is wanted
