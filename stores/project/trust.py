"""Trust in a folder: nothing that a folder brings along is run until a person said that it may be.

A cloned repository can hold an interpreter, a package, an engine, a script, or a line that names one. `Trusted` is the
proof that a person agreed; whatever starts something of a folder takes one, and only this module makes it.

What was agreed to is kept in our own state, never in the folder. It holds for this folder: its path, its owner, and
its place on the disk, so that one that was moved, cloned anew or handed over is asked about anew. A program that a text
in the folder names was agreed to by that text: another text is another question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.project.kept_file import KeptFile, NotReadable
from soundcheck.stores.project.project import Project

TRUST_OPTION: Final = "--trust"

_MAKER: Final = object()
"""Held by this module alone."""


@dataclass(frozen=True, slots=True)
class FolderProgram:
    """Something of a folder that would run: what it is in words, and from where.

    `named_by` says which text names it, as `backend_python in soundcheck.toml`, and `text` is what stands there; both
    are empty where it is found by its place.
    """

    what: str
    path: Path
    named_by: str = ""
    text: str = ""

    @property
    def digest(self) -> str:
        """Another one for another text, and for another program by the same text; "" where no text names it."""
        if not self.named_by:
            return ""
        return hashlib.sha256("\0".join((self.what, self.named_by, self.text, str(self.path))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Trusted:
    """The proof that a person agreed to these programs; made by the functions of this module and by nobody else."""

    programs: tuple[FolderProgram, ...]
    maker: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.maker is not _MAKER:
            raise TypeError("trust is given by a person, and made by stores/project/trust.py")


class NotTrusted(Refused):
    """Something of the folder would have to run, and nobody agreed to that. `programs` say what."""

    def __init__(self, programs: tuple[FolderProgram, ...], project: Project) -> None:
        super().__init__(
            f"This would run what the folder brings along: {in_words(programs, project)}.",
            "If you trust it, type: soundcheck doctor --trust",
        )
        self.programs = programs


@dataclass(frozen=True, slots=True)
class _TrustedFolder:
    """One folder as it was when a person agreed, and the digests of the programs that texts in it name."""

    path: str
    owner: int
    device: int
    inode: int
    named: frozenset[str] = frozenset()

    def is_of(self, other: _TrustedFolder | None) -> bool:
        """Whether it is the same folder."""
        return other is not None and self._place == other._place

    @property
    def _place(self) -> tuple[str, int, int, int]:
        return self.path, self.owner, self.device, self.inode


def trust_in(project: Project, programs: Iterable[FolderProgram]) -> Trusted | None:
    """The proof that these programs may run, None where somebody has to be asked. Nothing to run needs no trust.

    Blocking; reads one small file. What is kept and cannot be read counts as nothing.
    """
    wanted = tuple(programs)
    if not wanted:
        return Trusted((), _MAKER)
    kept, now = _read(project), _folder_now(project)
    if kept is None or not kept.is_of(now):
        return None
    if any(one.digest and one.digest not in kept.named for one in wanted):
        return None
    return Trusted(wanted, _MAKER)


def required_trust(project: Project, programs: Iterable[FolderProgram]) -> Trusted:
    """The same, where nothing can go on without. Raises `NotTrusted`."""
    wanted = tuple(programs)
    trusted = trust_in(project, wanted)
    if trusted is None:
        raise NotTrusted(wanted, project)
    return trusted


def keep_trust(project: Project, programs: Iterable[FolderProgram]) -> Trusted:
    """Note that a person agreed, from now on, to this folder and to these programs. Blocking.

    What was agreed to before in the same folder stays. Raises `CouldNotRun` where it cannot be kept outside of it.
    """
    wanted = tuple(programs)
    now, kept = _folder_now(project), _read(project)
    if now is None or _lies_inside(project):
        raise CouldNotRun(
            "Trust cannot be kept: Soundcheck's own folder lies inside the project.",
            "Set SOUNDCHECK_HOME to a folder outside of it.",
        )
    before = kept.named if kept is not None and kept.is_of(now) else frozenset()
    named = before | {one.digest for one in wanted if one.digest}
    _file(project).write(_TrustedFolder(now.path, now.owner, now.device, now.inode, named))
    return Trusted(wanted, _MAKER)


def trust_given(programs: Iterable[FolderProgram]) -> Trusted:
    """For this run alone, by a person who named the program themselves, as `doctor --app` has it."""
    return Trusted(tuple(programs), _MAKER)


def is_trusted_folder(project: Project) -> bool:
    """Whether a person agreed to this folder, whatever in it; for a report. Blocking."""
    kept = _read(project)
    return kept is not None and kept.is_of(_folder_now(project))


def in_words(programs: Iterable[FolderProgram], project: Project) -> str:
    """What would be run and from where, in one line."""
    return "; ".join(program_line(one, project) for one in programs)


def program_line(program: FolderProgram, project: Project) -> str:
    """One program: what it is, where it lies, and which text names it."""
    place = project.shown(program.path)
    by = f", named by {program.named_by}" if program.named_by else ""
    return f"{program.what} ({place}{by})"


def _folder_now(project: Project) -> _TrustedFolder | None:
    try:
        found = project.root.stat()
    except OSError:
        return None
    return _TrustedFolder(str(project.root), found.st_uid, found.st_dev, found.st_ino)


def _lies_inside(project: Project) -> bool:
    """Whether our own state is part of the folder: then whoever filled that could have filled this."""
    return project.state.resolve().is_relative_to(project.root.resolve())


def _read(project: Project) -> _TrustedFolder | None:
    try:
        return None if _lies_inside(project) else _file(project).read()
    except NotReadable:
        return None


def _file(project: Project) -> KeptFile[_TrustedFolder]:
    return KeptFile(project.state / "trust.json", _to_json, _from_json, largest=1_000_000)


def _to_json(kept: _TrustedFolder) -> Mapping[str, Any]:
    return {
        "path": kept.path,
        "owner": kept.owner,
        "device": kept.device,
        "inode": kept.inode,
        "named": sorted(kept.named),
    }


def _from_json(raw: Mapping[str, Any]) -> _TrustedFolder:
    owner, device, inode = (int(raw[name]) for name in ("owner", "device", "inode"))
    return _TrustedFolder(str(raw["path"]), owner, device, inode, frozenset(map(str, raw["named"])))
