"""The client that we generated, told from one that somebody else wrote: by a digest that is kept outside the project.

What we generated from a schema is our own code, and looking at a row may import it. Whatever else lies in the client's
folder is the project's, and waits for trust. What is compared is a private copy, and the copy is what is imported.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.prisma.client_place import STAMP_NAME
from soundcheck.stores.project.kept_file import KeptFile, NotReadable
from soundcheck.stores.project.project import Project

_MOST_FILES: Final = 2_000
_MOST_BYTES: Final = 200_000_000
_NOT_PART: Final = frozenset({STAMP_NAME, ".gitignore"})
"""Our own notes, which are written once the client is complete."""


@dataclass(frozen=True, slots=True)
class _OwnClient:
    """Where our client went, and what it was."""

    folder: str
    digest: str


class _NoClient(Exception):
    """It holds what no client of ours does: a link, something that is no file, far too much."""


def client_digest(folder: Path) -> str:
    """One digest over the client's files, their names and what is in them. Raises `OSError`."""
    return _digest({name: (folder / name).read_bytes() for name in _files(folder)})


def note_own_client(project: Project, folder: Path, digest: str) -> None:
    """Keep what we generated; with no digest it is none of ours. Blocking. Raises `CouldNotRun`."""
    if digest:
        _file(project).write(_OwnClient(str(folder), digest))
    else:
        _file(project).forget()


@contextlib.contextmanager
def own_copy(project: Project, folder: Path) -> Iterator[Path | None]:
    """A private copy of the client, None where it is not, file by file, the one that we generated. Blocking."""
    with tempfile.TemporaryDirectory(prefix="soundcheck-client-") as private:
        place = Path(private) / folder.name
        yield place if _copied(project, folder, place) else None


def _copied(project: Project, folder: Path, place: Path) -> bool:
    try:
        kept = _file(project).read()
        if kept is None or kept.folder != str(folder):
            return False
        found = {name: (folder / name).read_bytes() for name in _files(folder)}
        if _digest(found) != kept.digest:
            return False
        for name, data in found.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
    except (OSError, NotReadable, _NoClient):
        return False
    return True


def _files(folder: Path) -> list[str]:
    """All that Python could import from it, byte code in its cache left out, which is not copied either."""
    found, size = [], 0
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in (*names, *folders):
            path = Path(place) / name
            facts = path.lstat()
            if name in folders and stat.S_ISDIR(facts.st_mode):
                continue
            if not stat.S_ISREG(facts.st_mode):
                raise _NoClient
            size += facts.st_size
            if path.relative_to(folder).as_posix() not in _NOT_PART:
                found.append(path.relative_to(folder).as_posix())
        if len(found) > _MOST_FILES or size > _MOST_BYTES:
            raise _NoClient
    return sorted(found)


def _digest(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, data in sorted(files.items()):
        whole.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
    return whole.hexdigest()


def _file(project: Project) -> KeptFile[_OwnClient]:
    return KeptFile(project.state / "client.json", _to_json, _from_json, largest=100_000)


def _to_json(kept: _OwnClient) -> Mapping[str, Any]:
    return {"folder": kept.folder, "digest": kept.digest}


def _from_json(raw: Mapping[str, Any]) -> _OwnClient:
    return _OwnClient(str(raw["folder"]), str(raw["digest"]))
