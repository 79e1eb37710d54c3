"""Commands that Upstash and Valkey both have and answer differently: how to ask Valkey for Upstash's answer. Pure.

None of it contradicts the vendor's pages, which leave it open (how many keys a SCAN looks at, how much an approximate
trim leaves, how a second is cut) or are stricter than the service (LIMIT of ranks). What the service does was seen in
the tests of its own clients, which run against it: upstash/redis-py 1.6.0 `tests/commands` (asyncio/generic/test_scan,
stream/test_xtrim, asyncio/stream/test_xlen, sortedSet/test_zrangestore, hash/test_hexpiretime) and upstash/redis-js
1.38.2 `packages/redis/pkg` (commands/xtrim, commands/copy, pipeline).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from soundcheck.stores.local.gateway.answer import ErrorReply, RespReply
from soundcheck.stores.local.gateway.request import RawCommand
from soundcheck.stores.local.gateway.stream_reads import read_of_streams

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

_SCAN_WITH_TYPE: Final = b"""local page = redis.pcall('SCAN', unpack(ARGV))
if page.err then return page end
local found = {}
for _, key in ipairs(page[2]) do
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'none' then found[#found + 1] = key; found[#found + 1] = kind end
end
return {page[1], found}"""
"""Keys and types in turn, as `@upstash/redis` reads them (`deserializeScanWithTypesResponse` in 1.39.0)."""

_MOST_OF_SCAN: Final = 100
_MOST_OF_READ: Final = 1000
"""Words: Lua unpacks only so many."""

_READ_WITHOUT_ACK: Final = b"""local group, consumer, known = ARGV[1], ARGV[2], {}
for _, key in ipairs(KEYS) do
  local consumers = redis.pcall('XINFO', 'CONSUMERS', key, group)
  if consumers.err then known[key] = true else
    for _, one in ipairs(consumers) do if one[2] == consumer then known[key] = true end end
  end
end
local reply = redis.pcall(unpack(ARGV, 3))
for _, key in ipairs(KEYS) do
  if not known[key] then redis.pcall('XGROUP', 'DELCONSUMER', key, group, consumer) end
end
return reply"""
"""Reading with NOACK leaves no consumer behind, unless it was there before."""

_REFUSED_TO_READER: Final = re.compile(r"ACL failure in script: User \S+ has no permissions to run the '[^']*' command")
_READ_ONLY_SCRIPT: Final = "Write commands are not allowed from read-only scripts."

_SAME_KEY: Final = "ERR source and destination objects are the same"
_NO_SCRIPT: Final = "NOSCRIPT No matching script. Please use EVAL."

_MOST_DIGITS: Final = 18
"""Digits that are a 64-bit number in any case."""


def in_valkeys_words(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    """What to send for a command, and what to make of the reply (None: leave it). Most go out as they came."""
    translate = _TRANSLATIONS.get(words[0].upper())
    return translate(words) if translate is not None else (words, None)


def _scan(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    """`SCAN cursor [MATCH …] [TYPE …] [WITHTYPE]`: the options come in pairs, but for the last, which Valkey lacks."""
    names = [at for at in _names_of_options(words) if words[at].upper() == b"WITHTYPE"]
    if not names:
        return _with_count(words), None
    plain = [word for at, word in enumerate(words) if at not in names]
    if len(plain) < 2 or len(plain) > _MOST_OF_SCAN:
        return words, None
    return [b"EVAL_RO", _SCAN_WITH_TYPE, b"0", *_with_count(plain)[1:]], None


def _names_of_options(words: RawCommand) -> Iterator[int]:
    at = 2
    while at < len(words):
        yield at
        at += 1 if words[at].upper() == b"WITHTYPE" else 2


def _with_count(words: RawCommand) -> RawCommand:
    options = words[2:]
    if len(words) < 2 or len(options) % 2 or b"COUNT" in (name.upper() for name in options[::2]):
        return words
    return [*words, b"COUNT", KEYS_A_SCAN]


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


def _xreadgroup(words: RawCommand) -> tuple[RawCommand, Rewrite | None]:
    read = read_of_streams(words)
    if read is None or read.group is None or b"NOACK" not in read.options or len(words) > _MOST_OF_READ:
        return words, None
    keys = dict.fromkeys(read.keys)
    return [b"EVAL", _READ_WITHOUT_ACK, b"%d" % len(keys), *keys, *read.group, *words], None


def refused_as_read_only(reply: RespReply) -> RespReply:
    """What a function is told that would write and must not: Valkey names the user that it ran as, Redis the rule."""
    if isinstance(reply, ErrorReply):
        return ErrorReply(_REFUSED_TO_READER.sub(_READ_ONLY_SCRIPT, reply.text))
    return reply


_TRANSLATIONS: Final[dict[bytes, Callable[[RawCommand], tuple[RawCommand, Rewrite | None]]]] = {
    b"COPY": _copy,
    b"EVALSHA": _evalsha,
    b"EVALSHA_RO": _evalsha,
    b"HEXPIRETIME": _hexpiretime,
    b"SCAN": _scan,
    b"XINFO": _xinfo,
    b"XREADGROUP": _xreadgroup,
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
