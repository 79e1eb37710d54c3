"""How a local stack stands by its own notes: it runs, it was stopped, or a server of it has ended. Asks no server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from soundcheck.stores.local.state_file import LocalState

POSTGRES: Final = "PostgreSQL"
VALKEY: Final = "Valkey"
GATEWAY: Final = "REST gateway"


class StackStanding(StrEnum):
    """A server that ended by itself is noted as running; stopping forgets the processes first."""

    UP = "up"
    ENDED = "ended"
    STOPPED = "stopped"
    BETWEEN = "between"
    """Being started or stopped at the moment, or set up without one of the three."""


@dataclass(frozen=True, slots=True)
class Stand:
    """`ended` names the servers whose process is gone although nobody stopped it."""

    standing: StackStanding
    ended: tuple[str, ...] = ()


def stand_of(state: LocalState) -> Stand:
    """Look at the processes that are noted: a few system calls."""
    processes = {POSTGRES: state.postgres.process, VALKEY: state.valkey.process, GATEWAY: state.gateway.process}
    noted = {name: process for name, process in processes.items() if process is not None}
    if not noted:
        return Stand(StackStanding.STOPPED)
    ended = tuple(name for name, process in noted.items() if not process.is_alive)
    if ended:
        return Stand(StackStanding.ENDED, ended)
    return Stand(StackStanding.UP if len(noted) == len(processes) else StackStanding.BETWEEN)
