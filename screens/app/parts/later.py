"""What runs later ends with the widget that asked for it: timers, callbacks, workers, answers of dialogs, signals.

Textual stops a widget's timers and workers once it is gone. Before that it is closing for several turns of the loop,
and its neighbours may be gone already, while a callback that was due still runs: it looks for a neighbour and finds
none. So the app asks for everything that runs later here, and what is due is dropped once its widget, or the app, has
begun to close. A worker is begun from a function: a coroutine object that nobody gets to await would warn at exit.
What Textual itself calls too late (`on_mount` of a screen that opens while the app is left) the app drops by
`is_of_closing`.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from textual._context import active_message_pump
from textual.app import App, ScreenStackError
from textual.css.query import NoMatches
from textual.dom import DOMNode, NoScreen
from textual.widget import MountError

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.signal import Signal
    from textual.timer import Timer
    from textual.worker import Worker

_GONE: Final = (NoMatches, NoScreen, ScreenStackError, MountError)

P = ParamSpec("P")
T = TypeVar("T")
NodeT = TypeVar("NodeT", bound=DOMNode)


def is_closing(node: DOMNode) -> bool:
    """Whether the node, something above it, or the app has begun to close. Textual has no public word for it."""
    app: App[Any] = node.app
    if app._exit or not app._running:
        return True
    return any(one._pruning or one._closing or one._closed for one in node.ancestors_with_self)


def is_of_closing(error: Exception) -> bool:
    """Whether it looked for a widget that is gone, or not there yet, because the widget that looked is closing.

    Textual mounts no children where the app is being left, and calls `on_mount` all the same.
    """
    node = active_message_pump.get(None)
    return isinstance(error, _GONE) and isinstance(node, DOMNode) and is_closing(node)


def while_open(node: DOMNode, call: Callable[P, T]) -> Callable[P, T | None]:
    """The same call, which does nothing once the node has begun to close."""

    @functools.wraps(call)
    def called(*args: P.args, **kwargs: P.kwargs) -> T | None:
        return None if is_closing(node) else call(*args, **kwargs)

    return called


def after(node: DOMNode, seconds: float, call: Callable[[], Any]) -> Timer | None:
    """Call once, `seconds` from now; None where the node is closing."""
    return None if is_closing(node) else sure(node.set_timer(seconds, while_open(node, call), pause=True))


def sure(paused: Timer) -> Timer:
    """Start a timer that fires once, late if need be.

    Textual's own is skipped, and never fires, where the process is held up for its whole time between two of its lines:
    once the timer of a resize was lost so, the screen followed no resize any more.
    """
    paused._skip = False
    paused.resume()
    return paused


def every(node: DOMNode, seconds: float, call: Callable[[], Any]) -> Timer | None:
    """Call every `seconds`; None where the node is closing."""
    return None if is_closing(node) else node.set_interval(seconds, while_open(node, call))


def soon(node: DOMNode, call: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Call after the messages that wait already; False where the node is closing."""
    return not is_closing(node) and node.call_later(while_open(node, call), *args, **kwargs)


def once_drawn(node: DOMNode, call: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
    """Call once the screen is drawn with what changed."""
    if not is_closing(node):
        node.call_after_refresh(while_open(node, call), *args, **kwargs)


def run(
    node: DOMNode,
    work: Callable[[], Awaitable[Any]],
    description: str,
    *,
    group: str = "default",
    exclusive: bool = False,
) -> Worker[None] | None:
    """Begin `work` in a worker, which is cancelled with the node; None where the node is closing.

    `exclusive` cancels what runs in the same group of the node. What it raises reaches `on_worker_state_changed`.
    """
    if is_closing(node):
        return None

    async def work_while_open() -> None:
        if not is_closing(node):
            await work()

    return node.run_worker(
        work_while_open, group=group, exclusive=exclusive, exit_on_error=False, description=description
    )


def worker(
    description: str, *, group: str = "default", exclusive: bool = False
) -> Callable[[Callable[Concatenate[NodeT, P], Awaitable[None]]], Callable[Concatenate[NodeT, P], Worker[None] | None]]:
    """A method of a widget that runs in a worker; calling it begins one, as `run` does."""

    def decorate(
        method: Callable[Concatenate[NodeT, P], Awaitable[None]],
    ) -> Callable[Concatenate[NodeT, P], Worker[None] | None]:
        @functools.wraps(method)
        def begin(node: NodeT, /, *args: P.args, **kwargs: P.kwargs) -> Worker[None] | None:
            work = functools.partial(method, node, *args, **kwargs)
            return run(node, work, description, group=group, exclusive=exclusive)

        return begin

    return decorate


def ask(node: DOMNode, dialog: Screen[T], answered: Callable[[T | None], Any]) -> None:
    """Open a screen on top; `answered` gets what it was closed with."""
    if not is_closing(node):
        node.app.push_screen(dialog, while_open(node, answered))


def on_signal(node: DOMNode, signal: Signal[T], call: Callable[[T], Any]) -> None:
    """Call at every signal until the node closes."""
    signal.subscribe(node, while_open(node, call))
