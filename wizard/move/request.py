"""What a move is asked to do, and what it did.

What all stages of one move work with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.moving.digest import Digest
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import Reporter


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Where to. With `to_local` the stack of this machine; else `target` holds the new address of each half.

    With `to_cloud` what `target` has not is made there: `instant` consents to it, `again` to asking Neon once more
    after a lost answer, and with `keys` it is made in the user's own accounts.

    `only` is None for both halves, as far as the target has them. `left_behind` names tables that may stay where they
    are; `beyond_plan` allows more than the target's plan has room for; `write_file` False copies and verifies alone.
    """

    to_local: bool = False
    to_cloud: bool = False
    instant: bool = False
    again: bool = False
    keys: AccountKeys | None = None
    target: Credentials = field(default_factory=Credentials)
    only: Half | None = None
    consent: Consent = field(default_factory=Consent)
    left_behind: frozenset[str] = frozenset()
    beyond_plan: bool = False
    write_file: bool = True


@dataclass(frozen=True, slots=True)
class MoveEnds:
    """One side as it is shown: `host:port/database` and the cache's address, "" where that half does not move."""

    database: str = ""
    cache: str = ""


def shown_ends(credentials: Credentials, halves: frozenset[Half]) -> MoveEnds:
    """One side in words, without a secret."""
    url, rest = credentials.database_url, credentials.rest_url
    return MoveEnds(
        f"{url.endpoint}/{url.database}" if url is not None and Half.DATABASE in halves else "",
        str(rest) if rest is not None and Half.CACHE in halves else "",
    )


@dataclass(frozen=True, slots=True)
class MoveResult:
    """What was done. `tables` are all that moved; `copied` those of them that this run wrote."""

    source: MoveEnds
    target: MoveEnds
    tables: Mapping[str, Digest] = field(default_factory=dict)
    copied: tuple[str, ...] = ()
    left_behind: tuple[str, ...] = ()
    switched: bool = False
    env_file: Path | None = None


@dataclass(frozen=True, slots=True)
class MoveJob:
    """`services` are those in use, `target` the same with the new credentials; `halves` is what moves."""

    services: Services
    target: Services
    request: MoveRequest
    halves: frozenset[Half]
    asker: Asker
    report: Reporter

    @property
    def ends(self) -> tuple[MoveEnds, MoveEnds]:
        """Both sides as they are shown, the source first."""
        return shown_ends(self.services.credentials, self.halves), shown_ends(self.target.credentials, self.halves)
