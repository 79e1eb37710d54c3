"""The first two layers, shared by both stores: a name to addresses, and a port that answers on one of them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import Sequence
from typing import Final

from soundcheck.stores.probe.layer import Fact, LayerError
from soundcheck.stores.proven_stream import TcpStream, open_proven
from soundcheck.stores.resolver import Address, ResolveError, ResolveFailure, Resolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.stranger import Stranger

HEAD_START: Final = 0.25
"""Seconds that an address has before the next one is tried beside it (RFC 8305 names the same figure)."""

_UNREACHABLE: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})


async def look_up(
    resolver: Resolver, host: str, witness: str, *, deadline: float
) -> tuple[tuple[Address, ...], dict[str, Fact]]:
    """Addresses of `host`, and the facts of the layer; raises `LayerError` with a `ResolveFailure` as its code.

    Where the name is not found, `witness` (a name that is surely there) is looked up too: if that fails as well, no
    name can be found from here, which is the network's matter and not a typing error. The code is `no_network` then.
    """
    try:
        addresses = await resolver.resolve(host, deadline=deadline)
    except ResolveError as problem:
        code = problem.failure
        if code is not ResolveFailure.NO_NETWORK and not await _resolves(resolver, witness, deadline):
            code = ResolveFailure.NO_NETWORK
        facts: dict[str, Fact] = {"host": host, "witness": witness, "reason": problem.failure.value}
        raise LayerError(code.value, f"{host}: {problem.failure}", facts) from None
    return addresses, {"host": host, "address": addresses[0].number, "addresses": len(addresses)}


async def _resolves(resolver: Resolver, name: str, deadline: float) -> bool:
    try:
        await resolver.resolve(name, deadline=deadline)
    except ResolveError:
        return False
    return True


async def connect_any(
    addresses: Sequence[Address], port: int, secret: Secret | None = None
) -> tuple[Address, TcpStream]:
    """The first address that accepts; each one is tried once the one before it failed or had its head start.

    `secret` is what will be sent there. Raises `LayerError`: `not_ours` where the address is the local stack's and
    its server does not run there, `refused` where one said no, else `unreachable` (no route; `no_ipv6` where all
    addresses are of that family), else `broken`.
    """
    attempts: list[asyncio.Task[tuple[Address, TcpStream]]] = []
    for address in addresses:
        attempts.append(asyncio.create_task(_connect(address, port, secret, attempts[-1] if attempts else None)))
    winner: asyncio.Task[tuple[Address, TcpStream]] | None = None
    try:
        pending = set(attempts)
        while pending and winner is None:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            winner = next((attempt for attempt in attempts if attempt in done and not attempt.exception()), None)
    finally:
        await _discard([attempt for attempt in attempts if attempt is not winner])
    if winner is not None:
        return winner.result()
    problems = [problem for attempt in attempts if isinstance(problem := attempt.exception(), OSError)]
    code = _worst(problems)
    if code == "unreachable" and all(address.is_ipv6 for address in addresses):
        code = "no_ipv6"
    raise LayerError(code, str(problems[0]) if problems else "no address", {"port": port})


async def _connect(
    address: Address, port: int, secret: Secret | None, before: asyncio.Task[tuple[Address, TcpStream]] | None
) -> tuple[Address, TcpStream]:
    if before is not None:
        await asyncio.wait({before}, timeout=HEAD_START)
    return address, await open_proven(address.number, port, secret)


async def _discard(attempts: list[asyncio.Task[tuple[Address, TcpStream]]]) -> None:
    """End what still tries, and close what connected but was not the first."""
    for attempt in attempts:
        attempt.cancel()
    for result in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(result, tuple):
            await hang_up(result[1])


def _worst(problems: Sequence[OSError]) -> str:
    if any(isinstance(problem, Stranger) for problem in problems):
        return "not_ours"
    if any(isinstance(problem, ConnectionRefusedError) for problem in problems):
        return "refused"
    if problems and all(problem.errno in _UNREACHABLE for problem in problems):
        return "unreachable"
    return "broken"


async def hang_up(stream: TcpStream | None) -> None:
    """Close a stream without waiting for the other side's farewell."""
    if stream is None:
        return
    stream[1].transport.abort()
    with contextlib.suppress(OSError):
        await stream[1].wait_closed()
