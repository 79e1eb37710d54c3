"""The cached copies of a row: which keys may hold it, whether they are there, and how long they still live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import Worker

from screens.app import amounts
from screens.app.worker_errors import tell
from stores.cells import visible
from stores.keys import keys_for_row

if TYPE_CHECKING:
    from stores.upstash.reply import Reply
    from stores.upstash.rest import RestClient

_GONE, _FOR_EVER = -2, -1


@dataclass(frozen=True, slots=True)
class Copy:
    """One key. `ttl` is what the server's TTL answers, in seconds; None where it gave no usable answer."""

    key: str
    ttl: int | None
    problem: str = ""


class CachedCopies(VerticalScroll):
    """Asks once when a row is opened, one command a key; `u` asks again."""

    @dataclass
    class Read(Message):
        """The answers came."""

        copies: tuple[Copy, ...]

    def __init__(self, cache: RestClient | None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.border_title = Content("Cached copies")
        self._cache = cache
        self._keys: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(id="copies", markup=False)

    def show_row(self, table: str, row: Mapping[str, Any]) -> None:
        """Another row: name its keys, and ask."""
        self._keys = keys_for_row(table, row)
        if not self._keys:
            self._say(Content.styled("No cache key holds rows of this table.", "$muted"))
        elif self._cache is None:
            lines = [Content.assemble(visible(key), ("\n  — cache not set up", "$muted")) for key in self._keys]
            self._say(Content("\n").join(lines))
        else:
            self.ask()

    @property
    def can_ask(self) -> bool:
        """Whether there is a key, and somebody to ask for it."""
        return self._cache is not None and bool(self._keys)

    def ask(self) -> None:
        """Ask now."""
        if self._cache is not None:
            self.border_subtitle = Content("◐ asking…")
            self._ask(self._cache, self._keys)

    @work(exclusive=True, group="copies", exit_on_error=False, description="Asking the cache")
    async def _ask(self, cache: RestClient, keys: Sequence[str]) -> None:
        replies = await cache.pipeline([("TTL", key) for key in keys])
        self.post_message(self.Read(tuple(_copy(key, reply) for key, reply in zip(keys, replies, strict=True))))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is shown and logged."""
        tell(self, event)

    @on(Read)
    def _show(self, event: Read) -> None:
        event.stop()
        count = len(event.copies)
        self.border_subtitle = Content("1 command" if count == 1 else f"{count} commands")
        self._say(Content("\n").join([_drawn(copy) for copy in event.copies]))

    def _say(self, text: Content) -> None:
        self.query_one("#copies", Static).update(text)
        self.screen.refresh_bindings()


def _copy(key: str, reply: Reply) -> Copy:
    if not reply.ok:
        return Copy(key, None, reply.error)
    return Copy(key, reply.value if isinstance(reply.value, int) else None)


def _drawn(copy: Copy) -> Content:
    """The key on a line, what is known of it on the next: symbol, word and colour."""
    if copy.ttl is None:
        state = Content.styled(f"! {visible(copy.problem) or 'no answer'}", "$warning")
    elif copy.ttl == _GONE:
        state = Content.styled("— not cached", "$muted")
    elif copy.ttl == _FOR_EVER:
        state = Content.styled("! cached, and never expires", "$warning")
    else:
        state = Content.assemble(("✓ cached", "$success"), (f"  ttl {amounts.span(copy.ttl)}", "$muted"))
    return Content.assemble(visible(copy.key), "\n  ", state)
