"""What the generated client still needs before the backend can connect with it: facts, found by looking."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from soundcheck.stores.backend.python_backend import find_backend_python
from soundcheck.stores.envfile import read_env
from soundcheck.stores.prisma.client_place import GENERATOR_VERSION, ClientState, client_state
from soundcheck.stores.project.project import Project

ENGINE_VARIABLE: Final = "PRISMA_QUERY_ENGINE_BINARY"
"""Where the client looks first; it is read from `.env` too."""

ENGINE_NAME: Final = "prisma-query-engine-*"
_ENGINE_VERSIONS: Final = "5.17.0/393aa359c9ad4a4bb28630fb5613f9c281cde053"
"""The command line and the engine that prisma 0.15.0 belongs to, as its cache folder names them."""


NO_ENGINE: Final = (
    "The client finds no query engine, so connect() raises BinaryNotFoundError: soundcheck doctor --fix client.engine"
)
"""One of `ClientNeeds.missing`."""

_MACH_O: Final = frozenset({b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xca\xfe\xba\xbe"})
_ELF_MACHINES: Final = {"x86_64": 62, "amd64": 62, "aarch64": 183, "arm64": 183, "i686": 3, "armv7l": 40}
"""`e_machine` by what the system calls itself."""


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
    backend = find_backend_python(project, environ)
    library = next(_libraries(backend.environment if backend else None), None)
    engine = found_engine(project, environ)
    missing = []
    if state is ClientState.NOT_WANTED:
        return ClientNeeds(state, library, engine, ())
    if state is not ClientState.GENERATED:
        word = "has not been generated" if state is ClientState.MISSING else "is older than the schema"
        missing.append(f"The client {word}: soundcheck setup generates it.")
    if library is None:
        package = f"prisma=={GENERATOR_VERSION}"
        line = backend.install_line(package, environ) if backend else f"python -m pip install {package}"
        missing.append(f"The library prisma was not found in the project's own environment: {line}")
    if engine is None:
        missing.append(NO_ENGINE)
    return ClientNeeds(state, library, engine, tuple(missing))


def found_engine(project: Project, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The engine that `connect()` would start, looked for in the client's order; None where it finds none.

    The variable, which it also reads from its env file; the folder it is started in; the cache. An engine for another
    system, as it comes along with a folder that was copied, is not one that the client would find.
    """
    written = read_env(project.env_file).get(ENGINE_VARIABLE)
    named = environ.get(ENGINE_VARIABLE) or (written.reveal() if written else "")
    if named:
        return Path(named) if Path(named).is_file() else None  # the client does not look further either
    places = (project.root, project.root / "backend", _cache(environ))
    return next(
        (path for folder in places for path in sorted(folder.glob(ENGINE_NAME)) if _may_be_for_here(path)), None
    )


def _may_be_for_here(program: Path) -> bool:
    """Whether a program's first bytes are not those of another system or processor."""
    try:
        with program.open("rb") as file:
            head = file.read(20)
    except OSError:
        return False
    if head.startswith(b"\x7fELF"):
        machine = _ELF_MACHINES.get(platform.machine().lower())
        order: Literal["little", "big"] = "little" if head[5:6] == b"\x01" else "big"
        return sys.platform.startswith("linux") and int.from_bytes(head[18:20], order) == machine
    if head[:4] in _MACH_O:
        return sys.platform == "darwin"
    return not head.startswith(b"MZ")


def _libraries(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield from sorted(folder.glob("lib/python3*/site-packages/prisma/__init__.py"))


def _cache(environ: Mapping[str, str]) -> Path:
    if folder := environ.get("PRISMA_BINARY_CACHE_DIR"):
        return Path(folder)
    home = Path(environ.get("PRISMA_HOME_DIR") or environ.get("HOME") or Path.home())
    return home / ".cache" / "prisma-python" / "binaries" / _ENGINE_VERSIONS
