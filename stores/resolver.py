"""Names to addresses, for every client of the program, in threads that quitting never waits for.

`loop.getaddrinfo` uses the loop's executor, whose shutdown waits for a black-holed lookup (6 s seen). A daemon thread
does not hold the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a name: the number as text, and whether it is IPv6."""

    number: str
    is_ipv6: bool = False


class ResolveFailure(StrEnum):
    """Why a name gave no address."""

    UNKNOWN_NAME = "unknown_name"
    TIMEOUT = "timeout"
    NO_NETWORK = "no_network"


class ResolveError(Exception):
    """A lookup that gave no address. Callers turn it into a finding; it never reaches a person as it is."""

    def __init__(self, failure: ResolveFailure, host: str) -> None:
        super().__init__(f"{host}: {failure}")
        self.failure = failure
        self.host = host


class Resolver(Protocol):
    """What the DNS probe, psycopg (`hostaddr`), httpx, redis and Node all get their addresses from."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        """The addresses of `host`, at least one, in the system's order. Raises `ResolveError` after `deadline` s."""
        ...


class SystemResolver:
    """`getaddrinfo` in a daemon thread."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        """The addresses of `host`; a number is its own, and asks nobody. Raises `ResolveError`."""
        if (number := _number(host)) is not None:
            return (number,)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[Address, ...]] = loop.create_future()

        def deliver(addresses: tuple[Address, ...], error: ResolveError | None) -> None:
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(addresses)

        def look_up() -> None:
            addresses: tuple[Address, ...] = ()
            error: ResolveError | None = None
            try:
                found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
                unique = dict.fromkeys((str(info[4][0]), info[0] == socket.AF_INET6) for info in found)
                addresses = tuple(Address(number, is_ipv6) for number, is_ipv6 in unique)
            except socket.gaierror as problem:
                offline = problem.errno == socket.EAI_AGAIN
                error = ResolveError(ResolveFailure.NO_NETWORK if offline else ResolveFailure.UNKNOWN_NAME, host)
            except (OSError, UnicodeError):
                error = ResolveError(ResolveFailure.UNKNOWN_NAME, host)
            with contextlib.suppress(RuntimeError):  # the loop closed while we looked
                loop.call_soon_threadsafe(deliver, addresses, error)

        threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
        try:
            # Not `wait_for`: before Python 3.12 it swallows a cancel that comes together with the answer.
            async with asyncio.timeout(deadline):
                return await answer
        except TimeoutError:
            raise ResolveError(ResolveFailure.TIMEOUT, host) from None


def _number(host: str) -> Address | None:
    """An address that is written as a number. One with a zone (`fe80::1%eth0`) is left to the system."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return None if "%" in host else Address(str(address), address.version == 6)
