"""What the gateway does with a command: hand it to Valkey, answer it itself, or refuse it as Upstash does. Pure.

One connection serves every caller, so whatever would change its state (AUTH, SELECT, MULTI, CLIENT REPLY, SCRIPT
DEBUG, SUBSCRIBE) or hold it up (BLPOP) never reaches it. Sources: upstash/docs `redis/overall/rediscompatibility` and
`redis/features/restapi`; the texts as the live service gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from soundcheck.stores.local.gateway.answer import ErrorReply, RespReply
from soundcheck.stores.local.gateway.dialect import Rewrite, in_valkeys_words, refused_as_read_only
from soundcheck.stores.local.gateway.info import upstash_info
from soundcheck.stores.local.gateway.lacking import lacking
from soundcheck.stores.local.gateway.request import RawCommand
from soundcheck.stores.local.gateway.stream_reads import may_wait

_SCRIPTS: Final = frozenset({b"EVAL", b"EVALSHA", b"FCALL"})
DOCS: Final = "https://upstash.com/docs/redis/overall/rediscompatibility"


@dataclass(frozen=True, slots=True)
class CommandTable:
    """What the Valkey behind us knows, out of its own `COMMAND`. Names are upper case, subcommands `XINFO|STREAM`."""

    known: frozenset[bytes]
    readable: frozenset[bytes]
    administrative: frozenset[bytes]
    growing: frozenset[bytes]
    """Those that a full store refuses."""
    blocking: frozenset[bytes]
    """Those that may wait for something, and hold up whoever comes after them on the same connection."""

    @classmethod
    def read(cls, reply: RespReply) -> CommandTable:
        """Sort the reply to `COMMAND` (name, arity, flags, …, categories at 6, subcommands at 9)."""
        known, readable, administrative, growing, blocking = set(), set(), set(), set(), set()
        rows = list(reply) if isinstance(reply, list) else []
        while rows:
            row = rows.pop()
            if not isinstance(row, list) or len(row) < 10 or not isinstance(row[0], bytes):
                continue
            name = row[0].upper()
            categories = row[6] if isinstance(row[6], list) else []
            known.add(name)
            if b"@read" in categories:
                readable.add(name)
            if b"@admin" in categories:
                administrative.add(name)
            flags = row[2] if isinstance(row[2], list) else []
            if b"denyoom" in flags:
                growing.add(name)
            if b"blocking" in flags:
                blocking.add(name)
            rows.extend(row[9] if isinstance(row[9], list) else [])
        growing |= known & _SCRIPTS
        sets = (known, readable, administrative, growing, blocking)
        return cls(*(frozenset(names) for names in sets))


@dataclass(frozen=True, slots=True)
class Forward:
    """Send these words to Valkey, which may not be the caller's; `rewrite` turns its reply into Upstash's.

    `reads_only`: over the connection whose user may not write. A transaction has one connection, and there
    `in_transaction` is sent instead.
    """

    words: RawCommand
    rewrite: Rewrite | None = None
    reads_only: bool = False
    in_transaction: RawCommand | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Answered, or refused, without Valkey."""

    answer: RespReply


_NOT_OVER_REST: Final = frozenset(
    b"AUTH HELLO QUIT RESET CLIENT READONLY READWRITE ASKING MULTI EXEC DISCARD WATCH UNWATCH SUBSCRIBE PSUBSCRIBE "
    b"SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR "
    b"BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF".split()
)
_UNAVAILABLE: Final = frozenset(
    b"ACL CLUSTER CLUSTERSCAN COMMANDLOG DEBUG FAILOVER LASTSAVE LATENCY LOLWUT MIGRATE MODULE MOVE OBJECT PFDEBUG "
    b"PFSELFTEST RESTORE-ASKING ROLE SHUTDOWN SLOWLOG SPUBLISH SWAPDB SYNC PSYNC".split()
)
_SUBCOMMANDS: Final = {
    b"MEMORY": frozenset({b"USAGE"}),
    b"SCRIPT": frozenset({b"EXISTS", b"FLUSH", b"LOAD"}),
    b"FUNCTION": frozenset({b"DELETE", b"DUMP", b"FLUSH", b"LIST", b"LOAD", b"RESTORE", b"STATS"}),
    b"PUBSUB": frozenset({b"CHANNELS", b"NUMPAT", b"NUMSUB"}),
}
"""Containers of which only these are served; a subcommand that is left out is unavailable."""

_READS_OF_STREAMS: Final = frozenset({b"XREAD", b"XREADGROUP"})
"""May wait, if they are told to."""

_OPEN_TO_READERS: Final = frozenset({b"PING", b"ECHO", b"INFO", b"TIME", b"COMMAND", b"SELECT"})
_CLOSED_TO_READERS: Final = frozenset({b"SCAN", b"KEYS", b"RANDOMKEY"})
_CONFIGURABLE: Final = b"notify-keyspace-events"
_CONFIG_WORDS: Final = 3


def decide(words: RawCommand, table: CommandTable, *, read_only: bool) -> Forward | Settled:
    """What happens to a command that is not empty; `read_only` says which token it came with."""
    name = words[0].upper()
    waits = may_wait(words) if name in _READS_OF_STREAMS else name in table.blocking
    if name in _NOT_OVER_REST or waits:
        return _refused(f'ERR Command "{_shown(name)}" is not allowed in REST or it has a special context path')
    if waits is None:
        return _refused("ERR syntax error")
    if name == b"CONFIG":
        return _configuration(words, read_only=read_only)
    if (missing := lacking(words, table.known)) is not None:
        return _refused(missing)
    if name not in table.known or b"|" in name or name in _UNAVAILABLE or name in table.administrative:
        return _unavailable(_shown(name))
    served = _SUBCOMMANDS.get(name)
    subcommand = words[1].upper() if len(words) > 1 else b""
    if served is not None and subcommand not in served:
        return _unavailable(f"{_shown(name)} {_shown(subcommand)}".strip())
    if read_only and not _may_read(name, subcommand, table):
        return _refused(no_permission(name))
    if name == b"INFO":
        return Forward([b"INFO", b"default", b"commandstats"], _info_of(words[1:], table))
    if name == b"COMMAND":
        return Settled([])
    if name == b"SELECT":
        return Settled(b"OK" if words[1:] == [b"0"] else ErrorReply("ERR DB index is out of range"))
    if name == b"FCALL_RO":
        return Forward([b"FCALL", *words[1:]], refused_as_read_only, reads_only=True, in_transaction=words)
    return Forward(*in_valkeys_words(words))


def _may_read(name: bytes, subcommand: bytes, table: CommandTable) -> bool:
    if name in _CLOSED_TO_READERS:
        return False
    return name in _OPEN_TO_READERS or name in table.readable or name + b"|" + subcommand in table.readable


def _configuration(words: RawCommand, *, read_only: bool) -> Forward | Settled:
    """CONFIG knows one parameter: GET of any other is empty, SET of any other is refused."""
    verb = words[1].lower() if len(words) > 1 else b""
    if verb == b"get" and len(words) >= _CONFIG_WORDS:
        asked = any(word.lower() == _CONFIGURABLE for word in words[2:])
        return Forward([b"CONFIG", b"GET", _CONFIGURABLE]) if asked else Settled([])
    if verb == b"set" and len(words) == _CONFIG_WORDS + 1 and words[2].lower() == _CONFIGURABLE:
        return _refused(no_permission(b"CONFIG")) if read_only else Forward(words)
    return _unavailable(f"CONFIG {_shown(verb.upper())}".strip())


def _info_of(sections: RawCommand, table: CommandTable) -> Rewrite:
    def rewrite(reply: RespReply) -> RespReply:
        return upstash_info(reply, sections, table.readable) if isinstance(reply, bytes) else reply

    return rewrite


def _refused(text: str) -> Settled:
    return Settled(ErrorReply(text))


def _unavailable(name: str) -> Settled:
    return _refused(f"ERR Command is not available: '{name}'. See {DOCS} for details")


def no_permission(name: bytes) -> str:
    """What the read-only token is told where it may not."""
    return f"NOPERM this user has no permissions to run the '{_shown(name.lower())}' command or its subcommand"


def _shown(name: bytes) -> str:
    return name[:64].decode("utf-8", "replace")
