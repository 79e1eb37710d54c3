"""What was asked of the vendors for one project, kept 0600 in its state folder: before the call, and after it.

The note before the call is what makes a lost answer harmless: Upstash brings the same database for the same key, and
for Neon, which documents no key, it says that a second request would make a second database. Ids and claim links are
as good as the database itself, so all of them are secrets.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.kept_file import KeptFile, NotReadable, Reason
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

FILE: Final = "cloud.json"
VERSION: Final = 1


class Half(StrEnum):
    """The two stores."""

    DATABASE = "database"
    CACHE = "cache"


VENDORS: Final = {Half.DATABASE: "Neon", Half.CACHE: "Upstash"}


@dataclass(frozen=True, slots=True)
class MadeStore:
    """One temporary store: asked for at `asked_at` (UTC), there once `ends` is known.

    `key` is what brings it again: Upstash's Idempotency-Key, Neon's id (None until an answer told it). `credentials`
    are kept until they stand in the env file; then `fingerprint` alone says whether the file still means this one.
    """

    half: Half
    asked_at: datetime
    key: Secret | None = None
    claim_url: Secret | None = None
    ends: datetime | None = None
    claimed: bool = False
    credentials: Credentials | None = None
    fingerprint: str = ""
    follows: str = ""
    """The fingerprint of the one before it, whose time was over."""

    @property
    def answered(self) -> bool:
        """Whether the vendor's answer arrived; without it nobody knows whether the store exists."""
        return self.ends is not None

    def ended(self, now: datetime) -> bool:
        """Whether its time is over; a claimed one has no end."""
        return self.ends is not None and not self.claimed and self.ends <= now

    def is_of(self, credentials: Credentials) -> bool:
        """Whether these credentials lead to this very store."""
        return bool(self.fingerprint) and fingerprint_of(self.half, credentials) == self.fingerprint

    def secrets(self) -> Iterator[Secret]:
        """Everything in it that must not be seen."""
        if self.key is not None:
            yield self.key
        if self.claim_url is not None:
            yield self.claim_url
        if self.credentials is not None:
            yield from self.credentials.secrets()


def fingerprint_of(half: Half, credentials: Credentials) -> str:
    """What tells one store from another without its secret; parameters and the pooler make no other of it."""
    if half is Half.CACHE:
        url, token = credentials.rest_url, credentials.rest_token
        return Secret(f"{url}\n{token.reveal()}").fingerprint() if url is not None and token else ""
    database = credentials.database_url
    if database is None:
        return ""
    plain = replace(database.direct(), params=())
    return Secret(plain.reveal()).fingerprint()


def half_of(half: Half, credentials: Credentials) -> Credentials:
    """The part of credentials that belongs to one store."""
    if half is Half.DATABASE:
        return Credentials(database_url=credentials.database_url, direct_url=credentials.direct_url)
    return Credentials(rest_url=credentials.rest_url, rest_token=credentials.rest_token)


def made_stores(project: Project) -> dict[Half, MadeStore]:
    """What is noted. Raises `CouldNotRun` where the note cannot be read: then nothing may be asked for again."""
    try:
        return dict(_kept(project).read() or {})
    except NotReadable as problem:
        path = _file(project)
        if problem.reason is Reason.DENIED:
            raise CouldNotRun(f"{path} cannot be read: {problem.detail}.", "Mend its rights, then try again.") from None
        raise _unreadable(path) from None


def keep_made(project: Project, made: MadeStore) -> None:
    """Note one, in the place of an earlier one of the same half. Raises `CouldNotRun`."""
    _kept(project).write({**made_stores(project), made.half: made})


def forget_made(project: Project, half: Half) -> None:
    """Take the note of one away. Raises `CouldNotRun`."""
    rest = {name: one for name, one in made_stores(project).items() if name is not half}
    if rest:
        _kept(project).write(rest)
    else:
        _kept(project).forget()


def known_stores(project: Project) -> dict[Half, MadeStore]:
    """The same as `made_stores` for those who only look; nothing where the note cannot be read."""
    try:
        return made_stores(project)
    except CouldNotRun:
        return {}


def settle_made(project: Project) -> None:
    """The env file is written: from here on it holds the credentials, and the note keeps their fingerprint alone.

    What brings them again, should the file be lost, is the key. Quiet where it fails: the note is 0600 all the same.
    """
    for made in known_stores(project).values():
        if made.credentials is not None:
            with contextlib.suppress(CouldNotRun, OSError):
                keep_made(project, replace(made, credentials=None))


def made_secrets(project: Project) -> Iterator[Secret]:
    """Every secret in the note; none where it cannot be read."""
    for made in known_stores(project).values():
        yield from made.secrets()


def _file(project: Project) -> Path:
    return project.state / FILE


def _unreadable(path: Path) -> CouldNotRun:
    return CouldNotRun(
        f"{path} is not as Soundcheck writes it.",
        "It notes which cloud databases were asked for. Move it away only if a second one would be fine.",
    )


def _kept(project: Project) -> KeptFile[Mapping[Half, MadeStore]]:
    return KeptFile(
        _file(project),
        lambda stores: {"stores": {str(half): _as_json(made) for half, made in stores.items()}},
        lambda raw: {Half(name): _from_json(Half(name), one) for name, one in raw["stores"].items()},
        VERSION,
    )


def _as_json(made: MadeStore) -> dict[str, object]:
    values = made.credentials.as_env() if made.credentials is not None else {}
    return {
        "asked_at": made.asked_at.isoformat(),
        "key": made.key.reveal() if made.key is not None else None,
        "claim_url": made.claim_url.reveal() if made.claim_url is not None else None,
        "ends": made.ends.isoformat() if made.ends is not None else None,
        "claimed": made.claimed,
        "values": {name: value.reveal() for name, value in values.items()},
        "fingerprint": made.fingerprint,
        "follows": made.follows,
    }


def _from_json(half: Half, raw: dict[str, object]) -> MadeStore:
    values = raw["values"]
    if not isinstance(values, dict):
        raise TypeError
    return MadeStore(
        half=half,
        asked_at=datetime.fromisoformat(str(raw["asked_at"])),
        key=_secret(raw["key"]),
        claim_url=_secret(raw["claim_url"]),
        ends=datetime.fromisoformat(str(raw["ends"])) if raw["ends"] else None,
        claimed=bool(raw["claimed"]),
        credentials=_credentials({str(n): str(v) for n, v in values.items()}),
        fingerprint=str(raw["fingerprint"]),
        follows=str(raw["follows"]),
    )


def _secret(value: object) -> Secret | None:
    return Secret(value) if isinstance(value, str) and value else None


def _credentials(values: dict[str, str]) -> Credentials | None:
    """Typed again. Raises `ValueError`, which `UrlProblem` is, for a value that is none of ours."""
    if not values:
        return None
    found = Credentials()
    if text := values.get("DATABASE_URL"):
        found = replace(found, database_url=PostgresUrl.parse(text))
    if text := values.get("UPSTASH_REDIS_REST_URL"):
        found = replace(found, rest_url=RestUrl.parse(text))
    if text := values.get("UPSTASH_REDIS_REST_TOKEN"):
        found = replace(found, rest_token=Secret(text))
    return found
