"""Prisma's own commands as a person types them: always with a major version.

npm's `latest` can be a release candidate of Prisma 8 (since August 2026), which knows neither `generate` nor `db push`
nor `migrate deploy`. Without a version, npx and `npm install` fetch that one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from soundcheck.stores.backend.node_packages import declared_ranges, installed_version, read_package
from soundcheck.stores.plain_file import read_plain_text

DEFAULT_MAJOR: Final = 6
"""For a project that says nothing: the newest that reads `url` from the schema."""

MIGRATE: Final = "migrate deploy"
"""What brings the database of a project with migrations up to date."""

DEVELOP: Final = "migrate dev"
"""What makes a new migration out of the schema."""

NEWEST_MAJOR: Final = 7
"""The newest that knows the commands that we print."""

PACKAGES: Final = ("prisma", "@prisma/client")
"""They belong together and have one version."""

_NEAR: Final = 3
"""Folders above a schema or a package of a monorepo in which package.json is looked for."""

_RANGE: Final = re.compile(r"[\^~>=v\s]*(\d+)(?![\w-])")
_LOCKS: Final = {
    "package-lock.json": re.compile(r'"node_modules/(?:@prisma/client|prisma)":\s*\{\s*"version":\s*"(\d+)\.'),
    "pnpm-lock.yaml": re.compile(r"^\s+'?/?(?:@prisma/client|prisma)[@/](\d+)\.\d", re.MULTILINE),
    "yarn.lock": re.compile(r'^"?(?:@prisma/client|prisma)@[^\n]*:\r?\n\s+version:? "?(\d+)\.', re.MULTILINE),
    "bun.lock": re.compile(r'\["(?:@prisma/client|prisma)@(\d+)\.\d'),
}
_MOST_BYTES: Final = 20_000_000


def prisma_line(near: Path, words: str) -> str:
    """`npx prisma@6 migrate deploy` for the project at `near`, its root or its schema. A few small files are read."""
    folders = _folders(near)
    uses_bun = any((folder / name).is_file() for folder in folders for name in ("bun.lock", "bun.lockb"))
    return shlex.join(["bunx" if uses_bun else "npx", f"prisma@{prisma_major(folders)}", *words.split()])


def migrate_line(near: Path | None = None) -> str:
    """The same for `migrate deploy`; without a place, for a project of which nothing is known."""
    return prisma_line(near, MIGRATE) if near is not None else f"npx prisma@{DEFAULT_MAJOR} {MIGRATE}"


def pinned(names: Iterable[str], folders: Sequence[Path]) -> tuple[str, ...]:
    """The packages as they are named to a package manager: those of Prisma with the project's major version."""
    return tuple(f"{name}@{prisma_major(folders)}" if name in PACKAGES else name for name in names)


def prisma_major(folders: Sequence[Path]) -> int:
    """The project's major version of Prisma: what is installed, else declared, else locked, else the default."""
    known = [*_installed(folders), *_declared(folders), *_locked(folders)]
    return next((major for major in known if major <= NEWEST_MAJOR), NEWEST_MAJOR if known else DEFAULT_MAJOR)


def names_a_major(wanted: str) -> bool:
    """Whether a range of package.json says which major version it means; `latest` and `*` do not."""
    return _RANGE.match(wanted) is not None


def _folders(near: Path) -> list[Path]:
    """Where package.json may be: in `backend`, in the folder itself, and in those above it, up to the repository's."""
    start = near if near.is_dir() else near.parent
    found = [start / "backend"]
    for folder in (start, *start.parents[:_NEAR]):
        found.append(folder)
        if (folder / ".git").exists():
            break
    return found


def _installed(folders: Sequence[Path]) -> Iterator[int]:
    for name in PACKAGES:
        if found := re.match(r"(\d+)\.", installed_version(folders, name)):
            yield int(found[1])


def _declared(folders: Sequence[Path]) -> Iterator[int]:
    for folder in folders:
        ranges = declared_ranges(read_package(folder / "package.json") or {})
        for name in PACKAGES:
            if found := _RANGE.match(ranges.get(name, "")):
                yield int(found[1])


def _locked(folders: Sequence[Path]) -> Iterator[int]:
    for path in (folder / name for folder in folders for name in _LOCKS):
        try:
            text = read_plain_text(path) if path.stat().st_size <= _MOST_BYTES else ""
        except (OSError, UnicodeDecodeError):
            continue
        if found := _LOCKS[path.name].search(text):
            yield int(found[1])
