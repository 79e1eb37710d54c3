"""Where a credential stands, and what each file becomes with another one in its place. Nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote, unquote

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import DATABASE_URL, REST_URL, Credentials
from soundcheck.stores.envfile import Document, EnvReading, merge, read_env
from soundcheck.stores.envfile.neighbours import neighbours
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.held_file import hold_on
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project, open_project, profile_names
from soundcheck.stores.secret import Secret
from soundcheck.wizard.discover import ALIASES
from soundcheck.wizard.env.plan import LineKind, difference

_OF_THE_SERVER: Final = ("sslmode", "sslrootcert", "channel_binding", "options")
"""Parameters that another server need not understand; the others are the application's."""

_REDIS_URL: Final = re.compile(r"(?P<user>rediss?://[^:@/]*:)(?P<password>[^@]*)@(?P<host>[^:/?@]+)(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class FileChange:
    """One env file as it stands and as it will; `lines` is the difference, masked."""

    path: Path
    shown: str
    names: tuple[str, ...]
    lines: tuple[str, ...]
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A file that holds the old value and cannot be changed safely, with the reason."""

    shown: str
    reason: str


@dataclass(frozen=True, slots=True)
class CredentialExchange:
    """One credential for another. Both hold the same half: the database's URLs, or the cache's URL and token."""

    half: Half
    old: Credentials
    new: Credentials

    @property
    def old_secret(self) -> Secret | None:
        """The password or the token that goes; None where the old URL had none."""
        return self._secret(self.old)

    @property
    def same_place(self) -> bool:
        """Whether both lead to the same server as the same user: then the old one should be refused."""
        if self.half is Half.CACHE:
            return self.old.rest_url == self.new.rest_url
        old, new = self.old.database_url, self.new.database_url
        return old is not None and new is not None and _server(old) == _server(new)

    @property
    def changes(self) -> bool:
        """Whether they differ at all."""
        return not self.same_place or self.old_secret != self._secret(self.new)

    def _secret(self, credentials: Credentials) -> Secret | None:
        if self.half is Half.CACHE:
            return credentials.rest_token
        return credentials.database_url.password if credentials.database_url else None

    def in_place_of(self, name: str, value: str) -> str | None:
        """What a variable's value becomes; None where it does not hold the old credential."""
        if self.half is Half.DATABASE:
            return self._database_value(name, value)
        old, new = self.old.rest_token, self.new.rest_token
        if old is not None and new is not None and value.strip() == old.reveal():
            return new.reveal()
        is_address = name in {REST_URL, *ALIASES[REST_URL]}
        if is_address and self.old.rest_url is not None and value.strip() == str(self.old.rest_url):
            return str(self.new.rest_url)
        return self._redis_value(value)

    def _redis_value(self, value: str) -> str | None:
        """Upstash's address for TCP, whose password is the token: `rediss://default:token@host:6379`."""
        old, new = self.old, self.new
        if old.rest_url is None or old.rest_token is None or new.rest_url is None or new.rest_token is None:
            return None
        found = _REDIS_URL.fullmatch(value.strip())
        if found is None or found["host"].lower() != old.rest_url.host:
            return None
        if unquote(found["password"]) != old.rest_token.reveal():
            return None
        return f"{found['user']}{quote(new.rest_token.reveal(), safe='')}@{new.rest_url.host}{found['rest']}"

    def _database_value(self, name: str, value: str) -> str | None:
        old, new, secret = self.old.database_url, self.new.database_url, self.old_secret
        if old is None or new is None:
            return None
        if secret and value == secret.reveal():  # PGPASSWORD and its like, where the rest beside it stays right
            return new.password.reveal() if new.password is not None and self.same_place else None
        try:
            found = PostgresUrl.parse(value)
        except UrlProblem:
            return None
        if _server(found) != _server(old) or found.password != old.password:
            return None
        if found.is_pooled:
            base = new.pooled()
        elif name == DATABASE_URL and not self.same_place:
            base = new
        else:
            base = self.new.direct or new
        database = found.database if self.same_place else base.database
        kept = replace(base, database=database, params=found.params)
        own = {name: base.param(name) for name in _OF_THE_SERVER}
        changed = {name: value for name, value in own.items() if value is not None or not self.same_place}
        return kept.with_params(changed).reveal()

    def document(self, reading: EnvReading) -> tuple[dict[str, Secret], Document | None, str]:
        """See `exchanged`."""
        return exchanged(reading, self)


class ValueExchange(Protocol):
    """Whatever says of a variable's value what it becomes."""

    def in_place_of(self, name: str, value: str) -> str | None:
        """The new value; None where it stays."""
        ...


def exchanged(reading: EnvReading, exchange: ValueExchange) -> tuple[dict[str, Secret], Document | None, str]:
    """The values that change in an env file, the file with them, and why not where it cannot be changed."""
    values = {}
    for name, found in reading.values.items():
        last = reading.document.last(name)
        if last is None or "${" in last.raw:
            continue  # built from others, and changes with them
        if (new := exchange.in_place_of(name, found.value.reveal())) is not None and new != found.value.reveal():
            values[name] = Secret(new)
    if not values:
        return {}, None, ""
    merged = merge(reading.document, values)
    if merged.problems:
        return values, None, merged.problems[0].reason
    return values, merged.document, ""


def plan_files(project: Project, exchange: ValueExchange) -> tuple[tuple[FileChange, ...], tuple[LeftAlone, ...]]:
    """Every env file that holds the old one, the project's own last: until it is written, the old one is in use."""
    changes, left = [], []
    for reading in _readings(project):
        shown = project.shown(reading.path)
        values, document, reason = exchanged(reading, exchange)
        if not values:
            continue
        if document is None:
            left.append(LeftAlone(shown, reason))
            continue
        if reading.link_target is not None:
            left.append(LeftAlone(shown, f"it is a link to {reading.link_target}"))
            continue
        if (held := hold_on(reading.path)) is not None:
            left.append(LeftAlone(shown, f"{held.words('it')} {held.hint(reading.path)}"))
            continue
        merged = merge(reading.document, values)
        told: list[str] = []
        for line in difference(reading.document, merged.changes):
            if line.kind is not LineKind.KEEP:
                told += [f"- {line.before}"] * bool(line.before)
                told.append(f"+ {line.text}" + (f"   ({line.note})" if line.note else ""))
        before = reading.document.render().encode()
        after = document.render().encode()
        changes.append(FileChange(reading.path, shown, tuple(values), tuple(told), before, after))
    return tuple(changes), tuple(left)


def _readings(project: Project) -> Iterator[EnvReading]:
    """`prisma/.env`, `.env.local` and the env files of the other profiles; the one in use at the end."""
    files = [project.env_file]
    for name in profile_names(project.root):
        try:
            files.append(open_project(project.root, profile=name).env_file)
        except SoundcheckError:
            continue  # its kind is misspelled; `soundcheck profiles` says so
    found: dict[Path, EnvReading] = {}
    for file in reversed(dict.fromkeys(files)):
        for reading in neighbours(file):
            found.setdefault(reading.path, reading)
        found[file] = read_env(file)
    own = found.pop(project.env_file)
    yield from found.values()
    yield own


def _server(url: PostgresUrl) -> tuple[str, int, str]:
    direct = url.direct()
    return direct.host, direct.port or 5432, direct.user
