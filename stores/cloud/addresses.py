"""Where the vendors are asked for databases.

For tests alone, `SOUNDCHECK_TEST_NEON` and `SOUNDCHECK_TEST_UPSTASH` put a server of this machine in their place, as
`http://127.0.0.1:4000`; any other host is refused, so that no variable can lead a key or a database elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stores.credentials import RestUrl
from stores.errors import UsageError
from stores.postgres_url import UrlProblem

TEST_NEON: Final = "SOUNDCHECK_TEST_NEON"
TEST_UPSTASH: Final = "SOUNDCHECK_TEST_UPSTASH"

NEON_CLAIMABLE: Final = "https://neon.new"
"""neon.com/docs/reference/claimable-postgres"""
NEON_API: Final = "https://console.neon.tech"
"""neon.com/docs/reference/api/key-concepts"""
UPSTASH_START: Final = "https://upstash.com"
"""upstash.com/docs/devops/developer-api/start-redis"""
UPSTASH_API: Final = "https://api.upstash.com"
"""upstash.com/docs/devops/developer-api"""


@dataclass(frozen=True, slots=True)
class CloudAddresses:
    """Scheme and host of each interface."""

    neon_claimable: RestUrl
    neon_api: RestUrl
    upstash_start: RestUrl
    upstash_api: RestUrl


def cloud_addresses(environ: Mapping[str, str]) -> CloudAddresses:
    """The vendors' own, unless a test put a server of this machine in their place. Raises `UsageError`."""
    neon, upstash = _test_server(TEST_NEON, environ), _test_server(TEST_UPSTASH, environ)
    return CloudAddresses(
        neon or RestUrl.parse(NEON_CLAIMABLE),
        neon or RestUrl.parse(NEON_API),
        upstash or RestUrl.parse(UPSTASH_START),
        upstash or RestUrl.parse(UPSTASH_API),
    )


def _test_server(name: str, environ: Mapping[str, str]) -> RestUrl | None:
    text = environ.get(name, "")
    if not text:
        return None
    try:
        url = RestUrl.parse(text)
    except UrlProblem:
        url = None
    if url is None or not url.is_loopback:
        raise UsageError(f"{name} is for tests and takes a server of this machine alone.", f"Unset {name}.")
    return url
