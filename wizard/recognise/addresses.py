"""Find the addresses on a line."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

MOST: Final = 100
"""Addresses taken from one line; no line that a person pastes has more."""

_ADDRESS: Final = re.compile(r"(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]{0,30}://\S+")
_TRAILING: Final = "\"'`,;)]}>"


def addresses_in(text: str) -> list[str]:
    """Every `scheme://…` on a line, freed of the quotes and brackets around it."""
    found = []
    for match in islice(_ADDRESS.finditer(text), MOST):
        before = text[match.start() - 1 : match.start()]
        address = match.group()
        if before in {'"', "'", "`"} and before in address:
            address = address[: address.index(before)]
        elif before in {"<", "("} and (closing := {"<": ">", "(": ")"}[before]) in address:
            address = address[: address.rindex(closing)]
        found.append(address.rstrip(_TRAILING))
    return found
