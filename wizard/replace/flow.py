"""Replace one credential: test the new one, write it everywhere, see the old one refused, name what is left of it.

The guard before an exchange: what may be production wants its name, whichever of its files is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from soundcheck.checks.advice import Face
from soundcheck.checks.catalogue import ask
from soundcheck.checks.check import Outcome
from soundcheck.checks.run import Observer
from soundcheck.stores.cloud.made import Half, half_of
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun, Refused, SoundcheckError, StepFailed
from soundcheck.stores.project.git_history import git_history
from soundcheck.stores.project.occurrences import Occurrence, OccurrenceKind, occurrences
from soundcheck.stores.project.project import ProfileKind, Project, open_project, profile_names
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker, Question, Unattended, confirmed
from soundcheck.wizard.cache_test_key import ordered
from soundcheck.wizard.discover import as_credentials
from soundcheck.wizard.env.step import unwritten_words
from soundcheck.wizard.guard import Action, Consent, Intent, decide
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.replace.old_credential import OldCredential, ask_old
from soundcheck.wizard.replace.pasted_credential import is_complete, read_given
from soundcheck.wizard.replace.plan import CredentialExchange, FileChange, LeftAlone, plan_files
from soundcheck.wizard.replace.write import PurgeResult, held_before, purge, secret_of, write_changes
from soundcheck.wizard.setup.check_progress import as_observer
from soundcheck.wizard.setup.session import load_session, save_session
from soundcheck.wizard.target import Target


async def agreed(
    project: Project, exchange: CredentialExchange, files: tuple[FileChange, ...], given: Consent, asker: Asker
) -> bool:
    """One question before the files are written: a yes, or the name of what may be production.

    Raises `Refused` where the name lacks and nobody can be asked, or another one was given.
    """
    names = ", ".join(file.shown for file in files)
    verdict = decide(intent_of(project, exchange, files), given)
    if verdict.allowed:
        return await confirmed(asker, f"Write {names}? Each is kept as it is now.", default=True)
    if isinstance(asker, Unattended):
        verdict.or_refuse()
    name = verdict.needs_production_name
    text = f"{verdict.question} To write {names}, each kept as it is now, type {name}."
    typed = await asker.ask(Question(text, typed_name=name, consent=verdict.production_option))
    decide(intent_of(project, exchange, files), Consent(production=typed)).or_refuse()
    return True


def intent_of(project: Project, exchange: CredentialExchange, files: tuple[FileChange, ...]) -> Intent:
    """The write as the guard wants it. No row changes, so an unknown kind passes as a push that only adds does."""
    target, is_local = _target(project, exchange)
    return Intent(
        action=Action.REPLACE,
        target=target,
        kind=_kind(project, files),
        is_local=is_local,
        only_adds=True,
        profile=project.profile.name,
    )


def _target(project: Project, exchange: CredentialExchange) -> tuple[Target, bool]:
    """The store whose credential goes, and whether it is our own local stack's."""
    from soundcheck.stores.local.stack import LocalStack

    stack, old = LocalStack(project.local), exchange.old
    if exchange.half is Half.CACHE and old.rest_url is not None:
        return Target.of_cache(old.rest_url), stack.owns_rest(old.rest_url)
    if exchange.half is Half.DATABASE and old.database_url is not None:
        return Target.of_database(old.database_url), stack.owns(old.database_url)
    raise CouldNotRun(
        f"There is no {exchange.half} here whose credential could be replaced.", "Run `soundcheck setup`."
    )


def _kind(project: Project, files: tuple[FileChange, ...]) -> ProfileKind:
    """Production where a file of any such profile is written, else what the profile in use is."""
    written = {file.path for file in files}
    for profile in profile_names(project.root):
        try:
            other = open_project(project.root, profile=profile)
        except SoundcheckError:
            continue  # its kind is misspelled; `soundcheck profiles` says so
        if other.profile.kind is ProfileKind.PRODUCTION and other.env_file in written:
            return ProfileKind.PRODUCTION
    return project.profile.kind


CHECKS = {Half.DATABASE: ("database.query", "database.tables"), Half.CACHE: ("cache.write",)}
MAY_FAIL = "database.tables"
"""A new database may still be empty: that is a warning."""
_ADVICE = {
    OccurrenceKind.VARIABLE: "export the new one in its place, or unset it",
    OccurrenceKind.FILE: "put the new one there, or take the line out",
    OccurrenceKind.HISTORY: "delete the line; in the shell itself: history -d NUMBER",
    OccurrenceKind.STARTUP: "put the new one there, or take the line out",
}


@dataclass(frozen=True, slots=True)
class Remnant:
    """One place where the old value still occurs, with what to do; nothing in it is the value."""

    place: str
    where: str
    lines: tuple[int, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was done, for a summary or a document."""

    exchange: CredentialExchange
    files: tuple[FileChange, ...]
    left: tuple[LeftAlone, ...]
    warnings: tuple[str, ...]
    old: OldCredential
    purged: PurgeResult
    remnants: tuple[Remnant, ...] = field(default=())


ShowPlan: TypeAlias = Callable[[tuple[FileChange, ...], tuple[LeftAlone, ...]], None]
"""Told what will be written where, and what is left, before the question about it."""


async def replace_credential(
    services: Services,
    half: Half,
    given: Credentials,
    asker: Asker,
    report: Reporter,
    *,
    consent: Consent | None = None,
    observe: Observer | None = None,
    show_plan: ShowPlan | None = None,
) -> Replaced:
    """The whole of it, for one store. Run again after an interruption it goes on.

    A screen draws the checks and the plan by itself: it gives `observe` and `show_plan`; else both are lines of
    `report`. Raises `Refused` where there is nothing to replace or consent lacks, `StepFailed` where the new one does
    not work; until then nothing is written.
    """
    exchange = await _exchange(services, half, given, asker, report)
    warnings = await _prove_new(services, exchange, observe or as_observer(report))
    with WizardLock(services.project):
        files, left = await asyncio.to_thread(plan_files, services.project, exchange)
        if show_plan is not None:
            show_plan(files, left)
        else:
            _tell_plan(files, left, report)
        if files:
            await _write(services, exchange, files, consent or Consent(), asker)
            report(Progress(f"{_names(files)}: written, mode 0600", Mark.OK))
        else:
            report(Progress("No env file holds the old one, so none is written", Mark.SKIP))
        old = await ask_old(services, exchange)
        purged = await asyncio.to_thread(purge, services.project, exchange)
        _note_session(services, exchange)
    remnants = await asyncio.to_thread(_remnants, services, exchange)
    return Replaced(exchange, files, left, warnings, old, purged, remnants)


async def _exchange(
    services: Services, half: Half, given: Credentials, asker: Asker, report: Reporter
) -> CredentialExchange:
    held = half_of(half, services.credentials)
    if not (held.has_database if half is Half.DATABASE else held.has_cache):
        raise Refused(f"There is no {half} here whose credential could be replaced.", "Run `soundcheck setup` first.")
    new = half_of(half, given)
    while not is_complete(half, new):
        what = "the new connection string of PostgreSQL" if half is Half.DATABASE else "the new REST token of Redis"
        option = "--database-url -" if half is Half.DATABASE else "--redis-token -"
        consent = f"Give it with {option} (standard input), @FILE or env:NAME."
        pasted = read_given(half, await asker.ask_secret(Question(f"Paste {what}.", consent=consent)))
        new = pasted.credentials
        for problem in () if pasted.is_complete else pasted.findings:
            report(Progress(problem.message, Mark.WARN, hint=problem.cure))
    if half is Half.CACHE and new.rest_url is None:
        new = replace(new, rest_url=held.rest_url)
    exchange = CredentialExchange(half, held, new)
    return exchange if exchange.changes else _interrupted(services, exchange)


def _interrupted(services: Services, exchange: CredentialExchange) -> CredentialExchange:
    """The new one is in use already: an earlier run wrote it, and what it did not finish is finished now."""
    reading = held_before(services.project)
    if reading is not None:
        earlier, _ = as_credentials({name: found.value for name, found in reading.values.items()})
        found = CredentialExchange(exchange.half, half_of(exchange.half, earlier), exchange.new)
        if found.old_secret and found.changes:
            return found
    what = "password" if exchange.half is Half.DATABASE else "token"
    raise Refused(f"This is the {what} in use already.", "Make a new one in the console first, then give that.")


async def _prove_new(services: Services, exchange: CredentialExchange, observe: Observer) -> tuple[str, ...]:
    """The layers, then the tables. Raises `StepFailed` where it cannot be used; missing tables are a warning."""
    fresh = ordered(services.using(exchange.new.over(services.credentials)))
    try:
        checked = await ask(fresh, CHECKS[exchange.half], observe)
    finally:
        await fresh.close()
    warnings = []
    for outcome in checked.in_the_way:
        hint = outcome.finding.hint_for(Face.SETUP)
        if outcome.check.id != MAY_FAIL:
            raise StepFailed(f"Nothing was written. {_sentence(outcome)}", hint)
        warnings.append(f"{_sentence(outcome)} {hint}".strip())
    return tuple(warnings)


def _sentence(outcome: Outcome) -> str:
    return f"{outcome.finding.summary} {outcome.finding.cause}".strip()


def _tell_plan(files: tuple[FileChange, ...], left: tuple[LeftAlone, ...], report: Reporter) -> None:
    for file in files:
        report(Progress(f"{file.shown}:"))
        for line in file.lines:
            report(Progress(f"  {line}"))
    for one in left:
        report(Progress(left_words(one), Mark.WARN, hint=BY_HAND))


BY_HAND = "Change it by hand."


def left_words(one: LeftAlone) -> str:
    """A file that is not changed, and why."""
    return f"{one.shown} holds the old one and is left: {one.reason}"


async def _write(
    services: Services, exchange: CredentialExchange, files: tuple[FileChange, ...], consent: Consent, asker: Asker
) -> None:
    if not services.project.writes_env_file:
        raise Refused(f"{unwritten_words(services.project)}.", f"Change {_names(files)} by hand.")
    if not await agreed(services.project, exchange, files, consent, asker):
        raise Refused("Nothing was written; the old one is still in use.", "Run it again when you are ready.")
    await asyncio.to_thread(write_changes, services.project, files, services.clock)


def _names(files: tuple[FileChange, ...]) -> str:
    return ", ".join(file.shown for file in files)


def _note_session(services: Services, exchange: CredentialExchange) -> None:
    """Set-up need not verify again what was verified here."""
    session = load_session(services.project)
    if session.fingerprints:
        merged = exchange.new.over(services.credentials)
        save_session(services.project, session.verified(merged), services.clock.now())


def _remnants(services: Services, exchange: CredentialExchange) -> tuple[Remnant, ...]:
    """Blocking: a bounded walk and two questions to Git for the env file."""
    secret = secret_of(exchange)
    project = services.project
    found = [_remnant(one) for one in occurrences(secret, project.root, services.environ)]
    history = git_history(project.env_file, {"old": secret} if secret else {})
    if history.in_use:
        where = f"Git's history of {project.shown(project.env_file)}"
        advice = "it is rotated, so leave the history as it is: rewriting it would not take it back from anybody"
        found.append(Remnant("git", where, (), advice))
    return tuple(found)


def _remnant(found: Occurrence) -> Remnant:
    return Remnant(str(found.place), found.where, found.lines, _ADVICE[found.place])
