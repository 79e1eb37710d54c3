"""How a value of the env file is shown: enough to recognise it, never enough to use it."""

from __future__ import annotations

import re
from typing import Final

from stores.credentials import DATABASE_URL, DIRECT_URL, REST_URL, RestUrl
from stores.postgres_url import PostgresUrl, UrlProblem
from stores.secret import MASK, Secret

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
