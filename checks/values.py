"""What is wrong with one value of the env file, said without the value. Pure."""

from __future__ import annotations

import re
from typing import Final

from stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL, RestUrl
from stores.postgres_url import PostgresUrl, UrlProblem

NO_SSLMODE: Final = "sslmode=require is missing, and Neon takes encrypted connections only"

_PLACEHOLDER: Final = re.compile(
    r"<[^>]*>|\byour[-_ ]|[-_]here\b|\bchange[-_]?me\b|\bplaceholder\b|x{5,}"
    r"|//USER(NAME)?:PASS(WORD)?@|@HOST\b|\.\.\.|…",
    re.IGNORECASE,
)


def value_problem(name: str, value: str) -> str:
    """Why a value cannot be used, "" where it can. The words hold no part of it."""
    if not value.strip():
        return "it is empty"
    if name in {DATABASE_URL, DIRECT_URL} and value.startswith("mongodb"):
        return "it is the old MongoDB address, which Setup keeps as MONGODB_URI"
    if _PLACEHOLDER.search(value):
        return "it is still the example's placeholder"
    try:
        if name in {DATABASE_URL, DIRECT_URL}:
            return _database_problem(PostgresUrl.parse(value))
        if name == REST_URL:
            RestUrl.parse(value)
    except UrlProblem as problem:
        return problem.message
    if name == REST_TOKEN and not all(0x21 <= ord(letter) <= 0x7E for letter in value):
        return "it has a blank, a line break or a letter that no token has in it"
    return ""


def _database_problem(url: PostgresUrl) -> str:
    if url.is_neon and url.param("sslmode") in {None, "disable", "allow", "prefer"}:
        return NO_SSLMODE
    return ""
