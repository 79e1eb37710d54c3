"""Where the vendors are asked for databases.

For tests alone, `SOUNDCHECK_TEST_NEON` and `SOUNDCHECK_TEST_UPSTASH` put a server of this machine in their place, as
`http://127.0.0.1:4000`; any other host is refused, so that no variable can lead a key or a database elsewhere.

Where a store stands in the world, as far as its host name says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.errors import UsageError
from soundcheck.stores.upstash.rest_url import RestUrl

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


_PLACES: Final = {
    "us-east-1": "Virginia",
    "us-east-2": "Ohio",
    "us-west-1": "California",
    "us-west-2": "Oregon",
    "ca-central-1": "Montreal",
    "sa-east-1": "São Paulo",
    "eu-west-1": "Ireland",
    "eu-west-2": "London",
    "eu-west-3": "Paris",
    "eu-central-1": "Frankfurt",
    "eu-north-1": "Stockholm",
    "af-south-1": "Cape Town",
    "me-central-1": "the Emirates",
    "ap-south-1": "Mumbai",
    "ap-southeast-1": "Singapore",
    "ap-southeast-2": "Sydney",
    "ap-northeast-1": "Tokyo",
    "ap-northeast-2": "Seoul",
    "eastus2": "Virginia",
    "westus3": "Arizona",
    "gwc": "Frankfurt",
}
_NEON: Final = re.compile(r"(?:^|\.)([a-z0-9-]+)\.(?:aws|azure|gcp)\.neon\.(?:tech|build)$")
_UPSTASH: Final = {
    "eu1": "eu-west-1",
    "eu2": "eu-central-1",
    "us1": "us-east-1",
    "us2": "us-west-2",
    "apn1": "ap-northeast-1",
    "aps1": "ap-southeast-1",
}


def region_of(host: str) -> str:
    """The region in a host name of Neon or (older) Upstash, as `eu-central-1`; "" where the name does not say."""
    if found := _NEON.search(host):
        return found[1]
    return _UPSTASH.get(host.partition("-")[0], "") if host.endswith(".upstash.io") else ""


def region_in_words(region: str) -> str:
    """`eu-central-1 (Frankfurt)`; the code alone where its place is not known."""
    place = _PLACES.get(region, "")
    return f"{region} ({place})" if place else region
