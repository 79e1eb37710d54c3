"""What an Upstash error text means, as a stable code. Pure.

The HTTP status alone says nothing: a used-up quota comes as 400, as 429, or inside one item of a pipeline answered
with 200. The text decides. Sources: upstash/docs `redis/troubleshooting/*`, `redis/features/restapi`; wordings of the
years before that are still seen are kept.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from soundcheck.stores.error_words import without_names


class UpstashError(StrEnum):
    """The kinds of refusal that lead to different advice."""

    BAD_TOKEN = "bad_token"  # noqa: S105 - a code
    READ_ONLY = "read_only"
    MONTHLY_LIMIT = "monthly_limit"
    DAILY_LIMIT = "daily_limit"
    BANDWIDTH_LIMIT = "bandwidth_limit"
    STORAGE_FULL = "storage_full"
    REQUEST_TOO_LARGE = "request_too_large"
    RECORD_TOO_LARGE = "record_too_large"
    KEY_TOO_LARGE = "key_too_large"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    COMMAND_UNAVAILABLE = "command_unavailable"
    LOCALLY_LACKING = "locally_lacking"
    NOT_OVER_REST = "not_over_rest"
    WRONG_ARGUMENTS = "wrong_arguments"
    WRONG_TYPE = "wrong_type"
    TRANSACTION_ABORTED = "transaction_aborted"
    BAD_REQUEST = "bad_request"
    STORE_DOWN = "store_down"
    ARCHIVED = "archived"
    IP_NOT_ALLOWED = "ip_not_allowed"
    OTHER = "other"


STORE_DOWN_TEXT: Final = "ERR the local Valkey is not answering"
"""How the texts begin with which our own gateway says that the server behind it is down (HTTP 503)."""

LOCALLY_LACKING_TEXT: Final = "ERR the local stack's Valkey lacks"
"""How the texts begin with which our own gateway refuses a command that Upstash has."""

_MEANINGS: Final = (
    (r"^NOPERM\b", UpstashError.READ_ONLY),
    (r"^WRONGPASS\b|^NOAUTH\b|^unauthori[sz]ed\b", UpstashError.BAD_TOKEN),
    # No page of the vendor gives the words for these two: any text that says so.
    (r"\b(?:database|db)\b.*\b(?:is|was) (?:archived|suspended|passive|paused)\b", UpstashError.ARCHIVED),
    (r"\bip\b.*\bnot (?:allowed|whitelisted|permitted)\b|\bip allow-?list\b", UpstashError.IP_NOT_ALLOWED),
    (r"\bmax daily request limit exceeded", UpstashError.DAILY_LIMIT),
    (r"\bmax (?:monthly )?requests? limit exceeded", UpstashError.MONTHLY_LIMIT),
    (r"\bbandwidth\b.*\b(?:limit|quota)\b.*\bexceeded|\bmax bandwidth\b", UpstashError.BANDWIDTH_LIMIT),
    (r"\bDB capacity quota exceeded|^OOM\b", UpstashError.STORAGE_FULL),
    (r"\bmax request size exceeded", UpstashError.REQUEST_TOO_LARGE),
    (r"\bmax single record size exceeded", UpstashError.RECORD_TOO_LARGE),
    (r"\bmax key size exceeded", UpstashError.KEY_TOO_LARGE),
    (r"\bmax concurrent connections exceeded", UpstashError.TOO_MANY_CONNECTIONS),
    (rf"^{LOCALLY_LACKING_TEXT}\b", UpstashError.LOCALLY_LACKING),
    (r"^ERR too many connections to the local gateway\b", UpstashError.TOO_MANY_CONNECTIONS),
    (r"\bCommand is not available\b|^ERR unknown command\b", UpstashError.COMMAND_UNAVAILABLE),
    (r"\bis not allowed in REST\b", UpstashError.NOT_OVER_REST),
    (r"\bwrong number of arguments\b|^ERR syntax error\b", UpstashError.WRONG_ARGUMENTS),
    (r"^WRONGTYPE\b", UpstashError.WRONG_TYPE),
    (r"^EXECABORT\b", UpstashError.TRANSACTION_ABORTED),
    (r"^ERR (?:failed to parse|empty (?:command|pipeline))\b", UpstashError.BAD_REQUEST),
    (rf"^{STORE_DOWN_TEXT}\b|^LOADING\b|^MASTERDOWN\b", UpstashError.STORE_DOWN),
)
_COMPILED: Final = tuple((re.compile(pattern, re.IGNORECASE), code) for pattern, code in _MEANINGS)


def classify(text: str) -> UpstashError | None:
    """The code of an error text; None for an empty text, `OTHER` for one that fits nothing known.

    What it quotes is the caller's own (a command with its arguments, a key), and decides nothing.
    """
    text = text.strip()[:2000]
    if not text:
        return None
    words = without_names(text)
    for pattern, code in _COMPILED:
        if pattern.search(words):
            return code
    return UpstashError.OTHER
