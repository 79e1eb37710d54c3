"""Where a secret still occurs on this machine: exported, in the project's files, in the shell's own files.

Read within bounds, links not followed. Nothing that is handed back holds the value: names, paths and line numbers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from soundcheck.stores.project.secret_spellings import holds, lines_with
from soundcheck.stores.secret import Secret

MOST_FILES: Final = 5000
MOST_BYTES: Final = 1 << 20
_MOST_HISTORY: Final = 8 << 20
"""The end of a shell's history that is read."""

_SKIPPED: Final = frozenset(
    {".git", "node_modules", ".venv", "venv", "__pycache__", "dist", "build", "target", "vendor", "site-packages",
     ".mypy_cache", ".pytest_cache", ".ruff_cache", ".next", ".cache"}
)  # fmt: skip

_HISTORIES: Final = (
    ".bash_history", ".zsh_history", ".sh_history", ".ash_history", ".histfile", ".psql_history", ".rediscli_history",
    ".node_repl_history", ".python_history", ".lesshst", ".viminfo", ".local/share/fish/fish_history",
    ".local/state/bash/history", ".local/state/zsh/history",
)  # fmt: skip
_STARTUP: Final = (
    ".bashrc", ".bash_profile", ".bash_login", ".bash_aliases", ".profile", ".zshrc", ".zshenv", ".zprofile", ".pgpass",
    ".config/fish/config.fish", ".config/environment.d/env.conf", ".pam_environment", ".netrc",
)  # fmt: skip


class OccurrenceKind(StrEnum):
    """What kind of place it is."""

    VARIABLE = "variable"
    FILE = "file"
    HISTORY = "history"
    STARTUP = "startup"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place. `where` is a variable's name or a path; `lines` count from 1, empty for a variable."""

    place: OccurrenceKind
    where: str
    lines: tuple[int, ...] = ()


def occurrences(secret: Secret, root: Path, environ: Mapping[str, str]) -> tuple[Occurrence, ...]:
    """Every place that is looked at and holds it. Blocking, at most `MOST_FILES` small files."""
    found = [
        Occurrence(OccurrenceKind.VARIABLE, name)
        for name, value in sorted(environ.items())
        if holds(value.encode("utf-8", "surrogateescape"), secret)
    ]
    for path in _files(root):
        if lines := lines_with(_content(path, MOST_BYTES), secret):
            found.append(Occurrence(OccurrenceKind.FILE, str(path.relative_to(root)), lines))
    for place, path in _shell_files(environ):
        if lines := lines_with(_content(path, _MOST_HISTORY, tail=True), secret):
            found.append(Occurrence(place, str(path), lines))
    return tuple(found)


def _files(root: Path) -> Iterator[Path]:
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for file in sorted(files):
            seen += 1
            if seen > MOST_FILES:
                return
            yield Path(folder) / file


def _shell_files(environ: Mapping[str, str]) -> Iterator[tuple[OccurrenceKind, Path]]:
    home = Path(environ.get("HOME") or Path.home())
    named = [Path(environ["HISTFILE"])] if environ.get("HISTFILE") else []
    for path in dict.fromkeys([*named, *(home / name for name in _HISTORIES)]):
        yield OccurrenceKind.HISTORY, path
    for name in _STARTUP:
        yield OccurrenceKind.STARTUP, home / name


def _content(path: Path, most: int, *, tail: bool = False) -> bytes:
    """The bytes of one file; its end where it is longer and `tail` is set, else nothing."""
    try:
        if path.is_symlink() or not path.is_file():
            return b""
        size = path.stat().st_size
        if size > most and not tail:
            return b""
        with path.open("rb") as file:
            if size <= most:
                return file.read(most)
            left_out, ahead = 0, size - most
            while ahead > 0 and (chunk := file.read(min(1 << 20, ahead))):
                left_out += chunk.count(b"\n")
                ahead -= len(chunk)
            return b"\n" * left_out + file.read(most)  # so that the lines keep their numbers
    except OSError:
        return b""
