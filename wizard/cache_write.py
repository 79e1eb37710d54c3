"""Writing to the cache: drop keys, warm one from its rows, give it another time to live. The guard stands before each.

What is dropped or stored here follows the protocol of `stores/cache`: a load that an application began before a drop
cannot bring the old value back, and running applications hear of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from soundcheck.stores.amounts import number_of
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.keys import KnownKey
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.error_texts import UpstashError
from soundcheck.wizard.guard import Action, Intent
from soundcheck.wizard.no_store import no_store
from soundcheck.wizard.target import Target

if TYPE_CHECKING:
    from soundcheck.stores.catalog.tables import Catalog
    from soundcheck.stores.upstash.rest import Reply, RestClient

KEYS_AT_ONCE: Final = 100
"""Keys that are dropped together."""
COMMANDS_A_DROP: Final = 3
"""Billed commands for so many keys: EXISTS, the script that drops them, PUBLISH."""
COMMANDS_A_WARM: Final = 3
"""GET of the marker, the script that stores, PUBLISH."""


def intent_of(services: Services, action: Action, losses: Sequence[str] = (), *, read_only: bool = False) -> Intent:
    """A write to the cache as the guard wants it."""
    url = _client(services).url
    return Intent(
        action=action,
        target=Target.of_cache(url),
        kind=services.project.profile.kind,
        profile=services.project.profile.name,
        is_local=LocalStack(services.project.local).owns_rest(url),
        losses=tuple(losses),
        read_only=read_only,
    )


def loss_of(keys: int) -> str:
    """What is lost by dropping so many, in a few words."""
    return number_of(keys, "cached value")


def commands_to_drop(keys: int) -> int:
    """What dropping so many keys costs, in billed commands."""
    return -(-keys // KEYS_AT_ONCE) * COMMANDS_A_DROP


async def drop_keys(services: Services, keys: Sequence[str]) -> int:
    """Drop them, `KEYS_AT_ONCE` a request; how many were there. Raises `StepFailed` where the cache refuses."""
    from soundcheck.stores.cache.versioned_writes import drop_command

    client, dropped = _client(services), 0
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = tuple(keys[start : start + KEYS_AT_ONCE])
        drop = drop_command(some, uuid.uuid4().hex)
        there, done, _ = await client.pipeline([("EXISTS", *some), drop, _announcement(some)])
        _went_well(done)  # a message that did not go out is not worth failing for: L1 lives 30 s
        dropped += there.value if isinstance(there.value, int) else 0
    return dropped


async def warm(services: Services, catalog: Catalog, known: KnownKey) -> int:
    """Read the rows behind a key now and store them with the plan's time to live, which is returned in seconds.

    Raises `StepFailed` where there is nothing to store, where the key was dropped meanwhile or the cache refuses,
    `DatabaseProblem`.
    """
    from soundcheck.stores.cache.versioned_writes import Fill, fill_command, marker_key
    from soundcheck.stores.copies.key_source import read_source
    from soundcheck.stores.copies.warm_value import warm_value

    client = _client(services)
    if services.database is None:
        raise no_store(services, "database", "Press 1 for Setup.")
    key = known.rule.key(known.value)
    marker = _went_well(await client.command("GET", marker_key(key))).value  # before the rows are read
    source = await read_source(services.database, catalog, known)
    if source is None:
        raise StepFailed("What belongs in this key cannot be read from a table.", "Let the application fill it.")
    value, ttl, key = warm_value(source, services.clock.now()), source.rule.ttl, known.rule.key(known.value)
    fill = Fill(key, marker if isinstance(marker, str) else "", value, ttl * 1000)
    stored, _ = await client.pipeline([fill_command([fill]), _announcement((key,))])
    if _went_well(stored).value != [1]:
        raise StepFailed("An application dropped this key while its rows were read.", "Warm it once more.")
    return ttl


def _announcement(keys: tuple[str, ...]) -> tuple[str, ...]:
    """What running applications hear, so that their memories forget the keys."""
    from soundcheck.stores.cache.levels.invalidation import message
    from soundcheck.stores.cache.settings import CacheSettings

    return ("PUBLISH", CacheSettings().channel, message("soundcheck", keys))


async def set_ttl(services: Services, key: str, seconds: int) -> bool:
    """Let a key live so long from now on; False where it is not there any more."""
    return _went_well(await _client(services).command("EXPIRE", key, seconds)).value == 1


def _client(services: Services) -> RestClient:
    if services.cache is None:
        raise no_store(services, "cache", "Press 1 for Setup.")
    return services.cache


def _went_well(reply: Reply) -> Reply:
    if reply.ok:
        return reply
    if reply.code is UpstashError.READ_ONLY:
        raise StepFailed("This token may only read: nothing was written.", "Set up the standard token to write.")
    raise StepFailed(f"The cache refused: {reply.error}", "Press 4 for Checks to see where it stops.")
