"""The source text of a project, read within bounds: which files mention a variable, and how it loads its env files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from soundcheck.stores.plain_file import ENV_FILE_LIMIT

MAX_FILES: Final = 4000

_SKIPPED_FOLDERS: Final = frozenset(
    {"node_modules", "venv", "env", "__pycache__", "dist", "build", "target", "vendor", "coverage", "site-packages"}
)
_SUFFIXES: Final = frozenset(
    {
        ".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".go", ".rb", ".php", ".java", ".kt",
        ".rs", ".cs", ".ex", ".exs", ".sh", ".prisma", ".toml", ".yml", ".yaml", ".json", ".ini", ".cfg", ".vue",
        ".svelte",
    }
)  # fmt: skip
_NAMES: Final = frozenset({"Dockerfile", "Makefile", "Procfile"})


def files_reading(root: Path, name: str, *, max_files: int = MAX_FILES) -> tuple[Path, ...]:
    """The source files under `root` that mention `name` as a word, sorted.

    Hidden folders, installed packages and build output are skipped, links not followed, files over 256 KiB or with
    NUL bytes not read, and the scan ends after `max_files` files. Blocking.
    """
    word = re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(name.encode()) + rb"(?![A-Za-z0-9_])")
    return tuple(sorted(path for path in _sources(root, max_files) if word.search(_content(path))))


def source_texts(root: Path, *, max_files: int = MAX_FILES) -> Iterator[tuple[Path, str]]:
    """Path and text of each source file, within the same bounds; what is not UTF-8 is read as far as it goes."""
    for path in _sources(root, max_files):
        if content := _content(path):
            yield path, content.decode("utf-8", "replace")


def _sources(root: Path, max_files: int) -> Iterator[Path]:
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED_FOLDERS)
        for file in sorted(files):
            path = Path(folder) / file
            if path.suffix not in _SUFFIXES and file not in _NAMES:
                continue
            seen += 1
            if seen > max_files:
                return
            yield path


def _content(path: Path) -> bytes:
    """The bytes of one file, empty where it is not to be read."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > ENV_FILE_LIMIT:
            return b""
        data = path.read_bytes()
    except OSError:
        return b""
    return b"" if b"\0" in data else data
