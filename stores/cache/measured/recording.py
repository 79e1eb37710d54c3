"""What the Cache screen showed, kept to be looked at again: JSON lines in the state folder, 0600 and bounded.

It holds counters and hashed keys, no values and no secrets. A line that cannot be read is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.cache.measured.publication import Publication, read_publication, write_publication
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.plain_file import refuse_special
from soundcheck.stores.upstash.statistics import CacheSnapshot

NAME: Final = "cache-recording.jsonl"
MOST_LOOKS: Final = 2_000
"""Half an hour of a local cache, eight hours of a remote one."""

MOST_BYTES: Final = 8_000_000
_MOST_LINE: Final = 200_000
_FIELDS: Final = {field.name: str(field.type) for field in fields(CacheSnapshot)}


@dataclass(frozen=True, slots=True)
class RecordedLook:
    """One look: the wall clock, a moment in seconds that never goes back, and what was seen."""

    at: datetime
    moment: float
    snapshot: CacheSnapshot
    publications: tuple[Publication, ...]


class Recorder:
    """Writes looks to one file, which begins anew. Raises `CouldNotRun` where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bytes = 0
        self.looks = 0
        self._write(b"", os.O_TRUNC)

    @property
    def is_full(self) -> bool:
        """Whether nothing more is kept."""
        return self.looks >= MOST_LOOKS or self._bytes >= MOST_BYTES

    def add(self, look: RecordedLook) -> None:
        """Keep one more, unless it is full."""
        if self.is_full:
            return
        line = {
            "v": 1,
            "at": look.at.astimezone(UTC).isoformat(),
            "moment": round(look.moment, 3),
            "snapshot": asdict(look.snapshot),
            "publications": [write_publication(one) for one in look.publications],
        }
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        self._write(data, os.O_APPEND)
        self.looks += 1
        self._bytes += len(data)

    def _write(self, data: bytes, how: int) -> None:
        refuse_special(self._path)
        try:
            flags = os.O_WRONLY | os.O_CREAT | how | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(self._path, flags, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(data)
        except OSError as problem:
            raise CouldNotRun(
                f"The recording could not be written: {problem.strerror or problem}.",
                "Free some space, then try again.",
            ) from problem


def read_recording(path: Path) -> tuple[RecordedLook, ...]:
    """The looks in order; none where there is no recording. Raises `CouldNotRun` where it cannot be read."""
    try:
        if not path.is_file():
            return ()
        with path.open("rb") as file:
            data = file.read(2 * MOST_BYTES)
    except OSError as problem:
        raise CouldNotRun(f"The recording cannot be read: {problem.strerror or problem}.", "Record again.") from problem
    return tuple(_looks(data))


def _looks(data: bytes) -> Iterator[RecordedLook]:
    last = float("-inf")
    for line in data.splitlines()[:MOST_LOOKS]:
        try:
            found = json.loads(line) if len(line) <= _MOST_LINE else None
            look = _look(found) if isinstance(found, dict) and found.get("v") == 1 else None
        except (ValueError, TypeError, OverflowError, RecursionError):
            continue
        if look is not None and look.moment >= last:
            last = look.moment
            yield look


def _look(found: dict[str, Any]) -> RecordedLook | None:
    snapshot = found.get("snapshot")
    at = datetime.fromisoformat(found["at"]) if isinstance(found.get("at"), str) else None
    moment = found.get("moment")
    if not isinstance(snapshot, dict) or at is None or at.tzinfo is None or not _is(moment, "float"):
        return None
    values = {name: snapshot.get(name) for name in _FIELDS}
    if not all(_is(values[name], kind) for name, kind in _FIELDS.items()):
        return None
    texts = found.get("publications")
    read = [read_publication(text) for text in texts[:100]] if isinstance(texts, list) else []
    return RecordedLook(at, float(moment), CacheSnapshot(**values), tuple(one for one in read if one is not None))  # type: ignore[arg-type]


def _is(value: object, kind: str) -> bool:
    """Whether a value fits the type that is written at its field."""
    if value is None:
        return kind.endswith("None")
    if isinstance(value, bool) or kind == "bool":
        return isinstance(value, bool) and kind == "bool"
    if kind.startswith("float"):
        return isinstance(value, int | float) and abs(value) < 2**53
    return isinstance(value, int) and abs(value) < 2**63 if kind.startswith("int") else isinstance(value, str)
