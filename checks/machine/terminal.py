"""The terminal, and the versions of what Soundcheck is made of."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import sys
from typing import Final

import soundcheck
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, fail, flag, number, ok, text, texts, warn
from soundcheck.stores.stream_encoding import encoding_of

LEAST: Final = (80, 24)
"""Columns and lines in which the app shows everything."""

PARTS: Final = (
    "textual", "psycopg", "httpx", "redis", "prisma", "python-dotenv", "platformdirs", "psutil",
)  # fmt: skip
"""Without one of these a part of Soundcheck does not work; their versions are told."""


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
    return {"versions": versions, "missing": missing, "pinned": _pins(), "libpq": _libpq()}


def _pins() -> dict[str, Json]:
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


def judge_versions(evidence: Evidence) -> Finding:
    """`machine.versions`: a part that is missing fails, one of another version than was tried is a warning."""
    if missing := texts(evidence, "missing"):
        return fail(
            f"Module not found: {', '.join(missing)}.",
            cause="Soundcheck was installed in part, or something was uninstalled since.",
            blame=Blame.US,
            hint="Install it again: uv tool install --force soundcheck   (in a checkout: make run).",
        )
    versions, pinned = evidence.get("versions"), evidence.get("pinned")
    there = dict(versions) if isinstance(versions, dict) else {}
    wanted = dict(pinned) if isinstance(pinned, dict) else {}
    other = [
        f"{name} {there[name]} (tried: {wanted[name]})"
        for name in PARTS
        if wanted.get(name, there.get(name)) != there.get(name)
    ]
    if other:
        return warn(
            f"Another version than was tried: {', '.join(other)}.",
            cause="Something else in this environment asked for it.",
            blame=Blame.YOU,
            hint="Give Soundcheck an environment of its own: uv tool install soundcheck",
        )
    return ok(
        f"Soundcheck {there.get('soundcheck', 'from source')}, psycopg {there.get('psycopg')} with libpq"
        f" {text(evidence, 'libpq')}, Textual {there.get('textual')}."
    )
