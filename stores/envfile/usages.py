"""Which files of a project mention an environment variable: a bounded scan of its source text."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

MAX_FILES: Final = 4000
MAX_BYTES: Final = 256 * 1024

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
    found: list[Path] = []
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED_FOLDERS)
        for file in sorted(files):
            path = Path(folder) / file
            if path.suffix not in _SUFFIXES and file not in _NAMES:
                continue
            seen += 1
            if seen > max_files:
                return tuple(sorted(found))
            if _mentions(path, word):
                found.append(path)
    return tuple(sorted(found))


def _mentions(path: Path, word: re.Pattern[bytes]) -> bool:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
            return False
        data = path.read_bytes()
    except OSError:
        return False
    return b"\0" not in data and word.search(data) is not None
