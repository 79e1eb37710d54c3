"""Whether a loopback address is a local stack's, and whether the stack's own process answers there.

Asked before anything is sent to a loopback address: while a stack is down, whoever listens on its ports would get the
REST token, Valkey's password, or the application's data. The stacks are those of this home, one for each project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from soundcheck.stores.addressing import LOOPBACK_NUMBER
from soundcheck.stores.project.project import soundcheck_home
from soundcheck.stores.secret import Secret
from soundcheck.stores.stranger import Stranger

if TYPE_CHECKING:
    from soundcheck.stores.local.state_file import LocalState

_THIS_MACHINE: Final = frozenset({"localhost", "::1", "::", "0.0.0.0"})  # noqa: S104 - recognised, not bound
_PORTS: Final = {
    **dict.fromkeys(("postgres", "postgresql", "prisma+postgres"), 5432),
    **dict.fromkeys(("redis", "rediss"), 6379),
    "http": 80,
    "https": 443,
}
"""Of the addresses that a program may be told."""

_MAPPED: Final = re.compile(r"::ffff:", re.IGNORECASE)


def refuse_stranger(host: str, port: int, secret: Secret | None = None) -> None:
    """Raise `Stranger` where the address is a local stack's and its own process does not listen there.

    Call it with a number, or with `localhost`, right before something is sent; where it can be, between connecting and
    sending. `secret` is what would be sent: it tells a port that a stack has left (ours, if the secret is) from one
    that somebody else uses by now.
    """
    if not _is_loopback(host):
        return
    claimed = False
    for state in _states():
        for part in (state.postgres, state.valkey, state.gateway):
            if part.port == port:
                from soundcheck.stores.local.listening import listens
                from soundcheck.stores.local.ports import HOST

                if host in {HOST, "localhost"} and listens(part.process, port):
                    return
                claimed = True
        claimed = claimed or (port in state.former_ports and _ever_had(state, secret))
    if claimed:
        raise Stranger(host, port)


def proven(numbers: Sequence[str], port: int, secret: Secret | None = None) -> list[str]:
    """The addresses without those of a `Stranger`, whom it raises where no address is left."""
    kept, stranger = [], None
    for number in numbers:
        try:
            refuse_stranger(number, port, secret)
        except Stranger as found:
            stranger = found
        else:
            kept.append(number)
    if stranger is not None and not kept:
        raise stranger
    return kept


def refuse_strangers(values: Iterable[str]) -> None:
    """For a program that will get these: raise `Stranger` where one is an address that it must not be sent to.

    An address may have its password in it, or its token in another of the values.
    """
    texts = list(values)
    given = [Secret(text) for text in texts]
    for text in texts:
        scheme, separator, _ = text.partition("://")
        if not separator or scheme.lower() not in _PORTS:
            continue
        try:
            parts = urlsplit(text.strip())
            host, port = parts.hostname, parts.port or _PORTS[scheme.lower()]
        except ValueError:
            continue
        if host and _is_loopback(host):
            for secret in (Secret(unquote(parts.password or "")), *given):
                refuse_stranger(host, port, secret)


def wants_scram(host: str, port: int, password: Secret | None) -> bool:
    """Whether a PostgreSQL address is a local stack's, which takes nothing but SCRAM: by its port or its password."""
    return _is_loopback(host) and any(
        state.postgres.port == port or _ever_had(state, password, "postgres") for state in _states()
    )


def _is_loopback(host: str) -> bool:
    number = _MAPPED.sub("", host, count=1)
    return number in _THIS_MACHINE or LOOPBACK_NUMBER.fullmatch(number) is not None


def _states() -> Iterator[LocalState]:
    """Of every stack of this home; one that cannot be read claims nothing."""
    for path in (soundcheck_home() / "projects").glob("*/local/state.json"):
        # Here, because it costs a first connection something, and most homes have no stack.
        from soundcheck.stores.errors import CouldNotRun
        from soundcheck.stores.local.state_file import read_state

        try:
            state = read_state(path)
        except CouldNotRun:
            continue
        if state is not None:
            yield state


def _ever_had(state: LocalState, secret: Secret | None, *servers: str) -> bool:
    from soundcheck.stores.local.state_file import ever_had

    return ever_had(state, secret, *servers)
