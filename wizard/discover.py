"""What is there already: the values in the env file and in the environment, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, ENV_NAMES, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.secret_mounts import mounted_values
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.recognise.one_value import OneValue, joined, read_value

_OLD_DATABASE: Final = "MongoDB's address, the old database; it is kept as MONGODB_URI"


ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    DATABASE_URL: ("NEON_DATABASE_URL", "POSTGRES_PRISMA_URL", "POSTGRES_URL"),
    DIRECT_URL: ("DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING"),
    REST_URL: ("KV_REST_API_URL",),
    REST_TOKEN: ("KV_REST_API_TOKEN",),
}
"""The names that `neon link`, `neon env pull` and Vercel's integrations write (neonctl `env_file.ts`)."""


class Source(StrEnum):
    """Where a value comes from."""

    FILE = "file"
    ENVIRONMENT = "environment"
    MOUNT = "mount"
    """A file that a container or a service manager mounts, as /run/secrets/database_url."""
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One variable that the env file and the environment hold with different values; hosts only, no secret."""

    name: str
    in_file: str
    exported: str


@dataclass(frozen=True, slots=True)
class FoundCredentials:
    """The credentials in use, the source of each, and what stands against using them.

    `problems` are sentences about values that are there and cannot be used, by variable name.
    """

    credentials: Credentials = field(default_factory=Credentials)
    sources: Mapping[str, Source] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    mended: Mapping[str, str] = field(default_factory=dict)
    """What had to be done to a value before it could be used, by variable name, in words."""

    @property
    def anything(self) -> bool:
        """Whether any of the four variables stands anywhere, usable or not."""
        return bool(self.sources)


def discover(project: Project, environ: Mapping[str, str]) -> FoundCredentials:
    """Read the env file, the environment and mounted secrets; each fills the gaps of those before it.

    A profile that was asked for by name and has values of its own is filled by nothing else: whatever happens to be
    exported may be another database.
    """
    from soundcheck.stores.envfile import read_env

    values = {name: found.value for name, found in read_env(project.env_file).values.items()}
    in_file = {name: value for name, value in values.items() if name in ENV_NAMES}
    aliases = {name: other for name, other in _aliases(values).items() if not environ.get(name)}
    in_file |= {name: values[other] for name, other in aliases.items()}
    exported = {name: Secret(environ[name]) for name in ENV_NAMES if environ.get(name)}
    conflicts = tuple(
        Conflict(name, _host(in_file[name].reveal()), _host(exported[name].reveal()))
        for name in ENV_NAMES
        if name in in_file and name in exported and in_file[name] != exported[name]
    )
    mounted = {name: found.value for name, found in mounted_values(ENV_NAMES, environ).items()}
    if project.profile.named and any(in_file.values()):
        exported, mounted = {}, {}
    merged = {**mounted, **exported, **{name: value for name, value in in_file.items() if value}}
    sources: dict[str, Source] = {
        name: Source.FILE if in_file.get(name) else Source.ENVIRONMENT if name in exported else Source.MOUNT
        for name in ENV_NAMES
        if name in merged
    }
    read = _read(merged)
    told = {name: f"It stands in the file as {other}; set-up writes it as {name}." for name, other in aliases.items()}
    return FoundCredentials(joined(read), sources, conflicts, _problems(merged, read), told | _mended(read))


def from_environment(environ: Mapping[str, str]) -> FoundCredentials:
    """The environment alone, as `--from-env` wants it."""
    exported = {name: Secret(environ[name]) for name in ENV_NAMES if environ.get(name)}
    read = _read(exported)
    sources = dict.fromkeys(exported, Source.ENVIRONMENT)
    return FoundCredentials(joined(read), sources, (), _problems(exported, read), _mended(read))


def _aliases(values: Mapping[str, Secret]) -> dict[str, str]:
    """By our name: the one under which a vendor's own tool wrote it, where ours is not there."""
    return {
        name: next(other for other in others if values.get(other))
        for name, others in ALIASES.items()
        if not values.get(name) and any(values.get(other) for other in others)
    }


def credentials_in(values: Mapping[str, Secret]) -> Credentials:
    """What an env file holds, under our names or under those of a vendor's own tool."""
    others = {name: values[other] for name, other in _aliases(values).items()}
    return joined(_read({**values, **others}))


def as_credentials(values: Mapping[str, Secret]) -> tuple[Credentials, dict[str, str]]:
    """Typed credentials out of raw values, and what is wrong with those that could not be read."""
    read = _read(values)
    return joined(read), _problems(values, read)


def _read(values: Mapping[str, Secret]) -> dict[str, OneValue]:
    return {name: read_value(name, values[name]) for name in ENV_NAMES if name in values}


def _problems(values: Mapping[str, Secret], read: Mapping[str, OneValue]) -> dict[str, str]:
    """What stands against each value; the address of the old database is told from a mistake."""
    told = {}
    for name, one in read.items():
        if one.problem is not None:
            is_old = values[name].reveal().strip().lower().startswith("mongodb")
            message = one.problem.message.removesuffix(".")
            told[name] = _OLD_DATABASE if is_old else message[:1].lower() + message[1:]
    return told


def _mended(read: Mapping[str, OneValue]) -> dict[str, str]:
    return {name: " ".join(note.message for note in one.mended) for name, one in read.items() if one.mended}


def _host(value: str) -> str:
    """What may be shown of a value: its host, or that it is another text."""
    try:
        is_database = value.strip().lower().startswith("postgres")
        return PostgresUrl.parse(value.strip()).endpoint if is_database else str(RestUrl.parse(value))
    except UrlProblem:
        return "another value"
