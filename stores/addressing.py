"""What the addresses of every store have in common: why a text is none, and which numbers are this machine. Pure."""

from __future__ import annotations

import re
from typing import Final

LOOPBACK_NUMBER: Final = re.compile(r"127(?:\.\d{1,3}){1,3}")
"""A number of this machine; `127.0.0.1.example.org` is a name like any other."""


class UrlProblem(ValueError):
    """Why a text is not a usable connection URL. `code` is stable; the text never echoes the input."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
