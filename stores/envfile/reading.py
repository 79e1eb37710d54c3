"""Read an env file from disk: values as both readers see them, and what is wrong with it, as results."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from soundcheck.stores.envfile.document import Document, parse
from soundcheck.stores.envfile.readers import node_values, python_values
from soundcheck.stores.plain_file import ENV_FILE_LIMIT, read_plain
from soundcheck.stores.secret import Secret

_BLANK_RUN: Final = re.compile(r"\s{1000}")
"""Node's pattern takes time with the square of such a run."""


@dataclass(frozen=True, slots=True)
class EnvProblem:
    """Why the file cannot be used as it is.

    Codes: `missing`, `no_folder`, `not_a_file`, `unreadable`, `too_large`, `not_utf8`, `unparseable`, and those that
    a merge adds. `line` is set for `unparseable`.
    """

    code: str
    message: str
    hint: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class EnvValue:
    """One name, the line that counts, and its value as python-dotenv and as Prisma's tools see it."""

    name: str
    line: int
    value: Secret
    node_value: Secret
    lines: tuple[int, ...] = ()
    """Every line that sets the name, the one that counts last."""

    @property
    def agrees(self) -> bool:
        """Whether both readers see the same."""
        return self.value == self.node_value


@dataclass(frozen=True, slots=True)
class EnvReading:
    """What was found at `path`. `digest` is SHA-256 of the bytes, "" where there is no file."""

    path: Path
    values: Mapping[str, EnvValue] = field(default_factory=dict)
    problems: tuple[EnvProblem, ...] = ()
    document: Document = field(default_factory=Document, repr=False)
    exists: bool = False
    mode: int | None = None
    """The permission bits, as 0o600."""
    link_target: Path | None = None
    """Where a symbolic link leads; None for a file of its own."""
    digest: str = ""

    def get(self, name: str) -> Secret | None:
        """The value of a name as python-dotenv sees it."""
        found = self.values.get(name)
        return found.value if found else None

    def problem(self, code: str) -> EnvProblem | None:
        """The problem with that code."""
        return next((p for p in self.problems if p.code == code), None)


def read_env(path: Path) -> EnvReading:
    """Read the file. Blocking, a few milliseconds; never raises for what is wrong with the file.

    `${}` is expanded within the file only, not from the environment.
    """
    target = Path(os.path.realpath(path)) if path.is_symlink() else None
    try:
        facts = path.stat()
    except FileNotFoundError:
        return EnvReading(path, problems=(_missing(path),), link_target=target)
    except OSError as problem:
        return EnvReading(path, problems=(_unreadable(path, problem),), link_target=target)
    mode = stat.S_IMODE(facts.st_mode)
    if not stat.S_ISREG(facts.st_mode):
        wrong = EnvProblem("not_a_file", f"{path} is not a file.", "Move it away, or name another env file.")
        return EnvReading(path, problems=(wrong,), exists=True, mode=mode, link_target=target)
    if facts.st_size > ENV_FILE_LIMIT:
        wrong = EnvProblem("too_large", f"{path} is larger than 256 KiB.", "Name the env file itself with --env-file.")
        return EnvReading(path, problems=(wrong,), exists=True, mode=mode, link_target=target)
    try:
        data = read_plain(path)
    except OSError as problem:
        return EnvReading(path, problems=(_unreadable(path, problem),), exists=True, mode=mode, link_target=target)
    document, problems = read_bytes(data, path)
    return EnvReading(
        path=path,
        values={} if problems else values_of(document),
        problems=problems,
        document=document,
        exists=True,
        mode=mode,
        link_target=target,
        digest=digest_of(data),
    )


def read_bytes(data: bytes, path: Path) -> tuple[Document, tuple[EnvProblem, ...]]:
    """Decode and parse; the problems name the line, never its text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "Save it as UTF-8 (PowerShell: Set-Content -Encoding utf8)."
        return Document(), (EnvProblem("not_utf8", f"{path} is written in UTF-16.", hint),)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        message = f"{path} is not UTF-8: line {line} holds another encoding."
        return Document(), (EnvProblem("not_utf8", message, "Save the file as UTF-8 and try again.", line),)
    if blank := _BLANK_RUN.search(text):
        line = text.count("\n", 0, blank.start()) + 1
        message = f"{path} has a thousand blank characters in a row at line {line}."
        return Document(), (EnvProblem("unparseable", message, f"Remove the blank lines from line {line} on.", line),)
    document = parse(text)
    problems = tuple(
        EnvProblem(
            "unparseable",
            f"{path} cannot be read at line {p.line}: {p.reason}.",
            f"Mend line {p.line}, or put a # before it. Nothing was written.",
            p.line,
        )
        for p in document.problems
    )
    return document, problems


def values_of(document: Document) -> dict[str, EnvValue]:
    """Every name with its value for both readers, in the order of the file."""
    text = document.render()
    python, node = python_values(text), node_values(text)
    lines: dict[str, list[int]] = {}
    for assignment in document.assignments():
        lines.setdefault(assignment.name, []).append(assignment.line)
    return {
        name: EnvValue(name, at[-1], Secret(python[name]), Secret(node.get(name, "")), tuple(at))
        for name, at in lines.items()
        if name in python
    }


def digest_of(data: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()


def _missing(path: Path) -> EnvProblem:
    if path.parent.is_dir():
        return EnvProblem("missing", f"There is no {path}.", "Set-up writes it.")
    hint = f"Make the folder {path.parent}, or name another env file with --env-file."
    return EnvProblem("no_folder", f"The folder of {path} does not exist.", hint)


def _unreadable(path: Path, problem: OSError) -> EnvProblem:
    reason = problem.strerror or type(problem).__name__
    return EnvProblem("unreadable", f"{path} cannot be read: {reason}.", f"Give yourself the right to read {path}.")
