"""Variables beside the four that hold the old credential under another name: they change along with it. Pure."""

from __future__ import annotations

from typing import Final

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import DATABASE_URL, ENV_NAMES, REST_TOKEN, Credentials
from soundcheck.stores.envfile.reading import EnvReading
from soundcheck.stores.secret import Secret
from soundcheck.wizard.discover import ALIASES, credentials_in
from soundcheck.wizard.replace.plan import CredentialExchange, exchanged

_VENDORS_NAMES: Final = frozenset(name for others in ALIASES.values() for name in others)
_OURS: Final = {Half.DATABASE: DATABASE_URL, Half.CACHE: REST_TOKEN}


def following(reading: EnvReading, credentials: Credentials) -> dict[str, Secret]:
    """What the other variables of the file become once these credentials are written.

    With another password or token at the same place, whatever holds the old one changes. With another place, only the
    names under which vendors write ours do, and only where ours changes too: anything else may mean the old place.
    """
    present = {name: found.value for name, found in reading.values.items()}
    old = credentials_in(present)
    values: dict[str, Secret] = {}
    for half in Half:
        before, after = _half(old, half), _half(credentials, half)
        if before is None or after is None:
            continue
        exchange = CredentialExchange(half, before, after)
        others, _, _ = exchanged(reading, exchange)
        wanted = others.keys() - ENV_NAMES
        if not exchange.same_place:
            wanted = wanted & _VENDORS_NAMES if present.get(_OURS[half]) else set()
        values |= {name: value for name, value in others.items() if name in wanted}
    return values


def _half(credentials: Credentials, half: Half) -> Credentials | None:
    """The part that one exchange is about; None where it is not all there."""
    if half is Half.DATABASE:
        if credentials.database_url is None:
            return None
        return Credentials(credentials.database_url, credentials.direct_url)
    if not credentials.has_cache:
        return None
    return Credentials(rest_url=credentials.rest_url, rest_token=credentials.rest_token)
