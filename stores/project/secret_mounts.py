"""Values handed over as files: the mounts of Docker and Kubernetes, and the credentials of systemd.

Looked for under the variable's name and its lower-case form in `$CREDENTIALS_DIRECTORY` (systemd), in `/run/secrets`
(Docker, Podman) and `/var/run/secrets`, and where `NAME_FILE` points, as the official images of databases read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.secret import Secret

FOLDERS: Final = (Path("/run/secrets"), Path("/var/run/secrets"))

MOST: Final = 16 * 1024
"""Bytes; a larger file is no credential."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """One value and the file it came from."""

    path: Path
    value: Secret


def mounted_values(
    names: Iterable[str], environ: Mapping[str, str], folders: Iterable[Path] | None = None
) -> dict[str, Mounted]:
    """The named values that are mounted and not empty. Blocking, a few small reads; never raises."""
    places = tuple(FOLDERS if folders is None else folders)
    found = {}
    for name in names:
        mounted = next((m for m in map(_read, _candidates(name, environ, places)) if m is not None), None)
        if mounted is not None:
            found[name] = mounted
    return found


def _candidates(name: str, environ: Mapping[str, str], folders: tuple[Path, ...]) -> Iterator[Path]:
    if named := environ.get(f"{name}_FILE"):
        yield Path(named)
    if directory := environ.get("CREDENTIALS_DIRECTORY"):
        folders = (Path(directory), *folders)
    for folder in folders:
        yield folder / name
        yield folder / name.lower()


def _read(path: Path) -> Mounted | None:
    try:
        if not path.is_file() or path.stat().st_size > MOST:
            return None
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return Mounted(path, Secret(text)) if text else None
