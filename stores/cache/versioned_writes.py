"""The commands that change L2, made so that nothing old can overwrite a newer drop. Pure.

Every drop leaves a marker beside the key, with a value that no other drop has. A reader fetches key and marker in one
MGET; what it then loads is written only if the marker is still the same, which Redis decides in one script. A load
that began before a drop finds another marker, and is refused. Markers expire, so a fill that comes later than
`FILL_WINDOW` after its read is not even sent; what is left of `MARKER_LIFE` is for requests that linger on the line.

Both times are part of the protocol between processes, not settings: the marker of one protects against fills of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

RedisCommand: TypeAlias = Sequence[str | int]

MARKER_PREFIX: Final = "soundcheck:drop:"
MARKER_LIFE: Final = 60
"""Seconds that a drop's marker stays."""
FILL_WINDOW: Final = 30.0
"""Seconds after reading the marker in which a fill is still sent."""

FILL: Final = (
    "local done = {} "
    "for i = 1, #KEYS, 2 do "
    "local at = (i - 1) / 2 * 3 "
    "if (redis.call('GET', KEYS[i + 1]) or '') == ARGV[at + 1] then "
    "redis.call('SET', KEYS[i], ARGV[at + 2], 'PX', ARGV[at + 3]) "
    "done[#done + 1] = 1 else done[#done + 1] = 0 end end "
    "return done"
)
"""KEYS: key, marker, …; ARGV: the marker that was read, the value, milliseconds, …; answers 1 or 0 for each key."""

DROP: Final = (
    "for i = 1, #KEYS, 2 do "
    "redis.call('SET', KEYS[i + 1], ARGV[1], 'EX', ARGV[2]) "
    "redis.call('DEL', KEYS[i]) end "
    "return #KEYS / 2"
)
"""KEYS: key, marker, …; ARGV: the new marker, seconds; answers how many."""

REPLACE: Final = (
    "if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end "
    "redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3]) "
    "redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5]) "
    "return 1"
)
"""KEYS: key, marker; ARGV: the marker that was read, the new one, seconds, the value, milliseconds; answers 1 or 0."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A value for L2. `marker` is what was read before it was loaded, "" for none; `life` is milliseconds."""

    key: str
    marker: str
    text: str
    life: int


def marker_key(key: str) -> str:
    """Where the key's last drop is marked."""
    return MARKER_PREFIX + key


def fill_command(fills: Sequence[Fill]) -> RedisCommand:
    """Write what was loaded, each only if its key was not dropped since."""
    names = [name for fill in fills for name in (fill.key, marker_key(fill.key))]
    words = [word for fill in fills for word in (fill.marker, fill.text, fill.life)]
    return ("EVAL", FILL, len(names), *names, *words)


def drop_command(keys: Iterable[str], marker: str) -> RedisCommand:
    """Delete the keys and refuse every load that began before. `marker` must never have been used."""
    names = [name for key in keys for name in (key, marker_key(key))]
    return ("EVAL", DROP, len(names), *names, marker, MARKER_LIFE)


def replace_command(fill: Fill, marker: str) -> RedisCommand:
    """Write a newer value under a new marker; refused if the key was dropped since `fill.marker` was read."""
    names = (fill.key, marker_key(fill.key))
    return ("EVAL", REPLACE, 2, *names, fill.marker, marker, MARKER_LIFE, fill.text, fill.life)
