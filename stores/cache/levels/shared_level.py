"""What the two-level cache asks of L2, whichever way Redis is spoken to.

What a failed call to L2 is told as: one of four faults, and a text that holds no key, value or secret. Pure.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from soundcheck.stores.upstash.error_texts import UpstashError, classify
from soundcheck.stores.upstash.reply import Reply, TransportFailure


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a read: one item a key, in the order asked; None where Redis has nothing."""

    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The answer to everything else: what Redis replied, as it came."""

    reply: object = None


class Fault(Enum):
    """Why L2 gave no answer, for counters and for the breaker."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    """The server answered, and said no: token, quota, rights, a wrong command."""
    GARBLED = "garbled"
    """Something answered that is not Redis: a captive portal, half a reply."""


@dataclass(frozen=True, slots=True)
class LevelFault:
    """L2 could not do it. `message` is masked text, fit for a log."""

    fault: Fault
    message: str


@dataclass(frozen=True, slots=True)
class ChannelEvent:
    """A message of a channel; `connected` and `lost` tell that the line came up or went down, with an empty text."""

    kind: str
    """"message", "connected" or "lost"."""
    text: str = ""


class SharedLevel(Protocol):
    """L2 over REST or over RESP. Expected failures are results (`LevelFault`), never exceptions.

    Deadlines are seconds for the whole call, waiting for a free connection included.
    """

    name: str
    """"REST" or "RESP", as it is shown."""
    commands_used: int
    """Commands sent so far, as the vendor bills them."""

    async def read(self, keys: Sequence[str], *, deadline: float) -> Found | LevelFault:
        """MGET of `keys`."""
        ...

    async def run(self, commands: Sequence[Sequence[str | int]], *, deadline: float) -> tuple[Done, ...] | LevelFault:
        """The commands in order, in one request; one refused command makes the whole answer a fault."""
        ...

    def listen(self, channel: str) -> AsyncIterator[ChannelEvent]:
        """The messages of a channel until the iterator is closed; reconnects by itself, and says so."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


_MOST_TEXT: Final = 200
_OF_TRANSPORT: Final = {
    TransportFailure.TIMEOUT: Fault.TIMEOUT,
    TransportFailure.REDIRECT: Fault.GARBLED,
    TransportFailure.NOT_JSON: Fault.GARBLED,
    TransportFailure.NOT_UPSTASH: Fault.GARBLED,
    TransportFailure.TOO_LARGE: Fault.GARBLED,
    TransportFailure.INVALID_TOKEN: Fault.REFUSED,
}
"""All others mean that no connection stood."""


def from_reply(reply: Reply) -> LevelFault:
    """The fault of a reply over REST that is not `ok`."""
    if reply.failure is None:
        return refusal(reply.error)
    return LevelFault(_OF_TRANSPORT.get(reply.failure, Fault.UNREACHABLE), reply.error)


def refusal(text: str) -> LevelFault:
    """The fault of an error text, its code word first. A store that starts or is gone counts as not reached.

    Texts that are known hold nothing of the caller's but may quote arguments at their end, which is cut off; of an
    unknown one only the code word is kept.
    """
    code = classify(text)
    word = text.strip().partition(" ")[0]
    if code is UpstashError.OTHER or code is None:
        shown = f"refused with {word[:32]}" if word.isupper() and word.isalnum() else "refused"
    else:
        shown = text.partition(", with args")[0].partition(" command was:")[0]
    shown = "".join(letter if letter.isprintable() else " " for letter in shown[:_MOST_TEXT])
    return LevelFault(Fault.UNREACHABLE if code is UpstashError.STORE_DOWN else Fault.REFUSED, shown)
