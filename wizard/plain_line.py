"""The question before a password or a token is sent unencrypted: asked once for a profile and an endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from soundcheck.stores.project.plain_lines import OPTION, agree, guarded_lines
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker, confirmed

if TYPE_CHECKING:
    from soundcheck.checks.check import Outcome

CODE: Final = "clear_text"
"""How a layer ends that would have sent one."""


def refused_lines(services: Services, outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """The endpoints of these outcomes to which nothing was sent for that reason; none for any other."""
    if not any(_code(outcome) == CODE for outcome in outcomes):
        return ()
    return guarded_lines(services.credentials)


def plain_question(services: Services, lines: Iterable[str]) -> str:
    """What is asked, with the endpoints and the profile for which the answer is kept."""
    where = " and ".join(lines)
    return (
        f"The password or token would cross the network unencrypted to {where}, where others may read it. Send it "
        f"all the same, from now on, for the profile {services.project.profile.name}?"
    )


async def asked_before_http(services: Services, asker: Asker | None) -> Services:
    """Ask at once where a token would surely go unencrypted. The services with what was agreed to.

    Without anybody to ask they come back as they are, and send nothing there.
    """
    lines = tuple(line for line in guarded_lines(services.credentials) if line.startswith("http:"))
    if not lines or asker is None:
        return services
    if not await confirmed(asker, plain_question(services, lines), default=None, consent=OPTION):
        return services
    await asyncio.to_thread(agree, services.project, lines)
    return services.using(services.credentials)


async def agreed_to_plain(services: Services, asker: Asker, outcomes: Iterable[Outcome]) -> bool:
    """Ask where that is what stood in the way; whether to try again. Raises `Refused` where nobody can be asked."""
    lines = refused_lines(services, outcomes)
    if not lines or not await confirmed(asker, plain_question(services, lines), default=None, consent=OPTION):
        return False
    await asyncio.to_thread(agree, services.project, lines)
    return True


def _code(outcome: Outcome) -> str:
    from soundcheck.checks.evidence import from_json
    from soundcheck.checks.layer_facts import LayerFacts

    return from_json(LayerFacts, outcome.evidence).code
