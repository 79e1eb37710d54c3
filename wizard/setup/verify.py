"""Credentials tried, layer by layer: only what answers is used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

from soundcheck.checks.advice import Face
from soundcheck.checks.catalogue import ask
from soundcheck.checks.check import Group
from soundcheck.checks.database.pooling import is_same_line
from soundcheck.checks.finding import Blame
from soundcheck.checks.run import Observer, Report
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services

VERIFYING: Final = ("database.query", "database.pooling", "cache.write")
"""What must pass before credentials count as verified; the registry adds the layers below."""

VARIABLES: Final = {Group.DATABASE: DATABASE_URL, Group.CACHE: REST_URL}
"""Whose value a failure is about, where its own words do not say so."""

BOTH_READ: Final = "Both readings of its %XX codes were tried: as the signs they stand for, and as they are."
WAY_AROUND: Final = "The pooled address fails, while the direct one works. Use the direct one for the application too"


@dataclass(frozen=True, slots=True)
class Tried:
    """What the checks found of `credentials`.

    `is_other_reading` says that their password is not read as it seemed; `both_refused`, that neither way is right.
    """

    report: Report
    credentials: Credentials
    is_other_reading: bool = False
    both_refused: bool = False

    @property
    def problem(self) -> StepFailed | None:
        """The first layer that does not hold; None where all of them do."""
        if (failed := self.report.first_in_the_way) is None:
            return None
        finding = failed.finding
        words = [finding.summary, finding.cause, BOTH_READ if self.both_refused else ""]
        message = " ".join(part for part in words if part)
        name = VARIABLES.get(failed.check.group, "")
        if name and not any(one in message for one in (name, "_URL", "_TOKEN")):
            message = f"{name}: {message}"
        return StepFailed(message, finding.hint_for(Face.SETUP))

    @property
    def failed(self) -> frozenset[str]:
        """The variables whose values did not do."""
        names: set[str] = set()
        for outcome in self.report.in_the_way:
            if outcome.check.id == "database.pooling":
                names.add(DIRECT_URL)
            elif outcome.check.group is Group.DATABASE:
                names |= {DATABASE_URL, DIRECT_URL}
            else:
                names |= {REST_URL, REST_TOKEN}
        return frozenset(names)

    @property
    def password_refused(self) -> bool:
        """Whether it is a password that the database did not take, at either address."""
        return any(
            outcome.evidence.get("code") == "password"
            for outcome in self.report.in_the_way
            if outcome.check.group is Group.DATABASE
        )

    @property
    def direct_alone(self) -> Credentials | None:
        """The credentials with the direct address for the application too, where only that one answers."""
        pooling = next((one for one in self.report.outcomes if one.check.id == "database.pooling"), None)
        direct = self.credentials.direct
        if pooling is None or direct is None or not self.report.in_the_way:
            return None
        is_only_pooler = bool(pooling.evidence.get("pooled_code")) and pooling.evidence.get("status") == "ok"
        return replace(self.credentials, database_url=direct, direct_url=None) if is_only_pooler else None

    @property
    def is_network(self) -> bool:
        """Whether the network is to blame: other credentials would do no better."""
        failed = self.report.first_in_the_way
        return failed is not None and failed.finding.blame is Blame.NETWORK


def verifying(credentials: Credentials) -> list[str]:
    """Those of `VERIFYING` that there are credentials for; the direct address is tried where it is another one."""
    url, direct = credentials.database_url, credentials.direct
    two = url is not None and direct is not None and not is_same_line(direct, url)
    there = {"database.query": url is not None, "database.pooling": two, "cache.write": credentials.has_cache}
    return [name for name in VERIFYING if there[name]]


async def verify(services: Services, observe: Observer) -> Tried:
    """Try what there is of them: the database, the cache, or both."""
    return Tried(await ask(services, verifying(services.credentials), observe), services.credentials)


async def verify_readings(services: Services, observe: Observer) -> Tried:
    """The same; where a password is refused that can be read in two ways, the other one is tried as well.

    `Tried.credentials` are those that did better.
    """
    tried = await verify(services, observe)
    other = services.credentials.read_otherwise()
    if other is None or not tried.password_refused:
        return tried
    again = await verify(replace(services, credentials=other, database=None, cache=None), observe)
    if again.password_refused:
        return replace(tried, both_refused=True)
    return replace(again, is_other_reading=True)


def reading_words(credentials: Credentials) -> str:
    """How the password was read that works, where there were two ways."""
    url = credentials.database_url
    other = url.other_password if url is not None else None
    if url is not None and url.password is not None and other == Secret(unquote(url.password.reveal())):
        return "The password works as it is written: its %XX codes are part of it."
    return "The password works decoded: its %XX codes stand for other signs."
