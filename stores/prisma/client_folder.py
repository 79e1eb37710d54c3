"""Put a new client in the place of the old one, and lose nothing that no generator wrote."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun, StepFailed
from soundcheck.stores.plain_file import read_plain_text
from soundcheck.stores.prisma.client_place import GENERATOR_VERSION, STAMP_NAME, read_stamp
from soundcheck.stores.prisma.own_client import client_digest
from soundcheck.stores.prisma.schema_text import SchemaFile, fingerprint

_LEFTOVER: Final = re.compile(r"\.[0-9a-f]{8}\.(tmp|old)$")
_ABANDONED: Final = 3600.0
"""Seconds after which what a killed generation left behind is removed; a younger one may still be at work."""

_IGNORED: Final = frozenset({"__pycache__", ".gitignore", STAMP_NAME})


async def replace_client(
    output: Path,
    files: tuple[SchemaFile, ...],
    generate: Callable[[Path], Awaitable[None]],
    *,
    left_out: str = "",
) -> str:
    """Have `generate` fill a private folder, copy it beside `output`, then swap it in; its digest (`client_digest`).

    Nobody else can write to what `generate` makes, imports or judges. `left_out` goes into the client's note. Raises
    `StepFailed` where `output` holds anything else than a client, `CouldNotRun` where it cannot be written, and
    whatever `generate` raises; in all three the old client is as it was.
    """
    refuse_foreign_folder(output)
    neighbour = output.parent / f".{output.name}.{secrets.token_hex(4)}.tmp"
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        _sweep(output)
        with tempfile.TemporaryDirectory(prefix="soundcheck-client-") as folder:
            place = Path(folder) / output.name
            await generate(place)
            made, digest = _own_files(place), client_digest(place)
            _refuse_foreign_files(output, made)
            shutil.copytree(place, neighbour, ignore=shutil.ignore_patterns("__pycache__"))
        _sign(neighbour, files, made, left_out)
        _take_place(neighbour, output)
    except OSError as problem:
        raise CouldNotRun(
            f"The client could not be written to {output}: {problem.strerror or problem}.",
            "Free some space or mend the folder's rights; the old client is as it was.",
        ) from problem
    finally:
        shutil.rmtree(neighbour, ignore_errors=True)
    return digest


def refuse_foreign_folder(output: Path) -> None:
    """A folder that is there must be a client, or empty. Raises `StepFailed`."""
    hint = "Move it away, or name another output in the schema's generator block."
    if output.is_symlink():
        raise StepFailed(f"{output} is a link; a client is not written through it.", hint)
    if not output.exists():
        return
    if not output.is_dir():
        raise StepFailed(f"{output} is a file, and the client needs a folder of that name.", hint)
    if any(output.iterdir()) and not _is_client(output):
        raise StepFailed(f"{output} is not a generated client; it is left as it is.", hint)


def foreign_files(output: Path) -> tuple[str, ...]:
    """What lies in a client's folder and was written by no generator; all of it where the folder is no client."""
    stamp = read_stamp(output)
    found = _own_files(output)
    if stamp is not None:
        found -= frozenset(stamp.files)
    elif _is_client(output):
        return ()
    return tuple(sorted(found))


def remove_client(output: Path) -> None:
    """Take a client away, its stamp last, so that what a kill leaves is still known as one. Raises `OSError`."""
    for place in sorted(output.iterdir(), key=lambda place: place.name == STAMP_NAME):
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink()
    output.rmdir()


def _is_client(folder: Path) -> bool:
    if read_stamp(folder) is not None:
        return True
    try:
        return "__title__ = 'prisma'" in read_plain_text(folder / "__init__.py")
    except (OSError, UnicodeDecodeError):
        return False


def _refuse_foreign_files(output: Path, made: frozenset[str]) -> None:
    """What lies in the old client and was written by no generator would be lost with it."""
    if not output.is_dir():
        return
    stamp = read_stamp(output)
    known = made | frozenset(stamp.files if stamp else ())
    foreign = sorted(_own_files(output) - known)
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise StepFailed(
            f"{output} holds files that no generator wrote: {', '.join(foreign[:3])}{more}. It is left as it is.",
            "Move them away, then generate again.",
        )


def _own_files(folder: Path) -> frozenset[str]:
    """The files below, by their path from it; byte code and our own notes left out."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return frozenset(path.as_posix() for path in found if not _IGNORED & set(path.parts) and path.suffix != ".pyc")


def _sign(folder: Path, files: tuple[SchemaFile, ...], made: frozenset[str], left_out: str) -> None:
    """Note what it was made from, and keep it out of git: it is made again from the schema, not edited."""
    note = {
        "kind": "soundcheck.client",
        "schema_version": 1,
        "schema": fingerprint(files),
        "generator": GENERATOR_VERSION,
        "files": sorted(made),
        **({"left_out": left_out} if left_out else {}),
    }
    (folder / STAMP_NAME).write_text(json.dumps(note, indent=1) + "\n", "utf-8")
    (folder / ".gitignore").write_text("*\n", "utf-8")


def _take_place(neighbour: Path, output: Path) -> None:
    """Swap the new folder in. The old one is away for the time of one rename."""
    if not output.exists():
        neighbour.rename(output)
        return
    old = output.parent / f".{output.name}.{secrets.token_hex(4)}.old"
    output.rename(old)
    try:
        neighbour.rename(output)
    except OSError:
        old.rename(output)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sweep(output: Path) -> None:
    """Remove what generations left behind that were killed long ago."""
    for leftover in output.parent.glob(f".{output.name}.*"):
        if _LEFTOVER.search(leftover.name) and leftover.stat().st_mtime < time.time() - _ABANDONED:
            shutil.rmtree(leftover, ignore_errors=True)
