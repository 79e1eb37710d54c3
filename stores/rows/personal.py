"""Which columns are masked until somebody asks to see them, and how a masked value looks. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.secret import MASK


class Sensitivity(StrEnum):
    """How a column is treated."""

    OPEN = "open"
    PERSONAL = "personal"  # masked with its shape kept, as an e-mail address
    SECRET = "secret"  # noqa: S105 - the word itself; nothing of the value is shown


_OURS: Final = {
    ("users", "password"): Sensitivity.SECRET,
    ("users", "refreshToken"): Sensitivity.SECRET,
    ("users", "otp"): Sensitivity.SECRET,
    ("users", "otpExpiry"): Sensitivity.OPEN,
    ("users", "email"): Sensitivity.PERSONAL,
    ("users", "isEmailVerified"): Sensitivity.OPEN,
}

_SECRET_WORDS: Final = frozenset(
    {"password", "passwd", "pwd", "passphrase", "passcode", "secret", "token", "otp", "totp", "mfa", "apikey",
     "accesskey", "privatekey", "secretkey", "credential", "cvv", "cvc", "pin", "jwt", "bearer"}
)  # fmt: skip
_PERSONAL_WORDS: Final = frozenset(
    {"email", "mail", "phone", "mobile", "telephone", "ssn", "iban", "birthday", "birthdate", "dob"}
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=4096)
def sensitivity(table: str, column: str) -> Sensitivity:
    """How a column is treated, by its name: the app's own tables exactly, others by the words in it."""
    if (table, column) in _OURS:
        return _OURS[table, column]
    words = [word.lower() for word in _WORD.findall(column)]
    singular = {word.removesuffix("s") for word in words} | set(words)
    pairs = {left + right.removesuffix("s") for left, right in pairwise(words)}
    if _SECRET_WORDS & (singular | pairs):
        return Sensitivity.SECRET
    if _PERSONAL_WORDS & (singular | pairs):
        return Sensitivity.PERSONAL
    return Sensitivity.OPEN


def mask(value: object, level: Sensitivity) -> object:
    """The value as it is shown while masked.

    NULL and "" stay what they are, because that is no secret; so do yes, no and times, as of `emailVerifiedAt`.
    """
    if level is Sensitivity.OPEN or value is None or value == "" or isinstance(value, bool | datetime):
        return value
    if isinstance(value, Cut):
        return mask(value.head, level) or MASK
    if level is Sensitivity.SECRET or not isinstance(value, str):
        return MASK
    return _shape(value)


def _shape(text: str) -> str:
    """`ana.ruiz@mail.example` as `a•••@mail…`; other texts keep nothing."""
    name, at, domain = text.rpartition("@")
    if not at or not name or not domain:
        return MASK
    first = name[0] if len(name) > 1 and name[0].isalnum() else ""
    start = re.match(r"[\w-]{0,4}", domain)
    return f"{first}•••@{start[0] if start else ''}…"
