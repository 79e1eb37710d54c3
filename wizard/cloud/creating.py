"""Stores in the cloud, each in its own way: lasting where there is a key for it, else temporary."""

from __future__ import annotations

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.services import Services
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.cloud.instant import make_stores, over_half
from soundcheck.wizard.cloud.lasting import make_lasting
from soundcheck.wizard.progress import Reporter


async def create_stores(
    services: Services, halves: frozenset[Half], keys: AccountKeys | None, report: Reporter, *, again: bool = False
) -> Credentials:
    """All of `halves`; consent was given before.

    `again` asks once more after a lost answer, which else raises `AnswerLost`. Raises `StepFailed` in the vendor's
    case, `CouldNotRun` where nothing can be noted.
    """
    lasting = frozenset(half for half in halves if keys is not None and keys.covers(half))
    found = Credentials()
    if keys is not None and lasting:
        found = await make_lasting(services, lasting, keys, report, again=again)
    if temporary := halves - lasting:
        found = over_half(await make_stores(services, temporary, report, again=again), temporary, found)
    return found
