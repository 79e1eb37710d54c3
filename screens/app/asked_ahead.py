"""A question to the database that is asked before anybody waits for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from soundcheck.screens.app.parts import later
from soundcheck.stores.errors import SoundcheckError

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from soundcheck.stores.postgres.database import Database

T = TypeVar("T")

Load = Callable[["Database"], Awaitable[T]]


class AskedAhead(Generic[T]):
    """Asks at once; the answer is for whoever comes first, and for the same database alone."""

    def __init__(self, node: DOMNode, database: Database, load: Load[T]) -> None:
        self._database = database
        self._load = load
        answer = asyncio.get_running_loop().create_future()
        self._answer: asyncio.Future[T | SoundcheckError] | None = answer
        self._worker = later.run(node, partial(self._ask, answer), "Asking ahead")

    async def _ask(self, answer: asyncio.Future[T | SoundcheckError]) -> None:
        try:
            found: T | SoundcheckError = await self._load(self._database)
        except SoundcheckError as problem:
            found = problem
        except BaseException:
            answer.cancel()
            raise
        if not answer.done():
            answer.set_result(found)

    async def taken(self, database: Database, load: Load[T]) -> T:
        """The answer, once; asked anew later and of another database. Raises what was raised ahead."""
        answer, self._answer = self._answer, None
        if answer is None or database is not self._database or self._worker is None:
            return await load(database)
        found = await answer
        if isinstance(found, SoundcheckError):
            raise found
        return found
