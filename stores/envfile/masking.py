"""How a value of the env file is shown: enough to recognise it, never enough to use it."""

from __future__ import annotations

import re
from typing import Final

from stores.credentials import DATABASE_URL, DIRECT_URL, REST_URL, RestUrl
from stores.postgres_url import PostgresUrl, UrlProblem
from stores.secret import MASK, Secret

_MONGO: Final = re.compile(r"mongodb(?:\+srv)?://", re.IGNORECASE)


def shown_value(name: str, value: Secret) -> str:
    """The value of `name` for people.

    A connection URL has its password masked, a REST address stands in full, an empty value stays empty, and
    everything else is `MASK`.
    """
    text = value.reveal()
    if not text:
        return ""
    if name in {DATABASE_URL, DIRECT_URL}:
        try:
            return PostgresUrl.parse(text).masked()
        except UrlProblem:
            pass
    if name == REST_URL:
        try:
            return str(RestUrl.parse(text))
        except UrlProblem:
            pass
    if mongo := _MONGO.match(text):
        return mongo.group().lower() + MASK
    return MASK
