"""The last four steps without the screen: Database, Connection test, Cache test, Done."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.run import run_checks
from soundcheck.checks.schema_engine import schema_engine
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.prisma.plan import PushPlan
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker, Question, Unattended, confirmed
from soundcheck.wizard.guard import Consent, loss_option
from soundcheck.wizard.progress import Mark, Progress, Report
from soundcheck.wizard.setup.client_outlook import OUTLOOK_CHECKS, client_outlook
from soundcheck.wizard.setup.criteria import (
    CRITERIA_CHECKS,
    claims_said,
    sources_in_use,
    temporary_in_use,
    tick,
    with_claims,
)
from soundcheck.wizard.setup.database_step import DatabasePlan, apply_database, is_local, plan_database
from soundcheck.wizard.setup.flow_state import SetupState
from soundcheck.wizard.setup.query_engine_step import offer_or_reason, place_offered
from soundcheck.wizard.setup.store_tests import TestResult, cache_test, connection_test
from soundcheck.wizard.setup.tomorrow import commands_for


async def database(state: SetupState, asker: Asker, report: Report) -> SetupState:
    """Generate and push, after showing what would change and asking for what would be lost."""
    services = state.services
    engine = await schema_engine(services)
    plan = await plan_database(services, engine, report, dropping=state.options.consent.losses)
    report(Progress(f"{plan.schema.shown} → {plan.intent.target}"))
    if plan.schema.copied_to is not None and not await confirmed(
        asker, f"This project has no Prisma schema. Copy ours to {plan.schema.shown}?", default=True
    ):
        raise StepFailed("Without a schema there is nothing to push.", "Name yours with --schema FILE.")
    for line in plan_lines(plan.push):
        report(Progress(line))
    if plan.push.blocked and not plan.push.has_migrations:
        raise StepFailed(
            f"The push cannot be done on what is there: {' '.join(plan.push.blocked)}",
            "Do what it says, then run `soundcheck setup` again.",
        )
    given = state.options.consent
    consent = given if plan.push.has_migrations else await _consent(plan, given, asker)
    applied = await apply_database(services, engine, plan, consent, report, native=state.options.native)
    if services.project.writes_env_file and not state.options.native:
        await _query_engine(applied.services, asker, report)
    return replace(state, services=applied.services)


async def _query_engine(services: Services, asker: Asker, report: Report) -> None:
    """Offer the query engine where a Python backend would miss it. It is the last thing here and stops nobody."""
    plan = await offer_or_reason(services, report)
    if plan is None:
        return
    report(Progress("Your backend's client starts a query engine when it connects, and finds none:"))
    for line in plan.lines:
        report(Progress(line))
    report(Progress(f"later {plan.removal}"))
    if await confirmed(asker, "Let the client find Soundcheck's?", default=True):
        await place_offered(services, plan, report)


def plan_lines(plan: PushPlan) -> list[str]:
    """What a push would do: every change that is not a mere addition by itself, the additions summed up."""
    lines = [line for line in plan.lines if not line.startswith("+")]
    added = [line for line in plan.lines if line.startswith("+")]
    others = len(added) - len(plan.created_tables)
    if plan.created_tables:
        more = f", and {others} indexes and constraints" if others else ""
        lines.append(f"+ {len(plan.created_tables)} tables: {', '.join(plan.created_tables)}{more}")
    else:
        lines += added
    if plan.kept:
        lines.append(f"  outside the schema, and kept: {', '.join(plan.kept)}")
    if plan.in_sync:
        lines.append("  nothing to change: the tables are as the schema says")
    return lines


async def _consent(plan: DatabasePlan, given: Consent, asker: Asker) -> Consent:
    """Each loss by its name, and production by its own; `--yes` gives neither."""
    verdict = plan.verdict(given)
    if verdict.allowed:
        return given
    if isinstance(asker, Unattended):
        verdict.or_refuse()
    losses = set(given.losses)
    for name in verdict.missing_losses:
        text = f"The push would {plan.push.words_for(name)}. To accept that, type {name}."
        losses.add(await asker.ask(Question(text, typed_name=name, consent=loss_option(name))))
    production = given.production
    if name := verdict.needs_production_name:
        production = await asker.ask(Question(verdict.asked, typed_name=name, consent=verdict.production_option))
    return Consent(frozenset(losses), production)


async def connection(state: SetupState, asker: Asker, report: Report) -> SetupState:
    """The connection test, ending in the plan's own lines."""
    result = await connection_test(state.services)
    _tell(result, report)
    return replace(state, connection=result)


async def cache(state: SetupState, asker: Asker, report: Report) -> SetupState:
    """The cache test, ending in the plan's own lines."""
    result = await cache_test(state.services)
    _tell(result, report)
    return replace(state, cache=result)


def _tell(result: TestResult, report: Report) -> None:
    latency = f", {result.latency_ms:.1f} ms a round trip" if result.latency_ms is not None else ""
    if not result.passed:
        message, *rest = result.lines
        raise StepFailed(" ".join([message, *rest[:-1]]), rest[-1] if rest else "")
    if result.server:
        report(Progress(f"{result.server}{latency}"))
    if result.tables:
        report(Progress(", ".join(result.tables)))
    for warning in result.warnings:
        report(Progress(warning, Mark.WARN))
    for line in result.lines:
        report(Progress(line, Mark.OK))


async def done(state: SetupState, asker: Asker, report: Report) -> SetupState:
    """The nine criteria, each ticked by its checks, and the commands for tomorrow."""
    services = state.services
    checked = await run_checks(default_registry().select((*CRITERIA_CHECKS, *OUTLOOK_CHECKS)), services)
    outcomes = {outcome.check.id: outcome for outcome in checked.outcomes}
    local = is_local(services)
    unwritten = None if services.project.writes_env_file else sources_in_use(state.found, state.options.given)
    ticks = tick(outcomes, local=local, unwritten=unwritten)
    temporary = await asyncio.to_thread(temporary_in_use, services)
    ticks = with_claims(ticks, temporary)
    for one in ticks:
        note = f" ({one.note})" if one.note else ""
        report(Progress(f"{one.criterion.text}{note}", Mark.OK if one.met else Mark.FAIL))
    missed = [one for one in ticks if not one.met]
    if missed:
        raise StepFailed(
            f"{len(missed)} of {len(ticks)} criteria are not met: {missed[0].criterion.text}: {missed[0].note}",
            "Run `soundcheck doctor` to see what stands in the way.",
        )
    report(Progress(f"All {len(ticks)} criteria are met.", Mark.OK))
    outlook = await asyncio.to_thread(client_outlook, outcomes, services.project, services.environ)
    for line in outlook.lines:
        report(Progress(line, Mark.OK if outlook.snippet else Mark.INFO))
    for line in outlook.snippet:
        report(Progress(f"  {line}"))
    if outlook.snippet:
        report(Progress(f"{outlook.interpreter} printed: {outlook.output}", Mark.OK))
    for line in claims_said(temporary):
        report(Progress(line, Mark.WARN))
    for command in commands_for(services.project, local=local):
        report(Progress(f"`{command.text}`  {command.what}"))
    return replace(state, ticks=ticks, local=local)
