"""An address whose password was never percent-encoded: where it ends, and what it is. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, unquote

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.password_shape import signs_in
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret

_HOST_PART: Final = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?)(?::\d{1,5})?(?:[/?].*)?", re.DOTALL
)
_PARAMETERS: Final = re.compile(
    r"(?:(?:^|&)(?:ssl[a-z]*|channel_binding|connection_limit|pool_timeout|pgbouncer|schema|options|application_name"
    r"|connect_timeout|socket_timeout|target_session_attrs)=[^&]*)+"
)
_LONGEST: Final = 4096
_ENCODED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_NEVER_BARE: Final = frozenset(":/?#@[]")
"""Whatever encodes an address encodes these: where one stands bare, nothing was encoded, so %41 stands for itself."""
_NO_USER: Final = re.compile(r"[/?#&=\s]")
"""What makes of a user's name something else: another address stands before the one that is read, with its secrets."""
_MENDABLE: Final = frozenset({"userinfo", "percent", "port", "whitespace", "host", "hosts"})


@dataclass(frozen=True, slots=True)
class ReadAddress:
    """The URL, None where no reading makes sense; `encoded` are the signs that had to be encoded for it.

    `literal` says that the password holds codes as `%41` which stand for themselves.
    """

    url: PostgresUrl | None
    encoded: tuple[str, ...] = ()
    literal: bool = False


def read_address(text: str) -> ReadAddress:
    """Read an address as it stands, else with what its password left unencoded."""
    try:
        return ReadAddress(PostgresUrl.parse(text))
    except UrlProblem as problem:
        if problem.code not in _MENDABLE:
            return ReadAddress(None)
    rest = text.partition("://")[2]
    if len(rest) > _LONGEST:
        return ReadAddress(None)
    # Each @ may be the one before the host: the likeliest host wins, then the last.
    places = [i for i, c in enumerate(rest) if c == "@" and _HOST_PART.fullmatch(rest[i + 1 :])]
    at = max(places, key=lambda i: (_likely_host(rest[i + 1 :]), i), default=0)
    user, colon, written = rest[:at].partition(":")
    if not colon or not written or _NO_USER.search(user):
        return ReadAddress(None)
    password, other = _readings(written)
    literal = password == written and other is not None
    place = rest[at + 1 :].replace("@", "%40")
    try:
        url = PostgresUrl.parse(f"postgresql://{_encoded_user(user)}:{quote(password, safe='')}@{place}")
    except UrlProblem:
        return ReadAddress(None)
    url = replace(url, other_password=Secret(other) if other else None)
    return ReadAddress(url, _marks(written, literal=literal), literal)


def _readings(written: str) -> tuple[str, str | None]:
    """The password that a text stands for, and the other one that it may stand for."""
    decoded = unquote(written)
    if decoded == written:
        return written, None
    was_never_encoded = "%" in _ENCODED.sub("", written) or not _NEVER_BARE.isdisjoint(written) or "\ufffd" in decoded
    return (written, decoded) if was_never_encoded else (decoded, written)


def _marks(written: str, *, literal: bool) -> tuple[str, ...]:
    """The signs that an address cannot carry; codes that stand for others are none."""
    special = "".join(c for c in (written if literal else _ENCODED.sub("", written)) if quote(c, safe="") != c)
    return signs_in(special) or (("special characters",) if quote(written, safe="%") != written else ())


def _encoded_user(user: str) -> str:
    bare = "%" in _ENCODED.sub("", user)
    return quote(user if bare else unquote(user), safe="")


def _likely_host(text: str) -> int:
    """How much the text after an @ looks like host, database and parameters."""
    place, mark, query = text.partition("?")
    host = re.split(r"[:/]", place, maxsplit=1)[0].lower()
    known = host.endswith((".neon.tech", ".neon.build")) or host == "localhost"
    score = 3 if known else 2 if "." in host else 1
    return score + (2 if mark and _PARAMETERS.fullmatch(query) else 0)
