"""Commands that Upstash and Valkey both have and answer differently: how to ask Valkey for Upstash's answer. Pure.

None of it contradicts the vendor's pages, which leave it open (how many keys a SCAN looks at, how much an approximate
trim leaves, how a second is cut) or are stricter than the service (LIMIT of ranks). What the service does was seen in
the tests of its own clients, which run against it: upstash/redis-py 1.6.0 `tests/commands` (asyncio/generic/test_scan,
stream/test_xtrim, asyncio/stream/test_xlen, sortedSet/test_zrangestore, hash/test_hexpiretime) and upstash/redis-js
1.38.2 `packages/redis/pkg` (commands/xtrim, commands/copy, pipeline).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from soundcheck.stores.local.gateway.answer import ErrorReply, RespReply
from soundcheck.stores.local.gateway.request import RawCommand

Rewrite: TypeAlias = Callable[[RespReply], RespReply]

KEYS_A_SCAN: Final = b"100"
"""Keys that a SCAN without COUNT looks at. Seen: 38 keys came at once; Valkey's own 10 would take several calls."""

LEAST_TRIM: Final = b"100"
"""Entries from which on an approximate trim happens, and is then exact. Seen: with 90 too many none went; with 125 and
with 970 all of them. Valkey drops whole nodes instead, of 100 entries or 4 KB."""

_TRIM: Final = b"""local length = redis.pcall('XLEN', KEYS[1])
if type(length) == 'table' then return length end
if length - tonumber(ARGV[1]) < tonumber(ARGV[2]) then return 0 end
return redis.pcall('XTRIM', KEYS[1], 'MAXLEN', '=', ARGV[1])"""
"""In the server, for nothing may come between the count and the trim. An error goes back as Valkey words it."""

_SAME_KEY: Final = "ERR source and destination objects are the same"
_NO_SCRIPT: Final = "NOSCRIPT No matching script. Please use EVAL."

_MOST_DIGITS: Final = 18
"""Digits that are a 64-bit number in any case."""


def in_valkeys_words(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    """What to send for a command, and what to make of the reply (None: leave it). Most go out as they came."""
    translate = _TRANSLATIONS.get(words[0].upper())
    return translate(words) if translate is not None else (words, None)


def _scan(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    """`SCAN cursor [MATCH …] [TYPE …]`: the options come in pairs."""
    options = words[2:]
    if len(words) < 2 or len(options) % 2 or b"COUNT" in (name.upper() for name in options[::2]):
        return words, None
    return [*words, b"COUNT", KEYS_A_SCAN], None


def _xtrim(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    """`XTRIM key MAXLEN ~ n`; MINID and LIMIT are left to Valkey."""
    match words:
        case [_, key, strategy, b"~", most] if strategy.upper() == b"MAXLEN" and _rank(most) is not None:
            return [b"EVAL", _TRIM, b"1", key, most, LEAST_TRIM], None
    return words, None


def _zrangestore(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    """`ZRANGESTORE target source start stop [REV] LIMIT offset count` by rank, as the ranks that are left then.

    Only where the size of the set does not matter: from a rank counted from the front to one counted so, or the last.
    """
    target_and_source, options = words[1:3], [word.upper() for word in words[5:]]
    match options:
        case [b"LIMIT", offset, count]:
            reverse = []
        case [b"REV", b"LIMIT", offset, count] | [b"LIMIT", offset, count, b"REV"]:
            reverse = [b"REV"]
        case _:
            return words, None
    start, skipped, last = _rank(words[3]), _rank(offset), -1 if words[4] == b"-1" else _rank(words[4])
    most = -1 if count == b"-1" else _rank(count)
    if start is None or skipped is None or last is None or most is None:
        return words, None
    first = start + skipped
    if most >= 0:
        end = first + most - 1
        last = end if last < 0 else min(end, last)
    if most == 0:
        first, last = 1, 0
    return [words[0], *target_and_source, b"%d" % first, b"%d" % last, *reverse], None


def _copy(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    return words, _to_itself_is_nothing if words[1:2] == words[2:3] else None


def _evalsha(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    return words, _no_script


def _hexpiretime(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    """`HEXPIRETIME key FIELDS n field …`: seconds cut off, where Valkey rounds."""
    if len(words) < 5:  # Valkey would name the other command in its complaint
        return words, None
    return [b"HPEXPIRETIME", *words[1:]], _seconds


def _xinfo(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    return words, _no_group_has_no_consumers if words[1:2] and words[1].upper() == b"CONSUMERS" else None


_TRANSLATIONS: Final[dict[bytes, Callable[[RawCommand], tuple[RawCommand, Rewrite | None]]]] = {
    b"COPY": _copy,
    b"EVALSHA": _evalsha,
    b"EVALSHA_RO": _evalsha,
    b"HEXPIRETIME": _hexpiretime,
    b"SCAN": _scan,
    b"XINFO": _xinfo,
    b"XTRIM": _xtrim,
    b"ZRANGESTORE": _zrangestore,
}


def _rank(word: bytes) -> int | None:
    """A number that is not negative; None for anything else, about which Valkey has its own text."""
    return int(word) if word.isdigit() and len(word) <= _MOST_DIGITS else None


def _seconds(reply: RespReply) -> RespReply:
    """Milliseconds as seconds; -1 (never) and -2 (no such field) stay."""
    if not isinstance(reply, list):
        return reply
    return [item // 1000 if isinstance(item, int) and item > 0 else item for item in reply]


def _to_itself_is_nothing(reply: RespReply) -> RespReply:
    """Valkey calls it an error, Upstash a copy that was not made."""
    return 0 if isinstance(reply, ErrorReply) and reply.text == _SAME_KEY else reply


def _no_script(reply: RespReply) -> RespReply:
    """Redis' whole sentence; Valkey 9 says half of it, and programs compare it."""
    return ErrorReply(_NO_SCRIPT) if isinstance(reply, ErrorReply) and reply.text.startswith("NOSCRIPT ") else reply


def _no_group_has_no_consumers(reply: RespReply) -> RespReply:
    return [] if isinstance(reply, ErrorReply) and reply.text.startswith("NOGROUP") else reply
