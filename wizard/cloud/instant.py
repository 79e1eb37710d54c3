"""Temporary stores without an account: asked for once, noted before the call, found again after a lost answer.

What is said before anything is created at a vendor: what, where, how small, and when it is gone. Pure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from soundcheck.stores.cloud.addresses import CloudAddresses, cloud_addresses, region_in_words
from soundcheck.stores.cloud.exchange import CloudProblem, Exchange
from soundcheck.stores.cloud.made import (
    VENDORS,
    Half,
    MadeStore,
    fingerprint_of,
    forget_made,
    half_of,
    keep_made,
    made_stores,
)
from soundcheck.stores.cloud.neon_claimable import LIVES, Claimable, HalfAnswer, create_claimable, fetch_claimable
from soundcheck.stores.cloud.upstash_start import StartedRedis, new_key, start_redis
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import SoundcheckError, StepFailed
from soundcheck.stores.project.journal import Journal
from soundcheck.stores.services import Services
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.cloud.accounts import ACCOUNTS
from soundcheck.wizard.progress import Mark, Progress, Reporter

WHAT = {Half.DATABASE: "A database from Neon", Half.CACHE: "A cache from Upstash"}


class AnswerLost(StepFailed):
    """An earlier request may have made a database that nobody can reach; another one needs a yes of its own."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """What both halves need."""

    services: Services
    exchange: Exchange
    addresses: CloudAddresses
    report: Reporter
    again: bool

    @property
    def now(self) -> datetime:
        """By the services' clock."""
        return self.services.clock.now()

    def journal(self, half: Half) -> None:
        """Note the creation where `soundcheck remove` looks; the claim link is no part of it."""
        ends = (self.now + LIVES).isoformat()
        name = f"a temporary {half}"
        Journal(self.services.project, self.services.clock).note_cloud(VENDORS[half], name, expires_at=ends)


async def make_stores(
    services: Services,
    halves: Iterable[Half],
    report: Reporter,
    *,
    again: bool = False,
    exchange: Exchange | None = None,
) -> Credentials:
    """Each of `halves`, new or as it was made earlier; consent was given before.

    Both are asked for at once, and the end of one never cuts the other off. Raises `AnswerLost` where a database was
    asked for earlier and the answer never came, unless `again`; `StepFailed` in the vendor's case; `CouldNotRun`
    where nothing can be noted, and then nothing is asked for.
    """
    asking = _Asking(
        services,
        exchange or Exchange(services.resolver),
        cloud_addresses(services.environ),
        report,
        again,
    )
    work = {Half.DATABASE: _database, Half.CACHE: _cache}
    wanted = [half for half in Half if half in set(halves)]
    ends = await asyncio.gather(*(_timed(asking, half, work[half](asking)) for half in wanted), return_exceptions=True)
    found = Credentials()
    for end in ends:
        if isinstance(end, BaseException):
            raise end
        found = end.over(found)
    return found


async def _timed(asking: _Asking, half: Half, work: Awaitable[MadeStore]) -> Credentials:
    clock = asking.services.clock
    began = clock.monotonic()
    key = f"instant-{half}"
    asking.report(Progress(f"{WHAT[half]}: asking for it", Mark.RUNNING, key))
    try:
        made = await work
    except SoundcheckError as error:
        said = "an answer was lost" if isinstance(error, AnswerLost) else error.message
        asking.report(Progress(f"{WHAT[half]}: {said}", Mark.FAIL, key))
        raise
    assert made.credentials is not None  # noqa: S101 - both ways below end with them
    text = f"{WHAT[half]}: {_place(made)}, {until(made)}"
    asking.report(Progress(text, Mark.OK, key, elapsed_ms=(clock.monotonic() - began) * 1000, changed=True))
    return made.credentials


def until(made: MadeStore) -> str:
    """When it ends, as it is said everywhere."""
    if made.claimed or made.ends is None:
        return "claimed, it stays"
    return f"gone after {made.ends:%d %b %Y %H:%M} UTC unless claimed"


def _place(made: MadeStore) -> str:
    credentials = made.credentials or Credentials()
    url = credentials.database_url
    return f"{url.endpoint}/{url.database}" if url is not None else str(credentials.rest_url)


async def _database(asking: _Asking) -> MadeStore:
    project = asking.services.project
    known = made_stores(project).get(Half.DATABASE)
    if known is not None:
        earlier = await _earlier_database(asking, known)
        if earlier is not None:
            return earlier
    asked = MadeStore(Half.DATABASE, asking.now, follows=_ended(asking, known))
    keep_made(project, asked)
    asking.journal(Half.DATABASE)
    answer = await create_claimable(asking.exchange, asking.addresses.neon_claimable)
    if isinstance(answer, Claimable):
        return _kept(asking, _as_made(asked, answer))
    if isinstance(answer, HalfAnswer):
        keep_made(project, replace(asked, key=answer.id))
        raise StepFailed(answer.problem.message, "Run `soundcheck setup --instant` again: it asks for the rest of it.")
    if not answer.maybe_done:
        forget_made(project, Half.DATABASE)
        raise StepFailed(answer.message, answer.hint)
    raise StepFailed(f"{answer.message} {_may_exist(asked)}", "Run it again: it asks before a second one is made.")


async def _earlier_database(asking: _Asking, known: MadeStore) -> MadeStore | None:
    """The one that was asked for before; None where its time is over or it never was. Raises `StepFailed`."""
    if known.ended(asking.now) or (not known.answered and known.asked_at + LIVES <= asking.now):
        return None
    if known.credentials is not None:
        return known
    if known.key is None:
        if asking.again:
            return None
        raise AnswerLost(
            f"Neon was asked for a database at {known.asked_at:%d %b %H:%M} UTC and its answer was lost. "
            + _may_exist(known),
            "To ask for another one: `soundcheck setup --instant --again`.",
        )
    answer = await fetch_claimable(asking.exchange, asking.addresses.neon_claimable, known.key)
    if isinstance(answer, CloudProblem):
        if answer.code == "gone":
            return None
        raise StepFailed(answer.message, answer.hint)
    if answer.url is None:
        if known.answered:
            keep_made(asking.services.project, replace(known, claimed=True))
        raise StepFailed(
            "The database was claimed, so Neon tells its address in your account alone.",
            "Copy it from console.neon.tech, then run `soundcheck setup`.",
        )
    return _kept(asking, _as_made(known, answer))


def _ended(asking: _Asking, known: MadeStore | None) -> str:
    """The fingerprint of an earlier one whose time is over."""
    return known.fingerprint if known is not None and known.ended(asking.now) else ""


def _may_exist(made: MadeStore) -> str:
    gone = f"{made.asked_at + LIVES:%d %b %H:%M} UTC"
    return f"One may exist that nobody can reach; it is gone by itself after {gone}."


def _as_made(asked: MadeStore, answer: Claimable) -> MadeStore:
    credentials = Credentials(database_url=answer.url)
    return replace(
        asked,
        key=answer.id,
        claim_url=answer.claim_url,
        ends=answer.ends,
        claimed=answer.status == "CLAIMED",
        credentials=credentials,
        fingerprint=fingerprint_of(Half.DATABASE, credentials),
    )


async def _cache(asking: _Asking) -> MadeStore:
    project = asking.services.project
    known = made_stores(project).get(Half.CACHE)
    follows = _ended(asking, known)
    if known is not None and (known.ended(asking.now) or known.asked_at + LIVES <= asking.now):
        known = None
    if known is not None and known.answered and known.credentials is not None:
        return known
    if known is None or known.key is None:
        asked = MadeStore(Half.CACHE, asking.now, new_key(), follows=follows)
        keep_made(project, asked)
        asking.journal(Half.CACHE)
    else:
        asked = known  # the same key brings the same database
    assert asked.key is not None  # noqa: S101 - made above
    answer = await start_redis(asking.exchange, asking.addresses.upstash_start, asked.key, asked.asked_at)
    if isinstance(answer, CloudProblem):
        if not answer.maybe_done and asked is not known:
            forget_made(project, Half.CACHE)
        safe = " Asking again brings the same one: its key is kept." if answer.maybe_done else ""
        raise StepFailed(answer.message + safe, answer.hint)
    return _kept(asking, _started(asked, answer))


def _started(asked: MadeStore, answer: StartedRedis) -> MadeStore:
    credentials = Credentials(rest_url=answer.rest_url, rest_token=answer.rest_token)
    return replace(
        asked,
        claim_url=answer.claim_url,
        ends=answer.ends,
        credentials=credentials,
        fingerprint=fingerprint_of(Half.CACHE, credentials),
    )


def _kept(asking: _Asking, made: MadeStore) -> MadeStore:
    """On disk before anything else happens, so that a kill right after it loses nothing."""
    keep_made(asking.services.project, made)
    return made


def over_half(new: Credentials, halves: Iterable[Half], old: Credentials) -> Credentials:
    """New credentials in place of old ones, whole stores at a time; a store outside `halves` stays the old one."""
    wanted = set(halves)
    database = new if Half.DATABASE in wanted else old
    cache = new if Half.CACHE in wanted else old
    return half_of(Half.CACHE, cache).over(half_of(Half.DATABASE, database))


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
