"""One name and value out of a pasted text, before it is known what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from stores.secret import Secret
from wizard.recognise.recognition import Written


@dataclass(frozen=True, slots=True)
class Piece:
    """`name` as it was written, "" where none stood; the value may be anything, so it counts as secret.

    `stays_open` where a quote opens before the value and never closes.
    """

    name: str
    value: Secret
    line: int
    how: Written
    stays_open: bool = False
