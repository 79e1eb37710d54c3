"""One key at a time: a key of a burst waits until what the key before it opened has the focus.

Textual hands every key at once to the widget that has the focus when it comes in. What the key does happens later, once
it has bubbled up to the app. Keys that come faster than that (a slow line sends several together, a person types ahead)
would all go to the widget of the first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from textual import events
from textual.app import ScreenStackError

from soundcheck.screens.app.parts import later

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from soundcheck.screens.app.shell import Shell

Typed: TypeAlias = events.Key | events.Paste

NEVER_WAITS: Final = frozenset({"escape", "ctrl+q", "ctrl+c"})
"""Keys that stop or leave something: whatever waits before them goes ahead at once."""
OPENING_TAKES: Final = 2.0
"""Seconds that a screen or a table may take to show what keys can act on, before they go ahead all the same."""
_TURNS: Final = 2_000
"""Turns of the loop after which a key counts as done, though messages still come."""
_LOOK_EVERY: Final = 0.01


class KeyGate:
    """`press` hands one key to the app.

    `is_opening` says that the screen on top has nothing yet that takes keys: every key waits. `is_turning` says that
    what keys act on is about to be replaced: those of the same burst wait.
    """

    def __init__(
        self,
        app: Shell,
        press: Callable[[Typed], Awaitable[None]],
        *,
        is_opening: Callable[[], bool],
        is_turning: Callable[[], bool],
    ) -> None:
        self._app = app
        self._press = press
        self._is_opening = is_opening
        self._is_turning = is_turning
        self._waiting: deque[Typed] = deque()
        self._busy = False
        self._number = 0

    async def take(self, event: Typed) -> None:
        """A key came in."""
        if isinstance(event, events.Key) and event.key in NEVER_WAITS:
            self._number += 1
            while self._waiting:
                await self._press(self._waiting.popleft())
            await self._begin(event)
        elif self._busy:
            self._waiting.append(event)
        elif self._is_opening():
            self._waiting.append(event)
            self._busy = True
            self._number += 1
            await self._wait_for_content(self._number, OPENING_TAKES)
        else:
            await self._begin(event)

    async def _begin(self, event: Typed) -> None:
        self._busy = True
        self._number += 1
        await self._press(event)
        if not later.soon(self._app, self._follow, self._number, 0):
            self._busy = False

    async def _follow(self, number: int, turns: int) -> None:
        """Wait until nobody between the focus and the app has anything left to do."""
        if number != self._number:
            return
        await asyncio.sleep(0)
        if turns < _TURNS and any(pump.message_queue_size for pump in self._pumps()):
            later.soon(self._app, self._follow, number, turns + 1)
        else:
            await self._wait_for_content(number, OPENING_TAKES)

    async def _wait_for_content(self, number: int, left: float) -> None:
        if number != self._number:
            return
        if self._waiting and left > 0 and (self._is_opening() or self._is_turning()):
            later.after(self._app, _LOOK_EVERY, lambda: self._look_again(number, left - _LOOK_EVERY))
            return
        self._busy = False
        if self._waiting:
            await self._begin(self._waiting.popleft())

    def _look_again(self, number: int, left: float) -> None:
        later.soon(self._app, self._wait_for_content, number, left)

    def _pumps(self) -> Iterator[MessagePump]:
        """Those that a key passes, or that may still turn it into something: the app, the screen, the focus."""
        yield self._app
        try:
            screen = self._app.screen
        except ScreenStackError:
            return
        yield screen
        if screen.focused is not None:
            yield from screen.focused.ancestors_with_self
