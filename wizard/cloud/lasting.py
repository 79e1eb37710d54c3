"""Lasting stores in the user's own accounts: the names of the plan, found where they are there, made where not.

The name is looked for first, so that a lost answer or a second run never makes a second one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from soundcheck.stores.cloud.addresses import CloudAddresses, cloud_addresses
from soundcheck.stores.cloud.exchange import CloudProblem, Exchange
from soundcheck.stores.cloud.made import VENDORS, Half
from soundcheck.stores.cloud.neon_api import NeonApi, NeonProject
from soundcheck.stores.cloud.upstash_api import UpstashApi, UpstashDatabase
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import SoundcheckError, StepFailed
from soundcheck.stores.project.journal import Cloud, Journal
from soundcheck.stores.services import Services
from soundcheck.wizard.cloud.account_keys import KEY_PLACES, AccountKeys
from soundcheck.wizard.cloud.accounts import ACCOUNTS
from soundcheck.wizard.cloud.instant import AnswerLost
from soundcheck.wizard.progress import Mark, Progress, Reporter

Store = TypeVar("Store", NeonProject, UpstashDatabase)
T = TypeVar("T")

PROJECT, DATABASE = ACCOUNTS[0].name, ACCOUNTS[1].name
NAMES: Final = {Half.DATABASE: PROJECT, Half.CACHE: DATABASE}
CONSOLES: Final = {
    Half.DATABASE: "https://console.neon.tech/app/projects",
    Half.CACHE: "https://console.upstash.com/redis",
}
_WHAT: Final = {Half.DATABASE: f"Project {PROJECT} at Neon", Half.CACHE: f"Database {DATABASE} at Upstash"}


class OrganisationWanted(StepFailed):
    """Neon wants to know in which organisation; `organisations` are the ids that the key may see."""

    def __init__(self, organisations: tuple[str, ...]) -> None:
        listed = ", ".join(organisations) or "none that this key may see"
        super().__init__(f"Neon wants to know the organisation ({listed}).", "Name it with --neon-org ID.")
        self.organisations = organisations


@dataclass(frozen=True, slots=True)
class _Asking:
    """What both halves need."""

    services: Services
    exchange: Exchange
    addresses: CloudAddresses
    report: Reporter
    again: bool

    @property
    def journal(self) -> Journal:
        """Where a creation is noted before the call and after its answer."""
        return Journal(self.services.project, self.services.clock)

    def last_note(self, half: Half) -> Cloud | None:
        """What was noted last of the lasting store of this name."""
        notes = [
            record
            for record in self.journal.records()
            if isinstance(record, Cloud)
            and (record.provider, record.name, record.expires_at) == (VENDORS[half], NAMES[half], "")
        ]
        return notes[-1] if notes else None

    def is_there(self, half: Half, ident: str) -> None:
        """Note the id, for its link in the console."""
        link = f"{CONSOLES[half]}/{ident}"
        self.journal.note_cloud(VENDORS[half], NAMES[half], ident=ident, link=link)

    def found(self, half: Half, ident: str) -> None:
        """One that is there already; noted where an earlier run asked for it and never heard."""
        note = self.last_note(half)
        if note is not None and not note.ident and not note.refused:
            self.is_there(half, ident)

    async def that_or_new(
        self, half: Half, known: Sequence[Store], call: Callable[[], Awaitable[Store | CloudProblem]]
    ) -> Store:
        """The one that the account lists, else a new one; noted either way. Raises as `create` does."""
        if known:
            self.found(half, known[0].id)
            return known[0]
        made = await self.create(half, call)
        self.is_there(half, made.id)
        return made

    async def create(self, half: Half, call: Callable[[], Awaitable[Store | CloudProblem]]) -> Store:
        """Make one that the account does not list.

        Raises `AnswerLost` where one was asked for before and never heard of, unless `again`; `StepFailed`.
        """
        note = self.last_note(half)
        if note is not None and not note.ident and not note.refused and not self.again:
            asked = datetime.fromisoformat(note.at)
            raise AnswerLost(
                f"{VENDORS[half]} was asked for {NAMES[half]} at {asked:%d %b %H:%M} UTC, its answer was lost, and "
                "your account does not list it. It may still appear there.",
                "Wait a minute and run it again. To ask for another one: `soundcheck setup --instant --again`.",
            )
        self.journal.note_cloud(VENDORS[half], NAMES[half], link=CONSOLES[half])
        answer = await call()
        if isinstance(answer, CloudProblem) and not answer.maybe_done:
            self.journal.note_cloud_refused(VENDORS[half], NAMES[half])
        return _or_fail(answer, half)


async def make_lasting(
    services: Services,
    halves: Iterable[Half],
    keys: AccountKeys,
    report: Reporter,
    *,
    again: bool = False,
    exchange: Exchange | None = None,
) -> Credentials:
    """Those of `halves` that there are keys for; consent was given before.

    Raises `AnswerLost` where one was asked for earlier, the answer never came and the account does not list it, unless
    `again`; `OrganisationWanted`; `StepFailed` in words.
    """
    addresses = cloud_addresses(services.environ)
    asking = _Asking(services, exchange or Exchange(services.resolver), addresses, report, again)
    work = {Half.DATABASE: _neon, Half.CACHE: _upstash}
    wanted = {half for half in halves if keys.covers(half)}
    found = Credentials()
    for half in (half for half in Half if half in wanted):
        line = f"lasting-{half}"
        report(Progress(f"{_WHAT[half]}: looking for it", Mark.RUNNING, line))
        try:
            credentials, said = await work[half](asking, keys)
        except SoundcheckError:
            report(Progress(_WHAT[half], Mark.FAIL, line))
            raise
        report(Progress(f"{_WHAT[half]} {said}", Mark.OK, line))
        found = credentials.over(found)
    return found


async def _neon(asking: _Asking, keys: AccountKeys) -> tuple[Credentials, str]:
    """The credentials, and how they came in words."""
    assert keys.neon is not None  # noqa: S101 - covered
    half = Half.DATABASE
    api = NeonApi(keys.neon, asking.addresses.neon_api, asking.exchange, org=keys.neon_org)
    there = await api.projects(PROJECT)
    if isinstance(there, CloudProblem) and "org_id" in there.message and not keys.neon_org:
        api = await _of_only_organisation(api)
        there = await api.projects(PROJECT)
    known = [one for one in _or_fail(there, half) if one.name == PROJECT]
    if len(known) > 1:
        raise StepFailed(
            f"Your account at Neon has {len(known)} projects of the name {PROJECT}.",
            "Copy the address of the right one from console.neon.tech, then run `soundcheck setup`.",
        )
    project = await asking.that_or_new(half, known, lambda: api.create_project(PROJECT, keys.region))
    url = _or_fail(await api.connection_uri(project.id), half)
    return Credentials(database_url=url), f"{_how(known)}: {url.endpoint}"


async def _of_only_organisation(api: NeonApi) -> NeonApi:
    """An account within organisations has to name one; where there is but one, that one is meant."""
    found = _or_fail(await api.organisations(), Half.DATABASE)
    if len(found) != 1:
        raise OrganisationWanted(tuple(found))
    return api.within(found[0])


async def _upstash(asking: _Asking, keys: AccountKeys) -> tuple[Credentials, str]:
    """The credentials, and how they came in words."""
    assert keys.upstash is not None  # noqa: S101 - covered
    assert keys.upstash_email is not None  # noqa: S101 - covered
    half = Half.CACHE
    api = UpstashApi(keys.upstash_email, keys.upstash, asking.addresses.upstash_api, asking.exchange)
    known = [one for one in _or_fail(await api.databases(), half) if one.name == DATABASE]
    if len(known) > 1:
        raise StepFailed(
            f"Your account at Upstash has {len(known)} databases of the name {DATABASE}.",
            "Copy the two lines of the right one from console.upstash.com, then run `soundcheck setup`.",
        )
    database = await asking.that_or_new(half, known, lambda: api.create_database(DATABASE, keys.region))
    if database.rest_token is None:
        database = _or_fail(await api.database(database.id), half)
    if database.rest_token is None:
        raise StepFailed(
            "Upstash does not tell the token of the database to this key.",
            "Copy it from console.upstash.com, then run `soundcheck setup`.",
        )
    credentials = Credentials(rest_url=database.rest_url, rest_token=database.rest_token)
    return credentials, f"{_how(known)}: {database.rest_url}"


def _how(known: Sequence[NeonProject] | Sequence[UpstashDatabase]) -> str:
    return "is there already" if known else "is made"


def _or_fail(answer: T | CloudProblem, half: Half) -> T:
    if not isinstance(answer, CloudProblem):
        return answer
    found = " Try again: what was made meanwhile is found by its name." if answer.maybe_done else ""
    hint = answer.hint
    if answer.code == "unauthorized":
        pair = "the e-mail address and the key" if half is Half.CACHE else "the key"
        hint = f"Check {pair}, or make a new one: {KEY_PLACES[half]}"
    raise StepFailed(answer.message + found, hint)
