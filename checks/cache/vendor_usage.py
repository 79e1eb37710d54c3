"""What the plan has left, in the vendors' own figures where an API key is at hand. No Redis command is used for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from soundcheck.stores.cloud.exchange import CloudProblem, Exchange
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services

FREE_STORAGE: Final = 500_000_000
"""Bytes of a project on Neon's free plan (neon.com/docs/introduction/plans)."""

FREE_COMMANDS: Final = 500_000
FREE_CACHE: Final = 256 * 1024 * 1024
FREE_CACHE_TRANSFER: Final = 10_000_000_000
"""Of Upstash's free plan, a month (upstash/docs, redis/overall/pricing)."""

_MOST_PROJECTS: Final = 10
_BAD_REQUEST: Final = 400
_DEADLINE: Final = 10.0
_SIZE: Final = "SELECT pg_database_size(current_database())"


@dataclass(frozen=True, slots=True)
class Figure:
    """One amount, of the free plan's limit where that has one; `of` is None otherwise. `unit` is "B", "" or "s"."""

    name: str
    used: int
    of: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one store used. `source` says whose figures these are; `problem` and `hint` why there are none."""

    store: str
    source: str = ""
    figures: tuple[Figure, ...] = ()
    problem: str = ""
    hint: str = ""

    @property
    def words(self) -> str:
        """One line."""
        parts = [_words(figure) for figure in self.figures]
        said = f"{', '.join(parts)} ({self.source})" if parts else ""
        return " ".join(
            part for part in (f"{said};" if said and self.problem else said, self.problem, self.hint) if part
        )


async def vendor_usage(services: Services) -> tuple[Usage, ...]:
    """Of Upstash and of the database, beside one another. Never raises for what a vendor answers."""
    return tuple(await asyncio.gather(_upstash(services), _database(services)))


async def _upstash(services: Services) -> Usage:
    from soundcheck.stores.cloud.addresses import cloud_addresses
    from soundcheck.stores.cloud.upstash_api import UpstashApi

    url = services.credentials.rest_url
    if url is None:
        return Usage("Upstash", problem="no cache is set up")
    email, key = _secret(services.environ, "UPSTASH_EMAIL"), _secret(services.environ, "UPSTASH_API_KEY")
    if email is None or key is None:
        return Usage(
            "Upstash",
            problem="its own figures need a key:",
            hint="export UPSTASH_EMAIL and UPSTASH_API_KEY (console.upstash.com, Account, Management API).",
        )
    exchange = Exchange(services.resolver, deadline=_DEADLINE)
    api = UpstashApi(email, key, cloud_addresses(services.environ).upstash_api, exchange)
    databases = await api.databases()
    if isinstance(databases, CloudProblem):
        return _refused("Upstash", databases)
    mine = next((one for one in databases if one.rest_url.host == url.host), None)
    if mine is None:
        return Usage("Upstash", problem=f"the key's account has no database at {url.host}.")
    usage = await api.usage(mine.id)
    if isinstance(usage, CloudProblem):
        return _refused("Upstash", usage)
    return _used(
        "Upstash",
        "Upstash's own figures, against its free plan",
        ("commands this month", usage.monthly_requests, FREE_COMMANDS, ""),
        ("today", usage.daily_requests, None, ""),
        ("transfer", usage.monthly_bandwidth, FREE_CACHE_TRANSFER, "B"),
        ("stored", usage.storage, FREE_CACHE, "B"),
    )


async def _database(services: Services) -> Usage:
    url = services.credentials.database_url
    if url is None:
        return Usage("database", problem="no database is set up")
    key = _secret(services.environ, "NEON_API_KEY")
    on_neon = url.host.endswith(".neon.tech")
    if key is not None:
        found = await _neon(services, url, key)
        if found.figures or on_neon:
            return found
    size = await _size(services)
    if isinstance(size, Usage):
        return size
    return Usage(
        "Neon" if on_neon else "database",
        "asked the database",
        (Figure("stored", size, FREE_STORAGE if on_neon else None, "B"),),
        hint="Export NEON_API_KEY for the whole project's figures." if on_neon else "",
    )


async def _size(services: Services) -> int | Usage:
    if services.database is None:
        return Usage("database", problem="it is not connected.")
    try:
        rows = await services.database.fetch(_SIZE)
    except SoundcheckError as problem:
        return Usage("database", problem=problem.message, hint=problem.hint)
    return int(rows.rows[0][0])


async def _neon(services: Services, url: PostgresUrl, key: Secret) -> Usage:
    """The project is the one that a compute of this host belongs to; among at most ten."""
    from soundcheck.stores.cloud.addresses import cloud_addresses
    from soundcheck.stores.cloud.neon_api import NeonApi

    exchange = Exchange(services.resolver, deadline=_DEADLINE)
    api = NeonApi(key, cloud_addresses(services.environ).neon_api, exchange)
    projects = await api.projects()
    if isinstance(projects, CloudProblem) and projects.status == _BAD_REQUEST:
        # A personal key of an account within an organisation has to name it.
        organisations = await api.organisations()
        if isinstance(organisations, list) and organisations:
            api = api.within(organisations[0])
            projects = await api.projects()
    if isinstance(projects, CloudProblem):
        return _refused("Neon", projects)
    label, _, rest = url.host.partition(".")
    direct = f"{label.removesuffix('-pooler')}.{rest}"
    for project in projects[:_MOST_PROJECTS]:
        hosts = await api.hosts(project.id)
        if isinstance(hosts, CloudProblem):
            return _refused("Neon", hosts)
        if direct not in hosts:
            continue
        usage = await api.usage(project.id)
        if isinstance(usage, CloudProblem):
            return _refused("Neon", usage)
        return _used(
            "Neon",
            "Neon's own figures, against its free plan",
            ("stored", usage.storage_bytes, FREE_STORAGE, "B"),
            ("compute time", usage.compute_seconds, 100 * 3600, "s"),
            ("transfer", usage.transfer_bytes, 5_000_000_000, "B"),
        )
    return Usage("Neon", problem=f"none of the key's projects has a compute at {direct}.")


def _used(store: str, source: str, *figures: tuple[str, int | None, int | None, str]) -> Usage:
    known = tuple(Figure(name, used, of, unit) for name, used, of, unit in figures if used is not None)
    return Usage(store, source, known, "" if known else "it answered without figures.")


def _refused(store: str, problem: CloudProblem) -> Usage:
    return Usage(store, problem=problem.message, hint=problem.hint)


def _secret(environ: Mapping[str, str], name: str) -> Secret | None:
    value = environ.get(name, "").strip()
    return Secret(value) if value else None


def _words(figure: Figure) -> str:
    amount = _amount(figure.used, figure.unit)
    if figure.of is None:
        return f"{figure.name} {amount}"
    return f"{figure.name} {amount} of {_amount(figure.of, figure.unit)}, {figure.used / figure.of:.0%}"


def _amount(number: int, unit: str) -> str:
    """CPU-seconds in hours, bytes in megabytes."""
    if unit == "B":
        return f"{number / 1e6:,.1f} MB"
    return f"{number / 3600:,.1f} h" if unit == "s" else f"{number:,}"
