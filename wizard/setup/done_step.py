"""The step Done: the nine criteria judged once more, how the backend's client does, and the commands to go on with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from soundcheck.checks.catalogue import ask
from soundcheck.checks.run import Observer
from soundcheck.stores.errors import SoundcheckError, StepFailed
from soundcheck.stores.services import Services
from soundcheck.wizard.cloud.claims_list import Claim
from soundcheck.wizard.progress import PlanLine
from soundcheck.wizard.setup.authority_step import backend_needs
from soundcheck.wizard.setup.client_outlook import OUTLOOK_CHECKS, ClientOutlook, client_outlook
from soundcheck.wizard.setup.criteria import (
    CRITERIA_CHECKS,
    Browsed,
    Tick,
    claims_said,
    places_of,
    sources_in_use,
    temporary_in_use,
    tick,
    with_claims,
)
from soundcheck.wizard.setup.local_step import local_halves
from soundcheck.wizard.setup.next_commands import NextCommand, commands_for
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.store_tests import nobody


@dataclass(frozen=True, slots=True)
class LastLook:
    """What was seen just now. `claims` are the stores in use that end unless somebody claims them."""

    ticks: tuple[Tick, ...]
    client: ClientOutlook
    claims: tuple[Claim, ...]
    commands: tuple[NextCommand, ...]
    needs: tuple[str, ...] = ()
    """What the backend needs of its environment."""

    @property
    def criteria(self) -> tuple[PlanLine, ...]:
        """The nine, each met or not, with the reason."""
        return tuple(PlanLine(one.mark, one.criterion.text, f"  {one.note}" if one.note else "") for one in self.ticks)

    @property
    def outlook(self) -> tuple[PlanLine, ...]:
        """How the backend's own client does; it stops nobody today."""
        mark = "✓" if self.client.snippet else " "
        return tuple(PlanLine(mark if not at else " ", "", line) for at, line in enumerate(self.client.lines))

    @property
    def rest(self) -> tuple[PlanLine, ...]:
        """What is said where all nine are met: what ends when, how the client does, the commands to go on with."""
        client = self.client
        told = [*(PlanLine("!", "", line) for line in claims_said(self.claims)), *self.outlook]
        told += [PlanLine("!" if not at else " ", "", line) for at, line in enumerate(self.needs)]
        told += [PlanLine(" ", "", f"  {line}") for line in client.snippet]
        if client.snippet:
            told.append(PlanLine("✓", "", f"{client.interpreter} printed: {client.output}"))
        return (*told, *(PlanLine(" ", f"`{one.text}`", f"  {one.what}") for one in self.commands))

    @property
    def verdict(self) -> str:
        """How many are met; those that are not for set-up to meet are counted by themselves."""
        left = sum(not one.asked for one in self.ticks)
        met = len(self.ticks) - left
        return f"All {met} criteria are met." if not left else f"{met} criteria are met, {left} is not for set-up."

    @property
    def problem(self) -> StepFailed | None:
        """That not all is well, and how to see why."""
        missed = [one for one in self.ticks if one.asked and not one.met]
        if not missed:
            return None
        return StepFailed(
            f"{len(missed)} of {len(self.ticks)} criteria are not met: {missed[0].criterion.text}: {missed[0].note}",
            "Go back to that step, or run `soundcheck doctor` to see what stands in the way; then look again.",
        )


async def browse(services: Services) -> Browsed:
    """Read what the browser reads first: the list of tables, and a row of the first."""
    from soundcheck.stores.catalog.tables import load_catalog
    from soundcheck.stores.rows.paging import TableView, read_view

    if services.database is None:
        return Browsed(problem="there is no connection")
    try:
        catalog = await load_catalog(services.database)
        for table in catalog.tables[:1]:
            await read_view(services.database, TableView(table), limit=1)
    except SoundcheckError as problem:
        return Browsed(problem=problem.message)
    return Browsed(len(catalog.tables))


async def look(state: SetupState, observe: Observer = nobody) -> LastLook:
    """Run all checks once more, from a clean start."""
    services = state.services
    project = services.project
    checked = await ask(services, (*CRITERIA_CHECKS, *OUTLOOK_CHECKS), observe)
    outcomes = {outcome.check.id: outcome for outcome in checked.outcomes}
    local = local_halves(project, services.credentials)
    places = places_of(services.credentials, local)
    browsed = await browse(services)
    unwritten = None if project.writes_env_file else sources_in_use(state.found, state.options.given)
    claims = await asyncio.to_thread(temporary_in_use, services)
    ticks = with_claims(tick(outcomes, local=local, places=places, browsed=browsed, unwritten=unwritten), claims)
    client = await asyncio.to_thread(client_outlook, outcomes, project, services.environ)
    needs = backend_needs(project, services.environ)
    commands = await asyncio.to_thread(commands_for, project, local=bool(local))
    return LastLook(ticks, client, tuple(claims), commands, needs)
