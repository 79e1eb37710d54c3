"""The user's own keys of the vendors' management interfaces: with them set-up makes lasting stores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.secret import Secret

REGION: Final = "us-east-1"
"""Both vendors have it."""

REGIONS: Final = (REGION, "us-west-2", "eu-central-1", "sa-east-1", "ap-southeast-1", "ap-southeast-2")
"""Where both take a new store on AWS (neon.com/docs/introduction/regions; `primary_region` of Upstash's API)."""

KEY_PLACES: Final = {
    Half.DATABASE: "https://console.neon.tech/app/settings/api-keys",
    Half.CACHE: "https://console.upstash.com/account/api",
}
"""Where each vendor makes the keys of its management interface."""


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """Either half may be missing. `region` is AWS's name, used for both so that they are near one another."""

    neon: Secret | None = None
    neon_org: str = ""
    upstash_email: Secret | None = None
    upstash: Secret | None = None
    region: str = REGION

    def covers(self, half: Half) -> bool:
        """Whether there is a key for one store."""
        if half is Half.DATABASE:
            return self.neon is not None
        return self.upstash is not None and self.upstash_email is not None

    def lacking(self, half: Half) -> str:
        """What is still to be given for one store, in words; "" where nothing is."""
        if half is Half.DATABASE:
            return "" if self.neon else "Neon's API key is missing."
        if not self.upstash_email or "@" not in self.upstash_email.reveal():
            return "The e-mail address of the account at Upstash is missing."
        return "" if self.upstash else "Upstash's API key is missing."

    def secrets(self) -> Iterator[Secret]:
        """The keys, for the redactor; an address is nothing to hide."""
        yield from (key for key in (self.neon, self.upstash) if key is not None)
