"""Everything that Soundcheck creates, in one append-only file: what `soundcheck remove` undoes.

One JSON document a line in the state folder, 0600, without any secret: lines of files are noted by hashes, and what
stood in a file before lies beside it in `originals`, 0600 like the backups. A note is on disk before its act, so that
a kill in between leaves a note without a creation, never a creation without a note.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.atomic_file import write_atomically, write_over
from soundcheck.stores.clock import Clock, SystemClock
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.held_file import Hold, kept_mode, refuse_held
from soundcheck.stores.plain_file import read_plain, read_plain_text
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.written_lines import Hunk, WrittenLine, hunks_between, swapped_lines

NAME: Final = "journal.jsonl"
ORIGINALS: Final = "originals"


class Kind(StrEnum):
    """What was created, as `--only` and `--keep` name it."""

    ENV = "env"
    IGNORE = "ignore"
    TEAM = "team"
    SCHEMA = "schema"
    CLIENT = "client"
    PROCESSES = "processes"
    LOCAL = "local"
    ENGINE = "engine"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Write:
    """A file that was written. `original` names what stood there before, "" where there was no file.

    `mode` is what it had before, None where there was no file; `before` and `digest` are the SHA-256 of what stood
    there ("" for no file) and of what was written.
    """

    kind: Kind
    at: str
    path: Path
    original: str
    mode: int | None
    before: str
    digest: str
    mode_after: int
    hunks: tuple[Hunk, ...] = ()


@dataclass(frozen=True, slots=True)
class Swapped:
    """A credential that was replaced in a file: no creation, but the lines noted before look otherwise since.

    `before` and `digest` as in `Write`; `lines` gives the digest of each new line and that of the one it replaced.
    """

    at: str
    path: Path
    before: str
    digest: str
    lines: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MadeFolder:
    """A folder that was not there before: an empty one to put files in, or (`whole`) one with all that is in it."""

    kind: Kind
    at: str
    path: Path
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Cloud:
    """A database or a cache that was created at a provider. `link` is its console, never a link that claims it.

    With `expires_at` it is a temporary one, of which `stores/cloud/made.py` knows the rest. Without `ident` it was
    asked for and no answer is known; `refused` says that nothing was made after all.
    """

    at: str
    provider: str
    name: str
    ident: str = ""
    link: str = ""
    expires_at: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """Tables that were created in a database. `endpoint` is `host:port/database`."""

    at: str
    endpoint: str
    tables: tuple[str, ...]
    local: bool = False
    """Whether it was our own local stack's, with which they go."""


@dataclass(frozen=True, slots=True)
class Undone:
    """A path whose earlier records are settled."""

    at: str
    path: Path


JournalRecord = Write | Swapped | MadeFolder | Cloud | Pushed | Undone
_TYPES: Final[Mapping[str, type[JournalRecord]]] = {
    "write": Write, "swapped": Swapped, "made": MadeFolder, "cloud": Cloud, "pushed": Pushed, "undone": Undone,
}  # fmt: skip


class Journal:
    """The journal of one project. Making the object touches nothing; blocking, a millisecond a note.

    Every `note_…` raises `CouldNotRun` where the state folder cannot be written, and then nothing may be created.
    """

    def __init__(self, project: Project, clock: Clock | None = None) -> None:
        self._project = project
        self._clock = clock or SystemClock()
        self.file = project.state / NAME
        self.originals = project.state / ORIGINALS

    def records(self) -> tuple[JournalRecord, ...]:
        """All notes in their order. A line that a kill cut short, or that a newer version wrote, is left out."""
        try:
            lines = read_plain_text(self.file, errors="surrogateescape").split("\n")
        except OSError:
            return ()
        found = []
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
                found.append(_parsed(json.loads(line)))
        return tuple(found)

    def original(self, write: Write) -> bytes | None:
        """What stood there before a write, None where there was no file. Raises `CouldNotRun` where it is lost."""
        if not write.original:
            return None
        try:
            return read_plain(self.originals / write.original)
        except OSError as problem:
            raise CouldNotRun(
                f"What {write.path} held before cannot be read: {problem.strerror}.", "Put the file right by hand."
            ) from None

    def write_file(
        self,
        kind: Kind,
        path: Path,
        before: bytes | None,
        after: bytes,
        *,
        mode: int,
        agreed: Hold | None = None,
    ) -> None:
        """Note a write and do it, atomically; its folder must be there. No right is given that was not there before.

        Raises `CouldNotRun`, and `Refused` for a file that is not replaced unless that was `agreed` to.
        """
        refuse_held(path, agreed)
        mode = kept_mode(path, mode)
        self.note_write(kind, path, before, after, mode=mode)
        write_over(path, after, mode=mode, agreed=agreed)

    def note_write(self, kind: Kind, path: Path, before: bytes | None, after: bytes, *, mode: int) -> None:
        """Before `after` is written over `before` (None: there is no file) with `mode`."""
        from soundcheck.stores.envfile.reading import digest_of

        name = ""
        if before is not None:
            name = secrets.token_hex(8)
            self._prepare()
            write_atomically(self.originals / name, before, mode=0o600)
        had = stat.S_IMODE(path.stat().st_mode) if before is not None and path.exists() else None
        hunks = hunks_between(before or b"", after)
        was = "" if before is None else digest_of(before)
        self._append(Write(kind, self._now(), path.absolute(), name, had, was, digest_of(after), mode, hunks))

    def swap_file(self, path: Path, before: bytes, after: bytes, *, mode: int) -> None:
        """Note that a credential is replaced in a file, and write it. Raises as `write_file` does."""
        from soundcheck.stores.envfile.reading import digest_of

        refuse_held(path)
        lines = swapped_lines(before, after)
        self._append(Swapped(self._now(), path.absolute(), digest_of(before), digest_of(after), lines))
        write_over(path, after, mode=kept_mode(path, mode))

    def note_folders(self, kind: Kind, folder: Path) -> None:
        """Before `folder` is made: it and those of its parents that are not there yet."""
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        for place in reversed(missing):
            self._append(MadeFolder(kind, self._now(), place.absolute()))

    def note_tree(self, kind: Kind, folder: Path) -> None:
        """Before a folder is filled that will be wholly ours; one that is there already is somebody's and not noted."""
        if not folder.exists():
            self.note_folders(kind, folder.parent)
            self._append(MadeFolder(kind, self._now(), folder.absolute(), whole=True))

    def note_cloud(self, provider: str, name: str, *, ident: str = "", link: str = "", expires_at: str = "") -> None:
        """A database or a cache at a provider. `link` leads to its console and may be seen by anybody."""
        self._append(Cloud(self._now(), provider, name, ident, link, expires_at))

    def note_cloud_refused(self, provider: str, name: str) -> None:
        """After a provider said no: what was noted before the call was not made."""
        self._append(Cloud(self._now(), provider, name, refused=True))

    def note_pushed(self, endpoint: str, tables: tuple[str, ...], *, local: bool) -> None:
        """Before tables are created in a database; no tables, no note."""
        if tables:
            self._append(Pushed(self._now(), endpoint, tables, local))

    def note_undone(self, path: Path) -> None:
        """After everything noted of a path was undone."""
        self._append(Undone(self._now(), path.absolute()))

    def _now(self) -> str:
        return self._clock.now().isoformat()

    def _prepare(self) -> None:
        try:
            self._project.prepare_state()
            self.originals.mkdir(mode=0o700, exist_ok=True)
        except OSError as problem:
            raise _unwritable(self._project, problem) from None

    def _append(self, record: JournalRecord) -> None:
        self._prepare()
        line = json.dumps(_plain(record), ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"
        try:
            descriptor = os.open(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":  # a kill cut the last note short
                    line = b"\n" + line
                while line:
                    line = line[os.write(descriptor, line) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as problem:
            raise _unwritable(self._project, problem) from None


def _unwritable(project: Project, problem: OSError) -> CouldNotRun:
    return CouldNotRun(
        f"{project.state} cannot be written: {problem.strerror}.",
        "Free some space or mend the rights; SOUNDCHECK_HOME names another folder. Nothing was created.",
    )


def _plain(record: JournalRecord) -> dict[str, Any]:
    act = next(name for name, kind in _TYPES.items() if isinstance(record, kind))
    fields = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(record).items()}
    return {"act": act, **fields}


def _parsed(raw: dict[str, Any]) -> JournalRecord:
    fields = {key: value for key, value in raw.items() if key != "act"}
    if "path" in fields:
        fields["path"] = Path(fields["path"])
    if "kind" in fields:
        fields["kind"] = Kind(fields["kind"])
    if "tables" in fields:
        fields["tables"] = tuple(fields["tables"])
    if "hunks" in fields:
        fields["hunks"] = tuple(
            Hunk(hunk["first"], hunk["last"], tuple(WrittenLine(**line) for line in hunk["lines"]))
            for hunk in fields["hunks"]
        )
    return _TYPES[raw["act"]](**fields)
