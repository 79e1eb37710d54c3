"""Names to addresses, for every client of the program, in threads that quitting never waits for.

`loop.getaddrinfo` uses the loop's executor, whose shutdown waits for a black-holed lookup (6 s seen). A daemon thread
does not hold the process.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol

from soundcheck.stores.daemon_thread import beside


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
        try:
            # Not `wait_for`: before Python 3.12 it swallows a cancel that comes together with the answer.
            async with asyncio.timeout(deadline):
                return await beside(partial(_look_up, host), f"resolve {host}")
        except TimeoutError:
            raise ResolveError(ResolveFailure.TIMEOUT, host) from None


def _look_up(host: str) -> tuple[Address, ...]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as problem:
        offline = problem.errno == socket.EAI_AGAIN
        raise ResolveError(ResolveFailure.NO_NETWORK if offline else ResolveFailure.UNKNOWN_NAME, host) from None
    except (OSError, UnicodeError):
        raise ResolveError(ResolveFailure.UNKNOWN_NAME, host) from None
    unique = dict.fromkeys((str(info[4][0]), info[0] == socket.AF_INET6) for info in found)
    return tuple(Address(number, is_ipv6) for number, is_ipv6 in unique)


def _number(host: str) -> Address | None:
    """An address that is written as a number. One with a zone (`fe80::1%eth0`) is left to the system."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return None if "%" in host else Address(str(address), address.version == 6)
