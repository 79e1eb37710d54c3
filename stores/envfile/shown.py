"""How a line of the env file is shown: enough to recognise it, never enough to use it. Pure."""

from __future__ import annotations

import re
from typing import Final

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_URL
from soundcheck.stores.envfile.document import Assignment
from soundcheck.stores.envfile.merge import quoted
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import MASK, Secret
from soundcheck.stores.upstash.rest_url import RestUrl

PATHS: Final = frozenset({"PRISMA_QUERY_ENGINE_BINARY"})
"""Variables whose value is the path of a program: nothing to hide, and to be seen before it is written."""

_MONGO: Final = re.compile(r"mongodb(?:\+srv)?://", re.IGNORECASE)


def shown_value(name: str, value: Secret) -> str:
    """The value of `name` for people.

    A connection URL has its password masked, a REST address and a program's path stand in full, an empty value stays
    empty, and everything else is `MASK`.
    """
    text = value.reveal()
    if not text:
        return ""
    if name in {DATABASE_URL, DIRECT_URL}:
        try:
            return PostgresUrl.parse(text).masked()
        except UrlProblem:
            pass
    if name in PATHS:
        return text
    if name == REST_URL:
        try:
            return str(RestUrl.parse(text))
        except UrlProblem:
            pass
    if mongo := _MONGO.match(text):
        return mongo.group().lower() + MASK
    return MASK


_PLAIN_NAME: Final = re.compile(
    r"(?:[A-Z0-9]+_)*(?:PORT|HOST|ENV|ENVIRONMENT|DEBUG|LEVEL|MODE|TZ|TIMEZONE|LANG|REGION|WORKERS|TIMEOUT|TTL|VERBOSE)",
    re.IGNORECASE,
)
_PLAIN_VALUE: Final = re.compile(
    r"\d{1,5}|true|false|yes|no|on|off|[a-z]{2,12}|[A-Z]{2,12}|[A-Za-z]+/[A-Za-z_]+|[\d.]{7,15}"
)
_WORD: Final = re.compile(r"\S+")
_LIKE_A_SECRET: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z]).{6,}|.{24,}|.*[=@].*|.*://.*")


def shown_line(line: Assignment, value: str | None = None) -> str:
    """A line with the value that it has, or will have: `export PORT=5000 # the usual one`."""
    value = line.value if value is None else value
    if value is None:
        return f"{line.export}{line.key}"
    shown, quote = _shown(line.name, value), line.quote
    if value != line.value:
        quote = (quoted(value, line.quote or '"') or "")[:1]
    quote = quote if quote in {"'", '"'} else ""
    comment = line.tail.strip()
    tail = f"  {shown_comment(comment)}" if comment else ""
    return f"{line.export}{line.key}{line.equals.strip() or '='}{quote}{shown}{quote}{tail}"


def shown_comments(text: str) -> list[str]:
    """The comments of a piece of the file, a line each; blank lines are left out."""
    return [shown_comment(line.strip()) for line in text.splitlines() if line.strip().startswith("#")]


def shown_comment(text: str) -> str:
    """A comment, with a mask for each word that may be a value: an old line is often kept as one."""
    return _WORD.sub(lambda found: MASK if _LIKE_A_SECRET.fullmatch(found[0]) else found[0], text)


def _shown(name: str, value: str) -> str:
    if _PLAIN_NAME.fullmatch(name) and _PLAIN_VALUE.fullmatch(value):
        return value
    return shown_value(name, Secret(value))
