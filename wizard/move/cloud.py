"""The cloud as the target: the credentials that were given, or stores that are made there with consent.

Which store an address means, as it is written down and compared: no password, and no port of a local stack.
"""

from __future__ import annotations

from soundcheck.stores.cloud.made import Half, known_stores
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused, StepFailed, UsageError
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.asking import NO, YES, Asker, Question
from soundcheck.wizard.cloud.creating import create_stores
from soundcheck.wizard.cloud.instant import over_half, what_is_created
from soundcheck.wizard.move.request import MoveRequest
from soundcheck.wizard.progress import Progress, Reporter

HOW = (
    "Give its address (--database-url -), or let it be made: --instant for 72 hours without an account, with "
    "--neon-api-key or --upstash-api-key in your own, to stay."
)


async def cloud_credentials(services: Services, request: MoveRequest, asker: Asker, report: Reporter) -> Credentials:
    """What was given; where nothing was, what is made. `--instant` is the consent, `--yes` is none.

    Raises `Refused` without consent, `StepFailed` in the vendor's case.
    """
    wanted = frozenset(Half) if request.only is None else frozenset({request.only})
    there = {Half.DATABASE: request.target.has_database, Half.CACHE: request.target.has_cache}
    given = frozenset(half for half in wanted if there[half])
    if given and not request.instant:
        return request.target
    create = wanted - given
    if not create:
        raise UsageError("--instant makes something, and the address of all of it was given.", "Leave out one of them.")
    for line in what_is_created(create, request.keys):
        report(Progress(line))
    if not request.instant:
        question = Question("Create this now?", (YES, NO), None, f"--instant. {HOW}")
        try:
            agreed = await asker.ask(question) == "yes"
        except Refused:
            raise Refused("Nothing says where in the cloud, and nothing is made there unasked.", HOW) from None
        if not agreed:
            raise StepFailed("Nothing was created.", HOW)
    made = await create_stores(services, create, request.keys, report, again=request.again)
    return over_half(made, create, request.target)


def is_temporary_of_ours(services: Services) -> bool:
    """Whether the database is one that was made here without an account: then nobody else's data can be in it."""
    made = known_stores(services.project).get(Half.DATABASE)
    return made is not None and not made.claimed and made.is_of(services.credentials)


LOCAL = "local"


def database_place(project: Project, url: PostgresUrl | None) -> str:
    """`user@host:port/database` past the pooler, `local` for the stack of this project, "" for none."""
    if url is None:
        return ""
    stack = LocalStack(project.local)
    known = stack.credentials()
    if stack.owns(url) and known is not None and known.database_url is not None:
        own = known.database_url
        return LOCAL if own.database == url.database else f"{LOCAL}/{url.database}"
    direct = url.direct()
    return f"{direct.user}@{direct.endpoint}/{direct.database}"


def cache_place(project: Project, url: RestUrl | None) -> str:
    """The address, `local` for the stack of this project, "" for none."""
    if url is None:
        return ""
    return LOCAL if LocalStack(project.local).owns_rest(url) else str(url)


def is_in_use(project: Project, credentials: Credentials, database: str, cache: str) -> bool:
    """Whether these credentials lead to the places; "" asks nothing."""
    same_database = not database or database_place(project, credentials.database_url) == database
    return same_database and (not cache or cache_place(project, credentials.rest_url) == cache)
