"""What the env file says of a temporary store, in a comment above its line. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from soundcheck.stores.cloud.made import VENDORS, Half, MadeStore, fingerprint_of
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, ENV_NAMES, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.project.own_command import spelled_in_file
from soundcheck.stores.secret import Secret
from soundcheck.wizard.discover import as_credentials

NAMES: Final = {Half.DATABASE: DATABASE_URL, Half.CACHE: REST_URL}
"""Above which line the comment of each store stands."""

OF_HALF: Final = {Half.DATABASE: (DATABASE_URL, DIRECT_URL), Half.CACHE: (REST_URL, REST_TOKEN)}


def claim_lines(stores: Mapping[Half, MadeStore], credentials: Credentials, changed: Collection[str]) -> dict[str, str]:
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


def ended_values(stores: Mapping[Half, MadeStore], values: Mapping[str, Secret]) -> frozenset[str]:
    """The names whose present values lead to a store that ended and that a new one follows: nothing works there."""
    ours = {name: value for name, value in values.items() if name in ENV_NAMES}
    before, _ = as_credentials(ours)
    return frozenset(
        name
        for half, made in stores.items()
        if made.follows and fingerprint_of(half, before) == made.follows
        for name in OF_HALF[half]
    )


def _text(made: MadeStore) -> str:
    """The link stays out: whoever reads it can take the store."""
    ends = f"{made.ends:%Y-%m-%d %H:%MZ}"
    command = spelled_in_file("soundcheck claims")
    return f"{made.half} ({VENDORS[made.half]}), expires at {ends} unless claimed: {command}"
