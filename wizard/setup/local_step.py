"""The local stack as an answer to "I have no account": start it, and use its credentials like any other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final, cast

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local.standing import StackStanding
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.local_move import follow_local
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.step import SetupPath

START_LOCAL: Final = "soundcheck local up"


def local_halves(project: Project, credentials: Credentials) -> frozenset[Half]:
    """Which of the two is our own local stack's; only `stores/local` decides that."""
    from soundcheck.stores.local.stack import LocalStack

    stack, url, rest = LocalStack(project.local), credentials.database_url, credentials.rest_url
    owned = {
        Half.DATABASE: url is not None and stack.owns(url),
        Half.CACHE: rest is not None and stack.owns_rest(rest),
    }
    return frozenset(half for half, is_ours in owned.items() if is_ours)


async def start_local(services: Services, report: Reporter) -> Credentials:
    """Bring the stack up and hand out its credentials. Raises `CouldNotRun` in words where it cannot start."""
    from soundcheck.stores.local.stack import LocalStack

    clock = services.clock
    began = clock.monotonic()
    report(Progress("Starting PostgreSQL and Valkey on this machine", Mark.RUNNING, key="local"))
    Journal(services.project, clock).note_tree(Kind.LOCAL, services.project.local)
    stack = LocalStack(services.project.local)
    status = await stack.up(lambda line: report(Progress(line)))
    if status.credentials is None:
        raise CouldNotRun("The local stack did not start.", "Run `soundcheck local status` to see why.")
    await asyncio.to_thread(follow_local, services.project, stack.state(), clock, report)
    report(
        Progress(
            "PostgreSQL and Valkey run on this machine", Mark.OK, "local", elapsed_ms=(clock.monotonic() - began) * 1000
        )
    )
    return status.credentials


def with_local(services: Services, path: SetupPath | None) -> Services:
    """The stack's own credentials where the local way was chosen and the env file holds none yet."""
    from soundcheck.stores.local.stack import LocalStack

    credentials = services.credentials
    if path is not SetupPath.LOCAL or credentials.has_database or credentials.has_cache:
        return services
    known = LocalStack(services.project.local).credentials()
    return services if known is None else replace(services, credentials=known)


def _nobody() -> None:
    """Nobody wants to know."""


async def wake_local(
    services: Services, report: Reporter, on_start: Callable[[], object] = _nobody, *, stays_down: bool = False
) -> Services:
    """Start our own stack where the credentials in use are its; where a port was taken, the new address is used.

    A password or token that is not the stack's own stays as it is given: the application is refused with it, and the
    checks have to see that. `on_start` is called where something had to be started. Called by the app,
    set-up, doctor and the table commands before their work. With `stays_down` one that was stopped on purpose is not
    started: `CouldNotRun` says so.
    """
    from soundcheck.stores.local.stack import LocalStack

    credentials = services.credentials
    stack = LocalStack(services.project.local)
    database, rest = credentials.database_url, credentials.rest_url
    own_database = database is not None and (stack.owns(database) or stack.was_ours(database))
    own_cache = rest is not None and (stack.owns_rest(rest) or stack.was_ours_rest(rest, credentials.rest_token))
    if not own_database and not own_cache:
        return services
    stand = stack.stand()
    if stays_down and stand is not None and stand.standing is StackStanding.STOPPED:
        raise CouldNotRun("The local stack was stopped (`soundcheck local down`).", f"Start it: {START_LOCAL}")
    status = await stack.up(lambda line: report(Progress(line)))  # says nothing where all three run already
    if status.credentials is None:
        raise CouldNotRun("The local stack did not start.", "Run `soundcheck local status` to see why.")
    if status.started:
        on_start()
    await asyncio.to_thread(follow_local, services.project, stack.state(), services.clock, report)
    fresh, merged = status.credentials, credentials
    if own_database and not stack.owns(cast("PostgresUrl", credentials.database_url)):
        direct = fresh.direct_url if credentials.direct_url is not None else None
        merged = replace(merged, database_url=fresh.database_url, direct_url=direct)
    if own_cache and not stack.owns_rest(cast("RestUrl", credentials.rest_url)):
        merged = replace(merged, rest_url=fresh.rest_url, rest_token=fresh.rest_token)
    return services if merged == credentials else services.using(merged)
