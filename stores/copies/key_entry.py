"""One key whole: its kind, time to live, size and content, bounded, with the commands that it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from soundcheck.stores.copies.cached_value import CachedValue, read_value

if TYPE_CHECKING:
    from soundcheck.stores.upstash.rest import Reply, RestClient

MOST_BYTES: Final = 1_000_000
"""Of a string; more is cut."""

MOST_ITEMS: Final = 100
"""Of everything else."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key as it was read. `kind` is Redis' own word, "none" where the key is not there.

    `ttl` is in seconds, None for a key that never expires. `length` is in bytes for a string, in items else; `memory`
    is the server's figure in bytes, None where it gives none. `text` is a string's head, `pairs` are items as
    (field, index, score or id; value). `content` is what a whole string says as JSON.
    """

    key: str
    kind: str
    ttl: int | None = None
    length: int = 0
    memory: int | None = None
    text: str = ""
    pairs: tuple[tuple[str, Any], ...] = ()
    content: CachedValue | None = None
    problem: str = ""
    commands: int = 0

    @property
    def is_there(self) -> bool:
        """Whether there is such a key."""
        return self.kind not in {"none", ""}

    @property
    def is_cut(self) -> bool:
        """Whether there is more than was read."""
        if self.kind == "string":
            return self.length > MOST_BYTES
        return self.length > len(self.pairs) > 0


async def read_entry(client: RestClient, key: str) -> KeyEntry:
    """Five commands in two pipelines, all open to a read-only token. Never raises."""
    kind, ttl, memory = await client.pipeline([(*words, key) for words in _FACTS])
    if not kind.ok:
        return KeyEntry(key, "", problem=kind.error, commands=len(_FACTS))
    name = str(kind.value)
    seconds = ttl.value if isinstance(ttl.value, int) and ttl.value >= 0 else None
    size = memory.value if isinstance(memory.value, int) else None
    asked = _QUESTIONS.get(name)
    if asked is None:
        said = "" if name == "none" else f"a {name} is not shown here"
        return KeyEntry(key, name, seconds, 0, size, problem=said, commands=len(_FACTS))
    questions = [[key if word == "KEY" else word for word in one] for one in asked]
    length, content = await client.pipeline(questions)
    spent = len(_FACTS) + len(questions)
    if not content.ok:
        return KeyEntry(key, name, seconds, _number(length), size, problem=content.error, commands=spent)
    if name == "string":
        text = content.value if isinstance(content.value, str) else str(content.value or "")
        whole = _number(length) <= MOST_BYTES
        return KeyEntry(
            key, name, seconds, _number(length), size, text, (), read_value(text) if whole else None, "", spent
        )
    return KeyEntry(key, name, seconds, _number(length), size, "", _pairs(name, content.value), None, "", spent)


_FACTS: Final = (("TYPE",), ("TTL",), ("MEMORY", "USAGE"))

_QUESTIONS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "string": (("STRLEN", "KEY"), ("GETRANGE", "KEY", "0", str(MOST_BYTES - 1))),
    "hash": (("HLEN", "KEY"), ("HSCAN", "KEY", "0", "COUNT", str(MOST_ITEMS))),
    "list": (("LLEN", "KEY"), ("LRANGE", "KEY", "0", str(MOST_ITEMS - 1))),
    "set": (("SCARD", "KEY"), ("SSCAN", "KEY", "0", "COUNT", str(MOST_ITEMS))),
    "zset": (("ZCARD", "KEY"), ("ZRANGE", "KEY", "0", str(MOST_ITEMS - 1), "WITHSCORES")),
    "stream": (("XLEN", "KEY"), ("XREVRANGE", "KEY", "+", "-", "COUNT", str(MOST_ITEMS))),
}


def _number(reply: Reply) -> int:
    return reply.value if reply.ok and isinstance(reply.value, int) else 0


def _pairs(kind: str, value: Any) -> tuple[tuple[str, Any], ...]:
    """RESP2 shapes, as they come over REST; a SCAN of a part has its cursor first."""
    if not isinstance(value, list):
        return ()
    items = value
    if kind in {"hash", "set"}:
        items = value[1] if len(value) == 2 and isinstance(value[1], list) else []
    if kind in {"list", "set"}:
        found = [(str(place) if kind == "list" else "", item) for place, item in enumerate(items)]
    elif kind == "hash":
        found = [(str(name), item) for name, item in zip(items[::2], items[1::2], strict=False)]
    elif kind == "zset":
        found = [(str(score), item) for item, score in zip(items[::2], items[1::2], strict=False)]
    else:
        found = [(str(one[0]), _fields(one[1])) for one in items if isinstance(one, list) and len(one) == 2]
    return tuple(found[:MOST_ITEMS])


def _fields(flat: Any) -> dict[str, Any]:
    return dict(zip(map(str, flat[::2]), flat[1::2], strict=False)) if isinstance(flat, list) else {}
