"""Which columns, and which words in a key, hold what is masked until somebody asks to see it. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final


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
