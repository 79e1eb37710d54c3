"""The lines that keep an env file out of commits and out of container images: planned first, written with consent."""

from __future__ import annotations

import fnmatch
import stat
from dataclasses import dataclass
from pathlib import Path

from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.plain_file import read_plain, read_plain_text
from soundcheck.stores.project.git_facts import GitFacts, docker_ignores
from soundcheck.stores.project.journal import Journal, Kind


@dataclass(frozen=True, slots=True)
class IgnoreLine:
    """One line that an ignore file lacks; the file may not exist yet."""

    file: Path
    line: str


def plan_ignores(env_file: Path, root: Path, git: GitFacts) -> tuple[IgnoreLine, ...]:
    """The lines that are missing: in `.gitignore` always, in `.dockerignore` only where there is one. Blocking."""
    home = root if env_file.is_relative_to(root) else env_file.parent
    folders = tuple(dict.fromkeys((env_file.parent, home)))
    return (*_git_lines(env_file, home, folders, git), *_docker_lines(env_file, folders))


def write_ignores(lines: tuple[IgnoreLine, ...], journal: Journal) -> tuple[str, ...]:
    """Append each line to its file, keeping rights and line endings; returns what could not be written, in words."""
    problems = []
    for wanted in lines:
        try:
            data = read_plain(wanted.file) if wanted.file.exists() else None
            mode = 0o644 if data is None else stat.S_IMODE(wanted.file.stat().st_mode)
            if (after := with_line(data or b"", wanted.line)) != data:
                journal.write_file(Kind.IGNORE, wanted.file, data, after, mode=mode)
        except (CouldNotRun, Refused) as problem:
            problems.append(f"{problem.message} {problem.hint}" if isinstance(problem, Refused) else problem.message)
        except OSError as problem:
            problems.append(f"{wanted.file} could not be written: {problem.strerror or 'it cannot be read'}.")
    return tuple(problems)


def with_line(data: bytes, line: str) -> bytes:
    """An ignore file's content with a line at its end, as it is where it has the line. Pure."""
    if line.encode() in data.splitlines():
        return data
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    gap = newline if data and not data.endswith(b"\n") else b""
    return data + gap + line.encode() + newline


def _git_lines(env_file: Path, home: Path, folders: tuple[Path, ...], git: GitFacts) -> tuple[IgnoreLine, ...]:
    if git.ignored is True:
        return ()
    existing = [folder / ".gitignore" for folder in folders if (folder / ".gitignore").is_file()]
    if git.ignored is None and any(_git_ignores(_text(f), env_file.relative_to(f.parent)) for f in existing):
        return ()
    file = existing[0] if existing else home / ".gitignore"
    return (IgnoreLine(file, env_file.name),)


def _docker_lines(env_file: Path, folders: tuple[Path, ...]) -> tuple[IgnoreLine, ...]:
    files = [folder / ".dockerignore" for folder in folders if (folder / ".dockerignore").is_file()]
    return tuple(
        IgnoreLine(file, f"**/{env_file.name}")
        for file in files
        if not docker_ignores(_text(file), env_file.relative_to(file.parent).as_posix())
    )


def _git_ignores(text: str, path: Path) -> bool:
    """Git's rule for the plain cases, used only where git itself does not answer."""
    ignored = False
    for line in text.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        negated, pattern = pattern.startswith("!"), pattern.removeprefix("!")
        whole = "/" in pattern.strip("/") or pattern.startswith("/")
        subject = path.as_posix() if whole else path.name
        if fnmatch.fnmatchcase(subject, pattern.strip("/")):
            ignored = not negated
    return ignored


def _text(file: Path) -> str:
    try:
        return read_plain_text(file, errors="replace")
    except OSError:
        return ""
