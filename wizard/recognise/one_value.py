"""One value that somebody else wrote down (an option, a variable, a line of the env file), read as a paste is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.recognise.recognition import Problem, Severity

_MENDS: Final = frozenset({"password_encoded", "driver_scheme", "quotes_kept", "bearer_kept", "rest_from_tcp"})
"""What was done to a value; the rest of what a paste is told is for those who look at it."""


@dataclass(frozen=True, slots=True)
class OneValue:
    """What a value gives, in its own place; nothing, and why, where it cannot be used.

    `mended` is what had to be done to it. A value that can be used as it stands is left as it stands.
    """

    credentials: Credentials = field(default_factory=Credentials)
    problem: Problem | None = None
    mended: tuple[Problem, ...] = ()


def read_value(name: str, value: Secret) -> OneValue:
    """Read the value of one of the four variables. Never raises; no text in the answer holds a part of a secret."""
    as_it_stands = _as_it_stands(name, value)
    if as_it_stands is not None:
        return OneValue(as_it_stands)
    from soundcheck.wizard.recognise.recogniser import recognise_field  # not before it is needed: starts are faster

    found = recognise_field(name, value.reveal())
    credentials = _in_its_place(name, found.credentials)
    mended = tuple(one for one in found.findings if one.code in _MENDS)
    if credentials is not None:
        return OneValue(credentials, mended=mended or (_more_around_it(name),))
    errors = [one for one in found.findings if one.severity is Severity.ERROR]
    return OneValue(problem=errors[0] if errors else _nothing(name))


def _as_it_stands(name: str, value: Secret) -> Credentials | None:
    text = value.reveal().strip()
    try:
        if name in {DATABASE_URL, DIRECT_URL}:
            url = PostgresUrl.parse(text)
            return Credentials(url) if name == DATABASE_URL else Credentials(direct_url=url)
        if name == REST_URL:
            return Credentials(rest_url=RestUrl.parse(text))
    except UrlProblem:
        return None
    from soundcheck.wizard.recognise.names import meaning_of

    is_plain = all(0x21 <= ord(letter) <= 0x7E and letter not in "\"'`" for letter in text)
    is_named = meaning_of(text.partition("=")[0]) is not None
    return Credentials(rest_token=Secret(text)) if text and is_plain and not is_named and "://" not in text else None


def _in_its_place(name: str, found: Credentials) -> Credentials | None:
    """The value alone, as it was given: the pooled form of a direct address is for set-up to offer."""
    given = found.direct_url or found.database_url
    if name == DATABASE_URL and given is not None:
        return Credentials(given)
    if name == DIRECT_URL and given is not None:
        return Credentials(direct_url=given)
    if name == REST_URL and found.rest_url is not None:
        return Credentials(rest_url=found.rest_url)
    if name == REST_TOKEN and found.rest_token is not None:
        return Credentials(rest_token=found.rest_token)
    return None


def _nothing(name: str) -> Problem:
    cure = "Copy it again from the provider's console."
    return Problem("nothing_found", f"{name} holds nothing that can be used.", cure, Severity.ERROR, name)


def _more_around_it(name: str) -> Problem:
    """The value is in there, with something around it: quotes, a command, a name, a header."""
    message = "It is more than the value itself (quotes, a command or a name around it); the value in it is used."
    return Problem("more_around_it", message, "Nothing to do here.", Severity.INFO, name)


def joined(values: dict[str, OneValue]) -> Credentials:
    """The credentials of several values, each in its place."""
    whole = Credentials()
    for one in values.values():
        part = one.credentials
        whole = replace(
            whole,
            database_url=part.database_url or whole.database_url,
            direct_url=part.direct_url or whole.direct_url,
            rest_url=part.rest_url or whole.rest_url,
            rest_token=part.rest_token or whole.rest_token,
        )
    return whole
