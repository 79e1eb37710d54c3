"""The terminal, and the versions of what Soundcheck is made of."""

from __future__ import annotations

import contextlib
import importlib.metadata
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
from soundcheck.checks.machine.version_range import is_within, ranges
from soundcheck.stores.project.own_installation import own_installation
from soundcheck.stores.stream_encoding import encoding_of

PARTS: Final = (
    "textual", "rich", "psycopg", "httpx", "redis", "prisma", "python-dotenv", "platformdirs", "psutil",
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
    """Versions of the parts, the ranges that we ask for, the parts that are not there, and how we were installed.

    `pinned` holds the exact versions that releases before 0.1 were tried with.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    pinned: Mapping[str, str] = field(default_factory=dict)
    wanted: Mapping[str, str] = field(default_factory=dict)
    libpq: str = ""
    installed_by: str = ""


async def _collect_versions(_: Context) -> VersionsEvidence:
    versions = {"soundcheck": soundcheck.__version__}
    missing: list[str] = []
    for name in PARTS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # as we run without being installed
        versions[soundcheck.CACHE_DISTRIBUTION] = importlib.metadata.version(soundcheck.CACHE_DISTRIBUTION)
    by = own_installation().by.value
    return VersionsEvidence(versions, tuple(missing), wanted=_wanted(), libpq=_libpq(), installed_by=by)


def _wanted() -> dict[str, str]:
    """The ranges that our own packages ask for, as `>=8.2,<9`; {} where we run without being installed."""
    wanted: dict[str, str] = {}
    for distribution in (soundcheck.CACHE_DISTRIBUTION, soundcheck.DISTRIBUTION):  # the console's range is narrower
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            wanted |= ranges(importlib.metadata.requires(distribution) or [])
    return wanted


def _libpq() -> str:
    """The version of PostgreSQL's library, as `18.6`; "" where psycopg does not load."""
    try:
        from psycopg import pq

        number = pq.version()
    except ImportError:
        return ""
    return f"{number // 10000}.{number % 10000}"


def judge_versions(evidence: VersionsEvidence) -> Judgement:
    """`machine.versions`: a part that is missing fails, one outside the range that we ask for is a warning."""
    code = "again_" + evidence.installed_by.replace(" ", "_")
    again = said(code if code in findings.VERSIONS else "again_pip")
    if evidence.missing:
        return said("missing", modules=evidence.missing, again=again)
    there, wanted = evidence.versions, evidence.wanted or evidence.pinned
    outside = tuple(
        said("package", name=name, version=there[name], wanted=wanted[name])
        for name in (*PARTS, soundcheck.CACHE_DISTRIBUTION)
        if name in there and name in wanted and not is_within(there[name], wanted[name])
    )
    if outside:
        return said("outside", packages=outside, again=again)
    return said(
        "complete" if "soundcheck" in there else "from_source",
        soundcheck=there.get("soundcheck", ""),
        psycopg=there.get("psycopg", "?"),
        libpq=evidence.libpq,
        textual=there.get("textual", "?"),
    )


VERSIONS: Final = Judging(VersionsEvidence, judge_versions, findings.VERSIONS)
