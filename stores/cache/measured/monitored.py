"""What Redis is asked for some seconds, by prefix and key: MONITOR over REST, only on request.

Format: `POST /monitor` as server-sent events, `data: "OK"`, then `data: 1721.1 [0 0.0.0.0:0] "GET" "user:7"`
(upstash/docs `redis/features/restapi`). Values pass by and are not kept. How the vendor bills the stream is not
documented; one command is counted. MONITOR slows Redis down while it runs.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from soundcheck.stores.cache.key_rule import KeyRules
from soundcheck.stores.cache.measured.counters import OTHER
from soundcheck.stores.cache.measured.prefix_sample import is_ours
from soundcheck.stores.copies.key_leaving import key_leaving
from soundcheck.stores.keys import KeyRule
from soundcheck.stores.resolver import ResolveError, Resolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl

if TYPE_CHECKING:
    import httpx

SECONDS: Final = 5.0
MOST_LINES: Final = 20_000
"""Commands after which it ends early."""

_MOST_BYTES: Final = 32 * 2**20
_OPENING: Final = 10.0
"""Seconds until the stream has to be there."""
_TOP: Final = 5
_HEAD: Final = re.compile(r'^\+?\d+\.\d+ \[\d+ (?P<caller>[^\]]*)\] (?P<words>".*)$', re.DOTALL)
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)
_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "a": "\a"}
_ALL_KEYS: Final = frozenset({"MGET", "DEL", "UNLINK", "EXISTS", "TOUCH"})
_NO_KEY: Final = frozenset(
    {
        "INFO",
        "PING",
        "SCAN",
        "DBSIZE",
        "PUBLISH",
        "SUBSCRIBE",
        "MONITOR",
        "MULTI",
        "EXEC",
        "HELLO",
        "CLIENT",
        "AUTH",
        "COMMAND",
        "CONFIG",
    }
)


@dataclass(frozen=True, slots=True)
class Monitored:
    """What passed by in so many seconds. `keys` are hashed where private, those asked for most first.

    `is_cut` says that it ended early because it was too much; `problem` why there is nothing.
    """

    seconds: float = 0.0
    commands: int = 0
    by_command: tuple[tuple[str, int], ...] = ()
    by_prefix: tuple[tuple[str, int], ...] = ()
    keys: tuple[tuple[str, int], ...] = ()
    is_cut: bool = False
    problem: str = ""


class MonitorTally:
    """Counts lines of MONITOR; keeps keys, never values."""

    def __init__(self, plan: Sequence[KeyRule]) -> None:
        self.commands = 0
        self._plan = tuple(plan)
        self._rules = KeyRules(self._plan)
        self._names: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()

    def add(self, line: str) -> None:
        """One line; what a script does inside is part of the script."""
        head = _HEAD.match(line)
        if head is None or head["caller"].startswith("lua"):
            return
        words = [_plain(word) for word in _WORD.findall(head["words"][:100_000])]
        name = words[0].upper()[:20]
        self.commands += 1
        self._names[name] += 1
        for key in _keys_of(name, words[1:]):
            if not is_ours(key):
                self._keys[key[:200]] += 1

    def result(self, seconds: float) -> Monitored:
        """All of it."""
        prefixes: Counter[str] = Counter()
        for key, times in self._keys.items():
            rule = self._rules.of(key)
            head, colon, _ = key.partition(":")
            prefixes[rule.pattern if rule else f"{head}:*" if colon and len(head) <= 40 else OTHER] += times
        return Monitored(
            seconds,
            self.commands,
            tuple(self._names.most_common(_TOP)),
            tuple(prefixes.most_common(_TOP)),
            tuple((key_leaving(key, self._plan), times) for key, times in self._keys.most_common(_TOP)),
            self.commands >= MOST_LINES,
        )


async def monitor(
    url: RestUrl, token: Secret, resolver: Resolver, plan: Sequence[KeyRule], *, seconds: float = SECONDS
) -> Monitored:
    """Listen for so long. Never raises for what the server answers."""
    import httpx

    from soundcheck.stores.upstash.reply import InClear
    from soundcheck.stores.upstash.transport import transport_for

    loop = asyncio.get_running_loop()
    tally = MonitorTally(plan)
    headers = {"Authorization": f"Bearer {token.reveal()}", "Accept": "text/event-stream"}
    started: float | None = None
    try:
        transport = transport_for(url, resolver, None, token=token)
        try:
            async with asyncio.timeout(_OPENING) as limit:
                response = await transport.handle_async_request(
                    httpx.Request("POST", f"{url}/monitor", headers=headers)
                )
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                if response.status_code != httpx.codes.OK or kind != "text/event-stream":
                    await response.aclose()
                    return Monitored(problem=f"it answered HTTP {response.status_code} instead of a stream of commands")
                started = loop.time()
                limit.reschedule(started + seconds)
                try:
                    await _listen(response, tally)
                finally:
                    await response.aclose()
        finally:
            await transport.aclose()
    except TimeoutError:
        if started is None:
            return Monitored(problem="it did not answer in time")
    except InClear as failure:
        return Monitored(problem=str(failure))
    except (httpx.HTTPError, ResolveError, OSError, ValueError) as failure:
        return Monitored(problem=f"the stream broke ({type(failure).__name__})")
    return tally.result(max(loop.time() - (started or loop.time()), 0.001))


async def _listen(response: httpx.Response, tally: MonitorTally) -> None:
    rest, size = b"", 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                tally.add(line[5:].strip().decode("utf-8", "replace"))
        if tally.commands >= MOST_LINES or size > _MOST_BYTES or len(rest) > _MOST_BYTES:
            return


def _keys_of(name: str, words: Sequence[str]) -> Sequence[str]:
    if not words or name in _NO_KEY:
        return ()
    if name in _ALL_KEYS:
        return words
    if name in {"EVAL", "EVALSHA", "FCALL"}:
        return words[2 : 2 + int(words[1])] if len(words) > 1 and words[1].isdecimal() and len(words[1]) < 5 else ()
    return words[:1]


def _plain(word: str) -> str:
    """As Redis escaped it; bytes that are no text stay visible as such."""

    def sign(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code[1:], 16)) if code[0] == "x" and len(code) == 3 else _SIGNS.get(code, code)

    raw = _ESCAPE.sub(sign, word)
    try:
        return raw.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return raw
