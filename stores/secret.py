"""A secret is a type of its own, so that no text with a password travels by accident."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, NoReturn

MASK: Final = "•••••"
"""What stands on every screen, in every log and in every file that is not the env file itself."""


class Secret:
    """A text whose every printed form is `MASK`; the value comes out by `reveal()` alone.

    Comparison takes constant time. A secret cannot be pickled and is not JSON: both raise `TypeError`, so that
    a state file or a message cannot take one along unseen.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Call it where the value leaves for a driver, a child's environment or the env file."""
        return self._value

    def fingerprint(self) -> str:
        """The first 12 hex digits of SHA-256: says whether two values are the same without saying what they are."""
        return hashlib.sha256(b"soundcheck\0" + self._value.encode()).hexdigest()[:12]

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")
