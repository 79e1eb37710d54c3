"""Where a store stands in the world, as far as its host name says so."""

from __future__ import annotations

import re
from typing import Final

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
