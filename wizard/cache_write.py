"""Writing to the cache: drop keys, warm one from its rows, give it another time to live. The guard stands before each.

`announce` is told the keys after they changed, for the memories of running applications; by default nobody listens.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from checks.services import Services
from stores.credentials import RestUrl
from stores.errors import CouldNotRun, StepFailed
from stores.key_patterns import KnownKey
from stores.local.stack import LocalStack
from stores.upstash.error_texts import UpstashError
from wizard.guard import Action, Intent

if TYPE_CHECKING:
    from stores.catalog import Catalog
    from stores.upstash.rest import Reply, RestClient

Announce: TypeAlias = Callable[[tuple[str, ...]], Awaitable[None]]

KEYS_AT_ONCE: Final = 100
"""Keys in one DEL, which is one billed command."""


async def nobody(keys: tuple[str, ...]) -> None:
    """No application is told."""


def intent_of(services: Services, action: Action, losses: Sequence[str] = (), *, read_only: bool = False) -> Intent:
    """A write to the cache as the guard wants it; its name is what is typed where it may be production."""
    url = _client(services).url
    return Intent(
        action=action,
        endpoint=f"{url.host}:{url.effective_port}",
        database=name_of(url),
        kind=services.project.profile.kind,
        is_local=LocalStack(services.project.local).owns_rest(url),
        losses=tuple(losses),
        read_only=read_only,
    )


def name_of(url: RestUrl) -> str:
    """`fit-mole-123` of `https://fit-mole-123.upstash.io`; an address of numbers whole."""
    return url.host if url.host.replace(".", "").isdecimal() or ":" in url.host else url.host.partition(".")[0]


def loss_of(keys: int) -> str:
    """What is lost by dropping so many, in a few words."""
    return "1 cached value" if keys == 1 else f"{keys:,} cached values"


async def drop_keys(services: Services, keys: Sequence[str], announce: Announce = nobody) -> int:
    """Drop them, 100 a command; how many were there. Raises `StepFailed` where the cache refuses."""
    client, dropped = _client(services), 0
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = tuple(keys[start : start + KEYS_AT_ONCE])
        reply = _went_well(await client.command("DEL", *some))
        dropped += reply.value if isinstance(reply.value, int) else 0
        await announce(some)
    return dropped


async def warm(services: Services, catalog: Catalog, known: KnownKey, announce: Announce = nobody) -> int:
    """Read the rows behind a key now and store them with the plan's time to live, which is returned in seconds.

    Raises `StepFailed` where there is nothing to store or the cache refuses, `DatabaseProblem`.
    """
    from stores.key_source import read_source
    from stores.warm_value import warm_value

    client = _client(services)
    if services.database is None:
        raise CouldNotRun("No database is set up here.", "Press 1 for Setup.")
    source = await read_source(services.database, catalog, known)
    if source is None:
        raise StepFailed("What belongs in this key cannot be read from a table.", "Let the application fill it.")
    value, ttl, key = warm_value(source, services.clock.now()), source.rule.ttl, known.rule.key(known.value)
    _went_well(await client.command("SET", key, value, "EX", ttl))
    await announce((key,))
    return ttl


async def set_ttl(services: Services, key: str, seconds: int) -> bool:
    """Let a key live so long from now on; False where it is not there any more."""
    return _went_well(await _client(services).command("EXPIRE", key, seconds)).value == 1


def _client(services: Services) -> RestClient:
    if services.cache is None:
        raise CouldNotRun("No cache is set up here.", "Press 1 for Setup.")
    return services.cache


def _went_well(reply: Reply) -> Reply:
    if reply.ok:
        return reply
    if reply.code is UpstashError.READ_ONLY:
        raise StepFailed("This token may only read: nothing was written.", "Set up the standard token to write.")
    raise StepFailed(f"The cache refused: {reply.error}", "Press 4 for Checks to see where it stops.")
