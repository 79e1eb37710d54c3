"""Lasting stores in the user's own accounts: the names of the plan, found where they are there, made where not.

The name is looked for first, so that a lost answer or a second run never makes a second one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from checks.services import Services
from stores.cloud.addresses import cloud_addresses
from stores.cloud.exchange import CloudProblem, Exchange
from stores.cloud.made import Half
from stores.cloud.neon_api import NeonApi, NeonProject
from stores.cloud.upstash_api import UpstashApi, UpstashDatabase
from stores.credentials import Credentials
from stores.errors import StepFailed
from stores.journal import Journal
from stores.postgres_url import PostgresUrl
from wizard.account_keys import AccountKeys
from wizard.accounts import ACCOUNTS
from wizard.progress import Mark, Progress, Report

T = TypeVar("T")

PROJECT, DATABASE = ACCOUNTS[0].name, ACCOUNTS[1].name


async def make_lasting(
    services: Services, halves: Iterable[Half], keys: AccountKeys, report: Report, *, exchange: Exchange | None = None
) -> Credentials:
    """Those of `halves` that there are keys for. Raises `StepFailed` in words."""
    wanted = {half for half in halves if keys.covers(half)}
    exchange = exchange or Exchange(services.resolver)
    found = Credentials()
    if Half.DATABASE in wanted:
        found = Credentials(database_url=await _neon(services, keys, report, exchange)).over(found)
    if Half.CACHE in wanted:
        database = await _upstash(services, keys, report, exchange)
        found = Credentials(rest_url=database.rest_url, rest_token=database.rest_token).over(found)
    return found


async def _neon(services: Services, keys: AccountKeys, report: Report, exchange: Exchange) -> PostgresUrl:
    assert keys.neon is not None  # noqa: S101 - covered
    report(Progress(f"Project {PROJECT} at Neon: looking for it", Mark.RUNNING, "lasting-database"))
    api = NeonApi(keys.neon, cloud_addresses(services.environ).neon_api, exchange, org=keys.neon_org)
    there = await api.projects(PROJECT)
    if isinstance(there, CloudProblem) and "org_id" in there.message and not keys.neon_org:
        api = await _of_only_organisation(api)
        there = await api.projects(PROJECT)
    known = [one for one in _or_fail(there) if one.name == PROJECT]
    if len(known) > 1:
        raise StepFailed(
            f"Your account at Neon has {len(known)} projects of the name {PROJECT}.",
            "Copy the address of the right one from console.neon.tech, then run `soundcheck setup`.",
        )
    project = known[0] if known else await _new_project(services, api, keys)
    url = _or_fail(await api.connection_uri(project.id))
    done = "is there already" if known else "is made"
    report(Progress(f"Project {PROJECT} at Neon {done}: {url.endpoint}", Mark.OK, "lasting-database"))
    return url


async def _new_project(services: Services, api: NeonApi, keys: AccountKeys) -> NeonProject:
    journal = Journal(services.project, services.clock)
    journal.note_cloud("Neon", PROJECT, link="https://console.neon.tech/app/projects")
    project = _or_fail(await api.create_project(PROJECT, keys.region))
    link = f"https://console.neon.tech/app/projects/{project.id}"
    journal.note_cloud("Neon", PROJECT, ident=project.id, link=link)
    return project


async def _of_only_organisation(api: NeonApi) -> NeonApi:
    """An account within organisations has to name one; where there is but one, that one is meant."""
    found = _or_fail(await api.organisations())
    if len(found) != 1:
        listed = ", ".join(found) or "none that this key may see"
        raise StepFailed(f"Neon wants to know the organisation ({listed}).", "Name it with --neon-org ID.")
    return api.within(found[0])


async def _upstash(services: Services, keys: AccountKeys, report: Report, exchange: Exchange) -> UpstashDatabase:
    assert keys.upstash is not None  # noqa: S101 - covered
    assert keys.upstash_email is not None  # noqa: S101 - covered
    report(Progress(f"Database {DATABASE} at Upstash: looking for it", Mark.RUNNING, "lasting-cache"))
    api = UpstashApi(keys.upstash_email, keys.upstash, cloud_addresses(services.environ).upstash_api, exchange)
    known = [one for one in _or_fail(await api.databases()) if one.name == DATABASE]
    if len(known) > 1:
        raise StepFailed(
            f"Your account at Upstash has {len(known)} databases of the name {DATABASE}.",
            "Copy the two lines of the right one from console.upstash.com, then run `soundcheck setup`.",
        )
    if known:
        database = known[0]
    else:
        journal = Journal(services.project, services.clock)
        journal.note_cloud("Upstash", DATABASE, link="https://console.upstash.com/redis")
        database = _or_fail(await api.create_database(DATABASE, keys.region))
        link = f"https://console.upstash.com/redis/{database.id}"
        journal.note_cloud("Upstash", DATABASE, ident=database.id, link=link)
    if database.rest_token is None:
        database = _or_fail(await api.database(database.id))
    if database.rest_token is None:
        raise StepFailed(
            "Upstash does not tell the token of the database to this key.",
            "Copy it from console.upstash.com, then run `soundcheck setup`.",
        )
    done = "is there already" if known else "is made"
    report(Progress(f"Database {DATABASE} at Upstash {done}: {database.rest_url}", Mark.OK, "lasting-cache"))
    return database


def _or_fail(answer: T | CloudProblem) -> T:
    if isinstance(answer, CloudProblem):
        found = " Run it again: what was made meanwhile is found by its name." if answer.maybe_done else ""
        raise StepFailed(answer.message + found, answer.hint)
    return answer
