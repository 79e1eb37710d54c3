"""What every screen may use of the app around it: the session's services, what is shown everywhere, a few deeds.

Screens and panes know this class alone, so that none of them imports the app that opens them. Nothing heavy is
imported here: it belongs to the first frame.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual._compositor import ChopsUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.notifications import SeverityLevel
from textual.reactive import reactive
from textual.signal import Signal

from soundcheck.screens.app.cache_reading import CacheReading
from soundcheck.screens.app.exact_columns import is_agreed
from soundcheck.screens.app.parts.terminal_cursor import terminal_cursor
from soundcheck.screens.app.stack_news import StackNews
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.services import Services

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

    from soundcheck.checks.backend.schema_gap import SchemaGap
    from soundcheck.checks.check import Registry
    from soundcheck.screens.app.changed import Changed
    from soundcheck.screens.app.parts.activity import Activity
    from soundcheck.screens.app.preferences import Preferences
    from soundcheck.screens.app.relation.known import Known
    from soundcheck.screens.app.start import Start
    from soundcheck.stores.catalog.tables import Catalog
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.rows.relations import Relations


class Shell(App[None]):
    """The app as its screens see it.

    Assign `services` while it runs (Setup finds credentials) and every screen that watches it follows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+y", "copy_command", "Copy a command", show=False,
            tooltip="Copy the first command on this screen; once more, the next one",
        ),
    ]  # fmt: skip

    services: reactive[Services] = reactive(None, init=False)  # type: ignore[arg-type]
    reading: reactive[CacheReading] = reactive(CacheReading())
    """The cache as it was last seen."""
    cache_held: reactive[bool] = reactive(False)
    """Whether the person has the cache's figures pause."""
    writing: reactive[bool] = reactive(False)
    """Whether this session may write, to the database and the cache alike; the guard stands before each write."""
    banner: reactive[str] = reactive("")
    """Why the database cannot be reached; "" when all is well. It never sends anybody back to Setup."""

    stack: reactive[StackNews] = reactive(StackNews())
    """Whether the local stack runs, where a store in use is its."""

    reveals: reactive[bool] = reactive(False)
    """Whether personal and secret values are shown in this session."""
    troubles: reactive[Mapping[Half, str]] = reactive({})
    """The stores that did not answer when they were last asked, and why."""

    zone: reactive[str] = reactive(UTC)
    """The time zone of the database's times on every screen, and of the filters typed there."""

    start: Start
    preferences: Preferences
    activity: Activity
    known: reactive[Known | None] = reactive(None)
    """The tables as some screen read them last."""
    gaps: dict[str, SchemaGap]
    """Comparisons of schema and database that were made, by what they are about."""

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Draw whole lines where a terminal may give a text more columns than we do: it runs over what is beside it."""
        if isinstance(renderable, ChopsUpdate) and not all(map(is_agreed, _texts(renderable))):
            renderable = screen._compositor.render_update(full=True, screen_stack=self._background_screens)
        super()._display(screen, renderable)

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's own cursor goes after each frame."""
        return terminal_cursor(self)

    @cursor_position.setter
    def cursor_position(self, _offset: Offset) -> None:
        """What has the focus decides: a field that loses it has no say any more."""

    @cached_property
    def changed(self) -> Signal[Changed]:
        """What this app has just written, for whatever shows some of it."""
        return Signal(self, "changed")

    @cached_property
    def registry(self) -> Registry:
        """The checks that are run here. They are imported when one is first asked for: after the first frame."""
        from soundcheck.checks.catalogue import default_registry

        return default_registry()

    def tell_trouble(self, half: Half, why: str) -> None:
        """A store did not answer; "" that it does."""
        others = {one: words for one, words in self.troubles.items() if one is not half}
        found = {**others, half: why} if why else others
        if found.keys() != self.troubles.keys():
            self.troubles = found

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """A toast, its commands spelled as they work in the reader's shell, and wrapped between their words."""
        from soundcheck.screens.app.parts.toast_text import toast_text

        message = toast_text(message, self.size.width)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    _copied = ""

    async def action_copy_command(self) -> None:
        """Copy a command that stands on the screen, however it is wrapped there."""
        from soundcheck.screens.app.parts.printed_commands import copy_next

        self._copied = await copy_next(self, self._copied, self.services.environ)

    @abstractmethod
    async def renew_clients(self) -> bool:
        """Whether an address moved, as after a fix or `local up`: every screen then follows the new clients.

        Raises `CouldNotRun` where the local stack cannot start.
        """

    @abstractmethod
    def follow_moved_stores(self) -> object:
        """Turn to the addresses that hold now, after something may have changed them; a worker does it."""

    @abstractmethod
    def look_around(self) -> None:
        """Look at the project's files and at the local stack's processes, and follow what others changed."""

    @abstractmethod
    def look_at_cache(self) -> None:
        """Ask the cache for its figures now, not at the end of the interval."""

    @abstractmethod
    def has_begun(self) -> None:
        """What the app opened with is on the screen, or why it is not."""

    @abstractmethod
    async def begun(self) -> None:
        """Wait for that, a few seconds at most: for work that nobody waits for."""

    @abstractmethod
    async def read_catalog(self, database: Database) -> Catalog:
        """The tables of a database, which may have been asked for before the screen was there.

        Raises `DatabaseProblem`.
        """

    @abstractmethod
    async def read_relations(self, database: Database) -> Relations:
        """How they refer to each other, the same way."""

    @abstractmethod
    async def close_idle_setup(self) -> bool:
        """Close Setup in the other place, which also lets its lock go; False where it is at work on something."""


def _texts(update: ChopsUpdate) -> Iterator[str]:
    """What a partial update writes."""
    for y in {y for y, _start, _end in update.spans}:
        yield from (strip.text for strip in update.chops[y].values() if strip is not None)
