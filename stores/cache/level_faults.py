"""What a failed call to L2 is told as: one of four faults, and a text that holds no key, value or secret. Pure."""

from __future__ import annotations

from typing import Final

from stores.cache.shared_level import Fault, LevelFault
from stores.upstash.error_texts import UpstashError, classify
from stores.upstash.reply import Reply, TransportFailure

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
