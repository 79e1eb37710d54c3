"""What is said before anything is created at a vendor: what, where, how small, and when it is gone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from stores.cloud.made import VENDORS, Half
from stores.regions import region_in_words
from wizard.account_keys import AccountKeys
from wizard.accounts import ACCOUNTS

TEMPORARY: Final = {
    Half.DATABASE: ("A PostgreSQL 17 database at Neon (neon.new), in us-east-2 (Ohio): 100 MB, 1 GB of transfer.",),
    Half.CACHE: (
        "A small Redis at Upstash (upstash.com/start-redis), which chooses its place and size.",
        "Upstash means it for programs that set something up: Soundcheck says its name when it asks.",
    ),
}
"""neon.com/docs/reference/claimable-postgres; upstash.com/docs/devops/developer-api/start-redis."""

FREE: Final = {Half.DATABASE: "0.5 GB", Half.CACHE: "256 MB"}
"""What the free plans hold (neon.com/docs/introduction/plans; upstash.com/docs/redis/overall/pricing)."""


def what_is_created(halves: Iterable[Half], keys: AccountKeys | None = None) -> list[str]:
    """Line by line; the first line of each store begins with a capital, its details follow."""
    wanted = [half for half in Half if half in set(halves)]
    temporary = [half for half in wanted if keys is None or not keys.covers(half)]
    lines: list[str] = []
    if keys is not None:
        lasting = [_lasting(half, keys) for half in wanted if half not in temporary]
        stays = "It stays; one" if len(lasting) == 1 else "Both stay; one"
        lines += [*lasting, f"{stays} that has the name already is used."] if lasting else []
    for half in temporary:
        lines += TEMPORARY[half]
    if temporary:
        both = len(temporary) == 2
        what, them = ("Both are", "them") if both else (f"The {temporary[0]} is", "it")
        nobodys = "they belong" if both else "it belongs"
        lines += [
            f"{what} gone after 72 hours, with everything inside, unless you claim {them} with an account by then.",
            f"Until then {nobodys} to nobody: keep personal data and secrets out of {them}.",
        ]
    return lines


def _lasting(half: Half, keys: AccountKeys) -> str:
    account = ACCOUNTS[0] if half is Half.DATABASE else ACCOUNTS[1]
    what = "Project" if half is Half.DATABASE else "Database"
    return (
        f"{what} {account.name} in your account at {VENDORS[half]}, {region_in_words(keys.region)}, "
        f"on your plan (free: {FREE[half]})."
    )
