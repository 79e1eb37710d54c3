"""The terminal, and the versions of what Soundcheck is made of."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import soundcheck
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.checks.machine import findings
from soundcheck.checks.machine.findings import LEAST
from soundcheck.stores.stream_encoding import encoding_of

PARTS: Final = (
    "textual", "psycopg", "httpx", "redis", "prisma", "python-dotenv", "platformdirs", "psutil",
)  # fmt: skip
"""Without one of these a part of Soundcheck does not work; their versions are told."""


def terminal_checks() -> tuple[Check, ...]:
    """`machine.terminal` and `machine.versions`."""
    return (
        TERMINAL.check("machine.terminal", Group.MACHINE, "the terminal can show the app", _collect_terminal),
        VERSIONS.check("machine.versions", Group.MACHINE, "Soundcheck is complete", _collect_versions),
    )


@dataclass(frozen=True, slots=True)
class TerminalEvidence:
    """What standard output is; `inside` is a terminal multiplexer."""

    terminal: bool = False
    term: str = ""
    truecolor: bool = False
    no_color: bool = False
    language: str = ""
    encoding: str = ""
    inside: str = ""
    remote: bool = False
    columns: int = 0
    lines: int = 0


async def _collect_terminal(context: Context) -> TerminalEvidence:
    environ = context.services.environ
    size = shutil.get_terminal_size(LEAST)
    return TerminalEvidence(
        terminal=sys.stdout is not None and sys.stdout.isatty(),
        term=environ.get("TERM", ""),
        truecolor=environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"},
        no_color=bool(environ.get("NO_COLOR")),
        language=next((environ[n] for n in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(n)), ""),
        encoding=encoding_of(sys.stdout),
        inside="tmux" if environ.get("TMUX") else "screen" if environ.get("STY") else "",
        remote=bool(environ.get("SSH_CONNECTION")),
        columns=size.columns,
        lines=size.lines,
    )


def judge_terminal(evidence: TerminalEvidence) -> Judgement:
    """`machine.terminal`: without a terminal plain lines are right; letters and size can be too few."""
    term, inside = evidence.term, evidence.inside
    if evidence.encoding.replace("-", "") not in {"", "utf8"}:
        return said("not_utf8", encoding=evidence.encoding, language=evidence.language or said("not_set"))
    if not evidence.terminal:
        return said("no_terminal")
    if term in {"", "dumb"}:
        return said("dumb", term=term or said("not_set"))
    if evidence.columns < LEAST[0] or evidence.lines < LEAST[1]:
        return said("small", term=term, columns=evidence.columns, lines=evidence.lines)
    if inside and not term.startswith(("tmux", "screen")):
        return said("wrong_term", term=term, inside=inside)
    return said(
        "fits_inside" if inside else "fits",
        term=term,
        columns=evidence.columns,
        lines=evidence.lines,
        inside=inside,
        colours=said(_colours(evidence)),
    )


def _colours(evidence: TerminalEvidence) -> str:
    if evidence.no_color:
        return "not_wanted"
    if evidence.truecolor:
        return "truecolor"
    return "256" if "256" in evidence.term or evidence.term.startswith(("xterm-", "tmux")) else "16"


TERMINAL: Final = Judging(TerminalEvidence, judge_terminal, findings.TERMINAL)


@dataclass(frozen=True, slots=True)
class VersionsEvidence:
    """Versions of the parts, there and as tried, and the parts that are not there."""

    versions: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    pinned: Mapping[str, str] = field(default_factory=dict)
    libpq: str = ""


async def _collect_versions(_: Context) -> VersionsEvidence:
    versions = {"soundcheck": soundcheck.__version__}
    missing: list[str] = []
    for name in PARTS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    return VersionsEvidence(versions, tuple(missing), _pins(), _libpq())


def _pins() -> dict[str, str]:
    """The exact versions that Soundcheck was tried with, where its own package says so."""
    try:
        wanted = importlib.metadata.requires(soundcheck.DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    found = (re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^;,\s]+)", line) for line in wanted)
    return {match[1]: match[2] for match in found if match}


def _libpq() -> str:
    """The version of PostgreSQL's library, as `18.6`; "" where psycopg does not load."""
    try:
        from psycopg import pq

        number = pq.version()
    except ImportError:
        return ""
    return f"{number // 10000}.{number % 10000}"


def judge_versions(evidence: VersionsEvidence) -> Judgement:
    """`machine.versions`: a part that is missing fails, one of another version than was tried is a warning."""
    if evidence.missing:
        return said("missing", modules=evidence.missing)
    there, tried = evidence.versions, evidence.pinned
    untried = tuple(
        said("package", name=name, version=there[name], tried=tried[name])
        for name in PARTS
        if name in there and tried.get(name, there[name]) != there[name]
    )
    if untried:
        return said("untried", packages=untried)
    return said(
        "complete" if "soundcheck" in there else "from_source",
        soundcheck=there.get("soundcheck", ""),
        psycopg=there.get("psycopg", "?"),
        libpq=evidence.libpq,
        textual=there.get("textual", "?"),
    )


VERSIONS: Final = Judging(VersionsEvidence, judge_versions, findings.VERSIONS)
