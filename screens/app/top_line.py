"""The two lines at the top of every place: which project this is and what is at stake, and the way to the places.

Which database the screens speak of, in the room that the header has: host and name, never a user or a password.
"""

from __future__ import annotations

import shlex
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from soundcheck.screens.app.cache_reading import CacheReading, State, pulse
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.stack_news import StackNews
from soundcheck.screens.app.start import Place
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.claim_note import earliest_end
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.services import Services
from soundcheck.wizard.kind_in_force import kind_in_force

THIS_MACHINE = "this machine"


def endpoint_words(url: PostgresUrl | None, room: int) -> str:
    """The fullest form that fits into `room` columns; "" without a database, or where not even its name fits.

    What tells one database from another is kept longest: the beginning of the host, then the database's name.
    """
    if url is None:
        return ""
    if url.is_loopback:
        return THIS_MACHINE if len(THIS_MACHINE) <= room else ""
    host, name = visible(url.host), visible(url.database)
    label, _, domain = host.partition(".")
    provider = ".".join(domain.split(".")[-2:])
    for form in (f"{host}/{name}", f"{label}…{provider}/{name}", f"{label}…/{name}"):
        if len(form) <= room:
            return form
    kept = room - len(name) - 2
    if kept >= 6:
        return f"{label[:kept]}…/{name}"
    return f"{label[: room - 1]}…" if room >= 8 else ""


_KINDS = {
    ProfileKind.DEV: ("development", "dev", "$success"),
    ProfileKind.PRODUCTION: ("! PRODUCTION", "! PRODUCTION", "bold $error"),
    ProfileKind.UNKNOWN: ("? dev or production unknown", "? dev or prod", "$warning"),
}

NOTE_SECONDS = 60.0
"""Between two looks at the env file's note: a file of some lines, no store is asked."""


def _has_store(services: Services) -> bool:
    """Whether there is anything yet that could be for production."""
    return services.credentials.database_url is not None or services.credentials.rest_url is not None


def what_is_at_stake(services: Services) -> str:
    """What the header's word for the profile's kind means, and what to type where nobody has said it yet."""
    profile = services.project.profile
    match kind_in_force(services):
        case ProfileKind.DEV if profile.kind is ProfileKind.UNKNOWN:
            return "Development: the local stack on this machine is never production."
        case ProfileKind.DEV:
            return "Development: this database is for trying things out."
        case ProfileKind.PRODUCTION:
            return "! PRODUCTION: whatever writes asks for the database's name first."
        case ProfileKind.UNKNOWN if not _has_store(services):
            return "No database is set up yet; what it is for can be said once there is one."
        case ProfileKind.UNKNOWN:
            command = f"soundcheck profiles kind {shlex.quote(profile.name)} dev"
            return (
                "? dev or production unknown: nobody has said which this database is for, so anything that writes is "
                f"guarded as in production. To say it once: {spelled(command)}"
            )


class TopLine(Widget):
    """Project, profile, kind and the cache's pulse on the right; where there is less room, less is said of each."""

    reading: reactive[CacheReading] = reactive(CacheReading())
    writing: reactive[bool] = reactive(False)
    stack: reactive[StackNews] = reactive(StackNews())
    ends: reactive[datetime | None] = reactive(None)
    """When the first temporary store ends, as the env file notes it."""

    def __init__(self, services: Services, *, just_looking: bool = False, in_setup: bool = False) -> None:
        super().__init__()
        self._services = services
        self._kind: ProfileKind | None = None
        """None until it was looked at: whether a database is our own is found out after the first frame."""
        self._just_looking = just_looking
        self._in_setup = in_setup

    def on_mount(self) -> None:
        """Follow the app."""
        self.watch(self.app, "writing", self._take_writing)
        self.look_at_note()
        later.every(self, NOTE_SECONDS, self.look_at_note)
        self.watch(self.app, "services", self.take_services)

    def take_services(self, services: Services) -> None:
        """Another project or database, or the profile's kind was said; Setup hands in what is not written yet."""
        self._services = services
        self._kind = kind_in_force(services)
        self.look_at_note()
        self.refresh()

    @property
    def kind(self) -> ProfileKind:
        """What the guard takes the profile for."""
        return self._kind or self._services.project.profile.kind

    def look_at_note(self) -> None:
        """Read again what the env file says of temporary stores."""
        self.ends = None if self._just_looking else earliest_end(self._services.project.env_file)

    def _take_writing(self, writing: bool) -> None:
        self.writing = writing

    def render(self) -> Content:
        """The fullest pair that fits the line."""
        width = self.size.width
        for full, in_words, bars in (
            (True, True, 8), (True, True, 5), (False, True, 8), (False, True, 4), (False, False, 8), (False, False, 4),
        ):  # fmt: skip
            left, right = self._left(full=full, in_words=in_words), self._pulse(bars)
            gap = width - left.cell_length - right.cell_length
            if gap >= 2:
                return Content.assemble(left, " " * gap, right)
        left = self._left(full=True, in_words=True)
        return left if left.cell_length <= width else self._left(full=False, in_words=False)

    def _pulse(self, bars: int) -> Content:
        """The cache; in Setup nothing, until it is in use, because it is being set up."""
        if self.stack.is_down:
            return Content.styled("! local stack down", "$error")
        if self.reading.state is State.OFF and self._in_setup:
            return Content("")
        return pulse(self.reading, bars)

    def _left(self, *, full: bool, in_words: bool) -> Content:
        """With `full`, our name and when a store ends; with `in_words`, the kind at its full length."""
        project, url = self._services.project, self._services.credentials.database_url
        profile = project.profile
        parts = [Content.styled(project.name, "bold")]
        if profile.named or profile.name != "default":
            parts.append(Content(profile.name))
        looked = self._kind is not None or url is None or not url.is_loopback
        if looked and (profile.kind is not ProfileKind.UNKNOWN or _has_store(self._services)):
            long, short, style = _KINDS[self._kind or profile.kind]
            parts.append(Content.styled(long if in_words else short, style))
        if self.ends is not None:
            until = f"temporary until {self.ends:%d %b %H:%M} UTC" if full else f"ends {self.ends:%d %b}"
            parts.append(Content.styled(until, "bold $warning"))
        if self.writing:
            parts.append(Content.styled("! writing", "bold $warning"))
        elif self._just_looking or not self._in_setup:  # set-up writes, each time after a yes
            parts.append(Content.styled("just looking" if self._just_looking else "read-only", "$muted"))
        dot = Content.styled(" · ", "$faint")
        name = Content.styled("♪ Soundcheck  " if full else "♪ ", "bold $primary")
        return Content.assemble(name, dot.join(parts))


class PlaceBar(Widget, can_focus=True):
    """The four places as one row, the database at its end; Tab reaches it, the arrows choose, Enter goes there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Choose", show=False, tooltip="The place to the left"),
        Binding("right", "move(1)", "Choose", show=False, tooltip="The place to the right"),
        Binding("enter", "go", "Go there", tooltip="Open the chosen place"),
    ]

    chosen: reactive[int] = reactive(0)
    url: reactive[PostgresUrl | None] = reactive(None)
    """The database that this place speaks of; its host and name stand at the right."""

    def __init__(self, current: Place) -> None:
        super().__init__()
        self._current = current
        self.set_reactive(PlaceBar.chosen, list(Place).index(current))

    def render(self) -> Content:
        """` 1 Setup   2 Tables   3 Cache   4 Checks`, the present one in the accent colour."""
        parts = []
        for index, place in enumerate(Place):
            here = place is self._current
            style = "bold $primary" if here else "$muted"
            if self.has_focus and index == self.chosen:
                style += " reverse"
            digit = Content.styled(f" {place.digit} ", "bold $primary" if here else "$faint")
            parts.append(Content.assemble(digit, Content.styled(place.label, style), " "))
        row = Content(" ").join(parts)
        room = self.size.width - row.cell_length - 3
        words = endpoint_words(self.url, room)
        gap = " " * (self.size.width - row.cell_length - Content(words).cell_length - 1)
        return Content.assemble(row, gap, (words, "$muted")) if words else row

    def watch_has_focus(self, focused: bool) -> None:
        """Draw the choice only while it can be moved."""
        super().watch_has_focus(focused)
        self.chosen = list(Place).index(self._current)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Choose the next place, round the ends."""
        self.chosen = (self.chosen + by) % len(Place)

    async def action_go(self) -> None:
        """The same as the place's key."""
        await self.run_action(f"app.go('{list(Place)[self.chosen]}')")

    async def on_click(self, event: events.Click) -> None:
        """A click on a word goes there."""
        at = 0
        for place in Place:
            at += len(place.label) + 5
            if event.x < at:
                await self.run_action(f"app.go('{place}')")
                return
