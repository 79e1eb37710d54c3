"""The other files that Prisma and frameworks read beside the env file, and where they say something else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from soundcheck.stores.envfile.reading import EnvReading, read_env


@dataclass(frozen=True, slots=True)
class NeighbourConflict:
    """One name that another file sets to another value.

    Prisma's tools refuse to start on such a pair with `prisma/.env`; frameworks let `.env.local` win.
    """

    name: str
    path: Path
    line: int


def neighbours(env_file: Path) -> tuple[EnvReading, ...]:
    """Readings of `prisma/.env` and `.env.local` beside the env file, those that exist. Blocking."""
    candidates = (env_file.parent / "prisma" / ".env", env_file.parent / ".env.local")
    return tuple(r for r in (read_env(p) for p in candidates if p != env_file) if r.exists)


def conflicts(main: EnvReading, others: Iterable[EnvReading]) -> tuple[NeighbourConflict, ...]:
    """The names that stand in `main` and, with another value, in one of `others`."""
    return tuple(
        NeighbourConflict(name, other.path, found.line)
        for other in others
        for name, found in other.values.items()
        if name in main.values and main.values[name].value != found.value
    )
