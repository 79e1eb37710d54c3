"""A bundle, or another kept run, read back. It may come from anywhere: nothing is unpacked to disk, all is bounded."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from soundcheck.checks.finding import Json
from soundcheck.checks.report.bundle import KIND, MANIFEST, NAMES, REPORT, SCHEMA_VERSION
from soundcheck.checks.report.history import load_run
from soundcheck.checks.report.stored_run import StoredRun, Unreadable, read_run, text
from soundcheck.stores.project.project import Project
from soundcheck.stores.typed_path import typed_path

MOST_BYTES: Final = 20_000_000
"""Of the archive, and of each member unpacked. A real one has a few hundred kB."""

_AGAIN: Final = "Have it made again: soundcheck doctor --bundle FILE"


def read_bundle(path: Path) -> StoredRun:
    """The run in a bundle. Raises `Unreadable` in words for what is no bundle, is damaged, or was changed."""
    members = _members(path)
    manifest = _json(members[MANIFEST], path)
    if not isinstance(manifest, Mapping) or manifest.get("kind") != KIND:
        raise Unreadable(f"{path.name} is no bundle of Soundcheck.", _AGAIN)
    if manifest.get("schema_version") != SCHEMA_VERSION:
        raise Unreadable(f"{path.name} was made by another version of Soundcheck.", "Use that one, or a newer one.")
    listed = manifest.get("members")
    items = listed if isinstance(listed, list) else []
    told = {text(item, "name"): text(item, "sha256") for item in items if isinstance(item, Mapping)}
    found = {name: hashlib.sha256(data).hexdigest() for name, data in members.items() if name != MANIFEST}
    if told != found or REPORT not in found:
        raise Unreadable(f"{path.name} was changed after it was made: its contents are not those of its list.", _AGAIN)
    return read_run(_json(members[REPORT], path))


def find_run(project: Project, word: str) -> StoredRun:
    """A run by its id, by `last` or `previous`, or out of a bundle or `doctor --json` file. Raises `UsageError`."""
    path = typed_path(word)
    return read_run_file(path) if path.is_file() else load_run(project, word)


def read_run_file(path: Path) -> StoredRun:
    """The run in a bundle, or in a file that `doctor --json` was written to. Raises `Unreadable` in words."""
    if not path.is_file() or zipfile.is_zipfile(path):
        return read_bundle(path)
    return read_run(_json(_bounded(path), path))


def _members(path: Path) -> dict[str, bytes]:
    """All members in memory, names and sizes looked at first."""
    if not path.is_file():
        raise Unreadable(f"There is no file {path}.", "Name the bundle's file.")
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(f"{path.name} is far too large for a bundle.", _AGAIN)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            names = [info.filename for info in infos]
            if not set(names) <= NAMES or len(set(names)) != len(names) or MANIFEST not in names:
                raise Unreadable(f"{path.name} holds other files than a bundle of Soundcheck.", _AGAIN)
            if any(info.file_size > MOST_BYTES for info in infos):
                raise Unreadable(f"{path.name} is far too large for a bundle.", _AGAIN)
            members = {}
            for info in infos:
                with archive.open(info) as file:
                    members[info.filename] = file.read(MOST_BYTES + 1)  # the size it names may be a lie
                if len(members[info.filename]) > MOST_BYTES:
                    raise Unreadable(f"{path.name} is far too large for a bundle.", _AGAIN)
            return members
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise Unreadable(f"{path.name} is no bundle of Soundcheck, or it is damaged.", _AGAIN) from None
    except OSError as problem:
        raise Unreadable(f"{path.name} cannot be read: {problem.strerror}.", "Mend its rights.") from None


def _bounded(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as problem:
        raise Unreadable(f"{path.name} cannot be read: {problem.strerror}.", "Mend its rights.") from None
    if len(data) > MOST_BYTES:
        raise Unreadable(f"{path.name} is far too large for a run.", _AGAIN)
    return data


def _json(data: bytes, path: Path) -> Json:
    try:
        document: Json = json.loads(data)
    except (ValueError, RecursionError):
        raise Unreadable(f"{path.name} is no run of Soundcheck: it is not JSON.", _AGAIN) from None
    return document
