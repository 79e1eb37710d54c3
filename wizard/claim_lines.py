"""What the env file says of a temporary store, in a comment above its line. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from stores.cloud.made import VENDORS, Half, Made
from stores.credentials import DATABASE_URL, REST_URL, Credentials

NAMES: Final = {Half.DATABASE: DATABASE_URL, Half.CACHE: REST_URL}
"""Above which line the comment of each store stands."""


def claim_lines(stores: Mapping[Half, Made], credentials: Credentials, changed: Collection[str]) -> dict[str, str]:
    """By variable: the comment, or "" where an earlier one no longer holds.

    A name is left out, and keeps what stands above it, where the value does not change and we know nothing of it: the
    file may come from another machine.
    """
    lines = {}
    for half, name in NAMES.items():
        made = stores.get(half)
        if made is not None and made.answered and made.is_of(credentials):
            lines[name] = "" if made.claimed else _text(made)
        elif name in changed:
            lines[name] = ""
    return lines


def _text(made: Made) -> str:
    """The link stays out: whoever reads it can take the store."""
    ends = f"{made.ends:%Y-%m-%d %H:%MZ}"
    return f"{made.half} ({VENDORS[made.half]}), expires at {ends} unless claimed: soundcheck claims"
