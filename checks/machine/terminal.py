"""The terminal, and the versions of what Soundcheck is made of."""

from __future__ import annotations

import contextlib
import importlib.metadata
import shutil
import sys
from typing import Final

import soundcheck
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, fail, flag, number, ok, text, texts, warn
from soundcheck.checks.machine.version_range import is_within, ranges
from soundcheck.stores.project.own_installation import InstalledBy, own_installation
from soundcheck.stores.stream_encoding import encoding_of

LEAST: Final = (80, 24)
"""Columns and lines in which the app shows everything."""

PARTS: Final = (
    "textual", "rich", "psycopg", "httpx", "redis", "prisma", "python-dotenv", "platformdirs", "psutil",
)  # fmt: skip
"""Without one of these a part of Soundcheck does not work; their versions are told."""


_AGAIN: Final = {
    InstalledBy.CHECKOUT.value: "make run   (in its checkout)",
    InstalledBy.UV.value: f"uv tool upgrade --reinstall {soundcheck.DISTRIBUTION}",
    InstalledBy.PIPX.value: f"pipx reinstall {soundcheck.DISTRIBUTION}",
    InstalledBy.OTHER.value: f"pip install --force-reinstall {soundcheck.DISTRIBUTION}",
}
"""Without the paths of this machine: findings go into bundles that others read."""


def terminal_checks() -> tuple[Check, ...]:
    """`machine.terminal` and `machine.versions`."""
    return (
        Check("machine.terminal", Group.MACHINE, "the terminal can show the app", _collect_terminal, judge_terminal),
        Check("machine.versions", Group.MACHINE, "Soundcheck is complete", _collect_versions, judge_versions),
    )


async def _collect_terminal(context: Context) -> Evidence:
    environ = context.services.environ
    size = shutil.get_terminal_size(LEAST)
    language = next((environ[n] for n in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(n)), "")
    return {
        "terminal": sys.stdout is not None and sys.stdout.isatty(),
        "term": environ.get("TERM", ""),
        "truecolor": environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"},
        "no_color": bool(environ.get("NO_COLOR")),
        "language": language,
        "encoding": encoding_of(sys.stdout),
        "inside": "tmux" if environ.get("TMUX") else "screen" if environ.get("STY") else "",
        "remote": bool(environ.get("SSH_CONNECTION")),
        "columns": size.columns,
        "lines": size.lines,
    }


def judge_terminal(evidence: Evidence) -> Finding:
    """`machine.terminal`: without a terminal plain lines are right; letters and size can be too few."""
    encoding = text(evidence, "encoding").replace("-", "")
    if encoding and encoding != "utf8":
        return warn(
            f"This terminal's letters are {text(evidence, 'encoding')}, not UTF-8.",
            cause=f"The language is {text(evidence, 'language') or 'not set'}; marks and lines become question marks.",
            blame=Blame.YOU,
            hint="Type: export LANG=C.UTF-8",
        )
    if not flag(evidence, "terminal"):
        return ok("No terminal here: plain lines are written.")
    term = text(evidence, "term")
    if term in {"", "dumb"}:
        return ok(f"TERM is {term or 'not set'}: plain lines are written, and the app does not open.")
    columns, lines = int(number(evidence, "columns") or 0), int(number(evidence, "lines") or 0)
    said = f"{term}, {columns}×{lines}"
    if columns < LEAST[0] or lines < LEAST[1]:
        return warn(
            f"The terminal is small: {said}.",
            cause=f"The app shows everything from {LEAST[0]}×{LEAST[1]} on, and less of it below.",
            blame=Blame.YOU,
            hint="Make the window larger, or its letters smaller.",
        )
    inside = text(evidence, "inside")
    if inside and not term.startswith(("tmux", "screen")):
        return warn(
            f"TERM is {term} inside {inside}.",
            cause=f"{inside} draws as {inside} whatever TERM says; keys and colours then come out wrong.",
            blame=Blame.YOU,
            hint="Take TERM out of your shell's start-up file; in tmux: set -g default-terminal tmux-256color",
        )
    colours = "no colours wanted" if flag(evidence, "no_color") else _colours(evidence, term)
    return ok(f"{said}{f' in {inside}' if inside else ''}, UTF-8, {colours}.")


def _colours(evidence: Evidence, term: str) -> str:
    if flag(evidence, "truecolor"):
        return "16 million colours"
    return "256 colours" if "256" in term or term.startswith(("xterm-", "tmux")) else "16 colours"


async def _collect_versions(_: Context) -> Evidence:
    versions: dict[str, Json] = {"soundcheck": soundcheck.__version__}
    missing: list[Json] = []
    for name in PARTS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # as we run without being installed
        versions[soundcheck.CACHE_DISTRIBUTION] = importlib.metadata.version(soundcheck.CACHE_DISTRIBUTION)
    return {
        "versions": versions,
        "missing": missing,
        "wanted": _wanted(),
        "libpq": _libpq(),
        "installed_by": own_installation().by.value,
    }


def _wanted() -> dict[str, Json]:
    """The ranges that our own packages ask for, as `>=8.2,<9`; {} where we run without being installed."""
    wanted: dict[str, Json] = {}
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


def judge_versions(evidence: Evidence) -> Finding:
    """`machine.versions`: a part that is missing fails, one outside the range that we ask for is a warning."""
    if missing := texts(evidence, "missing"):
        return fail(
            f"Module not found: {', '.join(missing)}.",
            cause="Soundcheck was installed in part, or something was uninstalled since.",
            blame=Blame.US,
            hint=_again(evidence),
        )
    versions, ranges_of = evidence.get("versions"), evidence.get("wanted", evidence.get("pinned"))
    there = dict(versions) if isinstance(versions, dict) else {}
    wanted = dict(ranges_of) if isinstance(ranges_of, dict) else {}
    other = [
        f"{name} {there[name]} (needed: {wanted[name]})"
        for name in (*PARTS, soundcheck.CACHE_DISTRIBUTION)
        if name in there and name in wanted and not is_within(str(there[name]), str(wanted[name]))
    ]
    if other:
        return warn(
            f"Outside the versions that Soundcheck needs: {', '.join(other)}.",
            cause="Something else in this environment asked for it.",
            blame=Blame.YOU,
            hint="Give Soundcheck an environment of its own (uv tool or pipx). " + _again(evidence),
        )
    return ok(
        f"Soundcheck {there.get('soundcheck', 'from source')}, psycopg {there.get('psycopg')} with libpq"
        f" {text(evidence, 'libpq')}, Textual {there.get('textual')}."
    )


def _again(evidence: Evidence) -> str:
    return f"Install it again: {_AGAIN.get(text(evidence, 'installed_by'), _AGAIN['pip'])}"
