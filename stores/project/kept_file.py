"""What we keep between runs: one JSON document of ours in a file, or one file for each thing that is kept.

Such a file is 0600, replaced in one step, and says the version of its form. None grows for ever: a document that is
larger than it can be is none of ours, and of many files the newest few stay.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.errors import CouldNotRun

T = TypeVar("T")

VERSION_KEYS: Final = ("version", "schema_version")
"""Where a document says its version: ours, and that of documents whose form is published. None means the first."""


class Reason(StrEnum):
    """Why what is kept cannot be used."""

    DENIED = "denied"
    """The file cannot be read."""
    ODD = "odd"
    """It is not as we write it."""
    NEWER = "newer"
    """A newer version of us wrote it."""


class NotReadable(Exception):
    """What is kept cannot be used. `detail` is the system's word for why, where there is one."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class KeptFile(Generic[T]):
    """One document. `to_json` and `from_json` are its form; `from_json` may raise anything of a wrong form.

    `version` is that of the form. `largest` is in bytes.
    """

    path: Path
    to_json: Callable[[T], Mapping[str, Any]]
    from_json: Callable[[Mapping[str, Any]], T]
    version: int = 1
    largest: int = 10_000_000

    def read(self) -> T | None:
        """What is kept, None where nothing is. Blocking. Raises `NotReadable`."""
        try:
            if self.path.stat().st_size > self.largest:
                raise NotReadable(Reason.ODD, f"more than {self.largest:,} bytes")
            raw = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise NotReadable(Reason.DENIED, problem.strerror or type(problem).__name__) from None
        except (ValueError, RecursionError):
            raise NotReadable(Reason.ODD, "no JSON") from None
        if not isinstance(raw, dict):
            raise NotReadable(Reason.ODD, "no object")
        version = next((raw[key] for key in VERSION_KEYS if key in raw), 1)
        if version != self.version:
            newer = isinstance(version, int) and version > self.version
            raise NotReadable(Reason.NEWER if newer else Reason.ODD, f"version {version!r}")
        try:
            return self.from_json(raw)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as problem:
            raise NotReadable(Reason.ODD, type(problem).__name__) from problem

    def write(self, kept: T) -> None:
        """Replace what is kept; the folder is made 0700 where it is missing. Blocking. Raises `CouldNotRun`."""
        document = {"version": self.version, **self.to_json(kept)}
        make_private(self.path.parent)
        write_atomically(self.path, json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n")

    def forget(self) -> None:
        """Keep nothing any more. Blocking. Raises `CouldNotRun`."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as problem:
            raise CouldNotRun(
                f"{self.path} could not be removed: {problem.strerror or problem}.", "Mend the folder's rights."
            ) from None


def make_private(folder: Path) -> None:
    """Make a folder of ours, and those above it that are missing, 0700. Raises `CouldNotRun`."""
    try:
        for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(exist_ok=True)  # a file in its place is refused here
    except OSError as problem:
        raise CouldNotRun(
            f"{folder} cannot be made: {problem.strerror or problem}.", "Mend the rights of the folder above it."
        ) from None


def end_of(entries: Iterable[T], most: int) -> tuple[T, ...]:
    """The newest `most` of entries that are noted one after the other: older ones are forgotten."""
    return tuple(entries)[-most:]


def keep_newest(paths: Iterable[Path], most: int) -> None:
    """Remove the files that sort first until `most` are left: their names begin with a time. One that stays is fine."""
    for old in sorted(paths, key=lambda path: path.name, reverse=True)[most:]:
        with contextlib.suppress(OSError):
            old.unlink()
