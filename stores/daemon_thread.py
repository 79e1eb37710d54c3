"""Blocking work beside the event loop, in a thread that quitting never waits for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def beside(work: Callable[[], T], name: str = "beside") -> T:
    """What `work` returns or raises. Cancelling leaves the thread to itself.

    `asyncio.to_thread` would be waited for when the program ends, and a `git` or `node` that hangs would hold it.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def deliver(result: T | None, problem: BaseException | None) -> None:
        if answer.done():
            return
        if problem is not None:
            answer.set_exception(problem)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        problem: BaseException | None = None
        try:
            result = work()
        except Exception as raised:  # noqa: BLE001 - raised again where it is awaited
            problem = raised
        with contextlib.suppress(RuntimeError):  # the loop closed meanwhile
            loop.call_soon_threadsafe(deliver, result, problem)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await answer
