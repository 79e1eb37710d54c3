"""The cloud as the target: the credentials that were given, or stores that are made there with consent."""

from __future__ import annotations

from checks.services import Services
from stores.cloud.made import Half, known_stores
from stores.credentials import Credentials
from stores.errors import Refused, StepFailed, UsageError
from wizard.asking import NO, YES, Asker, Question
from wizard.creating import create_stores
from wizard.instant import over_half
from wizard.instant_words import what_is_created
from wizard.move.request import MoveRequest
from wizard.progress import Progress, Report

HOW = (
    "Give its address (--database-url -), or let it be made: --instant for 72 hours without an account, with "
    "--neon-api-key or --upstash-api-key in your own, to stay."
)


async def cloud_credentials(services: Services, request: MoveRequest, asker: Asker, report: Report) -> Credentials:
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
