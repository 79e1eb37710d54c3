"""What the generated client still needs before the backend can connect with it: facts, found by looking."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stores.prisma.client_place import GENERATOR_VERSION, ClientState, client_state
from stores.project import Project

ENGINE_NAME: Final = "prisma-query-engine-*"
_ENGINE_VERSIONS: Final = "5.17.0/393aa359c9ad4a4bb28630fb5613f9c281cde053"
"""The command line and the engine that prisma 0.15.0 belongs to, as its cache folder names them."""


@dataclass(frozen=True, slots=True)
class ClientNeeds:
    """Whether the client is there, and what its `connect()` would find.

    `library` is the package `prisma` in the backend's own environment, `engine` the native query engine that would be
    started; each None where it was not found. `missing` says in one line each what is lacking, with its cure.
    """

    state: ClientState
    library: Path | None
    engine: Path | None
    missing: tuple[str, ...]

    @property
    def can_connect(self) -> bool:
        """Whether everything that could be looked for is there."""
        return not self.missing


def client_needs(project: Project, schema: Path, environ: Mapping[str, str] = os.environ) -> ClientNeeds:
    """Look for the client, the library it rests on, and the engine it starts. Starts and imports nothing.

    Without an engine the generated client imports, and `connect()` raises `BinaryNotFoundError`.
    """
    state = client_state(project, schema, environ)
    library = next(_libraries(project.root, environ), None)
    engine = next(_engines(project.root, environ), None)
    missing = []
    if state is ClientState.NOT_WANTED:
        return ClientNeeds(state, library, engine, ())
    if state is not ClientState.GENERATED:
        word = "has not been generated" if state is ClientState.MISSING else "is older than the schema"
        missing.append(f"The client {word}: soundcheck setup generates it.")
    if library is None:
        missing.append(
            "The library prisma was not found in the project's own environment: "
            f"python -m pip install prisma=={GENERATOR_VERSION}"
        )
    if engine is None:
        missing.append(
            "Prisma's query engine is not on this machine, so connect() raises BinaryNotFoundError. "
            "Where binaries.prisma.sh can be reached: python -m prisma py fetch"
        )
    return ClientNeeds(state, library, engine, tuple(missing))


def backend_environments(root: Path, environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The environments of Python that may be the backend's; Soundcheck's own says nothing about it."""
    named = [Path(environ["VIRTUAL_ENV"])] if environ.get("VIRTUAL_ENV") else []
    folders = [*named, *(root / place / name for place in (".", "backend") for name in (".venv", "venv"))]
    return tuple(f for f in folders if f.is_dir() and f.resolve() != Path(sys.prefix).resolve())


def _libraries(root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    for folder in backend_environments(root, environ):
        yield from sorted(folder.glob("lib/python3*/site-packages/prisma/__init__.py"))


def _engines(root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """In the order in which the client looks: the variable, the folder it is started in, the cache."""
    named = environ.get("PRISMA_QUERY_ENGINE_BINARY")
    if named:
        yield from [Path(named)] if Path(named).is_file() else []
        return  # the client does not look further either
    for folder in (root, root / "backend", _cache(environ)):
        yield from (path for path in sorted(folder.glob(ENGINE_NAME)) if path.is_file())


def _cache(environ: Mapping[str, str]) -> Path:
    if folder := environ.get("PRISMA_BINARY_CACHE_DIR"):
        return Path(folder)
    home = Path(environ.get("PRISMA_HOME_DIR") or environ.get("HOME") or Path.home())
    return home / ".cache" / "prisma-python" / "binaries" / _ENGINE_VERSIONS
