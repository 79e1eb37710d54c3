"""What is there already: the values in the env file and in the environment, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, ENV_NAMES, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.secret_mounts import mounted_values
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl


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

    in_file = {n: found.value for n, found in read_env(project.env_file).values.items() if n in ENV_NAMES}
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
    credentials, problems = as_credentials(merged)
    return FoundCredentials(credentials, sources, conflicts, problems)


def from_environment(environ: Mapping[str, str]) -> FoundCredentials:
    """The environment alone, as `--from-env` wants it."""
    exported = {name: Secret(environ[name]) for name in ENV_NAMES if environ.get(name)}
    credentials, problems = as_credentials(exported)
    return FoundCredentials(credentials, dict.fromkeys(exported, Source.ENVIRONMENT), (), problems)


def as_credentials(values: Mapping[str, Secret]) -> tuple[Credentials, dict[str, str]]:
    """Typed credentials out of raw values, and what is wrong with those that could not be read."""
    credentials, problems = Credentials(), {}
    for name in (DATABASE_URL, DIRECT_URL):
        if name in values:
            try:
                url = PostgresUrl.parse(values[name].reveal().strip())
                if name == DATABASE_URL:
                    credentials = replace(credentials, database_url=url)
                else:
                    credentials = replace(credentials, direct_url=url)
            except UrlProblem as problem:
                problems[name] = _said_of(values[name], problem)
    if REST_URL in values:
        try:
            credentials = replace(credentials, rest_url=RestUrl.parse(values[REST_URL].reveal()))
        except UrlProblem as problem:
            problems[REST_URL] = problem.message
    if REST_TOKEN in values:
        credentials = replace(credentials, rest_token=Secret(values[REST_TOKEN].reveal().strip()))
    return credentials, problems


def _said_of(value: Secret, problem: UrlProblem) -> str:
    """What stands against the value; the address of the old database is told from a mistake."""
    if value.reveal().strip().lower().startswith("mongodb"):
        return "MongoDB's address, the old database; it is kept as MONGODB_URI"
    return problem.message


def _host(value: str) -> str:
    """What may be shown of a value: its host, or that it is another text."""
    try:
        is_database = value.strip().lower().startswith("postgres")
        return PostgresUrl.parse(value.strip()).endpoint if is_database else str(RestUrl.parse(value))
    except UrlProblem:
        return "another value"
