"""The words of XREAD and XREADGROUP: whether they wait, and what they read. Pure.

Options stand before STREAMS, in any order, and each takes so many words; a group or a consumer may be called STREAMS or
BLOCK. Read as Valkey does (`xreadCommand` in its `t_stream.c`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from soundcheck.stores.local.gateway.request import RawCommand

_WORDS_AFTER: Final = {b"BLOCK": 1, b"COUNT": 1, b"GROUP": 2, b"NOACK": 0}
_LEAST: Final = {b"XREAD": 4, b"XREADGROUP": 7}


@dataclass(frozen=True, slots=True)
class StreamRead:
    """What the options say; `group` is the group and the consumer."""

    options: frozenset[bytes]
    group: tuple[bytes, bytes] | None
    keys: tuple[bytes, ...]


def read_of_streams(words: RawCommand) -> StreamRead | None:
    """None for what is none: an option that is not known may take any number of words."""
    options: set[bytes] = set()
    group = None
    at = 1
    while at < len(words):
        option = words[at].upper()
        if option == b"STREAMS":
            rest = words[at + 1 :]
            return StreamRead(frozenset(options), group, tuple(rest[: len(rest) // 2]))
        if option not in _WORDS_AFTER:
            return None
        if option == b"GROUP" and at + 2 < len(words):
            group = words[at + 1], words[at + 2]
        options.add(option)
        at += 1 + _WORDS_AFTER[option]
    return None


def may_wait(words: RawCommand) -> bool | None:
    """Whether it would hold up the connection; None where that cannot be told, and it must not be sent.

    One that is too short is left to Valkey, which has its own words for it.
    """
    if len(words) < _LEAST[words[0].upper()]:
        return False
    read = read_of_streams(words)
    return None if read is None else b"BLOCK" in read.options
