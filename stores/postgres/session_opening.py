"""The one place that opens a session of psycopg: what the password may be sent to is decided here.

To a local stack's address only where the stack's own process listens, and only by SCRAM, which tells a stranger
nothing. Where the server is not proven by its certificate, the password is not sent unencrypted unless the person
said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from soundcheck.stores.local.ownership import proven, wants_scram
from soundcheck.stores.postgres.settings import libpq_settings
from soundcheck.stores.postgres.url import DEFAULT_PORT, PostgresUrl

if TYPE_CHECKING:
    from psycopg import AsyncConnection


async def open_session(url: PostgresUrl, numbers: Sequence[str], **driver: Any) -> AsyncConnection[Any]:
    """A session in autocommit, without prepared statements, with the first of the addresses that answers.

    `numbers` are those of the URL's host; none for a socket, or to leave the lookup to libpq. Raises `Stranger` and
    psycopg's own errors, whose text may repeat the password.
    """
    import psycopg

    port = url.port or DEFAULT_PORT
    settings: dict[str, Any] = dict(libpq_settings(url, scram_only=wants_scram(url.host, port, url.password)))
    kept = proven(numbers or [url.host], port, url.password)
    if numbers:
        # libpq pairs the lists; `host` stays in each for SNI and for the certificate's name.
        settings["hostaddr"] = ",".join(kept)
        settings["host"] = ",".join([url.host] * len(kept))
    return await psycopg.AsyncConnection.connect(**{**settings, **driver}, autocommit=True, prepare_threshold=None)
