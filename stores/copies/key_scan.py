"""Keys of the cache, found step by step: each step is one SCAN, which is one billed command, and says where it stands.

A read-only token may not SCAN (upstash/docs `redis/features/restapi`); the failure is a result in words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from soundcheck.stores.cache.versioned_writes import MARKER_PREFIX
from soundcheck.stores.upstash.error_texts import UpstashError

if TYPE_CHECKING:
    from soundcheck.stores.upstash.rest import RestClient

COUNT: Final = 500
"""Keys that the server looks at in one step."""

MOST_KEYS: Final = 20_000
"""Keys kept at once."""

_GLOB: Final = re.compile(r"([*?\[\]\\])")


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found so far. `keys` are sorted; `total` is DBSIZE, None where unknown; `problem` ends it in words."""

    prefix: str = ""
    cursor: str = "0"
    keys: tuple[str, ...] = ()
    total: int | None = None
    commands: int = 0
    steps: int = 0
    done: bool = False
    problem: str = ""

    @property
    def is_full(self) -> bool:
        """Whether no more keys are kept: a longer prefix finds the others."""
        return len(self.keys) >= MOST_KEYS

    @property
    def steps_left(self) -> int:
        """About how many commands the rest costs."""
        return 0 if self.done or self.total is None else max(1, -(-self.total // COUNT) - self.steps)


async def scan_on(client: RestClient, scan: Scan, steps: int, count: int = COUNT) -> Scan:
    """So many steps further, fewer where it ends. Never raises."""
    sent = 0
    if not scan.steps:
        sent += 1
        reply = await client.command("DBSIZE")
        scan = replace(scan, total=reply.value if reply.ok and isinstance(reply.value, int) else None)
    found = set(scan.keys)
    cursor, done, problem, made = scan.cursor, scan.done, "", 0
    while made < steps and not done and not problem and len(found) < MOST_KEYS:
        reply = await client.command("SCAN", cursor, "MATCH", matching(scan.prefix), "COUNT", count)
        value = reply.value
        sent += 1
        if not reply.ok or not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], list):
            problem = _why(reply.error, refused=reply.code is UpstashError.READ_ONLY)
            break
        made += 1
        # What is dropped later rests on this, so the server's idea of a pattern is not taken for granted.
        found.update(key for key in map(str, value[1]) if key.startswith(scan.prefix) and _is_wanted(key, scan.prefix))
        cursor = str(value[0])
        done = cursor == "0"
    return replace(
        scan,
        cursor=cursor,
        keys=tuple(sorted(found)),
        commands=scan.commands + sent,
        steps=scan.steps + made,
        done=done,
        problem=problem,
    )


def _is_wanted(key: str, prefix: str) -> bool:
    """Not the marks that drops leave for a minute, unless they are what is looked for."""
    return not key.startswith(MARKER_PREFIX) or prefix.startswith(MARKER_PREFIX)


def matching(prefix: str) -> str:
    """The pattern for all keys that begin so; signs of a pattern stand for themselves."""
    return _GLOB.sub(r"\\\1", prefix) + "*"


@dataclass(frozen=True, slots=True)
class Branch:
    """All keys that begin with `prefix`."""

    prefix: str
    number: int


def in_reading_order(name: str) -> tuple[tuple[int, str], ...]:
    """A key to sort names by: digits as numbers, so that `user:9:` stands before `user:10:`; no length overflows it."""
    parts = (part.lstrip("0") if part.isdecimal() else part for part in re.split(r"([0-9]+)", name))
    return tuple((len(part) if place % 2 else 0, part) for place, part in enumerate(parts))


def below(keys: Sequence[str], prefix: str, joint: str = ":") -> tuple[list[Branch], list[str]]:
    """What stands directly below a prefix in sorted keys: branches that lead further, and whole keys.

    A branch of a single key is that key.
    """
    branches: dict[str, int] = {}
    single: dict[str, str] = {}
    leaves: list[str] = []
    for place in range(bisect_left(keys, prefix), len(keys)):
        key = keys[place]
        if not key.startswith(prefix):
            break
        head, further, _ = key[len(prefix) :].partition(joint)
        if not further:
            leaves.append(key)
            continue
        name = prefix + head + joint
        branches[name] = branches.get(name, 0) + 1
        single[name] = key
    leaves += [single[name] for name, number in branches.items() if number == 1]
    return [Branch(name, number) for name, number in branches.items() if number > 1], sorted(leaves)


def _why(error: str, *, refused: bool) -> str:
    if refused:
        return "This token may only read and cannot list keys. Type a whole key after / to open it."
    return error or "the answer was no answer to SCAN"
