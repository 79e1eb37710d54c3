"""The ways in which one secret stands in files: as it is, percent-encoded as in URLs, escaped as in JSON, as base64."""

from __future__ import annotations

import base64
import json
from typing import Final
from urllib.parse import quote, quote_plus

from soundcheck.stores.secret import MASK, Secret

SHORTEST: Final = 6
"""Letters. A shorter value is a part of too many words to be searched for."""


def spellings(secret: Secret) -> tuple[bytes, ...]:
    """Every spelling, the longest first; none for a value that is too short to be searched for."""
    value = secret.reveal()
    if len(value) < SHORTEST:
        return ()
    found = {value, quote(value, safe=""), quote(value), quote_plus(value), json.dumps(value)[1:-1]}
    found |= {text.lower() for text in found if "%" in text and text != value}
    plain = base64.b64encode(value.encode()).decode().rstrip("=")
    return tuple(sorted((text.encode() for text in {*found, plain}), key=lambda data: (-len(data), data)))


def without(data: bytes, secret: Secret) -> bytes:
    """The data with the secret masked in every spelling."""
    for spelling in spellings(secret):
        data = data.replace(spelling, MASK.encode())
    return data


def holds(data: bytes, secret: Secret) -> bool:
    """Whether any spelling occurs."""
    return any(spelling in data for spelling in spellings(secret))


def lines_with(data: bytes, secret: Secret) -> tuple[int, ...]:
    """The numbers, from 1, of the lines in which it occurs."""
    forms = spellings(secret)
    if not any(form in data for form in forms):
        return ()
    lines = data.split(b"\n")
    return tuple(number for number, line in enumerate(lines, start=1) if any(form in line for form in forms))
