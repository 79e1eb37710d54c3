"""Temporary databases: the note that says when one ends, as its creators leave it in the env file.

`npx get-db` (neon.new, pg.new) writes `# Claimable DB expires at: Sat, 01 Feb 2026 12:00:00 GMT` next to the address
and the link to claim it in a comment or in a variable that ends in CLAIM_URL. Whoever has that link can take the
database, so the link itself is never told. Read loosely: any comment with a word for the end and a date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from soundcheck.stores.plain_file import ENV_FILE_LIMIT, read_plain_text

_ENDS: Final = re.compile(
    r"^\s*#.*?\b(?:expires?|expiry|valid until|ends|deleted|gone)\b[^:]*?(?:at|on|after|until)?\s*:?\s*(.+)$", re.I
)
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?")
_MAIL: Final = re.compile(
    r"(?:[A-Z][a-z]{2},\s*)?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})?(?:\s*(?:GMT|UTC|[+-]\d{4}))?"
)
_BY_COMMAND: Final = re.compile(r"unless claimed: .*\bclaims\s*$")
_ABOUT_CACHE: Final = re.compile(r"redis|upstash|cache", re.I)
_NAME: Final = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=")


@dataclass(frozen=True, slots=True)
class ClaimNote:
    """When a temporary store ends (UTC), in which line of the env file that stands, and whether a link stands there."""

    ends: datetime
    line: int
    has_link: bool
    by_command: bool = False
    """Whether the note says that `soundcheck claims` has the link."""


def database_note(text: str) -> ClaimNote | None:
    """The note about the database; the last one counts."""
    return _note(text, about_cache=False)


def cache_note(text: str) -> ClaimNote | None:
    """The note about the cache: one that names it, or whose next variable is Upstash's."""
    return _note(text, about_cache=True)


def earliest_end(env_file: Path) -> datetime | None:
    """When the first of the temporary stores ends that an env file notes; None where it notes none, or is not there."""
    try:
        if env_file.stat().st_size > ENV_FILE_LIMIT:
            return None
        text = read_plain_text(env_file)
    except (OSError, UnicodeDecodeError):
        return None
    notes = [note for note in (database_note(text), cache_note(text)) if note is not None]
    return min((note.ends for note in notes), default=None)


def _note(text: str, *, about_cache: bool) -> ClaimNote | None:
    found = None
    lines = text.splitlines()
    has_link = any(("CLAIM_URL" in line or "claim" in line.lower()) and "://" in line for line in lines)
    for at, line in enumerate(lines):
        match = _ENDS.match(line)
        ends = _date(match[1]) if match else None
        if ends is not None and _is_about_cache(lines, at) is about_cache:
            found = ClaimNote(ends, at + 1, has_link, _BY_COMMAND.search(line) is not None)
    return found


def _is_about_cache(lines: list[str], at: int) -> bool:
    said = _BY_COMMAND.sub("", lines[at])  # the command may name a folder such as music-cache
    if _ABOUT_CACHE.search(said):
        return True
    if re.search(r"\b(?:DB|database|postgres|neon)\b", said, re.I):
        return False
    following = next((match[1] for line in lines[at:] if (match := _NAME.match(line))), "")
    return bool(_ABOUT_CACHE.search(following))


def _date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        if found := _ISO.search(text):
            value = datetime.fromisoformat(found[0].replace(" Z", "Z"))
        elif found := _MAIL.search(text):
            value = parsedate_to_datetime(found[0])
        else:
            return None
    except ValueError:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
