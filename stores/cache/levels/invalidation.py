"""Telling other processes what was dropped, and hearing it from them.

A message is `{"v":1,"node":"…","keys":["…"]}`. Whatever else arrives on the channel may mean that something was
dropped, so it clears L1: a message that is not understood must not be ignored.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import Final

from soundcheck.stores.cache.levels.shared_level import ChannelEvent, SharedLevel

VERSION: Final = 1
_AGAIN: Final = 1.0
_LOG: Final = logging.getLogger(__name__)


def message(node: str, keys: Iterable[str]) -> str:
    """The text to publish after these keys were dropped or replaced."""
    return json.dumps({"v": VERSION, "node": node, "keys": list(keys)}, ensure_ascii=False, separators=(",", ":"))


def read_message(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The sender and the keys; None where the message is not understood."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("v") != VERSION:
        return None
    node, keys = document.get("node"), document.get("keys")
    if not isinstance(node, str) or not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        return None
    return node, tuple(keys)


class InvalidationLine:
    """Listens until its task is cancelled, and says what must be forgotten.

    `forget` takes keys; `forget_all` is called when the line comes up, because drops may have gone unheard while it
    was down, and for messages that are not understood.
    """

    def __init__(
        self,
        level: SharedLevel,
        channel: str,
        node: str,
        *,
        forget: Callable[[Iterable[str]], None],
        forget_all: Callable[[], None],
    ) -> None:
        self.up = False
        self.lost = 0
        self.messages = 0
        self._level = level
        self._channel = channel
        self._node = node
        self._forget = forget
        self._forget_all = forget_all

    async def listen(self) -> None:
        """Until cancelled. The level reconnects by itself; should it give up, this asks it again."""
        while True:
            try:
                async with aclosing(self._level.listen(self._channel)) as events:  # type: ignore[type-var]
                    async for event in events:
                        self._take(event)
            except Exception as failure:  # noqa: BLE001 - the line is lost, the cache goes on without it
                _LOG.warning("the invalidation line ended: %s", type(failure).__name__)
            finally:
                self._down()
            await asyncio.sleep(_AGAIN)

    def _take(self, event: ChannelEvent) -> None:
        if event.kind == "connected":
            self.up = True
            self._forget_all()
        elif event.kind == "lost":
            self._down()
        else:
            self._hear(event.text)

    def _hear(self, text: str) -> None:
        told = read_message(text)
        if told is not None and told[0] == self._node:
            return
        self.messages += 1
        if told is None:
            _LOG.warning("a message on the invalidation channel was not understood; L1 is cleared")
            self._forget_all()
        else:
            self._forget(told[1])

    def _down(self) -> None:
        if self.up:
            self.up = False
            self.lost += 1
